namespace ZenkoFunctions.Core.Replication;

/// <summary>So many things, and their bytes.</summary>
/// <param name="Operations">How many.</param>
/// <param name="Bytes">Bytes of all.</param>
public readonly record struct Volume(long Operations, long Bytes)
{
    /// <summary>Both together.</summary>
    public static Volume operator +(Volume a, Volume b) => new(a.Operations + b.Operations, a.Bytes + b.Bytes);

    /// <summary>What the first is more.</summary>
    public static Volume operator -(Volume a, Volume b) => new(a.Operations - b.Operations, a.Bytes - b.Bytes);

    /// <summary>The same, nothing below zero.</summary>
    public Volume AtLeastZero() => new(Math.Max(Operations, 0), Math.Max(Bytes, 0));
}

/// <summary>
/// What was counted of a site's copies. What is queued and what is finished is counted by the time at which it was queued (minutes
/// since 1970; see <see cref="Minutes"/>), so that what is left, and since when, comes from sums, whoever did the one and the other.
/// </summary>
internal sealed class CopyTally
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>All that was queued.</summary>
    public Volume Asked { get; set; }

    /// <summary>All that was done.</summary>
    public Volume Completed { get; set; }

    /// <summary>All that was given up.</summary>
    public Volume Failed { get; set; }

    /// <summary>What was queued, by the minute in which it was.</summary>
    public SortedDictionary<long, Volume> Queued { get; init; } = [];

    /// <summary>What was done or given up, by the minute in which it was queued.</summary>
    public SortedDictionary<long, Volume> Finished { get; init; } = [];

    /// <summary>How many were done after which time (see <see cref="Latencies"/>).</summary>
    public SortedDictionary<int, long> Latency { get; init; } = [];

    /// <summary>The seconds from queueing to being done, of all together.</summary>
    public double Seconds { get; set; }

    /// <summary>Whether nothing was counted.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsEmpty => Queued.Count == 0 && Finished.Count == 0 && Completed == default && Failed == default && Asked == default;

    public void AddQueued(long minute, Volume volume)
    {
        Asked += volume;
        Add(Queued, minute, volume);
    }

    public void AddCompleted(long minute, Volume volume, TimeSpan age)
    {
        Completed += volume;
        Add(Finished, minute, volume);
        var bucket = Latencies.BucketOf(age);
        Latency[bucket] = Latency.GetValueOrDefault(bucket) + volume.Operations;
        Seconds += Math.Max(age.TotalSeconds, 0) * volume.Operations;
    }

    public void AddFailed(long minute, Volume volume)
    {
        Failed += volume;
        Add(Finished, minute, volume);
    }

    /// <summary>Adds all that another one counts.</summary>
    /// <param name="other">The other.</param>
    /// <param name="now">By which minutes become coarser.</param>
    public void Add(CopyTally other, DateTimeOffset now)
    {
        AddEvents(other);
        foreach (var (minute, volume) in other.Queued) Add(Queued, Minutes.Coarse(minute, now), volume);
        foreach (var (minute, volume) in other.Finished) Add(Finished, Minutes.Coarse(minute, now), volume);
    }

    /// <summary>Adds what happened, without when it was queued.</summary>
    public void AddEvents(CopyTally other)
    {
        Asked += other.Asked;
        Completed += other.Completed;
        Failed += other.Failed;
        Seconds += other.Seconds;
        foreach (var (bucket, count) in other.Latency) Latency[bucket] = Latency.GetValueOrDefault(bucket) + count;
    }

    /// <summary>The same with minutes as coarse as they are by now.</summary>
    public CopyTally Coarse(DateTimeOffset now)
    {
        var coarse = new CopyTally();
        coarse.Add(this, now);
        return coarse;
    }

    /// <summary>Forgets the minutes of which nothing is left.</summary>
    public void Prune()
    {
        foreach (var minute in Queued.Where(each => Finished.GetValueOrDefault(each.Key) == each.Value).Select(each => each.Key).ToList())
        {
            Queued.Remove(minute);
            Finished.Remove(minute);
        }
    }

    /// <summary>What is left, by when it was queued. What was finished, but is not known to have been queued, is nothing.</summary>
    public IEnumerable<KeyValuePair<long, Volume>> Pending() => Queued
        .Select(each => new KeyValuePair<long, Volume>(each.Key, (each.Value - Finished.GetValueOrDefault(each.Key)).AtLeastZero()))
        .Where(each => each.Value != default);

    private static void Add(SortedDictionary<long, Volume> to, long minute, Volume volume) => to[minute] = to.GetValueOrDefault(minute) + volume;
}

/// <summary>Minutes since 1970. What is long ago is told by the hour (after a day) or the day (after a month), so that rows stay small.</summary>
internal static class Minutes
{
    private const int Hour = 60, Day = 24 * Hour, Month = 30 * Day;

    public static long Of(DateTimeOffset at) => at.ToUnixTimeSeconds() / 60;

    public static DateTimeOffset Start(long minute) => DateTimeOffset.FromUnixTimeSeconds(minute * 60);

    /// <summary>The first minute of those that are told together.</summary>
    public static long Coarse(long minute, DateTimeOffset now) => (Of(now) - minute) switch
    {
        > Month => minute - minute % Day,
        // By the hour's age, so that the minutes of an hour change over together.
        _ when Of(now) - (minute - minute % Hour) > Day => minute - minute % Hour,
        _ => minute,
    };
}

/// <summary>A histogram of times: each bucket ends 2^(1/4) times later than the one before, the first at 10 ms.</summary>
internal static class Latencies
{
    private const double First = 0.01;
    private const int Last = 144, Step = 8, Told = 15;

    public static int BucketOf(TimeSpan age) =>
        age.TotalSeconds <= First ? 0 : Math.Min(Last, (int)Math.Ceiling(Math.Log2(age.TotalSeconds / First) * 4));

    /// <summary>The last second of a bucket.</summary>
    public static double End(int bucket) => First * Math.Pow(2, bucket / 4.0);

    /// <summary>How many were done within so many seconds, at a choice of ends: up to a month.</summary>
    public static IReadOnlyList<(double Seconds, long Count)> Cumulative(IReadOnlyDictionary<int, long> histogram) =>
        [.. Enumerable.Range(0, Told).Select(i => (End(i * Step), histogram.Where(each => each.Key <= i * Step).Sum(each => each.Value)))];

    /// <summary>The time in seconds that so large a part (0 to 1) was done within; null where nothing was done.</summary>
    public static double? Quantile(IReadOnlyDictionary<int, long> histogram, double part)
    {
        var wanted = histogram.Values.Sum() * part;
        var seen = 0L;
        foreach (var (bucket, count) in histogram.OrderBy(each => each.Key))
        {
            if (seen + count >= wanted && count > 0)
            {
                var start = bucket == 0 ? 0 : End(bucket - 1);
                return start + (End(bucket) - start) * Math.Clamp((wanted - seen) / count, 0, 1);
            }
            seen += count;
        }
        return null;
    }
}
