using System.Text.Json.Nodes;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What is started from time to time.</summary>
public sealed record TimerLine(string Id, string Title, string About, string Every, DateTimeOffset Next);

/// <summary>What the list of timers shows.</summary>
public sealed record TimersModel(IReadOnlyList<TimerLine> Lines);

public partial class TimersPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        List<TimerLine> lines = [];
        await foreach (var page in call.Api.Pages(WalkTold.Api + "/timers", ct)) lines.AddRange(page["timers"]!.AsArray().Select(timer => Line(timer!)));
        return await call.Page<TimersPage>(new TimersModel([.. lines.OrderBy(line => line.Next)]));
    }

    internal static async ValueTask<Reply> Remove(ConsoleCall call, CancellationToken ct)
    {
        await call.Api.Do("DELETE", $"{WalkTold.Api}/timers/{Uri.EscapeDataString(call.Form["id"] ?? "")}", "", ct);
        return call.Go("timers", ("removed", "1"));
    }

    private static TimerLine Line(JsonNode timer)
    {
        var request = timer["request"]!;
        var purpose = request["purpose"]!.GetValue<string>();
        var about = string.Join(" to ", new[] { request["bucket"]?.GetValue<string>() ?? "all buckets", request["site"]?.GetValue<string>() }.Where(part => part is not null));
        return new(
            timer["id"]!.GetValue<string>(), TaskKinds.Find(purpose)?.Title ?? TaskKinds.Inner.GetValueOrDefault(purpose, purpose), about, timer["seconds"] is { } seconds ? TaskKinds.Every(TimeSpan.FromSeconds(seconds.GetValue<double>())) : TaskKinds.Every(timer["hours"]!.GetValue<int>()),
            Text.ReadTime(timer["next"]!.GetValue<string>()) ?? default);
    }
}
