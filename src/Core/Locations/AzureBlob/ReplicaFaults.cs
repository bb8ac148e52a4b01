using Azure;
using Azure.Storage.Blobs.Models;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>What the storage SDK throws, in the terms of <see cref="IReplicas"/>.</summary>
internal static class ReplicaFaults
{
    /// <summary>Whether the service says that there is no such blob, or not that one any more; a missing container is another thing.</summary>
    public static bool IsMissing(RequestFailedException e) =>
        e.ErrorCode == BlobErrorCode.BlobNotFound || e.ErrorCode == BlobErrorCode.ConditionNotMet;

    /// <summary>What to throw for it.</summary>
    /// <param name="e">What <see cref="StorageFaults.Is"/> said yes to.</param>
    /// <param name="location">The location's name.</param>
    /// <param name="what">What was tried: <c>The blob x could not be read</c>.</param>
    public static Exception Of(Exception e, string location, string what)
    {
        var outage = StorageFaults.Outage(e, $"Location {location}: {what}");
        if (StorageFaults.Answer(e) is not { Status: > 0 } answer || IsPassing(answer)) return new LocationUnavailableException(location, outage.Message, e);
        if (answer.Status == 507) return new LocationFullException($"There is no room left in location {location}.", e);
        // What was staged is forgotten by the service: S3's name for that.
        var code = answer.ErrorCode == BlobErrorCode.InvalidBlockList ? "NoSuchUpload" : answer.ErrorCode ?? "";
        return new ReplicaRefusedException(location, code, outage.Message, e) { IsDenied = StorageFaults.IsDenied(e) };
    }

    // What is missing where it is changed was removed or written by somebody else just now: whoever looks again knows better.
    private static bool IsPassing(RequestFailedException answer) =>
        answer.Status is >= 500 and not (501 or 507) or 408 or 429
        || answer.ErrorCode == BlobErrorCode.Md5Mismatch
        || answer.ErrorCode == BlobErrorCode.ContainerBeingDeleted
        || IsMissing(answer)
        || answer.ErrorCode == BlobErrorCode.LeaseIdMissing;
}
