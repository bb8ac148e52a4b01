using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Makes a bucket no website any more.</summary>
public sealed class DeleteBucketWebsite : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketWebsite", "DELETE", Target.Bucket, "s3:DeleteBucketWebsite") { Query = ["website"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => call.ChangeSetting(BucketSettings.Website, null, 204, ct);
}
