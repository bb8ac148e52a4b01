using System.Net;
using System.Text.Json;

namespace ZenkoFunctions.HostDouble.Tests;

public sealed class BodyTests(GatewayHost gateway) : IClassFixture<GatewayHost>
{
    private FunctionsHost Host => gateway.Host;

    [Fact]
    public async Task A_body_of_known_length_passes_with_its_length()
    {
        var seen = (await Wire.Send(Host, "PUT /b/k HTTP/1.1\nHost: x\nContent-Length: 5", "hello")).Seen;

        Assert.Equal("hello", seen.Body);
        Assert.Equal("5", seen["Content-Length"]);
        Assert.Null(seen["Transfer-Encoding"]);
    }

    [Fact]
    public async Task A_chunked_body_passes_chunked_and_loses_its_trailers()
    {
        var seen = (await Wire.Send(Host, "PUT /b/k HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nTrailer: x-amz-checksum-crc32",
            "5\r\nhello\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n")).Seen;

        Assert.Equal("hello", seen.Body);
        Assert.Equal("chunked", seen["Transfer-Encoding"]);
        Assert.Null(seen["Content-Length"]);
        Assert.Null(seen["x-amz-checksum-crc32"]);
    }

    [Fact]
    public async Task An_early_refusal_is_not_kept_until_the_body_has_been_sent()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Host.Address, "/b/k")) { Content = new Endless() };
        request.Headers.Add("x-echo", "early");
        request.Headers.ExpectContinue = true;

        using var answer = await http.SendAsync(request).WaitAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task HEAD_keeps_the_length() =>
        Assert.Equal("1234567", (await Wire.Send(Host, "HEAD /b/k HTTP/1.1\nHost: x\nx-echo: length:1234567"))["Content-Length"]);

    [Fact]
    public async Task A_redirect_is_passed_on_not_followed()
    {
        var answer = await Wire.Get(Host, "/b/k", "x-echo: redirect:https://elsewhere.example.com/b/k");

        Assert.Equal(307, answer.Status);
        Assert.Equal("https://elsewhere.example.com/b/k", answer["Location"]);
    }

    [Fact]
    public async Task A_response_is_streamed()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Host.Address, "/b/k"));
        request.Headers.Add("x-echo", "stream:streamed");

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        // The second line is written only after the first has arrived.
        Assert.Equal("first", await lines.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)));
        await Wire.Get(Host, "/", "x-echo: release:streamed");
        Assert.Equal("second", await lines.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task A_handler_that_breaks_the_connection_is_tried_ten_times_and_then_it_is_500()
    {
        Assert.Equal(500, (await Wire.Get(Host, "/broken", "x-echo: abort")).Status);
        Assert.Contains(Host.Log.Entries, entry => entry.Text.Contains("Attempt 9 of 10", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_without_a_body_may_be_executed_twice()
    {
        var before = int.Parse((await Wire.Get(Host, "/b", "x-echo: count")).Body, null);

        Host.Faults.RepeatBodyless();
        var after = int.Parse((await Wire.Get(Host, "/b", "x-echo: count")).Body, null);

        Assert.Equal(before + 2, after);
    }

    [Fact]
    public async Task A_forged_trigger_call_reaches_the_handler_with_the_headers_that_give_it_away()
    {
        using var http = new HttpClient();
        using var forged = Faults.ForgedCall(Host.Address, "Fx_Replicate", "msg", """{"bucket":"b"}""");

        using var answer = await http.SendAsync(forged);
        var seen = JsonSerializer.Deserialize<Seen>(await answer.Content.ReadAsStringAsync(), JsonSerializerOptions.Web)!;

        Assert.Equal("/Fx_Replicate", seen.Target);
        Assert.StartsWith("""{"Data":{"msg":"\"{\\\"bucket\\\":\\\"b\\\"}\""},"Metadata":{"sys":{"MethodName":"Fx_Replicate",""", seen.Body, StringComparison.Ordinal);
        Assert.StartsWith("Azure-Functions-Host/", seen["User-Agent"], StringComparison.Ordinal);
        Assert.NotNull(seen["X-Forwarded-Host"]);
        Assert.NotNull(seen["X-Forwarded-For"]);
        Assert.NotNull(seen["x-ms-invocation-id"]);
    }

    private sealed class Endless : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var block = new byte[65536]; ;) await stream.WriteAsync(block);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 50 << 20;
            return true;
        }
    }
}
