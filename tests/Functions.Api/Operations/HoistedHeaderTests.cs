using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Headers that a presigned URL carries as parameters, over the wire.</summary>
public sealed class HoistedHeaderTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Fact]
    public async Task What_the_url_says_of_the_object_is_kept_with_it()
    {
        Assert.StartsWith("HTTP/1.1 200 ", await Presigned(
            "PUT", "/bkt/hoisted?x-amz-meta-colour=dark%20blue&X-Amz-Storage-Class=GLACIER&x-id=PutObject", "body"), StringComparison.Ordinal);

        var got = await server.Send("GET", "/bkt/hoisted");
        Assert.Equal("body", got.Text);
        Assert.Equal(("dark blue", "GLACIER"), (got.Header("x-amz-meta-colour"), got.Header("x-amz-storage-class")));
    }

    [Theory]
    [InlineData("x-amz-acl=open", "400", "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption=aws%3Akms%3Adsse", "501", "NotImplemented")]
    [InlineData("x-amz-meta-a=b%0Ac", "400", "InvalidArgument")]
    [InlineData("x-amz-meta-a=b&x-amz-meta-a=c", "400", "InvalidArgument")]
    [InlineData("x-amz-expected-bucket-owner=0", "403", "AccessDenied")]
    public async Task What_the_url_asks_for_is_not_passed_over(string query, string status, string code)
    {
        var answer = await Presigned("PUT", "/bkt/refused?" + query, "body");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains($"<Code>{code}</Code>", answer, StringComparison.Ordinal);
        Assert.Equal(404, (await server.Send("HEAD", "/bkt/refused")).Status);
    }

    [Fact]
    public async Task The_checksum_of_the_body_that_was_not_there_yet_does_not_count() => Assert.StartsWith(
        "HTTP/1.1 200 ",
        await Presigned("PUT", "/bkt/no-body-yet?x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32", "body"),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_url_can_presign_a_copy()
    {
        await server.Send("PUT", "/bkt/source", "body");
        Assert.Contains("CopyObjectResult", await Presigned("PUT", "/bkt/target?x-amz-copy-source=bkt%2Fsource"), StringComparison.Ordinal);
        Assert.Equal("body", (await server.Send("GET", "/bkt/target")).Text);
    }

    [Fact]
    public async Task A_header_that_was_put_into_the_url_afterwards_breaks_the_signature()
    {
        var request = server.Request("PUT", "/bkt/added", []);
        server.Signer().Presign(request, 60);
        request.Query += "&x-amz-meta-a=b";
        Assert.Contains("SignatureDoesNotMatch", await server.SendRaw(RawHttp.Bytes(request)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_2_does_not_cover_them_and_refuses_them()
    {
        var request = server.Request("PUT", "/bkt/added", []);
        server.Signer().PresignV2(request, 60);
        request.Query += "&x-amz-meta-a=b";
        Assert.Contains("NotImplemented", await server.SendRaw(RawHttp.Bytes(request)), StringComparison.Ordinal);
    }

    private Task<string> Presigned(string verb, string target, string body = "")
    {
        var request = server.Request(verb, target, []);
        server.Signer().Presign(request, 60);
        request.Body = Encoding.UTF8.GetBytes(body);
        return server.SendRaw(RawHttp.Bytes(request));
    }
}
