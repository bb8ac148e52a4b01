namespace ZenkoFunctions.Core.Monitoring;

/// <summary>Durations, counted by how long they were. Adding costs two additions and no memory; any thread may.</summary>
/// <param name="ends">The longest of each bucket in seconds, ascending; longer ones are counted, too.</param>
public sealed class DurationHistogram(IReadOnlyList<double> ends)
{
    /// <summary>What requests are counted by: Zenko's, and some for what takes longer than those.</summary>
    public static readonly IReadOnlyList<double> OfRequests = [0.0001, 0.005, 0.015, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2.5, 10, 60];

    /// <summary>What jobs are counted by, which may take five minutes.</summary>
    public static readonly IReadOnlyList<double> OfJobs = [0.005, 0.05, 0.25, 1, 5, 15, 60, 150, 300];

    private readonly long[] counts = new long[ends.Count + 1];
    private long ticks;

    /// <summary>Counts one.</summary>
    public void Add(TimeSpan took)
    {
        var (seconds, at) = (took.TotalSeconds, 0);
        while (at < ends.Count && seconds > ends[at]) at++;
        Interlocked.Increment(ref counts[at]);
        Interlocked.Add(ref ticks, took.Ticks);
    }

    /// <summary>What has been counted so far; buckets and number are of one moment.</summary>
    public DurationReading Read()
    {
        var (buckets, count) = (new (double, long)[ends.Count], 0L);
        for (var i = 0; i < ends.Count; i++) buckets[i] = (ends[i], count += Volatile.Read(ref counts[i]));
        return new(buckets, count + Volatile.Read(ref counts[^1]), TimeSpan.FromTicks(Volatile.Read(ref ticks)).TotalSeconds);
    }
}

/// <summary>What a histogram has counted.</summary>
/// <param name="Buckets">How many took at most so many seconds, ascending.</param>
/// <param name="Count">How many there were.</param>
/// <param name="Seconds">How long they took together.</param>
public sealed record DurationReading(IReadOnlyList<(double End, long Count)> Buckets, long Count, double Seconds);
