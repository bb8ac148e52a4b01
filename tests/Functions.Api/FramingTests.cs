using System.Text;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;

namespace ZenkoFunctions.Api.Tests;

/// <summary>Where a body ends must be beyond doubt, and what it is packed in must be known.</summary>
public sealed class FramingTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Theory]
    [InlineData("chunked", 200, null)]
    [InlineData("Chunked", 200, null)]
    [InlineData("gzip, chunked", 501, "NotImplemented")]
    [InlineData("chunked, chunked", 501, "NotImplemented")]
    public async Task Only_one_transfer_coding_is_known(string coding, int status, string? code) =>
        AssertAnswer(await Put($"coding-{status}", ("Transfer-Encoding", coding)), status, code);

    [Fact]
    public async Task Two_lengths_of_one_body_are_refused() =>
        AssertAnswer(await Put("two-lengths", ("Transfer-Encoding", "chunked"), ("Content-Length", "5")), 400, "InvalidRequest");

    // The server itself refuses these, before anything of ours runs.
    [Theory]
    [InlineData("GET /bkt/a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400)]
    [InlineData("GET http://a.localhost/ HTTP/1.1\r\nHost: b.localhost\r\n\r\n", 400)]
    [InlineData("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400)]
    [InlineData("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400)]
    public async Task Doubtful_heads_are_refused_and_the_connection_ends(string head, int status) =>
        Assert.Equal(status, RawHttp.Status(await server.SendRaw(Encoding.ASCII.GetBytes(head))));

    private async Task<string> Put(string key, params (string Name, string Value)[] framing)
    {
        var request = server.Request("PUT", "/bkt/" + key, []);
        server.Signer().Sign(request, PayloadForm.Unsigned);
        foreach (var (name, value) in framing) request.With(name, value);
        request.Body = "5\r\nhello\r\n0\r\n\r\n"u8.ToArray();
        return await server.SendRaw(RawHttp.Bytes(request));
    }

    private static void AssertAnswer(string answer, int status, string? code)
    {
        Assert.Equal(status, RawHttp.Status(answer));
        if (code is not null) Assert.Contains($"<Code>{code}</Code>", answer, StringComparison.Ordinal);
    }
}
