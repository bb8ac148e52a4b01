using System.Diagnostics;
using System.Globalization;
using ZenkoFunctions.Api.Management.Backbeat;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Monitoring;

namespace ZenkoFunctions.Api.Management.Monitoring;

/// <summary>
/// What is measured, for Prometheus. Names that begin with <c>s3_</c> are Zenko's, those with <c>process_</c> and <c>dotnet_</c> are
/// common ones; the others are of what only we tell. What requests, jobs and the process come to is of the process that answers; copies
/// and what is stored are the installation's.
/// </summary>
internal static class Metrics
{
    private const string Requests = "s3_cloudserver_http_requests_total", Durations = "s3_cloudserver_http_request_duration_seconds";
    private const string Received = "s3_cloudserver_http_request_size_bytes", Sent = "s3_cloudserver_http_response_size_bytes";

    /// <summary>The text.</summary>
    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct)
    {
        var text = new PrometheusText();
        WriteRequests(text, call);
        WriteJobs(text, call);
        await WriteTotals(text, call, ct);
        await ReplicationMetrics.Write(text, call, ct);
        WriteProcess(text);
        return Reply.Document(text.ToArray(), PrometheusText.ContentType);
    }

    private static void WriteRequests(PrometheusText text, ManagementCall call)
    {
        var all = call.Installation.Answered.All().Select(each => (Counts: each, Durations: each.Durations.Read())).ToList();
        text.Begin(Requests, "counter", "Requests by protocol, operation and the status of their answers; 499 where the client went away before");
        foreach (var (counts, _) in all)
            foreach (var (status, count) in counts.ByStatus())
                text.Sample(Requests, count, Protocol(counts), Action(counts), ("code", status.ToString(CultureInfo.InvariantCulture)));
        text.Begin(Durations, "histogram", "Seconds from the first line of a request to the last byte of its answer");
        foreach (var (counts, read) in all)
            text.Histogram(Durations, read.Buckets, read.Count, read.Seconds, Protocol(counts), Action(counts));
        Sizes(Received, "Bytes of the bodies of requests, as they came over the wire", counts => counts.Received);
        Sizes(Sent, "Bytes of the bodies of answers", counts => counts.Sent);
        text.Begin("s3_cloudserver_http_active_requests", "gauge", "Requests that are under way");
        text.Sample("s3_cloudserver_http_active_requests", call.Installation.Requests.Count);

        void Sizes(string name, string help, Func<OperationCounts, long> of)
        {
            text.Begin(name, "summary", help);
            foreach (var (counts, read) in all)
            {
                text.Sample(name + "_sum", of(counts), Protocol(counts), Action(counts));
                text.Sample(name + "_count", read.Count, Protocol(counts), Action(counts));
            }
        }

        static (string, string) Protocol(OperationCounts counts) => ("protocol", counts.Protocol);

        static (string, string) Action(OperationCounts counts) => ("action", counts.Operation);
    }

    private static void WriteJobs(PrometheusText text, ManagementCall call)
    {
        var all = call.Installation.Jobs.Counts;
        text.Begin("zenkofn_jobs_total", "counter", "Runs of jobs by queue and end: done, again (goes on by another message), outage (tried again) or failed");
        foreach (var counts in all)
            foreach (var end in Enum.GetValues<JobEnd>())
                text.Sample("zenkofn_jobs_total", counts.Of(end), ("queue", counts.Queue), ("end", end.ToString().ToLowerInvariant()));
        text.Begin("zenkofn_job_duration_seconds", "histogram", "Seconds that runs of jobs took");
        foreach (var counts in all)
        {
            var read = counts.Durations.Read();
            text.Histogram("zenkofn_job_duration_seconds", read.Buckets, read.Count, read.Seconds, ("queue", counts.Queue));
        }
        text.Begin("zenkofn_jobs_running", "gauge", "Jobs that run right now");
        foreach (var counts in all) text.Sample("zenkofn_jobs_running", counts.Running, ("queue", counts.Queue));
    }

    private static async ValueTask WriteTotals(PrometheusText text, ManagementCall call, CancellationToken ct)
    {
        var (buckets, amount, at) = await call.Installation.Totals.Read(ct);
        Gauge("zenkofn_stored_buckets", "Buckets that there are", buckets);
        Gauge("zenkofn_stored_versions", "Versions of objects that all buckets hold together", amount.Versions);
        Gauge("zenkofn_stored_bytes", "Bytes of those", amount.Bytes);
        Gauge("zenkofn_stored_part_bytes", "Bytes of parts of uploads that are not complete", amount.Parts);
        Gauge("s3_cloudserver_last_report_timestamp", "When what is stored was added up, in seconds since 1970", at.ToUnixTimeSeconds());

        void Gauge(string name, string help, double value)
        {
            text.Begin(name, "gauge", help);
            text.Sample(name, value);
        }
    }

    private static void WriteProcess(PrometheusText text)
    {
        using var process = Process.GetCurrentProcess();
        One("process_cpu_seconds_total", "counter", "Seconds of processor time", process.TotalProcessorTime.TotalSeconds);
        One("process_resident_memory_bytes", "gauge", "Bytes of memory", process.WorkingSet64);
        One("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        One("process_threads", "gauge", "Threads of the process", process.Threads.Count);
        One("dotnet_gc_heap_bytes", "gauge", "Bytes of memory that is collected", GC.GetTotalMemory(forceFullCollection: false));
        One("dotnet_gc_pause_seconds_total", "counter", "Seconds that threads stood still for collections", GC.GetTotalPauseDuration().TotalSeconds);
        text.Begin("dotnet_gc_collections_total", "counter", "Collections by generation");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            text.Sample("dotnet_gc_collections_total", GC.CollectionCount(generation), ("generation", generation.ToString(CultureInfo.InvariantCulture)));
        One("dotnet_threadpool_threads", "gauge", "Threads of the pool", ThreadPool.ThreadCount);
        One("dotnet_threadpool_queue_items", "gauge", "What waits for a thread of the pool", ThreadPool.PendingWorkItemCount);

        void One(string name, string kind, string help, double value)
        {
            text.Begin(name, kind, help);
            text.Sample(name, value);
        }
    }
}
