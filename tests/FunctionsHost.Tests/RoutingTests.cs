namespace ZenkoFunctions.HostDouble.Tests;

public sealed class RoutingTests(GatewayHost gateway) : IClassFixture<GatewayHost>
{
    [Theory]
    [InlineData("/admin/host/ping", 200)]
    [InlineData("/admin/host/status", 401)]
    [InlineData("/ADMIN/functions", 401)]
    [InlineData("/admin/instance/x", 401)]
    [InlineData("/admin/vfs/x", 401)]
    [InlineData("/admin/zip", 401)]
    [InlineData("/runtime/webhooks/durabletask/x", 401)]
    public async Task The_hosts_own_paths_never_reach_the_handler(string path, int status)
    {
        var answer = await Wire.Get(gateway.Host, path);

        Assert.Equal((status, ""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("/admin")]
    [InlineData("/admin/x")]
    [InlineData("/adminx")]
    [InlineData("/runtime/x")]
    [InlineData("/metadata/instance")]
    public async Task Other_paths_of_that_kind_do(string path) => Assert.Equal(path, (await Wire.Get(gateway.Host, path)).Seen.Target);

    [Fact]
    public async Task The_host_tells_its_status_to_who_has_a_key()
    {
        var answer = await Wire.Get(gateway.Host, "/admin/host/status", "x-functions-key: any");

        Assert.Contains("\"state\":\"Running\"", answer.Body, StringComparison.Ordinal);
        Assert.Equal(404, (await Wire.Get(gateway.Host, "/admin/host/nothing", "x-functions-key: any")).Status);
    }

    [Theory]
    [InlineData("false", 200)]
    [InlineData("true", 204)]
    public async Task Without_a_catch_all_there_are_prefixes_default_routes_methods_and_a_home_page(string disabled, int home)
    {
        using var app = new EchoApp();
        app.Write("host.json", $$"""
            {"version":"2.0","customHandler":{"enableProxyingHttpRequest":true,"description":{"defaultExecutablePath":"{{EchoApp.Handler}}" } } }
            """).Write("Fx_Gateway/function.json",
            """{"bindings":[{"type":"httpTrigger","name":"req","authLevel":"anonymous","methods":["get"]},{"type":"http","direction":"out","name":"res"}]}""");
        await using var host = await app.Start(("AzureWebJobsDisableHomepage", disabled));

        Assert.Equal("/api/fx_GATEWAY", (await Wire.Get(host, "/api/fx_GATEWAY")).Seen.Target);
        Assert.Equal(404, (await Wire.Send(host, "POST /api/Fx_Gateway HTTP/1.1\nHost: x\nContent-Length: 0")).Status);
        Assert.Equal(404, (await Wire.Get(host, "/Fx_Gateway")).Status);
        Assert.Equal(home, (await Wire.Get(host, "/")).Status);
    }
}
