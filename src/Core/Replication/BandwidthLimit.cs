namespace ZenkoFunctions.Core.Replication;

/// <summary>
/// So many bytes a second, in all: a bucket of tokens that holds a second's. Who took more than there were waits until the others
/// of that second, too, are made up for.
/// </summary>
/// <param name="bytesPerSecond">The rate.</param>
/// <param name="clock">The time.</param>
internal sealed class BandwidthLimit(long bytesPerSecond, TimeProvider clock)
{
    private readonly Lock gate = new();
    private double tokens = bytesPerSecond;
    private long filled = clock.GetTimestamp();

    /// <summary>The rate.</summary>
    public long BytesPerSecond => bytesPerSecond;

    /// <summary>So many bytes were taken: how long to wait before more are.</summary>
    public TimeSpan Take(long bytes)
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            tokens = Math.Min(bytesPerSecond, tokens + clock.GetElapsedTime(filled, now).TotalSeconds * bytesPerSecond) - bytes;
            filled = now;
            return tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-tokens / bytesPerSecond);
        }
    }
}
