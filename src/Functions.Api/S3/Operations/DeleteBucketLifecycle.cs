using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteBucketLifecycle: removes the rules; nothing expires any more.</summary>
public sealed class DeleteBucketLifecycle : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketLifecycle", "DELETE", Target.Bucket, "s3:PutLifecycleConfiguration") { Query = ["lifecycle"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => call.ChangeSetting(BucketSettings.Lifecycle, null, 204, ct);
}
