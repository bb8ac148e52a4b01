using System.Collections.Concurrent;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Bucket rows that many requests share. On one machine an entry lives until it is changed; elsewhere at most
/// <paramref name="maxAge"/>. That a bucket does not exist is never remembered.
/// </summary>
internal sealed class BucketCache(TimeSpan maxAge, TimeProvider clock)
{
    // Guards what is changed: between a look at the epoch and the entry, nothing may be forgotten.
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, (Bucket Bucket, DateTimeOffset Read)> entries = new(StringComparer.Ordinal);
    private long epoch;

    public Bucket? Find(string name) =>
        entries.TryGetValue(name, out var entry) && (maxAge == Timeout.InfiniteTimeSpan || clock.GetUtcNow() - entry.Read < maxAge)
            ? entry.Bucket
            : null;

    /// <summary>To be taken before the row is read.</summary>
    public long Epoch => Interlocked.Read(ref epoch);

    /// <summary>Remembers what was read, unless something was forgotten meanwhile.</summary>
    public void Remember(Bucket bucket, long epochBeforeRead)
    {
        lock (gate)
        {
            if (epoch == epochBeforeRead) entries[bucket.Name] = (bucket, clock.GetUtcNow());
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
