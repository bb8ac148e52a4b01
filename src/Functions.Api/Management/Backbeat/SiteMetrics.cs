using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>What is counted of sites. Programs read these documents: names, descriptions and forms of numbers are Zenko's.</summary>
internal static class SiteMetrics
{
    private enum Form
    {
        Whole,
        Rate,
    }

    /// <param name="Name">As paths have it.</param>
    /// <param name="Copies">Its description of copies. Zenko has none of lifecycle rules: there it says so of lifecycle.</param>
    /// <param name="Ingestion">Its description of ingestion; null where there is none.</param>
    /// <param name="Form">Of its numbers.</param>
    /// <param name="Of">Its numbers.</param>
    private sealed record Metric(string Name, string Copies, string? Ingestion, Form Form, Func<SiteCounts, (double Operations, double Bytes)> Of)
    {
        public string? DescriptionOf(string service) => service switch
        {
            SiteServices.Crr => Copies,
            SiteServices.Ingestion => Ingestion,
            _ => Copies.Replace("replication", "lifecycle", StringComparison.Ordinal),
        };
    }

    private static readonly Metric[] Metrics =
    [
        new("backlog", "Number of incomplete replication operations (count) and number of incomplete bytes transferred (size)", null,
            Form.Whole, counts => (counts.Pending.Operations, counts.Pending.Bytes)),
        new("completions", "Number of completed replication operations (count) and number of bytes transferred (size) in the last 86400 seconds",
            "Number of completed ingestion operations (count) in the last 86400 seconds",
            Form.Whole, counts => (counts.Completed.Operations, counts.Completed.Bytes)),
        new("failures", "Number of failed replication operations (count) and bytes (size) in the last 86400 seconds", null,
            Form.Whole, counts => (counts.Failed.Operations, counts.Failed.Bytes)),
        new("throughput", "Current throughput for replication operations in ops/sec (count) and bytes/sec (size) in the last 900 seconds",
            "Current throughput for ingestion operations in ops/sec (count) in the last 900 seconds",
            Form.Rate, counts => (counts.OperationsPerSecond, counts.BytesPerSecond)),
        new("pending", "Number of pending replication operations (count) and bytes (size)", "Number of pending ingestion operations (count)",
            Form.Whole, counts => (counts.Pending.Operations, counts.Pending.Bytes)),
    ];

    /// <summary>All of them.</summary>
    public static ValueTask<Reply> All(ManagementCall call, CancellationToken ct) => Write(call, _ => true, ct);

    /// <summary>The one that the path names.</summary>
    public static ValueTask<Reply> One(ManagementCall call, CancellationToken ct) => Write(call, metric => metric.Name == call.Path["metric"], ct);

    private static async ValueTask<Reply> Write(ManagementCall call, Func<Metric, bool> wanted, CancellationToken ct)
    {
        var service = call.Path["service"];
        if (await Sites.Of(call, service, ct) is not { } sites) return call.NoRoute();
        var counters = service switch
        {
            SiteServices.Crr => call.Installation.Copies,
            SiteServices.Ingestion => call.Installation.Ingested,
            _ => call.Installation.Aged,
        };
        var counts = await Task.WhenAll(sites.Select(site => counters.Read(site, ct).AsTask()));
        return BackbeatJson.Object(json =>
        {
            foreach (var metric in Metrics)
            {
                if (!wanted(metric) || metric.DescriptionOf(service) is not { } description) continue;
                var of = counts.Select(metric.Of).ToList();
                json.WriteStartObject(metric.Name);
                json.WriteString("description"u8, description);
                json.WriteStartObject("results"u8);
                Number(json, "count", metric.Form, of.Sum(each => each.Operations));
                if (service != SiteServices.Ingestion) Number(json, "size", metric.Form, of.Sum(each => each.Bytes));
                json.WriteEndObject();
                json.WriteEndObject();
            }
        });
    }

    private static void Number(Utf8JsonWriter json, string name, Form form, double value)
    {
        if (form == Form.Whole) json.WriteNumber(name, (long)value);
        else json.WriteString(name, value.ToString("F2", CultureInfo.InvariantCulture));
    }
}
