using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What is stored in all buckets together. Asked often, it counts each <see cref="Age"/>: that reads a row of each bucket.</summary>
/// <param name="buckets">The buckets.</param>
/// <param name="clock">The time.</param>
public sealed class StoredTotals(Buckets buckets, TimeProvider clock) : IDisposable
{
    /// <summary>How old an answer may be.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim turn = new(1);
    private (long Buckets, Amount Amount, DateTimeOffset At)? last;

    /// <summary>How many buckets there are, what they hold, and when that was counted.</summary>
    public async ValueTask<(long Buckets, Amount Amount, DateTimeOffset At)> Read(CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            var now = clock.GetUtcNow();
            if (last is { } known && now - known.At < Age) return known;
            var count = 0L;
            await foreach (var _ in buckets.All(null, ct)) count++;
            var sum = default(Amount);
            await foreach (var (_, held) in buckets.Usage.All(ct)) sum += held.Total;
            var counted = (count, sum, now);
            last = counted;
            return counted;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();
}
