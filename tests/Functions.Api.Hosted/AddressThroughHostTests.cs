using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;

namespace ZenkoFunctions.Api.Tests;

/// <summary>What clients name by hosts, paths and queries is named so behind the host, too.</summary>
public sealed class AddressThroughHostTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("a%20b%2Bc", "a b+c")]
    [InlineData("caf%C3%A9", "café")]
    [InlineData("a//b", "a//b")]
    [InlineData("./k", "./k")]
    [InlineData("x/../k", "x/../k")]
    [InlineData("%28x%29%21%27%2A", "(x)!'*")]
    [InlineData("q%3F%23", "q?#")]
    [InlineData("oauth2/token", "oauth2/token")]
    public async Task A_key_is_stored_as_it_was_sent(string path, string key)
    {
        var bucket = $"addr-{path.GetHashCode(StringComparison.Ordinal) & 0xffff:x}";
        await server.Send("PUT", "/" + bucket);
        foreach (var verb in new[] { "PUT", "GET" })
            Assert.Equal(200, await Send(new SignedRequest { Verb = verb, Path = $"/{bucket}/{path}" }));
        Assert.Equal([key], (await server.Send("GET", "/" + bucket)).Elements("Key"));
    }

    [Fact]
    public async Task A_bucket_may_be_the_host()
    {
        SignedRequest Named(string verb, string path) => new SignedRequest { Verb = verb, Path = path }.With("Host", "bkt.s3.localhost");

        Assert.Equal(200, await Send(Named("PUT", "/virtual/k"), "text"));
        Assert.Equal("text", (await server.Send("GET", "/bkt/virtual/k")).Text);
        Assert.Equal(200, await Send(Named("GET", "/")));
        var presigned = server.Signer().Presign(Named("GET", "/virtual/k"), 60);
        Assert.EndsWith("text", await server.SendRaw(RawHttp.Bytes(presigned)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", "presigned-put")]
    [InlineData("GET", "presigned%2Fget")]
    public async Task A_presigned_address_is_good_for_anybody_who_has_it_and_for_what_it_says(string verb, string key)
    {
        await server.Send("PUT", "/bkt/" + key, "text");
        var presigned = server.Signer().Presign(server.Request(verb, "/bkt/" + key, []), 60);
        Assert.Equal(200, RawHttp.Status(await server.SendRaw(RawHttp.Bytes(presigned))));
        presigned.Path += "x";
        Assert.Equal(403, RawHttp.Status(await server.SendRaw(RawHttp.Bytes(presigned))));
    }

    [Fact]
    public async Task Slashes_at_the_front_of_the_path_end_at_the_host()
    {
        await server.Send("PUT", "/bkt/slash", "x");
        var refused = await server.SendRaw(RawHttp.Bytes(server.Signer().Sign(server.Request("GET", "//bkt/slash", []))));
        Assert.Equal(404, RawHttp.Status(refused));
        Assert.DoesNotContain("x-amz-request-id", refused, StringComparison.Ordinal);
    }

    private async Task<int> Send(SignedRequest request, string body = "")
    {
        if (!request.Headers.Host.ToString().EndsWith("localhost", StringComparison.Ordinal)) request.With("Host", server.Address.Authority);
        request.Body = System.Text.Encoding.UTF8.GetBytes(body);
        return RawHttp.Status(await server.SendRaw(RawHttp.Bytes(server.Signer().Sign(request))));
    }
}
