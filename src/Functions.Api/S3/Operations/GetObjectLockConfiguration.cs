using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetObjectLockConfiguration: whether versions of the bucket can be locked, and their default retention.</summary>
public sealed class GetObjectLockConfiguration : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetObjectLockConfiguration", "GET", Target.Bucket, "s3:GetBucketObjectLockConfiguration") { Query = ["object-lock"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(call.Bucket.Get(BucketSettings.ObjectLock) is { } setting
        ? PutObjectLockConfiguration.Document(setting)
        : Reply.Refused(S3Errors.ObjectLockConfigurationNotFoundError));
}
