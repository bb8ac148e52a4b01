using System.Net;

namespace ZenkoFunctions.HostDouble.Tests;

public sealed class FrontEndTests
{
    [Fact]
    public async Task It_adds_its_headers_over_a_clients()
    {
        using var app = new EchoApp();
        await using var host = await FunctionsHost.Start(app.Options() with { FrontEnd = true });

        var seen = (await Wire.Get(host, "/b/a%2Fb?x=%2F", "DISGUISED-HOST: evil\nX-Client-IP: 203.0.113.9\nX-ARR-ClientCert: evil\nX-WAWS-Unencoded-URL: /evil")).Seen;

        Assert.Equal("Bucket.Example.com:8443", seen["DISGUISED-HOST"]);
        Assert.Equal("Bucket.Example.com:8443", seen["X-Forwarded-Host"]);
        Assert.Equal("https", seen["X-Forwarded-Proto"]);
        Assert.Equal("127.0.0.1", seen["X-Client-IP"]);
        Assert.Equal("/b/a%2Fb?x=%2F", seen["X-WAWS-Unencoded-URL"]);
        Assert.Equal("/b/a%2Fb?x=%2F", seen["X-Original-URL"]);
        Assert.Equal("10", seen["Max-Forwards"]);
        Assert.NotNull(seen["X-ARR-LOG-ID"]);
        Assert.DoesNotContain("X-ARR-ClientCert", seen.Headers.Keys, StringComparer.OrdinalIgnoreCase);
        Assert.Equal("/b/a%252Fb?x=%2F", seen.Target);
    }

    [Fact]
    public async Task Without_it_nothing_is_added()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();

        var seen = (await Wire.Get(host, "/b")).Seen;

        Assert.Equal(
            ["connection", "host", "x-azure-functions-hostversion", "x-azure-functions-invocationid", "x-forwarded-for", "x-forwarded-host",
             "x-forwarded-proto", "x-ms-invocation-id"],
            seen.Headers.Keys.Union(["connection"]).Where(name => name != "traceparent").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_can_swallow_OPTIONS()
    {
        using var app = new EchoApp();
        await using var host = await FunctionsHost.Start(app.Options() with { SwallowOptions = true });

        var answer = await Wire.Send(host, "OPTIONS /b HTTP/1.1\nHost: x\nOrigin: https://a\nAccess-Control-Request-Method: PUT");

        Assert.Equal(204, answer.Status);
        Assert.Null(answer["Access-Control-Allow-Origin"]);
        Assert.Equal(0, host.Log.Count("Executing"));
    }

    [Fact]
    public async Task It_gives_up_on_silence_with_502()
    {
        using var app = new EchoApp();
        await using var host = await FunctionsHost.Start(app.Options() with { FrontEnd = true, FrontEndTimeout = TimeSpan.FromSeconds(0.3) });

        Assert.Equal(502, (await Wire.Get(host, "/b", "x-echo: hold:never")).Status);
    }

    [Fact]
    public async Task An_answer_that_has_begun_may_take_longer()
    {
        using var app = new EchoApp();
        await using var host = await FunctionsHost.Start(app.Options() with { FrontEnd = true, FrontEndTimeout = TimeSpan.FromSeconds(0.3) });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, "/b"));
        request.Headers.Add("x-echo", "stream:long");

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        // Another request's 502 shows that the time has passed.
        Assert.Equal(502, (await Wire.Get(host, "/b", "x-echo: hold:never")).Status);
        await Wire.Get(host, "/", "x-echo: release:long");
        Assert.Equal("first\nsecond\n", await answer.Content.ReadAsStringAsync());
    }
}
