using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteBucketTagging: removes the bucket's tags.</summary>
public sealed class DeleteBucketTagging : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("DeleteBucketTagging", "DELETE", Target.Bucket, "s3:PutBucketTagging") { Query = ["tagging"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => call.ChangeSetting(BucketSettings.Tagging, null, 204, ct);
}
