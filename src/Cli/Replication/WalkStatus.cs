using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Cli.Replication;

/// <summary>Tells of walks that have ended, of timers and of reports.</summary>
internal static class WalkStatus
{
    /// <summary>So many differences are shown one by one; the report has more.</summary>
    private const int Shown = 20;

    /// <summary>Tells how a walk stands; the exit code that goes with it.</summary>
    public static async Task<int> Told(WalkDocument walk, bool json)
    {
        if (json) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(walk, StatusJson.Default.WalkDocument));
        else
        {
            await Console.Out.WriteLineAsync($"{walk.Id}: {State(walk)}. {WalkWatch.Progress(walk)}.");
            if (walk.Reasons.Count > 0) await Console.Out.WriteLineAsync("Differences: " + string.Join(", ", walk.Reasons.Select(each => $"{each.Key} {Output.Number(each.Value)}")));
            foreach (var each in walk.Differences.Take(Shown))
                await Console.Out.WriteLineAsync($"  {each.Reason}  {each.Key}{(each.VersionId is null ? "" : $"  ({each.VersionId})")}{Detail(each)}");
            if (walk.Differences.Count > Shown) await Console.Out.WriteLineAsync("  …");
            if (walk is { Request: { Purpose: WalkPurpose.Verify, ReportOnly: false }, Counts.Queued: > 0 })
                await Console.Out.WriteLineAsync($"{Output.Number(walk.Counts.Queued)} are sent again. Verify once more when they have arrived.");
        }
        if (walk.State == WalkState.Failed)
        {
            await Console.Error.WriteLineAsync($"zenkofn: {walk.Trouble}");
            return ExitCode.Failed;
        }
        if (walk is { Request.Purpose: WalkPurpose.Arrived, Counts.Different: > 0 })
        {
            await Console.Error.WriteLineAsync(
                $"zenkofn: The copies of {Output.Number(walk.Counts.Different)} versions were given up. GET /_/backbeat/api/crr/failed?sitename=SITE says which and why; "
                + $"zenkofn replicate --retry --bucket {walk.Request.Bucket}{(walk.Request.Site is { } site ? " --site " + site : "")} sends them again.");
        }
        return walk.Counts.Different > 0 ? ExitCode.Differs : ExitCode.Done;
    }

    /// <summary>Tells of a bucket.</summary>
    public static async Task<int> Show(RemoteWalks walks, string bucket, bool wait, bool json, CancellationToken timeOver, CancellationToken ct)
    {
        var all = await walks.Of(bucket, ct);
        if (wait)
        {
            var code = ExitCode.Done;
            foreach (var walk in all.Where(each => each.State == WalkState.Running))
            {
                var (followed, stopped) = await WalkWatch.Follow(walks, walk, json, timeOver, ct);
                if (followed is not { } end) return stopped;
                code = Math.Max(code, await Told(end, json));
            }
            return code;
        }
        var timers = (await walks.Timers(ct)).Where(each => each.Request.Bucket == bucket).ToList();
        var reports = await walks.Reports(bucket, ct);
        if (json)
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new(all, timers, reports), StatusJson.Default.BucketStatus));
            return ExitCode.Done;
        }
        if (all.Count + timers.Count + reports.Count == 0)
        {
            await Console.Out.WriteLineAsync($"No walk of the bucket {bucket} was ever started. Start one: zenkofn replicate --existing {bucket}");
            return ExitCode.Done;
        }
        await Console.Out.WriteAsync(Table.Text(["WALK", "STATE", "SINCE", "PROGRESS"], [.. all.Select(walk => (string[])[walk.Id, State(walk), Time(walk.Since), WalkWatch.Progress(walk)])]));
        if (timers.Count > 0)
        {
            await Console.Out.WriteLineAsync();
            await Console.Out.WriteAsync(Table.Text(
                ["TIMER", "EVERY", "NEXT"], [.. timers.Select(each => (string[])[each.Id, string.Create(CultureInfo.InvariantCulture, $"{each.Hours} h"), Time(each.Next)])]));
        }
        if (reports.Count > 0)
        {
            await Console.Out.WriteLineAsync();
            await Console.Out.WriteAsync(Table.Text(
                ["REPORT", "SITE", "ENDED", "VERSIONS", "DIFFERENT", "PENDING", "COMPLETE"],
                [.. reports.Select(each => (string[])
                    [
                        each.Id, each.Site, Time(each.Ended), Output.Number(each.Versions), Output.Number(each.Different), Output.Number(each.Pending), each.IsComplete ? "yes" : "no",
                    ])]));
        }
        return ExitCode.Done;
    }

    /// <summary>Starts a verification every so many hours; none where those are 0.</summary>
    public static async Task<int> Schedule(RemoteWalks walks, WalkBody body, int hours, CancellationToken ct)
    {
        if (hours == 0)
        {
            await walks.EndTimer($"verify.{body.Site}.{body.Bucket}", ct);
            await Console.Out.WriteLineAsync("It is not started any more.");
            return ExitCode.Done;
        }
        var timer = await walks.SetTimer(body with { Hours = hours }, ct);
        await Console.Out.WriteLineAsync($"{timer.Id} is started every {timer.Hours} hours, next at {Time(timer.Next)}.");
        return ExitCode.Done;
    }

    private static string State(WalkDocument walk) => walk.State switch
    {
        WalkState.Running => "under way", WalkState.Done => "done", WalkState.Failed => "failed", _ => "cancelled",
    };

    private static string Detail(Difference difference) =>
        difference is { Expected: null, Found: null } ? "" : $"  expected {difference.Expected ?? "nothing"}, found {difference.Found ?? "nothing"}";

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What there is of a bucket.</summary>
internal sealed record BucketStatus(IReadOnlyList<WalkDocument> Walks, IReadOnlyList<TimerDocument> Timers, IReadOnlyList<ReportLine> Reports);

/// <summary>What is written as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, WriteIndented = true, Converters = [typeof(UtcTimes)])]
[JsonSerializable(typeof(WalkDocument))]
[JsonSerializable(typeof(BucketStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
