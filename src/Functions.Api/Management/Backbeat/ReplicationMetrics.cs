using ZenkoFunctions.Api.Management.Monitoring;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>What is counted, for Prometheus. Names that begin with <c>s3_</c> are Zenko's; the others are of what only we tell.</summary>
internal static class ReplicationMetrics
{
    private sealed record Metric(string Name, string Kind, string Help, Func<SiteCounts, double?> Of);

    private static readonly Metric[] Metrics =
    [
        new("s3_replication_queued_objects_total", "counter", "Copies that were queued", counts => counts.QueuedEver.Operations),
        new("s3_replication_queued_bytes_total", "counter", "Bytes of copies that were queued", counts => counts.QueuedEver.Bytes),
        new("s3_replication_processed_bytes_total", "counter", "Bytes of copies that were done or given up",
            counts => counts.CompletedEver.Bytes + counts.FailedEver.Bytes),
        new("s3_replication_data_bytes_total", "counter", "Bytes of copies that are there", counts => counts.CompletedEver.Bytes),
        new("zenkofn_replication_pending_objects", "gauge", "Copies that are owed", counts => counts.Pending.Operations),
        new("zenkofn_replication_pending_bytes", "gauge", "Bytes of copies that are owed", counts => counts.Pending.Bytes),
        new("zenkofn_replication_lag_p50_seconds", "gauge", "Seconds from commit to copy that half of the last hour's took at most", counts => counts.LagP50),
        new("zenkofn_replication_lag_p99_seconds", "gauge", "The same for 99 of 100", counts => counts.LagP99),
    ];

    /// <summary>The text.</summary>
    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct)
    {
        var text = new PrometheusText();
        await Write(text, call, ct);
        return Reply.Document(text.ToArray(), PrometheusText.ContentType);
    }

    /// <summary>Writes them; of every site, whatever the path says.</summary>
    public static async ValueTask Write(PrometheusText text, ManagementCall call, CancellationToken ct)
    {
        var now = call.Installation.Clock.GetUtcNow();
        var sites = (await Sites.Of(call, SiteServices.Crr, ct))!;
        var counts = await Task.WhenAll(sites.Select(site => call.Installation.Copies.Read(site, ct).AsTask()));
        var all = sites.Zip(counts, (site, count) => (Site: site, Counts: count)).ToList();
        foreach (var metric in Metrics)
        {
            text.Begin(metric.Name, metric.Kind, metric.Help);
            foreach (var (site, count) in all) text.Sample(metric.Name, metric.Of(count), ("location", site));
        }

        text.Begin("s3_replication_status_changed_total", "counter", "Copies by what became of them");
        foreach (var (site, count) in all)
        {
            text.Sample("s3_replication_status_changed_total", count.QueuedEver.Operations, ("location", site), ("replicationStatus", "PENDING"));
            text.Sample("s3_replication_status_changed_total", count.CompletedEver.Operations, ("location", site), ("replicationStatus", "COMPLETED"));
            text.Sample("s3_replication_status_changed_total", count.FailedEver.Operations, ("location", site), ("replicationStatus", "FAILED"));
        }

        text.Begin("s3_replication_latency_seconds", "histogram", "Seconds from the commit of a version until its copy was there");
        foreach (var (site, count) in all)
            text.Histogram("s3_replication_latency_seconds", count.LatencyEver, count.CompletedEver.Operations, count.SecondsEver, ("location", site));

        text.Begin("zenkofn_replication_oldest_pending_seconds", "gauge", "For how long the oldest copy has been owed; 0 where none is");
        foreach (var (site, count) in all)
            text.Sample("zenkofn_replication_oldest_pending_seconds", count.OldestPending is { } at ? Math.Max(0, (now - at).TotalSeconds) : 0, ("location", site));

        text.Begin("zenkofn_site_paused", "gauge", "1 where the work of a site is kept back");
        foreach (var service in SiteServices.All)
        {
            var known = await call.Installation.SiteStates.All(service, ct);
            foreach (var site in (await Sites.Of(call, service, ct))!)
                text.Sample("zenkofn_site_paused", known.GetValueOrDefault(site).IsPaused ? 1 : 0, ("location", site), ("service", service));
        }
    }
}
