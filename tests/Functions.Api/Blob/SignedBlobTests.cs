using System.Globalization;
using System.Xml.Linq;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Requests that are signed as clients do it, from the wire to the answer.</summary>
public sealed class SignedBlobTests : IClassFixture<BlobFixture>, IDisposable
{
    private const string DelegationKey = "?restype=service&comp=userdelegationkey";

    private readonly BlobFixture server;

    public SignedBlobTests(BlobFixture server) => (this.server, server.Verifies) = (server, true);

    public void Dispose() => server.Verifies = false;

    [Theory]
    [InlineData("plain")]
    [InlineData("a b+c&d=e")]
    [InlineData("dir/sub/x.txt")]
    [InlineData("café/ü")]
    [InlineData("100%/50%25")]
    [InlineData("(x)!'*~,;@$")]
    [InlineData("q?#x")]
    public async Task A_client_that_signs_with_a_key_reaches_blobs_of_any_name(string name)
    {
        var blob = (await Client()).GetBlobContainerClient("bkt").GetBlobClient(name);
        await blob.UploadAsync(BinaryData.FromString(name), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["b_1"] = "1", ["a"] = "2" }, HttpHeaders = new() { ContentType = "text/plain" } });
        Assert.Equal(name, (await blob.DownloadContentAsync()).Value.Content.ToString());
        Assert.Equal(2, (await blob.GetPropertiesAsync()).Value.Metadata.Count);
        var listed = new List<string>();
        await foreach (var item in (await Client()).GetBlobContainerClient("bkt").GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, name, default)) listed.Add(item.Name);
        Assert.Contains(name, listed);
        var link = blob.GenerateSasUri(BlobSasPermissions.Read, DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal(name, (await new BlobClient(link).DownloadContentAsync()).Value.Content.ToString());
        Assert.True(await blob.DeleteIfExistsAsync());
    }

    [Fact]
    public async Task A_signature_sets_headers_of_the_answer_of_a_read_and_of_nothing_else()
    {
        var container = (await Client()).GetBlobContainerClient("bkt");
        await container.GetBlobClient("told").UploadAsync(BinaryData.FromString("x"), overwrite: true);
        var link = container.GetBlobClient("told").GenerateSasUri(new BlobSasBuilder(BlobSasPermissions.Read | BlobSasPermissions.Tag, DateTimeOffset.UtcNow.AddHours(1))
        {
            BlobContainerName = "bkt", BlobName = "told", Resource = "b", CacheControl = "no-store", ContentDisposition = "attachment; filename=\"a b\"", ContentEncoding = "gzip",
            ContentLanguage = "de", ContentType = "text/x-told",
        });
        foreach (var verb in new[] { "GET", "HEAD" })
        {
            var answer = await Send(verb, "bkt/told" + link.Query);
            string[] names = ["Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type"];
            Assert.Equal(["no-store", "attachment; filename=\"a b\"", "gzip", "de", "text/x-told"], names.Select(answer.Header));
        }
        var tags = await Send("GET", $"bkt/told{link.Query}&comp=tags");
        Assert.Equal((200, "application/xml"), (tags.Status, tags.Header("Content-Type")));
        var unread = await Send("GET", $"bkt/told{link.Query}", "If-Match: \"0x0\"");
        Assert.Equal((412, "application/xml"), (unread.Status, unread.Header("Content-Type")));
        Assert.Equal(403, (await Send("GET", "bkt/told" + link.Query.Replace("x-told", "html", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task A_renewed_key_ends_what_the_old_one_signed_and_leaves_what_the_other_did()
    {
        var account = (await server.Installation.BlobAccounts.Find("acct", default))!;
        await (await Client()).GetBlobContainerClient("bkt").GetBlobClient("renewed").UploadAsync(BinaryData.FromString("x"), overwrite: true);
        var links = (await server.Installation.BlobAccounts.Keys(account, default)).Select(key => Link(key, "renewed")).ToList();
        foreach (var link in links) Assert.Equal(200, (await Send("GET", link)).Status);
        Assert.Null((await server.Installation.BlobAccounts.RenewKey(account, "key1", default)).Refusal);
        Assert.Equal((403, "AuthenticationFailed"), Told(await Send("GET", links[0])));
        Assert.Equal(200, (await Send("GET", links[1])).Status);
        Assert.Equal(200, (await Send("GET", Link((await server.Installation.BlobAccounts.Keys(account, default))[0], "renewed"))).Status);
    }

    [Fact]
    public async Task An_account_may_take_https_only_while_S3_stays_as_it_is()
    {
        if (Way.Scheme.Equals("https", StringComparison.Ordinal)) return;
        var account = (await server.Installation.BlobAccounts.Create(new() { Name = "secure", OwnerId = server.Owner.Account.Id, Location = "", Created = default, HttpsOnly = true }, default)).Value;
        var key = (await server.Installation.BlobAccounts.Keys(account, default))[0];
        var refused = await Assert.ThrowsAsync<Azure.RequestFailedException>(async () => await Client("secure", key).GetBlobContainerClient("bkt").GetPropertiesAsync());
        Assert.Equal((400, "AccountRequiresHttps"), (refused.Status, refused.ErrorCode));
        Assert.Equal(200, (await server.S3("GET", "/bkt")).Status);
    }

    [Fact]
    public async Task Who_has_a_token_gets_a_key_that_signs_as_the_user_until_it_ends()
    {
        await (await Client()).GetBlobContainerClient("bkt").GetBlobClient("delegated").UploadAsync(BinaryData.FromString("x"), overwrite: true);
        var (from, to) = (DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1));
        var answer = await Post(DelegationKey, Info(from, to), await Token(server.Owner));
        Assert.Equal(200, answer.Status);
        var told = XElement.Parse(answer.Text.TrimStart('\ufeff'));
        string Of(string name) => told.Element(name)!.Value;
        var key = BlobsModelFactory.UserDelegationKey(
            Of("SignedOid"), Of("SignedTid"), Of("SignedService"), Of("SignedVersion"), Of("Value"), Time(Of("SignedExpiry")), Time(Of("SignedStart")));
        string Sign(DateTimeOffset expiry, string blob = "delegated") => new BlobSasBuilder(BlobSasPermissions.Read, expiry) { BlobContainerName = "bkt", BlobName = blob, Resource = "b" }
            .ToSasQueryParameters(key, "acct").ToString();
        Assert.Equal(200, (await Send("GET", "bkt/delegated?" + Sign(to.AddMinutes(-1)))).Status);
        Assert.Equal((403, "AuthenticationFailed"), Told(await Send("GET", "bkt/delegated?" + Sign(to, "another"))));
        server.Clock.Move(TimeSpan.FromHours(2));
        Assert.Equal((403, "AuthenticationFailed"), Told(await Send("GET", "bkt/delegated?" + Sign(to.AddDays(1)))));
        server.Clock.Move(TimeSpan.FromHours(-2));
    }

    [Theory]
    [InlineData(-60, 8 * 24 * 60, "InvalidXmlNodeValue")]
    [InlineData(60, 30, "InvalidXmlNodeValue")]
    [InlineData(-60, -30, "InvalidXmlNodeValue")]
    public async Task A_key_for_a_time_that_may_not_be_is_not_given(int from, int to, string code) => Assert.Equal(
        (400, code), Told(await Post(DelegationKey, Info(DateTimeOffset.UtcNow.AddMinutes(from), DateTimeOffset.UtcNow.AddMinutes(to)), await Token(server.Owner))));

    [Fact]
    public async Task A_token_of_another_account_opens_nothing_of_this_one()
    {
        var other = (await server.Installation.Accounts.CreateAccount("stranger", "stranger@example.com", null, null, default)).Value;
        var token = await Token((await server.Installation.Accounts.CreateKey(other, null, null, null, default)).Value);
        foreach (var (verb, target) in new[] { ("GET", "?comp=list"), ("GET", "?restype=service&comp=properties"), ("PUT", "stolen?restype=container"), ("GET", "bkt?restype=container&comp=list"), ("GET", "bkt/a"), ("GET", "?comp=blobs&where=a%3D'b'") })
            Assert.Equal((403, "AuthorizationPermissionMismatch"), Told(await Send(verb, target, "Authorization: Bearer " + token)));
        Assert.Equal((403, "AuthorizationPermissionMismatch"), Told(await Post(DelegationKey, Info(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1)), token)));
        Assert.Null(await server.Installation.Buckets.Find("stolen", default));
        Assert.Equal(200, (await Send("GET", "?comp=list", "Authorization: Bearer " + await Token(server.Owner))).Status);
    }

    private static (int, string?) Told(Answer answer) => (answer.Status, answer.Header("x-ms-error-code"));

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Info(DateTimeOffset from, DateTimeOffset to) =>
        string.Create(CultureInfo.InvariantCulture, $"<KeyInfo><Start>{from.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}</Start><Expiry>{to.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}</Expiry></KeyInfo>");

    private async Task<string> Token(AccessKey key) => await server.Installation.Tokens.Access(key, "https://storage.azure.com", "test", "http://localhost", default);

    private Task<Answer> Send(string verb, string target, params string[] headers) => server.Send(verb, target, null, headers);

    private Task<Answer> Post(string target, string body, string token) => server.Send("POST", target, body, "Authorization: Bearer " + token);

    private static string Link(BlobAccountKey key, string blob)
    {
        var builder = new BlobSasBuilder(BlobSasPermissions.Read, DateTimeOffset.UtcNow.AddHours(1)) { BlobContainerName = "bkt", BlobName = blob, Resource = "b" };
        return $"bkt/{blob}?{builder.ToSasQueryParameters(new("acct", Convert.ToBase64String(key.Value)))}";
    }

    private async Task<BlobServiceClient> Client()
    {
        var account = (await server.Installation.BlobAccounts.Find("acct", default))!;
        return Client("acct", (await server.Installation.BlobAccounts.Keys(account, default))[0]);
    }

    private BlobServiceClient Client(string account, BlobAccountKey key)
    {
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2021_12_02);
        options.Retry.MaxRetries = 0;
        return new(new Uri(new Uri(server.Url("")), "/" + account), new StorageSharedKeyCredential(account, Convert.ToBase64String(key.Value)), options);
    }
}
