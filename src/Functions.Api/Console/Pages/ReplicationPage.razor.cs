using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A location that copies go to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsPaused">Whether its work is kept back.</param>
/// <param name="Owed">Copies that are not there yet.</param>
/// <param name="OwedBytes">Their bytes.</param>
/// <param name="Completed">Copies of the last day.</param>
/// <param name="Failed">Copies that were given up in the last day.</param>
/// <param name="BytesPerSecond">Of the last quarter of an hour.</param>
/// <param name="Oldest">Seconds for which the oldest copy has been owed.</param>
/// <param name="Half">Seconds that half of the last hour's copies took at most; null where there were none.</param>
/// <param name="Most">The same for 99 of 100.</param>
public sealed record SiteLine(
    string Name, bool IsPaused, double Owed, long OwedBytes, double Completed, double Failed, double BytesPerSecond, double Oldest, double? Half, double? Most);

/// <summary>What the page of replication shows.</summary>
public sealed record ReplicationModel(IReadOnlyList<SiteLine> Sites);

public partial class ReplicationPage
{
    internal const string Api = "/_/backbeat/api";

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        List<SiteLine> sites = [];
        var samples = MetricSample.ReadAll((await call.Api.Do("GET", Api + "/monitoring/metrics", "", ct)).Text()).ToLookup(sample => (sample.Name, sample["location"]));
        foreach (var (name, isPaused) in await Sites(call, ct))
        {
            using var counts = JsonDocument.Parse((await call.Api.Do("GET", $"{Api}/metrics/crr/{Uri.EscapeDataString(name)}", "", ct)).Body);
            sites.Add(new(name, isPaused, Of("pending", "count"), (long)Of("pending", "size"), Of("completions", "count"), Of("failures", "count"), Of("throughput", "size"),
                Sample("oldest_pending_seconds") ?? 0, Sample("lag_p50_seconds"), Sample("lag_p99_seconds")));

            double? Sample(string metric) => samples[("zenkofn_replication_" + metric, name)].FirstOrDefault()?.Value;

            // Rates are told as text.
            double Of(string metric, string member) => double.Parse(
                counts.RootElement.GetProperty(metric).GetProperty("results").GetProperty(member).ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
        }
        return await call.Page<ReplicationPage>(new ReplicationModel(sites));
    }

    internal static async ValueTask<Reply> Change(ConsoleCall call, CancellationToken ct)
    {
        var what = call.Form["do"];
        if (call.Form["site"] is not { } site || what is not ("pause" or "resume"))
            return await call.Problem(400, "This form cannot be read", "Go back, load the page again and send the form once more.");
        await call.Api.Do("POST", $"{Api}/crr/{what}/{Uri.EscapeDataString(site)}", "", ct);
        return call.Go("replication", (what == "pause" ? "paused" : "resumed", site));
    }

    /// <summary>The locations that copies go to, and whether they are paused.</summary>
    internal static async ValueTask<IReadOnlyList<(string Name, bool IsPaused)>> Sites(ConsoleCall call, CancellationToken ct, string service = "crr")
    {
        using var status = JsonDocument.Parse((await call.Api.Do("GET", $"{Api}/{service}/status", "", ct)).Body);
        return [.. status.RootElement.EnumerateObject().Select(each => (each.Name, each.Value.GetString() == "disabled"))];
    }
}
