using System.Text;

namespace ZenkoFunctions.HostDouble.Tests;

public sealed class HeaderTests(GatewayHost gateway) : IClassFixture<GatewayHost>
{
    private FunctionsHost Host => gateway.Host;

    [Fact]
    public async Task The_host_header_becomes_the_handlers_and_the_original_is_forwarded_in_its_case_with_its_port()
    {
        var seen = (await Wire.Get(Host, "/b")).Seen;

        Assert.Equal($"127.0.0.1:{Host.Handler.Port}", seen["Host"]);
        Assert.Equal("Bucket.Example.com:8443", seen["X-Forwarded-Host"]);
        Assert.Equal("http", seen["X-Forwarded-Proto"]);
    }

    [Fact]
    public async Task Forwarded_headers_of_a_client_are_replaced_not_appended_to()
    {
        var seen = (await Wire.Get(Host, "/b",
            "X-Forwarded-Host: evil\nX-Forwarded-For: 203.0.113.9\nX-Forwarded-Prefix: /evil")).Seen;

        Assert.Equal("Bucket.Example.com:8443", seen["X-Forwarded-Host"]);
        Assert.Contains("127.0.0.1", seen["X-Forwarded-For"]);
        Assert.DoesNotContain("203.0.113.9", seen["X-Forwarded-For"]);
        Assert.Null(seen["X-Forwarded-Prefix"]);
    }

    [Fact]
    public async Task A_disguised_host_becomes_the_host_and_a_forwarded_protocol_the_scheme()
    {
        var seen = (await Wire.Get(Host, "/b", "DISGUISED-HOST: real.example.com\nX-Forwarded-Proto: https")).Seen;

        Assert.Equal("real.example.com", seen["X-Forwarded-Host"]);
        Assert.Equal("https", seen["X-Forwarded-Proto"]);
    }

    [Fact]
    public async Task The_hosts_own_headers_override_a_clients()
    {
        var seen = (await Wire.Get(Host, "/b",
            "X-Azure-Functions-InvocationId: evil\nX-Azure-Functions-HostVersion: evil\nx-ms-invocation-id: evil")).Seen;

        Assert.True(Guid.TryParse(seen["X-Azure-Functions-InvocationId"], out _));
        Assert.Equal(seen["X-Azure-Functions-InvocationId"], seen["x-ms-invocation-id"]);
        Assert.Equal("4.1037.0.0", seen["X-Azure-Functions-HostVersion"]);
    }

    [Theory]
    [InlineData("Keep-Alive", "timeout=5")]
    [InlineData("Upgrade-Insecure-Requests", "1")]
    [InlineData("Proxy-Authorization", "Basic eA==")]
    [InlineData("Proxy-Connection", "keep-alive")]
    [InlineData("TE", "gzip")]
    [InlineData("Alt-Svc", "clear")]
    [InlineData("HTTP2-Settings", "AAMAAABkAAQAAP__")]
    public async Task Headers_of_the_hop_do_not_pass(string name, string value) =>
        Assert.Null((await Wire.Get(Host, "/b", $"{name}: {value}")).Seen[name]);

    [Theory]
    [InlineData("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")]
    [InlineData("Cookie", "a=b; c=d")]
    [InlineData("Range", "bytes=1-2")]
    [InlineData("If-Match", "\"abc\"")]
    [InlineData("If-None-Match", "*")]
    [InlineData("If-Modified-Since", "Sat, 21 Nov 2026 00:00:00 GMT")]
    [InlineData("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")]
    [InlineData("Content-Encoding", "aws-chunked")]
    [InlineData("Content-Type", "application/x-unusual; charset=x")]
    [InlineData("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]
    [InlineData("x-ms-version", "2024-11-04")]
    [InlineData("Accept-Encoding", "gzip, br")]
    [InlineData("User-Agent", "aws-cli/2.0 (x; y)")]
    public async Task Headers_that_protocols_need_pass_unchanged(string name, string value) =>
        Assert.Equal(value, (await Wire.Send(Host, $"PUT /b HTTP/1.1\nHost: x\nContent-Length: 1\n{name}: {value}", "x")).Seen[name]);

    [Fact]
    public async Task Two_lines_of_one_header_arrive_as_one() =>
        Assert.Equal("1, 2", (await Wire.Get(Host, "/b", "x-amz-meta-a: 1\nx-amz-meta-a: 2")).Seen["x-amz-meta-a"]);

    [Fact]
    public async Task A_Latin_1_byte_in_a_header_is_refused_by_the_host()
    {
        var request = Encoding.Latin1.GetBytes("GET /b HTTP/1.1\r\nHost: x\r\nx-amz-meta-a: caf\u00e9\r\nConnection: close\r\n\r\n");

        Assert.Equal(400, (await Wire.Send(Host, request)).Status);
    }

    [Fact]
    public async Task UTF_8_in_a_request_header_fails_in_the_proxy()
    {
        Assert.Equal(500, (await Wire.Get(Host, "/utf-8", "x-amz-meta-a: caf\u00e9")).Status);
        await Host.Log.WaitFor("ASCII", times: 10);
    }

    [Fact]
    public async Task A_response_header_that_is_not_ASCII_loses_the_whole_response() =>
        Assert.Equal(500, (await Wire.Get(Host, "/b", """x-echo: headers:{"x-amz-meta-a":"caf\u00e9"}""")).Status);

    [Fact]
    public async Task Headers_of_the_hop_do_not_come_back()
    {
        var answer = await Wire.Get(Host, "/b",
            """x-echo: headers:{"Keep-Alive":"timeout=5","Proxy-Authenticate":"Basic","Upgrade":"h2c","x-kept":"1"}""");

        Assert.Equal("1", answer["x-kept"]);
        Assert.Null(answer["Keep-Alive"]);
        Assert.Null(answer["Proxy-Authenticate"]);
        Assert.Null(answer["Upgrade"]);
    }

    [Theory]
    [InlineData("ETag", "\\u0022abc\\u0022", "\"abc\"")]
    [InlineData("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==", null)]
    [InlineData("Last-Modified", "Sat, 21 Nov 2026 00:00:00 GMT", null)]
    [InlineData("Date", "Sat, 21 Nov 2026 00:00:01 GMT", null)]
    [InlineData("Server", "AmazonS3", null)]
    [InlineData("x-amz-request-id", "0123", null)]
    [InlineData("Accept-Ranges", "bytes", null)]
    [InlineData("Content-Range", "bytes 0-0/1", null)]
    public async Task Headers_that_protocols_need_come_back(string name, string sent, string? back) =>
        Assert.Equal(back ?? sent, (await Wire.Get(Host, "/b", $"x-echo: headers:{{\"{name}\":\"{sent}\"}}"))[name]);
}
