using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Api.Blob.Signatures;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.BlobAccounts;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>SharedKey and SharedKeyLite.</summary>
public sealed class SharedKeyTests(BlobSenders senders) : IClassFixture<BlobSenders>
{
    private static readonly BlobAccountKey TraceKey = new("key1", [.. Enumerable.Repeat((byte)'k', 64)], default), Other = new("key2", new byte[64], default);

    /// <summary>46 requests as az 2.45 sent them, whose key is 64 times the letter k.</summary>
    public static TheoryData<string> Recorded()
    {
        var requests = File.ReadAllText(Path.Combine(Golden.Root, "tests", "Functions.Api", "Golden", "blob-shared-key.txt"));
        return new(requests.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_request_of_az_matches_either_key_that_signed_it_and_no_other(string recorded)
    {
        var request = Read(recorded);
        var signature = SharedKeySignature.Parse(request.Headers.Authorization.ToString())!.Value;
        Assert.Same(TraceKey, signature.Check(request, [TraceKey, Other]));
        Assert.Same(TraceKey, signature.Check(request, [Other, TraceKey]));
        Assert.True(Assert.Throws<S3Exception>(() => signature.Check(request, [Other])).IsMismatch);
        foreach (var changed in new[] { request with { Verb = "PATCH" }, request with { RawPath = request.RawPath + "x" }, request with { Query = QueryParameters.Parse(request.RawQuery + "&x=y") } })
            Assert.Throws<S3Exception>(() => signature.Check(changed, [TraceKey]));
    }

    [Fact]
    public async Task The_owner_sends_what_a_key_signed_and_the_other_key_does_as_well()
    {
        foreach (var key in senders.Keys)
        {
            var sender = await senders.Verify(Signed("GET", "/c1?restype=container", key));
            Assert.Equal((senders.Owner.Id, null), (sender.Principal.Account?.Id, sender.Grant));
            Assert.Equal(senders.Owner.Id, (await sender.Renew!(default))?.Account?.Id);
        }
        Assert.Equal((200, null), await senders.Outcome(Signed("GET", "/c1?comp=list&restype=container", senders.Keys[0], scheme: "SharedKeyLite")));
        Assert.True((await senders.Verify(BlobSenders.Request("GET", "/c1/a"))).Principal.IsAnonymous);
    }

    [Fact]
    public async Task A_key_that_was_renewed_signs_no_more_and_a_commit_under_way_is_refused()
    {
        var account = (await senders.Installation.BlobAccounts.Create(new() { Name = "renewed", OwnerId = senders.Owner.Id, Location = "", Created = default }, default)).Value;
        var keys = await senders.Installation.BlobAccounts.Keys(account, default);
        var request = Signed("PUT", "/c/a", keys[1], account: "renewed");
        var sender = await senders.Verify(request, account, "renewed");
        await senders.Installation.BlobAccounts.RenewKey(account, "key2", default);
        Assert.Null(await sender.Renew!(default));
        await Assert.ThrowsAsync<S3Exception>(async () => await senders.Verify(request, account, "renewed"));
        await senders.Verify(Signed("PUT", "/c/a", keys[0], account: "renewed"), account, "renewed");
        var closed = (await senders.Installation.BlobAccounts.Update("renewed", was => was with { AllowSharedKey = false }, default)).Value;
        var refused = await Assert.ThrowsAsync<S3Exception>(async () => await senders.Verify(Signed("PUT", "/c/a", keys[0], account: "renewed"), closed, "renewed"));
        Assert.Equal("KeyBasedAuthenticationNotPermitted", refused.Error.Code);
    }

    [Theory]
    [InlineData("Authorization", "SharedKey", 400, "InvalidAuthenticationInfo")]
    [InlineData("Authorization", "SharedKey myaccount", 400, "InvalidAuthenticationInfo")]
    [InlineData("Authorization", "Basic bXk6YWNjb3VudA==", 400, "InvalidAuthenticationInfo")]
    [InlineData("Authorization", "SharedKey myaccount:AAAA", 403, "AuthenticationFailed")]
    [InlineData("Authorization", "SharedKey myaccount:???", 403, "AuthenticationFailed")]
    [InlineData("Authorization", "SharedKey another:AAAA", 403, "AuthenticationFailed")]
    [InlineData("Authorization", "Bearer a.b.c", 401, "InvalidAuthenticationInfo")]
    [InlineData("x-ms-date", "yesterday", 403, "AuthenticationFailed")]
    [InlineData("x-ms-date", "Fri, 02 Jan 2026 02:49:00 GMT", 403, "AuthenticationFailed")]
    [InlineData("x-ms-version", "2020-10-02", 403, "AuthenticationFailed")]
    [InlineData("x-ms-meta-more", "was not signed", 403, "AuthenticationFailed")]
    [InlineData("Range", "bytes=0-1", 403, "AuthenticationFailed")]
    public async Task A_request_that_was_altered_has_no_sender(string header, string value, int status, string code)
    {
        var request = Signed("GET", "/c1/a", senders.Keys[0]);
        request.Headers[header] = value;
        Assert.Equal((status, code), await senders.Outcome(request));
    }

    [Fact]
    public void Headers_are_sorted_by_bytes_or_as_the_service_sorts_words()
    {
        string[] names = ["x-ms-meta-a-b", "x-ms-meta-aa", "x-ms-meta-a_b", "x-ms-meta-a1"];
        Assert.Equal(["x-ms-meta-a_b", "x-ms-meta-a1", "x-ms-meta-aa", "x-ms-meta-a-b"], names.Order(HeaderOrder.Words));
        var request = BlobSenders.Request("GET", "/c1/a", ("x-ms-date", "Fri, 02 Jan 2026 03:04:05 GMT"), ("x-ms-meta-a-b", "1"), ("x-ms-meta-aa", "2"));
        foreach (var order in new IComparer<string>[] { StringComparer.Ordinal, HeaderOrder.Words })
            Assert.Same(TraceKey, new SharedKeySignature("a", Sign(request, "a", TraceKey, false, order), false).Check(request, [TraceKey]));
    }

    [Fact]
    public void The_order_of_headers_and_parameters_does_not_matter() => Prop.ForAll(
        Gen.ListOf(Gen.Choose(0, 999)).ToArbitrary(),
        values =>
        {
            var headers = values.Take(20).Select((value, i) => ($"x-ms-meta-h{i}", $"v{value}")).ToArray();
            var query = values.Take(20).Select((value, i) => $"p{i % 7}=%C3%A4{value}").ToArray();
            // By value, which is another order each time.
            var shuffled = headers.OrderBy(header => header.Item2, StringComparer.Ordinal).ToArray();
            return Sign(BlobSenders.Request("GET", "/c/b?" + string.Join('&', query), headers), "a", TraceKey, false, StringComparer.Ordinal)
                == Sign(BlobSenders.Request("GET", "/c/b?" + string.Join('&', query.Reverse()), shuffled), "a", TraceKey, false, StringComparer.Ordinal);
        }).QuickCheckThrowOnFailure();

    private static WireRequest Signed(string verb, string target, BlobAccountKey key, string scheme = "SharedKey", string account = "myaccount")
    {
        var request = BlobSenders.Request(verb, target, ("x-ms-date", "Fri, 02 Jan 2026 03:04:05 GMT"), ("x-ms-version", "2021-12-02"), ("Content-Type", "text/plain"));
        request.Headers.Authorization = $"{scheme} {account}:{Sign(request, account, key, scheme == "SharedKeyLite", StringComparer.Ordinal)}";
        return request;
    }

    private static string Sign(WireRequest request, string account, BlobAccountKey key, bool isLite, IComparer<string> order)
    {
        var text = new ArrayBufferWriter<byte>();
        SharedKeyText.Write(text, request, account, isLite, order);
        return Convert.ToBase64String(HMACSHA256.HashData(key.Value, text.WrittenSpan));
    }

    private static WireRequest Read(string recorded)
    {
        var lines = recorded.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var start = lines[0].Split(' ', 2);
        return BlobSenders.Request(start[0], start[1], [.. lines[1..].Select(line => line.Split(": ", 2)).Select(parts => (parts[0], parts[1]))]);
    }
}
