namespace ZenkoFunctions.Core.Queues;

/// <summary>Runs the job of a message, whoever delivered it.</summary>
public sealed class JobRunner
{
    private readonly Dictionary<string, IJob> jobs;
    private readonly IQueue queue;

    /// <summary>A runner of these jobs; those that ask to be run again are sent again through <paramref name="queue"/>.</summary>
    public JobRunner(IEnumerable<IJob> jobs, IQueue queue)
    {
        this.jobs = jobs.ToDictionary(job => job.Queue, StringComparer.Ordinal);
        this.queue = queue;
    }

    /// <summary>The queues that have a job.</summary>
    public IReadOnlyCollection<string> Queues => jobs.Keys;

    /// <summary>
    /// When it returns, the message may be acknowledged. When it throws, it must be delivered again, and set aside as
    /// poison after the fifth time.
    /// </summary>
    public async ValueTask Run(string name, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (!jobs.TryGetValue(name, out var job))
            throw new ArgumentException($"No job serves the queue '{name}'.", nameof(name));
        var outcome = await job.Run(message, ct);
        if (outcome.Again is { } delay)
            await queue.Send(name, outcome.Message ?? message, delay, ct);
    }
}
