using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Finds the source of a copy and sees that the sender may read it.</summary>
internal static class CopySources
{
    /// <summary>The source's bucket, key and version. Refusals are thrown: NoSuchBucket, AccessDenied.</summary>
    public static async ValueTask<(Bucket Bucket, string Key, string? VersionId)> Find(S3Call call, CancellationToken ct)
    {
        var source = CopySource.Parse(call.Header("x-amz-copy-source")!);
        var bucket = await call.Services.Buckets.Find(source.Bucket, ct)
            ?? throw new S3Exception(S3Errors.NoSuchBucket) { Fields = [new("BucketName", source.Bucket)] };
        if (call.Header("x-amz-source-expected-bucket-owner") is { } owner && owner != bucket.OwnerId)
            throw new S3Exception(S3Errors.AccessDenied);
        if (!await call.May(new("s3:GetObject", bucket, source.Key, source.VersionId), ct)) throw new S3Exception(S3Errors.AccessDenied);
        return (bucket, source.Key, VersionIds.Parse(source.VersionId));
    }

    /// <summary>A refused copy. A delete marker that is named as the source is no version of an object that one could copy.</summary>
    public static Reply Refused<T>(Result<T> result) => result.Refusal == Refusal.DeleteMarker
        ? Reply.Refused(S3Errors.InvalidRequest, "The source of a copy request may not specifically refer to a delete marker by version id.")
        : Reply.Refused(result);
}
