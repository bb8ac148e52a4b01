using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Finds the source of a copy and sees that the sender may read it.</summary>
internal static class CopySources
{
    /// <summary>The source's bucket and key. Refusals are thrown: NoSuchBucket, AccessDenied, NoSuchVersion.</summary>
    public static async ValueTask<(Bucket Bucket, string Key)> Find(S3Call call, CancellationToken ct)
    {
        var source = CopySource.Parse(call.Header("x-amz-copy-source")!);
        var bucket = await call.Services.Buckets.Find(source.Bucket, ct)
            ?? throw new S3Exception(S3Errors.NoSuchBucket) { Fields = [new("BucketName", source.Bucket)] };
        if (call.Header("x-amz-source-expected-bucket-owner") is { } owner && owner != bucket.OwnerId)
            throw new S3Exception(S3Errors.AccessDenied);
        if (!await call.May(new("s3:GetObject", bucket, source.Key, source.VersionId), ct)) throw new S3Exception(S3Errors.AccessDenied);
        if (!VersionIds.IsCurrent(source.VersionId)) throw new S3Exception(S3Errors.NoSuchVersion);
        return (bucket, source.Key);
    }
}
