using Azure.Core;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>
/// How table storage is talked to. The pipeline is Azure.Core's: policies can be added (one at
/// <see cref="HttpPipelinePosition.PerRetry"/> sees every storage transaction), and the transport replaced.
/// </summary>
public sealed class AzureTableOptions : ClientOptions
{
    /// <summary>
    /// How long the service may work on a request. It gives a query five seconds of work and thirty in all; a point read or a
    /// transaction takes milliseconds. Whoever waits out the writes of others (deleting a bucket) has to wait for this.
    /// </summary>
    public static readonly TimeSpan ServerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long we wait for the network: longer than the server's time, so that its own verdict still arrives.</summary>
    public static readonly TimeSpan ClientTimeout = ServerTimeout + TimeSpan.FromSeconds(5);

    /// <summary>The defaults.</summary>
    public AzureTableOptions()
    {
        // Of reads only; writes are settled instead (see TableWrite).
        Retry.MaxRetries = 3;
        Retry.Delay = TimeSpan.FromMilliseconds(100);
        Retry.MaxDelay = TimeSpan.FromSeconds(2);
        Retry.NetworkTimeout = ClientTimeout;
        // Names of rows are names of objects: they stay out of the logs.
        Diagnostics.IsLoggingEnabled = false;
    }

    /// <summary>The time, for signatures and pauses.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
