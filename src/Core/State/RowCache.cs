using System.Collections.Concurrent;

namespace ZenkoFunctions.Core.State;

/// <summary>
/// What was read from rows that many requests share. On one machine an entry lives until it is changed; elsewhere at most
/// <paramref name="maxAge"/>, counted from before the row was read. That there is no row is never remembered.
/// </summary>
internal sealed class RowCache<TKey, T>(TimeSpan maxAge, TimeProvider clock) where TKey : notnull where T : class
{
    // Guards what is changed: between a look at the epoch and the entry, nothing may be forgotten.
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<TKey, (T Value, long Read)> entries = new();
    private long epoch;

    /// <summary>When a look at a row begins.</summary>
    /// <param name="Epoch">Tells whether anything was forgotten since.</param>
    /// <param name="At">The clock's timestamp.</param>
    public readonly record struct Look(long Epoch, long At);

    public T? Find(TKey key) =>
        entries.TryGetValue(key, out var entry) && (maxAge == Timeout.InfiniteTimeSpan || clock.GetElapsedTime(entry.Read) < maxAge)
            ? entry.Value
            : null;

    /// <summary>To be taken before the row is read.</summary>
    public Look Begin() => new(Interlocked.Read(ref epoch), clock.GetTimestamp());

    /// <summary>Remembers what was read, unless something was forgotten meanwhile.</summary>
    public void Remember(TKey key, T value, Look look)
    {
        lock (gate)
        {
            // Of two looks that cross, the older must not take the place of the younger.
            if (epoch == look.Epoch && (!entries.TryGetValue(key, out var entry) || entry.Read <= look.At))
                entries[key] = (value, look.At);
        }
    }

    public void Forget(TKey key)
    {
        lock (gate)
        {
            epoch++;
            entries.TryRemove(key, out _);
        }
    }
}
