using Azure.Core;
using Azure.Core.Pipeline;

namespace ZenkoFunctions.Core.Storage;

/// <summary>How the clients of the storage SDKs are set.</summary>
internal static class StorageClients
{
    /// <summary>
    /// A few quick tries: a request waits for them. Every call that we make may be repeated, so the SDK repeats whatever may have
    /// failed on the way.
    /// </summary>
    /// <param name="options">The options of a client.</param>
    /// <param name="transport">Carries its requests; null for the SDK's own.</param>
    public static T Tuned<T>(this T options, HttpPipelineTransport? transport) where T : ClientOptions
    {
        options.Retry.MaxRetries = 4;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(5);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(60);
        if (transport is not null) options.Transport = transport;
        return options;
    }
}
