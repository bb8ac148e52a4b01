using Azure.Core;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>
/// How table storage is talked to. The pipeline is Azure.Core's: policies can be added (one at
/// <see cref="HttpPipelinePosition.PerRetry"/> sees every storage transaction), and the transport replaced.
/// </summary>
public sealed class AzureTableOptions : ClientOptions
{
    /// <summary>
    /// How long after its Apply began a change may take effect at the latest: whoever waits out the commits of others
    /// (<see cref="Consistency.StoreTimeout"/>) waits for this. Nothing is sent later than this less <see cref="WriteTimeout"/>.
    /// </summary>
    public static readonly TimeSpan CommitTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long the service may work on a write; it takes milliseconds.</summary>
    public static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long the service may work on a read: it gives a query five seconds of work, and some more to get there.</summary>
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How much longer we wait for an answer, so that the service's own verdict still arrives.</summary>
    public static readonly TimeSpan NetworkTime = TimeSpan.FromSeconds(3);

    /// <summary>The defaults.</summary>
    public AzureTableOptions()
    {
        // Of reads only; writes are settled instead (see TableWrite).
        Retry.MaxRetries = 3;
        Retry.Delay = TimeSpan.FromMilliseconds(100);
        Retry.MaxDelay = TimeSpan.FromSeconds(2);
        Retry.NetworkTimeout = ReadTimeout + NetworkTime;
        // Names of rows are names of objects: they stay out of the logs.
        Diagnostics.IsLoggingEnabled = false;
    }

    /// <summary>The time, for signatures and pauses.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
