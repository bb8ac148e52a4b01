using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.HostDouble.Tests;

/// <summary>An app with a queue function whose queue nobody needs: calls go past it.</summary>
public sealed class CalledHost : IAsyncLifetime
{
    private readonly EchoApp app = new EchoApp().Queue("Fx_Job", "jobs").Timer("Fx_Sweep", "0 0 0 1 1 *");

    /// <summary>The host.</summary>
    public FunctionsHost Host { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync() => Host = await FunctionsHost.Start(app.Options(("Store", NoStorage)));

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        app.Dispose();
    }

    // Nobody listens on port 1.
    private const string NoStorage = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;QueueEndpoint=http://127.0.0.1:1/a;";
}

public sealed class AnswerTests(CalledHost called) : IClassFixture<CalledHost>
{
    private FunctionsHost Host => called.Host;

    [Theory]
    [InlineData("json:{}")]
    [InlineData("""json:{"Outputs":{},"Logs":["x"],"ReturnValue":null}""")]
    [InlineData("""json:{"outputs":null,"LOGS":null,"returnValue":1}""")]
    [InlineData("type:text/json")]
    [InlineData("type:application/json; charset=utf-8")]
    [InlineData("redirect:/Fx_Elsewhere")]
    public async Task An_object_in_JSON_is_success(string answer)
    {
        var result = await Host.CallQueue("Fx_Job", "answer " + answer);

        Assert.True(result.Succeeded, result.Detail);
    }

    [Theory]
    [InlineData("type:text/plain", "content type text/plain")]
    [InlineData("type:", "content type (none)")]
    [InlineData("json:{", "no valid JSON")]
    [InlineData("json:[]", "answered Array")]
    [InlineData("""json:{"Logs":"x"}""", "\"Logs\" is String")]
    [InlineData("""json:{"Outputs":[]}""", "\"Outputs\" is Array")]
    [InlineData("status:500", "answered 500")]
    [InlineData("status:404", "answered 404")]
    [InlineData("status:304", "answered 304")]
    public async Task Anything_else_fails(string answer, string why)
    {
        var result = await Host.CallQueue("Fx_Job", "answer " + answer);

        Assert.False(result.Succeeded);
        Assert.Contains(why, result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("status:204")]
    [InlineData("json:null")]
    public async Task An_empty_answer_fails_loudly_and_is_explained(string answer)
    {
        var result = await Host.CallQueue("Fx_Job", "answer " + answer);

        Assert.False(result.Succeeded);
        Assert.Contains("hangs until functionTimeout", Assert.Single(Host.TakeViolations()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_violation_nobody_took_makes_disposing_throw()
    {
        using var app = new EchoApp().Timer("Fx_Sweep", "0 0 0 1 1 *");
        var host = await app.Start(("ECHO_ANSWER", "empty"));
        await host.FireTimer("Fx_Sweep");

        Assert.Contains("hangs until", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await host.DisposeAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_demand_an_empty_answer_really_hangs_and_then_the_handler_is_restarted()
    {
        using var app = new EchoApp(host: "\"functionTimeout\": \"00:00:01\",").Timer("Fx_Sweep", "0 0 0 1 1 *");
        await using var host = await FunctionsHost.Start(app.Options(("ECHO_ANSWER", "empty")) with { EmptyAnswer = EmptyAnswer.Hang });

        var result = await host.FireTimer("Fx_Sweep");

        Assert.Contains("longer than functionTimeout", result.Detail, StringComparison.Ordinal);
        await host.Log.WaitFor("The handler is ready.", times: 2);
    }

    [Fact]
    public async Task Logs_of_the_answer_are_information()
    {
        await Host.CallQueue("Fx_Job", """answer json:{"Logs":["said by the job"]}""");

        Assert.Equal(LogLevel.Information, (await Host.Log.WaitFor("said by the job")).Level);
    }

    [Fact]
    public async Task A_handler_can_be_killed_after_the_work_and_before_the_answer()
    {
        using var app = new EchoApp().Timer("Fx_Sweep", "0 0 0 1 1 *");
        await using var host = await app.Start();

        host.Faults.KillBeforeAnswer("Fx_Sweep");
        Assert.False((await host.FireTimer("Fx_Sweep")).Succeeded);

        await host.Log.WaitFor("The handler is ready.", times: 2);
        Assert.True((await host.FireTimer("Fx_Sweep")).Succeeded);
    }

    [Fact]
    public async Task A_call_has_the_hosts_headers_and_none_of_the_proxys()
    {
        await Host.CallQueue("Fx_Job", "caf\u00e9 \"quoted\" \u2028 <&>");

        var call = (await Calls()).Last(call => call.Body.Contains("quoted", StringComparison.Ordinal));
        Assert.Equal(("POST", "/Fx_Job"), (call.Method, call.Target));
        Assert.Equal(
            ["content-type", "host", "transfer-encoding", "user-agent", "x-azure-functions-hostversion", "x-azure-functions-invocationid"],
            call.Headers.Keys.Where(name => name is not ("traceparent" or "tracestate")).Order(StringComparer.Ordinal));
        Assert.Equal($"127.0.0.1:{Host.Handler.Port}", call["Host"]);
        Assert.Equal("chunked", call["Transfer-Encoding"]);
        Assert.Equal("application/json; charset=utf-8", call["Content-Type"]);
        Assert.Equal("Azure-Functions-Host/4.1037.0.0", call["User-Agent"]);
        Assert.StartsWith(
            "{\"Data\":{\"msg\":\"\\\"caf\u00e9 \\\\\\\"quoted\\\\\\\" \\\\u2028 <&>\\\"\"},\"Metadata\":{\"sys\":{\"MethodName\":\"Fx_Job\",\"UtcNow\":\"",
            call.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Functions_can_be_called_over_the_administration()
    {
        const string body = """{"input":"by hand"}""";
        var request = $"POST /admin/functions/Fx_Job HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: {body.Length}";

        Assert.Equal(401, (await Wire.Send(Host, request, body)).Status);
        Assert.DoesNotContain(await Calls(), call => call.Body.Contains("by hand", StringComparison.Ordinal));
        Assert.Equal(202, (await Wire.Send(Host, request + "\nx-functions-key: any", body)).Status);
        while (!(await Calls()).Any(call => call.Body.Contains("by hand", StringComparison.Ordinal))) await Task.Yield();
    }

    [Fact]
    public async Task Functions_that_are_not_there_cannot_be_called()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Host.FireTimer("Fx_None"));
        await Assert.ThrowsAsync<ArgumentException>(() => Host.Drained("Fx_Sweep"));
    }

    private async Task<Seen[]> Calls() =>
        JsonSerializer.Deserialize<Seen[]>((await Wire.Get(Host, "/", "x-echo: calls")).Body, JsonSerializerOptions.Web)!;
}
