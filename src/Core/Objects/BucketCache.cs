using System.Collections.Concurrent;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Bucket rows that many requests share. On one machine an entry lives until it is changed; elsewhere at most
/// <paramref name="maxAge"/>, counted from before the row was read. That a bucket does not exist is never remembered.
/// </summary>
internal sealed class BucketCache(TimeSpan maxAge, TimeProvider clock)
{
    // Guards what is changed: between a look at the epoch and the entry, nothing may be forgotten.
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, (Bucket Bucket, long Read)> entries = new(StringComparer.Ordinal);
    private long epoch;

    /// <summary>When a look at a row begins.</summary>
    /// <param name="Epoch">Tells whether anything was forgotten since.</param>
    /// <param name="At">The clock's timestamp.</param>
    public readonly record struct Look(long Epoch, long At);

    public Bucket? Find(string name) =>
        entries.TryGetValue(name, out var entry) && (maxAge == Timeout.InfiniteTimeSpan || clock.GetElapsedTime(entry.Read) < maxAge)
            ? entry.Bucket
            : null;

    /// <summary>To be taken before the row is read.</summary>
    public Look Begin() => new(Interlocked.Read(ref epoch), clock.GetTimestamp());

    /// <summary>Remembers what was read, unless something was forgotten meanwhile.</summary>
    public void Remember(Bucket bucket, Look look)
    {
        lock (gate)
        {
            // Of two looks that cross, the older must not take the place of the younger.
            if (epoch == look.Epoch && (!entries.TryGetValue(bucket.Name, out var entry) || entry.Read <= look.At))
                entries[bucket.Name] = (bucket, look.At);
        }
    }

    public void Forget(string name)
    {
        lock (gate)
        {
            epoch++;
            entries.TryRemove(name, out _);
        }
    }
}
