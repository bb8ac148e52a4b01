namespace ZenkoFunctions.Core.Monitoring;

/// <summary>What became of a run of a job.</summary>
public enum JobEnd
{
    /// <summary>Its message needs no more work.</summary>
    Done,

    /// <summary>It goes on later, by another message.</summary>
    Again,

    /// <summary>What it needs could not be reached; it is tried again.</summary>
    Outage,

    /// <summary>It failed; after the fifth time its message is set aside.</summary>
    Failed,
}

/// <summary>The runs of a queue's job in this process.</summary>
/// <param name="queue">The queue.</param>
public sealed class JobCounts(string queue)
{
    private readonly long[] ends = new long[Enum.GetValues<JobEnd>().Length];
    private int running;

    /// <summary>The queue.</summary>
    public string Queue => queue;

    /// <summary>How many run right now.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>How long they took.</summary>
    public DurationHistogram Durations { get; } = new(DurationHistogram.OfJobs);

    /// <summary>How many came to that end.</summary>
    public long Of(JobEnd end) => Volatile.Read(ref ends[(int)end]);

    /// <summary>One begins. Whoever says so says <see cref="Ended"/> of it, too.</summary>
    public void Begun() => Interlocked.Increment(ref running);

    /// <summary>One has come to its end.</summary>
    public void Ended(JobEnd end, TimeSpan took)
    {
        Interlocked.Decrement(ref running);
        Interlocked.Increment(ref ends[(int)end]);
        Durations.Add(took);
        Telemetry.Job(this, end, took);
    }
}
