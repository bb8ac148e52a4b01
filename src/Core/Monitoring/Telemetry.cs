using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ZenkoFunctions.Core.Monitoring;

/// <summary>What is told to whoever listens in this process: OpenTelemetry's exporter. Without one, it costs a look at a field.</summary>
public static class Telemetry
{
    /// <summary>The name of source and meter.</summary>
    public const string Name = "ZenkoFunctions";

    private static readonly Meter Meter = new(Name);

    /// <summary>Spans: one a request.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    private static readonly Histogram<double> Requests = Meter.CreateHistogram<double>("http.server.request.duration", "s", "How long requests took");
    private static readonly Counter<long> Received = Meter.CreateCounter<long>("zenkofn.request.body.size", "By", "Bytes of the bodies of requests");
    private static readonly Counter<long> Sent = Meter.CreateCounter<long>("zenkofn.response.body.size", "By", "Bytes of the bodies of answers");
    private static readonly Histogram<double> Jobs = Meter.CreateHistogram<double>("zenkofn.job.duration", "s", "How long runs of jobs took");

    internal static void Request(OperationCounts counts, int status, long received, long sent, TimeSpan took)
    {
        if (!Requests.Enabled && !Received.Enabled && !Sent.Enabled) return;
        var tags = new TagList { { "protocol", counts.Protocol }, { "action", counts.Operation }, { "http.response.status_code", status } };
        Requests.Record(took.TotalSeconds, tags);
        Received.Add(received, tags);
        Sent.Add(sent, tags);
    }

    internal static void Job(JobCounts counts, JobEnd end, TimeSpan took)
    {
        if (Jobs.Enabled) Jobs.Record(took.TotalSeconds, new TagList { { "queue", counts.Queue }, { "end", end.ToString().ToLowerInvariant() } });
    }
}
