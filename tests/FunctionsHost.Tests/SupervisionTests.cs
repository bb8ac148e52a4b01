using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.HostDouble.Tests;

public sealed class SupervisionTests
{
    [Fact]
    public async Task The_handler_gets_its_port_its_ids_the_settings_and_expanded_arguments()
    {
        using var app = new EchoApp();
        app.Write("host.json", """
            {"version":"2.0","extensions":{"http":{"routePrefix":""}},"customHandler":{"enableProxyingHttpRequest":true,
             "description":{"defaultExecutablePath":"%HANDLER%","arguments":["--a","%WORD% two","%NOBODY%"]}}}
            """).Write("local.settings.json", """{"Values":{"WORD":"one","FROM_FILE":"file","BOTH":"file"}} // a comment""");
        await using var host = await app.Start(("HANDLER", EchoApp.Handler), ("BOTH", "given"));

        var answer = await Wire.Get(host, "/", "x-echo: environment:FUNCTIONS_CUSTOMHANDLER_PORT,FUNCTIONS_HTTPWORKER_PORT," +
            "FUNCTIONS_CUSTOMHANDLER_WORKER_ID,FUNCTIONS_HTTPWORKER_ID,FUNCTIONS_APP_ROOT_PATH,FROM_FILE,BOTH,PATH");
        var told = JsonSerializer.Deserialize<Dictionary<string, string>>(answer.Body)!;

        var port = host.Handler.Port.ToString(CultureInfo.InvariantCulture);
        Assert.Equal((port, port), (told["FUNCTIONS_CUSTOMHANDLER_PORT"], told["FUNCTIONS_HTTPWORKER_PORT"]));
        Assert.True(Guid.TryParse(told["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"], out _));
        Assert.Equal(told["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"], told["FUNCTIONS_HTTPWORKER_ID"]);
        Assert.Equal((app.Folder, app.Folder), (told["FUNCTIONS_APP_ROOT_PATH"], told["directory"].TrimEnd('/')));
        Assert.Equal(("file", "given"), (told["FROM_FILE"], told["BOTH"]));
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), told["PATH"]);
        Assert.Equal("--a|one|two|%NOBODY%", told["arguments"]);
    }

    [Fact]
    public async Task The_ready_check_is_a_bare_GET()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();

        var calls = JsonSerializer.Deserialize<Seen[]>((await Wire.Get(host, "/", "x-echo: calls")).Body, JsonSerializerOptions.Web)!;

        var ping = Assert.Single(calls);
        Assert.Equal(("GET", "/", "Host"), (ping.Method, ping.Target, Assert.Single(ping.Headers.Keys.Select(name => name == "host" ? "Host" : name))));
    }

    [Fact]
    public async Task Its_stdout_is_information_and_its_stderr_an_error_or_a_warning()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();

        Assert.Equal(LogLevel.Information, (await host.Log.WaitFor("echo handler: listening")).Level);
        Assert.Equal(LogLevel.Warning, (await host.Log.WaitFor("warning: this is a test handler")).Level);
        Assert.Equal(LogLevel.Error, (await host.Log.WaitFor("echo handler: an error line")).Level);
    }

    [Fact]
    public async Task Requests_wait_while_the_handler_starts()
    {
        using var app = new EchoApp();
        await using var host = await FunctionsHost.Start(app.Options() with { StartDelay = TimeSpan.FromSeconds(0.3), WaitUntilReady = false });

        Assert.False(host.Handler.Ready.IsCompleted);
        Assert.Equal(200, (await Wire.Get(host, "/b")).Status);
    }

    [Fact]
    public async Task Requests_that_have_waited_too_long_get_503()
    {
        using var app = new EchoApp();
        await using var host = await FunctionsHost.Start(app.Options(("ECHO_SILENT", "1")) with
        {
            RequestPatience = TimeSpan.FromSeconds(0.1),
            WaitUntilReady = false,
        });

        var answer = await Wire.Get(host, "/b");

        Assert.Equal((503, "Function host is not running."), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Exit_code_0_is_never_restarted_and_requests_fail_after_ten_tries()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();

        await Wire.Get(host, "/", "x-echo: exit:0");
        await host.Log.WaitFor("The host never starts it again");

        Assert.Equal(500, (await Wire.Get(host, "/b")).Status);
        Assert.Equal(1, host.Handler.Starts);
        Assert.Null(host.Handler.ProcessId);
    }

    [Fact]
    public async Task Any_handler_can_be_made_to_exit_with_0()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();

        host.Handler.EndWithCode(0);

        await host.Log.WaitFor("The host never starts it again");
    }

    [Fact]
    public async Task Exit_code_200_is_a_restart_and_no_error()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();

        for (var time = 1; time <= 4; time++)
        {
            host.Handler.EndWithCode(200);
            await host.Log.WaitFor("The handler is ready.", times: time + 1);
        }

        Assert.Equal(200, (await Wire.Get(host, "/b")).Status);
        Assert.Equal(5, host.Handler.Starts);
    }

    [Fact]
    public async Task A_killed_handler_starts_again_on_its_port_and_requests_without_a_body_outlive_it()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();
        var before = (await Wire.Get(host, "/b")).Seen;

        host.Handler.Kill();
        var after = (await Wire.Get(host, "/b")).Seen;

        Assert.NotEqual(before.Process, after.Process);
        Assert.Equal(before["Host"], after["Host"]);
        Assert.Contains(host.Log.Entries, entry => entry.Text.Contains("The handler exited with code 137", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Three_errors_stop_the_host()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();

        for (var time = 1; time <= 3; time++)
        {
            await host.Log.WaitFor("The handler is ready.", times: time);
            host.Handler.Kill();
        }

        Assert.Contains("failed 3 times", await host.Handler.Stopped.WaitAsync(TimeSpan.FromMinutes(2)), StringComparison.Ordinal);
        Assert.Equal(503, (await Wire.Get(host, "/b")).Status);
    }

    [Fact]
    public async Task A_handler_killed_in_a_body_fails_that_request_with_500()
    {
        using var app = new EchoApp();
        await using var host = await app.Start();
        using var http = new HttpClient();

        host.Faults.KillInBody(afterBytes: 1 << 20);
        using var answer = await http.PutAsync(new Uri(host.Address, "/b/k"), new ByteArrayContent(new byte[8 << 20]));

        Assert.Equal(500, (int)answer.StatusCode);
        await host.Log.WaitFor("The handler is ready.", times: 2);
        Assert.Equal(200, (await Wire.Get(host, "/b")).Status);
    }

    [Theory]
    [InlineData("ECHO_SILENT", "1", "00:00:00.3", "did not answer GET / within 00:00:00.3")]
    [InlineData("ECHO_EXIT", "3", "00:01:00", "exited with code 3. Its last words: told to exit")]
    [InlineData("ECHO_EXIT", "0", "00:01:00", "exit code 0")]
    public async Task A_handler_that_does_not_start_is_reported(string name, string value, string patience, string reason)
    {
        using var app = new EchoApp(customHandler: $"\"initializationTimeout\": \"{patience}\",");

        var refusal = await Assert.ThrowsAsync<HostStartException>(() => app.Start((name, value)));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_slower_than_the_time_out_is_an_error_and_tried_again()
    {
        using var slow = new EchoApp(customHandler: "\"initializationTimeout\": \"00:00:04\",");
        await using var late = await FunctionsHost.Start(slow.Options() with { StartDelay = TimeSpan.FromSeconds(4) });
        Assert.True(late.Handler.Starts >= 2);
        await late.Log.WaitFor("did not answer GET / within 00:00:04");
    }

    [Fact]
    public async Task A_request_beyond_the_functions_time_out_restarts_the_handler_for_everybody()
    {
        using var app = new EchoApp(host: "\"functionTimeout\": \"00:00:01\",");
        await using var host = await app.Start();
        var before = host.Handler.ProcessId;

        Assert.Equal(500, (await Wire.Get(host, "/b", "x-echo: hold:never")).Status);

        await host.Log.WaitFor("The handler is ready.", times: 2);
        Assert.NotEqual(before, host.Handler.ProcessId);
    }

    [Fact]
    public async Task Disposing_kills_the_handler()
    {
        using var app = new EchoApp();
        var host = await app.Start();
        using var process = Process.GetProcessById(host.Handler.ProcessId!.Value);

        await host.DisposeAsync();

        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)));
    }
}
