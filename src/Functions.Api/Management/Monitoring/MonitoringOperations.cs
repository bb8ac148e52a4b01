namespace ZenkoFunctions.Api.Management.Monitoring;

/// <summary>The operations of those who watch the server.</summary>
public static class MonitoringOperations
{
    /// <summary>Every operation, one line each.</summary>
    public static readonly IReadOnlyList<ManagementOperation> All =
    [
        new("GetMetrics", "GET", "/_/metrics", Metrics.Get) { NeedsAdministrator = true, TakesMonitors = true, Summary = "everything that is measured, for Prometheus" },
        new("GetDeepHealth", "GET", "/_/healthcheck/deep", Probes.Deep) { NeedsAdministrator = true, TakesMonitors = true, Summary = "whether tables, queues and each location answer, and how fast" },
        new("GetReport", "GET", "/_/report", Report.Get) { NeedsAdministrator = true, TakesMonitors = true, Summary = "version, capabilities, locations and what is stored" },
        new("Examine", "GET", "/_/management/doctor", Doctor.Examine) { NeedsAdministrator = true, Summary = "whether tables, queues, locations (writing an object into each) and replication do their work, and what to do" },
        new("GetHistory", "GET", "/_/management/history", HistoryView.Get) { NeedsAdministrator = true, TakesMonitors = true, Summary = "tells what was asked for, stored and owed, step by step: `?from=` and `?to=` (times), `?step=` (seconds, whole minutes)" },
    ];
}
