using Azure;
using Azure.Identity;

namespace ZenkoFunctions.Core.Storage;

/// <summary>What the storage SDKs throw, in the terms of the engines' contracts: an <see cref="IOException"/> is an outage.</summary>
public static class StorageFaults
{
    /// <summary>
    /// Whether it says that a service could not be reached or would not do it, rather than that the caller gave up: such an
    /// exception is to be thrown on as <see cref="Outage"/>.
    /// </summary>
    public static bool Is(Exception e, CancellationToken ct) => e switch
    {
        RequestFailedException or AuthenticationFailedException or HttpRequestException or TimeoutException => true,
        OperationCanceledException => !ct.IsCancellationRequested, // the SDK's own time-out
        AggregateException all => !ct.IsCancellationRequested && all.InnerExceptions.All(inner => Is(inner, ct) || inner is IOException), // of the tries
        _ => false,
    };

    /// <summary>The outage; says what failed and what the service said, never a URL's signature or a key.</summary>
    /// <param name="e">What <see cref="Is"/> said yes to.</param>
    /// <param name="what">What was tried: <c>The blob x could not be read</c>.</param>
    public static IOException Outage(Exception e, string what) => First(e) switch
    {
        RequestFailedException { Status: 403 } refused => new(
            $"{what}: the storage account refuses us ({refused.ErrorCode}). Check the key, or the roles of the identity.", e),
        RequestFailedException { Status: > 0 } answered => new($"{what}: the storage account answered {answered.Status} {answered.ErrorCode}.", e),
        AuthenticationFailedException => new($"{what}: no token could be had for the storage account.", e),
        _ => new($"{what}: the storage account cannot be reached.", e),
    };

    /// <summary>The service's answer, where the exception is one or ends with one; null where there was none.</summary>
    public static RequestFailedException? Answer(Exception e) => First(e) as RequestFailedException;

    /// <summary>Whether it says that the service refuses who asks.</summary>
    public static bool IsDenied(Exception e) => Answer(e) is { Status: 401 or 403 };

    private static Exception First(Exception e) => e is AggregateException { InnerExceptions: [.., var last] } ? First(last) : e;
}
