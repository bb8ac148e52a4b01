using System.Security.Cryptography;
using System.Text;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.Blob.Signatures;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Shared access signatures: those that Azure's own client makes, and others.</summary>
public sealed class SasTests(BlobSenders senders) : IClassFixture<BlobSenders>
{
    private DateTimeOffset Soon => senders.Clock.GetUtcNow().AddMinutes(10);

    private StorageSharedKeyCredential Credential => new("myAccount", Convert.ToBase64String(senders.Keys[0].Value));

    [Fact]
    public async Task An_accounts_signature_allows_what_it_says()
    {
        var sas = new AccountSasBuilder(AccountSasPermissions.Read | AccountSasPermissions.List, Soon, AccountSasServices.Blobs, AccountSasResourceTypes.Object | AccountSasResourceTypes.Container)
        {
            IPRange = SasIPRange.Parse("10.1.2.0-10.1.2.255"), EncryptionScope = "scope",
        }.ToSasQueryParameters(Credential);
        var sender = await senders.Verify(BlobSenders.Request("GET", $"/con/a?{sas}"));
        Assert.Equal((senders.Owner.Id, "rl", "co"), (sender.Principal.Account?.Id, sender.Grant?.Permissions, sender.Grant?.ResourceTypes));
        Assert.Null(sender.Grant!.Container);
    }

    [Fact]
    public async Task A_services_signature_is_for_its_container_or_blob()
    {
        var ofContainer = (await senders.Verify(BlobSenders.Request("GET", $"/con/any/blob?{Service(b => b.CacheControl = "no-store", null)}"))).Grant!;
        Assert.Equal(("r", "con", null, "no-store"), (ofContainer.Permissions, ofContainer.Container, ofContainer.Blob, ofContainer.Overrides["Cache-Control"]));
        var ofBlob = (await senders.Verify(BlobSenders.Request("GET", $"/con/d%C3%AFr/a%20b?{Service(null, "dïr/a b")}"))).Grant!;
        Assert.Equal(("con", "dïr/a b"), (ofBlob.Container, ofBlob.Blob));
        var ofSnapshot = (await senders.Verify(BlobSenders.Request("GET", $"/con/a?snapshot=2026-01-01T00%3A00%3A00.0000000Z&{Service(b => b.Snapshot = "2026-01-01T00:00:00.0000000Z", "a")}"))).Grant!;
        Assert.Equal("2026-01-01T00:00:00.0000000Z", ofSnapshot.Snapshot);
        Assert.Equal((403, "AuthenticationFailed"), await senders.Outcome(BlobSenders.Request("GET", $"/con/b?{Service(null, "a")}")));
        Assert.Equal((403, "AuthenticationFailed"), await senders.Outcome(BlobSenders.Request("GET", $"/c2/a?{Service(null, null)}")));
        Assert.Equal((403, "AuthenticationFailed"), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?snapshot=2026&{Service(b => b.Snapshot = "2025", "a")}")));
    }

    [Fact]
    public async Task A_stored_policy_says_what_the_signature_does_not()
    {
        var named = await senders.Verify(BlobSenders.Request("GET", $"/con/a?{Policy("readers", null)}"));
        Assert.Equal("r", named.Grant!.Permissions);
        Assert.Equal((403, "AuthenticationFailed"), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?{Policy("unknown", null)}")));
        // It says no expiry, and neither does the signature; then the signature does.
        Assert.Equal((403, "AuthenticationFailed"), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?{Policy("lazy", null)}")));
        Assert.Equal((200, null), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?{Policy("lazy", Soon)}")));
        // Both say one.
        Assert.Equal((403, "AuthenticationFailed"), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?{Policy("readers", Soon)}")));
    }

    [Theory]
    [InlineData("2015-04-05", 1)]
    [InlineData("2018-11-09", 2)]
    [InlineData("2020-12-06", 3)]
    public async Task Each_version_has_its_own_string(string version, int form)
    {
        const string Blob = "/blob/myAccount/con/a";
        var (sp, se) = ("r", "2026-01-02T04:00:00Z");
        string[] lines = form switch
        {
            1 => [sp, "", se, Blob, "", "", "", version, "cc", "", "", "", ""],
            2 => [sp, "", se, Blob, "", "", "", version, "b", "", "cc", "", "", "", ""],
            _ => [sp, "", se, Blob, "", "", "", version, "b", "", "", "cc", "", "", "", ""],
        };
        var url = $"/con/a?sv={version}&sr=b&sp={sp}&se={Uri.EscapeDataString(se)}&rscc=cc&sig={Sign(string.Join('\n', lines))}";
        Assert.Equal("cc", (await senders.Verify(BlobSenders.Request("GET", url))).Grant!.Overrides["Cache-Control"]);
        string[] account = ["myAccount", sp, "b", "o", "", se, "", "", version, .. form == 3 ? [""] : Array.Empty<string>(), ""];
        Assert.Equal((200, null), await senders.Outcome(BlobSenders.Request(
            "GET", $"/con/a?sv={version}&ss=b&srt=o&sp={sp}&se={Uri.EscapeDataString(se)}&sig={Sign(string.Join('\n', account))}")));
    }

    [Theory]
    [InlineData("sv=2014-02-14", "AuthenticationFailed")]
    [InlineData("sv=", "AuthenticationFailed")]
    [InlineData("sr=d", "AuthenticationFailed")]
    [InlineData("sr=", "AuthenticationFailed")]
    [InlineData("sr=c", "AuthenticationFailed")]
    [InlineData("sp=rw", "AuthenticationFailed")]
    [InlineData("se=2099-01-01", "AuthenticationFailed")]
    [InlineData("st=2025-01-01", "AuthenticationFailed")]
    [InlineData("rsct=text%2Fhtml", "AuthenticationFailed")]
    [InlineData("sip=10.1.2.3", "AuthenticationFailed")]
    [InlineData("sig=AAAA", "AuthenticationFailed")]
    [InlineData("sig=", "AuthenticationFailed")]
    public async Task What_was_altered_or_is_missing_is_refused(string change, string code)
    {
        var parameters = Service(null, "a").Split('&').ToDictionary(pair => pair.Split('=')[0], pair => pair);
        parameters[change.Split('=')[0]] = change;
        Assert.Equal((403, code), await senders.Outcome(BlobSenders.Request("GET", "/con/a?" + string.Join('&', parameters.Values))));
    }

    [Fact]
    public async Task What_comes_too_late_too_early_from_elsewhere_or_unencrypted_is_refused_by_its_own_code()
    {
        Assert.Equal((403, "AuthenticationFailed"), await Outcome(b => b.ExpiresOn = senders.Clock.GetUtcNow().AddSeconds(-1)));
        Assert.Equal((403, "AuthenticationFailed"), await Outcome(b => b.StartsOn = senders.Clock.GetUtcNow().AddSeconds(1)));
        Assert.Equal((403, "AuthorizationSourceIPMismatch"), await Outcome(b => b.IPRange = SasIPRange.Parse("10.1.2.4")));
        Assert.Equal((403, "AuthorizationProtocolMismatch"), await Outcome(b => b.Protocol = SasProtocol.Https));
        Assert.Equal((200, null), await Outcome(b => (b.Protocol, b.IPRange) = (SasProtocol.HttpsAndHttp, SasIPRange.Parse("10.1.2.3"))));
        Assert.Equal((200, null), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?{Service(b => b.Protocol = SasProtocol.Https, "a")}") with { IsHttps = true }));
        Assert.Equal((403, "AuthorizationSourceIPMismatch"), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?{Service(b => b.IPRange = SasIPRange.Parse("10.1.2.3"), "a")}") with { Peer = null }));
        var queues = new AccountSasBuilder(AccountSasPermissions.Read, Soon, AccountSasServices.Queues, AccountSasResourceTypes.Object).ToSasQueryParameters(Credential);
        Assert.Equal((403, "AuthorizationServiceMismatch"), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?{queues}")));

        Task<(int, string?)> Outcome(Action<BlobSasBuilder> change) => senders.Outcome(BlobSenders.Request("GET", $"/con/a?{Service(change, "a")}"));
    }

    [Fact]
    public async Task A_signature_of_another_account_is_refused()
    {
        var other = (await senders.Installation.BlobAccounts.Create(new() { Name = "other", OwnerId = senders.Owner.Id, Location = "", Created = default }, default)).Value;
        var request = BlobSenders.Request("GET", $"/con/a?{Service(null, "a")}");
        Assert.Equal("AuthenticationFailed", (await Assert.ThrowsAsync<S3Exception>(async () => await senders.Verify(request, other, "other"))).Error.Code);
    }

    [Fact]
    public async Task A_users_signature_acts_as_the_user_until_the_user_is_gone()
    {
        var user = (await senders.Installation.Accounts.CreateUser(senders.Owner, "ann.b", default)).Value;
        var principal = (await senders.Installation.Accounts.FindPrincipal(senders.Owner, user.Id, user.Name, default))!;
        var now = senders.Clock.GetUtcNow();
        var delegation = UserDelegation.For(principal, now, now.AddHours(1), "2021-12-02")!;
        var value = Convert.ToBase64String(delegation.Key(senders.Installation.BlobAccounts, senders.Account));
        var key = BlobsModelFactory.UserDelegationKey(delegation.UserId, delegation.TenantId, "b", "2021-12-02", value, now.AddHours(1), now);
        var sas = new BlobSasBuilder(BlobSasPermissions.Read, Soon) { BlobContainerName = "con", BlobName = "a", Resource = "b", PreauthorizedAgentObjectId = "agent" }
            .ToSasQueryParameters(key, "myAccount").ToString();
        var sender = await senders.Verify(BlobSenders.Request("GET", $"/con/a?{sas}"));
        Assert.Equal((user.Id, "a"), (sender.Principal.User?.Id, sender.Grant?.Blob));
        Assert.Equal((403, "AuthenticationFailed"), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?{sas.Replace("ske=2026-01-02T04", "ske=2026-01-02T05", StringComparison.Ordinal)}")));
        Assert.Null((await senders.Installation.Accounts.DeleteUser(senders.Owner, "ann.b", default)).Refusal);
        Assert.Null(await sender.Renew!(default));
        Assert.Equal((403, "AuthenticationFailed"), await senders.Outcome(BlobSenders.Request("GET", $"/con/a?{sas}")));
    }

    [Theory]
    [InlineData("2020-02-10", "", "")]
    [InlineData("2024-11-04", "", "\n")]
    [InlineData("2025-07-05", "\n\n", "\n")]
    [InlineData("2026-04-06", "\n\n", "\n\n\n")] // headers and parameters for which alone it would be, before those of the answer
    public async Task What_a_user_signs_depends_on_the_version(string version, string delegated, string behindSnapshot)
    {
        var now = senders.Clock.GetUtcNow();
        var delegation = UserDelegation.For(new(senders.Owner, null, senders.Owner.Id), now, now.AddHours(1), version)!;
        var (user, tenant, start, expiry) = (delegation.UserId, delegation.TenantId, delegation.Start, delegation.Expiry);
        var text = $"r\n\n{expiry}\n/blob/myaccount/con/a\n{user}\n{tenant}\n{start}\n{expiry}\nb\n{version}\n\n\n{delegated}\n\n\n{version}\nb\n{behindSnapshot}\n\n\n\n\n";
        var signature = HMACSHA256.HashData(delegation.Key(senders.Installation.BlobAccounts, senders.Account), Encoding.UTF8.GetBytes(text));
        var query = $"sv={version}&se={expiry}&sr=b&sp=r&skoid={user}&sktid={tenant}&skt={start}&ske={expiry}&sks=b&skv={version}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}";
        Assert.Equal("a", (await senders.Verify(BlobSenders.Request("GET", $"/con/a?{query}"))).Grant?.Blob);
    }

    [Fact]
    public async Task A_token_is_whose_the_verifier_says()
    {
        var request = BlobSenders.Request("GET", "/con/a", ("Authorization", "Bearer good"));
        var sender = await senders.Verify(request, tokens: new Tokens(new(senders.Owner, null, "t")));
        Assert.Equal((senders.Owner.Id, true), (sender.Principal.Account?.Id, sender.IsToken));
        Assert.Equal((401, "InvalidAuthenticationInfo"), await senders.Outcome(BlobSenders.Request("GET", "/con/a", ("Authorization", "Bearer bad")), new Tokens(new(senders.Owner, null, "t"))));
        Assert.Equal((401, "InvalidAuthenticationInfo"), await senders.Outcome(BlobSenders.Request("GET", "/con/a", ("Authorization", "Bearer " + new string('a', 20_000))), new Tokens(null)));
    }

    private string Service(Action<BlobSasBuilder>? change, string? blob)
    {
        var builder = new BlobSasBuilder(BlobSasPermissions.Read, Soon) { BlobContainerName = "con", BlobName = blob, Resource = blob is null ? "c" : "b" };
        change?.Invoke(builder);
        return builder.ToSasQueryParameters(Credential).ToString();
    }

    private string Policy(string id, DateTimeOffset? expiry)
    {
        var builder = new BlobSasBuilder { BlobContainerName = "con", BlobName = "a", Resource = "b", Identifier = id };
        if (expiry is { } until) builder.ExpiresOn = until;
        return builder.ToSasQueryParameters(Credential).ToString();
    }

    private string Sign(string text) =>
        Uri.EscapeDataString(Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(senders.Keys[1].Value, System.Text.Encoding.UTF8.GetBytes(text))));

    private sealed class Tokens(Principal? whose) : IBlobTokens
    {
        public ValueTask<Principal?> Verify(string jwt, BlobAccount account, CancellationToken ct) => new(jwt == "good" ? whose : null);
    }
}
