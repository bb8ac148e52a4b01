using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Monitoring;

namespace ZenkoFunctions.Core.Queues;

/// <summary>Runs the job of a message, whoever delivered it.</summary>
public sealed class JobRunner
{
    /// <summary>Deliveries that may fail before a message is set aside; the Functions host's <c>maxDequeueCount</c>.</summary>
    public const int Failures = 5;

    /// <summary>The pause where a disk or a service cannot be reached.</summary>
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, IJob> jobs;
    private readonly Dictionary<string, JobCounts> counts;
    private readonly IQueue queue;
    private readonly ILogger log;
    private readonly TimeProvider clock;

    /// <summary>
    /// A runner of these jobs; those that ask to be run again are sent again through <paramref name="queue"/>. Runs are measured by
    /// <paramref name="clock"/>, the system's where there is none.
    /// </summary>
    public JobRunner(IEnumerable<IJob> jobs, IQueue queue, ILogger log, TimeProvider? clock = null)
    {
        this.jobs = jobs.ToDictionary(job => job.Queue, StringComparer.Ordinal);
        counts = this.jobs.Keys.ToDictionary(name => name, name => new JobCounts(name), StringComparer.Ordinal);
        (this.queue, this.log, this.clock) = (queue, log, clock ?? TimeProvider.System);
    }

    /// <summary>The queue of the messages that failed too often; the Functions host calls it the same.</summary>
    public static string PoisonOf(string queue) => queue + "-poison";

    /// <summary>The queues that have a job.</summary>
    public IReadOnlyCollection<string> Queues => jobs.Keys;

    /// <summary>What became of the runs of each queue's job, in order.</summary>
    public IReadOnlyList<JobCounts> Counts => [.. counts.Values.OrderBy(each => each.Queue, StringComparer.Ordinal)];

    /// <summary>
    /// When it returns, the message may be acknowledged. When it throws, it must be delivered again, and set aside as
    /// poison after the fifth time. An <see cref="IOException"/> is an outage, which says nothing against the message: it
    /// is sent again, however long that lasts.
    /// </summary>
    public async ValueTask Run(string name, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (!jobs.TryGetValue(name, out var job))
            throw new ArgumentException($"No job serves the queue '{name}'.", nameof(name));
        var (count, start, end) = (counts[name], clock.GetTimestamp(), JobEnd.Failed);
        count.Begun();
        try
        {
            var (outcome, reached) = await Attempt(job, message, ct);
            if (outcome.Again is { } delay) await queue.Send(name, outcome.Message ?? message, delay, ct);
            end = reached;
        }
        finally
        {
            count.Ended(end, clock.GetElapsedTime(start));
        }
    }

    private async ValueTask<(JobOutcome Outcome, JobEnd End)> Attempt(IJob job, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        try
        {
            var outcome = await job.Run(message, ct);
            return (outcome, outcome.Again is null ? JobEnd.Done : JobEnd.Again);
        }
        catch (IOException exception)
        {
            Log.Outage(log, exception, job.Queue, Outage);
            return (JobOutcome.After(Outage), JobEnd.Outage);
        }
    }
}
