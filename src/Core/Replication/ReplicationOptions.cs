namespace ZenkoFunctions.Core.Replication;

/// <summary>How copies are made.</summary>
public sealed record ReplicationOptions
{
    /// <summary>
    /// Copies to one site at once, in each process, where its location does not say and there is nothing else to do. Beside requests
    /// there are fewer (see <c>SiteGate</c>).
    /// </summary>
    public int Parallel { get; init; } = Math.Clamp(6 * Environment.ProcessorCount, 12, 32);

    /// <summary>How long a failing copy is tried; null for the policy of its site's engine.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>From so many bytes on an object goes in parts (Zenko: 20 MB).</summary>
    public long PartsFrom { get; init; } = 20_000_000;

    /// <summary>Bytes of a part; more where there would be too many of them.</summary>
    public long PartBytes { get; init; } = 16 << 20;

    /// <summary>How long one message works on copies before another goes on.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a site may take or give not a byte and not an answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
