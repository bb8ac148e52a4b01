namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>The operations of the Backbeat API: what becomes of copies, and who may go on. Paths and answers are those of Zenko.</summary>
public static class BackbeatOperations
{
    private const string Api = "/_/backbeat/api";
    private const string Service = "{service=crr|ingestion|lifecycle}";

    /// <summary>Every operation, one line each.</summary>
    public static readonly IReadOnlyList<ManagementOperation> All =
    [
        new("GetReplicationHealth", "GET", Api + "/healthcheck", Health.Get) { Summary = "whether queues and tables can be reached" },
        new("GetMonitoringMetrics", "GET", Api + "/monitoring/metrics", ReplicationMetrics.Get) { Summary = "what is counted of copies, for Prometheus" },
        new("GetMonitoringMetrics", "GET", "/_/monitoring/metrics", ReplicationMetrics.Get) { Summary = "the same" },
        new("GetReplicationMetrics", "GET", Api + "/metrics/{service=crr|ingestion|lifecycle}/{site}", SiteMetrics.All) { Summary = "everything that is counted of a site, or of all" },
        new("GetReplicationMetrics", "GET", Api + "/metrics/{service=crr|ingestion|lifecycle}/{site}/{metric=all}", SiteMetrics.All) { Summary = "the same" },
        new("GetReplicationMetrics", "GET", Api + "/metrics/{service=crr|lifecycle}/{site}/{metric=backlog|completions|failures|throughput|pending}", SiteMetrics.One) { Summary = "one of them" },
        new("GetReplicationMetrics", "GET", Api + "/metrics/{service=ingestion}/{site}/{metric=completions|throughput|pending}", SiteMetrics.One) { Summary = "one of them" },
        new("GetObjectReplication", "GET", Api + "/metrics/crr/{site}/throughput/{bucket}/{key...}", ObjectMetrics.Throughput) { Summary = "bytes a second of a version's copy" },
        new("GetObjectReplication", "GET", Api + "/metrics/crr/{site}/progress/{bucket}/{key...}", ObjectMetrics.Progress) { Summary = "how much of a version a site has" },
        new("ListFailedReplications", "GET", Api + "/crr/failed", FailedReplications.List) { Summary = "copies to a site that were given up, a hundred a page; those of one bucket with `?bucket=`" },
        new("ListFailedReplications", "GET", Api + "/crr/failed/{bucket}/{key...}", FailedReplications.OfVersion) { Summary = "sites that a version's copy to was given up" },
        new("RetryReplications", "POST", Api + "/crr/failed", FailedReplications.Retry) { Summary = "sends copies again that were given up", NeedsAdministrator = true, BodyBytes = 512 * 1024 },
        new("PauseSites", "POST", $"{Api}/{Service}/pause", SiteWorks.Pause) { Summary = "keeps back the work of all sites", NeedsAdministrator = true },
        new("PauseSites", "POST", $"{Api}/{Service}/pause/{{site}}", SiteWorks.Pause) { Summary = "keeps back the work of a site", NeedsAdministrator = true },
        new("ResumeSites", "POST", $"{Api}/{Service}/resume", SiteWorks.Resume) { Summary = "lets the work of all sites go on", NeedsAdministrator = true },
        new("ResumeSites", "POST", $"{Api}/{Service}/resume/{{site}}", SiteWorks.Resume) { Summary = "lets the work of a site go on", NeedsAdministrator = true },
        new("ScheduleResume", "POST", $"{Api}/{Service}/resume/{{site}}/schedule", SiteWorks.Schedule) { Summary = "lets it go on by itself after some hours", NeedsAdministrator = true },
        new("CancelResume", "DELETE", $"{Api}/{Service}/resume/{{site}}", SiteWorks.Cancel) { Summary = "takes back what was scheduled", NeedsAdministrator = true },
        new("CancelResume", "DELETE", $"{Api}/{Service}/resume/{{site}}/schedule", SiteWorks.Cancel) { Summary = "the same", NeedsAdministrator = true },
        new("GetScheduledResumes", "GET", $"{Api}/{Service}/resume", SiteWorks.Scheduled) { Summary = "when paused sites go on by themselves" },
        new("GetScheduledResumes", "GET", $"{Api}/{Service}/resume/{{site}}", SiteWorks.Scheduled) { Summary = "when a paused site goes on by itself" },
        new("GetSiteStatus", "GET", $"{Api}/{Service}/status", SiteWorks.Status) { Summary = "which sites are paused" },
        new("GetSiteStatus", "GET", $"{Api}/{Service}/status/{{site}}", SiteWorks.Status) { Summary = "whether a site is paused" },
        new("ApplyWorkflows", "POST", Api + "/configuration/workflows", Workflows.Apply) { Summary = "makes the rules of buckets what a Zenko configuration says", NeedsAdministrator = true, BodyBytes = 2 * 1024 * 1024 },
    ];
}
