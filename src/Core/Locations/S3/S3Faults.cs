using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;

namespace ZenkoFunctions.Core.Locations.S3;

/// <summary>What the SDK throws, in the terms of the contracts of locations.</summary>
internal sealed class S3Faults(string location, S3Place place)
{
    // Answers of the 4xx kind that the next try may not get: the service is busy, or what it was sent did not arrive whole.
    private static readonly FrozenSet<string> Passing = FrozenSet.ToFrozenSet(
    [
        "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody", "RequestTimeout", "RequestTimeTooSkewed", "SlowDown",
        "OperationAborted", "ConditionalRequestConflict", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests", "InternalError", "ServiceUnavailable",
    ]);

    private static readonly FrozenSet<string> Full = FrozenSet.ToFrozenSet(
        ["InsufficientStorage", "InsufficientStorageSpace", "QuotaExceeded", "StorageFull", "StorageQuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"]);

    private static readonly FrozenDictionary<string, string> Advice = new Dictionary<string, string>
    {
        ["NoSuchBucket"] = "Make the bucket, or correct its name in the location.",
        ["AccessDenied"] = "Allow the key of the location to read, write, list, tag and delete in the bucket.",
        ["Forbidden"] = "Allow the key of the location to read, write, list, tag and delete in the bucket.",
        ["InvalidAccessKeyId"] = "Correct the access key of the location.",
        ["SignatureDoesNotMatch"] = "Correct the secret key of the location.",
        ["RequestTimeTooSkewed"] = "Set the clock of this machine.",
        ["AuthorizationHeaderMalformed"] = "Correct the region of the location.",
        ["PermanentRedirect"] = "Correct the region or the endpoint of the location.",
        ["KeyTooLongError"] = "The name of the bucket and the key together are longer than the service takes.",
    }.ToFrozenDictionary();

    /// <summary>Whether it says that the service could not be reached or would not do it, rather than that the caller gave up.</summary>
    public static bool Is(Exception e, CancellationToken ct) => e switch
    {
        AmazonServiceException or AmazonClientException or HttpRequestException or TimeoutException or SocketException or IOException => !ct.IsCancellationRequested,
        OperationCanceledException => !ct.IsCancellationRequested, // the watch
        _ => false,
    };

    /// <summary>The service's error code; null where it did not answer.</summary>
    public static string? Code(Exception e) => e is AmazonServiceException { StatusCode: not 0 } answer ? answer.ErrorCode ?? "" : null;

    /// <summary>Whether it says that there is no such object, and not only that there is nothing (any proxy may say that).</summary>
    public static bool IsMissing(Exception e) => Code(e) is "NoSuchKey" or "NoSuchVersion";

    /// <summary>The answer's status; null where there was none.</summary>
    public static HttpStatusCode? Status(Exception e) => e is AmazonServiceException { StatusCode: not 0 and var status } ? status : null;

    /// <summary>For bytes of our own: a request waits for them, and can only be told to come back later.</summary>
    /// <param name="e">What <see cref="Is"/> said yes to.</param>
    /// <param name="what">What was tried: <c>x could not be read</c>.</param>
    public Exception Owned(Exception e, string what) =>
        IsFull(e) ? new LocationFullException($"There is no room left in {place} of location {location}.", e)
        : new LocationUnavailableException(location, Words(e, what), e) { IsDenied = IsDenied(e) };

    /// <summary>For replicas: whether it is worth trying again matters.</summary>
    public Exception OfReplica(Exception e, string what) =>
        IsRefusal(e) ? new ReplicaRefusedException(location, Code(e)!, Words(e, what), e) { IsDenied = IsDenied(e) } : Owned(e, what);

    /// <summary>Whether nobody knows what became of it, and it may go well in a moment: not where the place stands still.</summary>
    public static bool IsDoubtful(Exception e) =>
        e is not OperationCanceledException && !IsFull(e) && (Status(e) is not { } status || (int)status >= 500 || status == HttpStatusCode.TooManyRequests);

    // A clock that is wrong is answered 403, too.
    private static bool IsDenied(Exception e) => Status(e) is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden && !Passing.Contains(Code(e)!);

    private static bool IsFull(Exception e) => Status(e) == HttpStatusCode.InsufficientStorage || (Code(e) is { } code && Full.Contains(code));

    private static bool IsRefusal(Exception e) =>
        Status(e) is { } status
        && ((int)status is >= 300 and < 500 || status == HttpStatusCode.NotImplemented)
        && status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)
        && !Passing.Contains(Code(e)!)
        && !IsFull(e);

    private string Words(Exception e, string what)
    {
        if (Status(e) is not { } status)
            return e is OperationCanceledException ? $"{what}: {place} of location {location} stands still." : $"{what}: {place} of location {location} cannot be reached.";
        var code = Code(e)!;
        return $"{what}: {place} of location {location} answered {(int)status} {code}.{(Advice.TryGetValue(code, out var advice) ? " " + advice : "")}";
    }
}
