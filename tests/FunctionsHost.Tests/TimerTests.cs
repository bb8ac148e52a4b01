using System.Text.Json;
using ZenkoFunctions.Contracts;

namespace ZenkoFunctions.HostDouble.Tests;

public sealed class TimerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 4, 12, 0, TimeSpan.Zero);

    private readonly ManualClock clock = new(Start);
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("timers-");

    public void Dispose() => state.Delete(recursive: true);

    [Fact]
    public async Task A_timer_fires_when_it_is_due_with_its_status()
    {
        using var app = new EchoApp().Timer("Fx_Sweep", "0 */5 * * * *");
        await using var host = await Run(app);

        await Due(host, 1);
        clock.Advance(TimeSpan.FromMinutes(3));
        await Due(host, 2);
        clock.Advance(TimeSpan.FromMinutes(5));
        await Due(host, 3);

        Assert.Equal(
        [
            Timer("""{"Last":"0001-01-01T00:00:00","Next":"2026-11-21T04:15:00+00:00","LastUpdated":"2026-11-21T04:12:00+00:00"}""", "04:15:00"),
            Timer("""{"Last":"2026-11-21T04:15:00+00:00","Next":"2026-11-21T04:20:00+00:00","LastUpdated":"2026-11-21T04:15:00+00:00"}""", "04:20:00"),
        ],
        await Calls(host));
    }

    [Fact]
    public async Task A_call_missed_while_the_host_was_down_is_made_once_at_the_start()
    {
        using var app = new EchoApp().Timer("Fx_Sweep", "0 */5 * * * *");
        await using (var first = await Run(app)) await Due(first, 1);

        clock.Advance(TimeSpan.FromMinutes(17));
        await using var second = await Run(app);
        await Due(second, 1);

        Assert.Equal(
            [Timer("""{"Last":"0001-01-01T00:00:00","Next":"2026-11-21T04:15:00+00:00","LastUpdated":"2026-11-21T04:12:00+00:00"}""", "04:29:00", pastDue: true)],
            await Calls(second));
        await second.Log.WaitFor("due at 2026-11-21 04:30:00Z");
        Assert.True(File.Exists(Path.Combine(state.FullName, "timers", "double", "Host.Functions.Fx_Sweep", "status")));
    }

    [Fact]
    public async Task A_restart_before_the_next_time_calls_nothing()
    {
        using var app = new EchoApp().Timer("Fx_Sweep", "0 */5 * * * *");
        await using (var first = await Run(app)) await Due(first, 1);

        clock.Advance(TimeSpan.FromMinutes(2));
        await using var second = await Run(app);
        await Due(second, 1);

        Assert.Empty(await Calls(second));
    }

    [Theory]
    [InlineData("*/30 * * * * *", "")]
    [InlineData("0 */5 * * * *", ",\"useMonitor\":false")]
    public async Task Without_a_monitor_there_is_no_status_and_nothing_is_past_due(string schedule, string more)
    {
        using var app = new EchoApp().Timer("Fx_Sweep", schedule, more);
        await using (var first = await Run(app)) await Due(first, 1);
        clock.Advance(TimeSpan.FromMinutes(17));

        await using var second = await Run(app);
        await Due(second, 1);
        Assert.Empty(await Calls(second));
        Assert.Empty(state.GetFileSystemInfos());

        clock.Advance(TimeSpan.FromMinutes(1));
        await Due(second, 2);
        Assert.StartsWith("""{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""", (await Calls(second))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_on_startup_runs_at_every_start()
    {
        using var app = new EchoApp().Timer("Fx_Sweep", "0 */5 * * * *", ",\"runOnStartup\":true");
        await using var host = await Run(app);

        await Due(host, 1);

        Assert.Single(await Calls(host));
    }

    [Fact]
    public async Task A_failure_is_not_repeated_and_its_status_is_kept()
    {
        using var app = new EchoApp().Timer("Fx_Sweep", "0 */5 * * * *");
        await using var host = await Run(app, ("ECHO_ANSWER", "status:500"));

        await Due(host, 1);
        clock.Advance(TimeSpan.FromMinutes(3));
        await host.Log.WaitFor("due at 2026-11-21 04:20:00Z");
        clock.Advance(TimeSpan.FromMinutes(4));

        Assert.Single(await Calls(host));
        Assert.Contains("\"Last\":\"2026-11-21T04:15:00", await File.ReadAllTextAsync(
            Path.Combine(state.FullName, "timers", "double", "Host.Functions.Fx_Sweep", "status")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_never_overlap_and_times_that_pass_meanwhile_are_skipped()
    {
        using var app = new EchoApp().Timer("Fx_Sweep", "0 */5 * * * *");
        await using var host = await Run(app, ("ECHO_ANSWER", "hold:sweep"));

        await Due(host, 1);
        clock.Advance(TimeSpan.FromMinutes(3));
        await host.Log.WaitFor("Executing 'Functions.Fx_Sweep'");
        clock.Advance(TimeSpan.FromMinutes(12));
        var byHand = host.FireTimer("Fx_Sweep");
        Assert.False(byHand.IsCompleted);
        Assert.Equal(1, host.Log.Count("Executing 'Functions.Fx_Sweep'"));

        await Wire.Get(host, "/", "x-echo: release:sweep");
        Assert.True((await byHand).Succeeded);
        await host.Log.WaitFor("due at 2026-11-21 04:30:00Z");
        Assert.Equal(2, (await Calls(host)).Count);
    }

    [Fact]
    public async Task Firing_by_hand_leaves_the_schedule_alone()
    {
        using var app = new EchoApp().Timer("Fx_Sweep", "0 */5 * * * *");
        await using var host = await Run(app);
        await Due(host, 1);

        Assert.True((await host.FireTimer("Fx_Sweep")).Succeeded);

        Assert.Contains("\"IsPastDue\":false", Assert.Single(await Calls(host)), StringComparison.Ordinal);
        Assert.Equal(1, host.Log.Count("The next call is due"));
    }

    private Task<FunctionsHost> Run(EchoApp app, params (string, string)[] settings) =>
        FunctionsHost.Start(app.Options(settings) with { TimerClock = clock, StateFolder = state.FullName });

    private static Task<LogEntry> Due(FunctionsHost host, int times) => host.Log.WaitFor("The next call is due", times);

    private static string Timer(string status, string now, bool pastDue = false) =>
        $"{{\"Schedule\":{{\"AdjustForDST\":true}},\"ScheduleStatus\":{status},\"IsPastDue\":{(pastDue ? "true" : "false")}}} at 2026-11-21T{now}Z";

    /// <summary>Data.timer of each call, and its UtcNow.</summary>
    private static async Task<IReadOnlyList<string>> Calls(FunctionsHost host)
    {
        var calls = JsonSerializer.Deserialize<Seen[]>((await Wire.Get(host, "/", "x-echo: calls")).Body, JsonSerializerOptions.Web)!;
        return [.. calls.Where(call => call.Method == "POST").Select(call =>
        {
            using var json = JsonDocument.Parse(call.Body);
            return $"{json.RootElement.GetProperty("Data").GetProperty("timer").GetRawText()} at " +
                json.RootElement.GetProperty("Metadata").GetProperty("sys").GetProperty("UtcNow").GetString();
        })];
    }
}
