using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeletePublicAccessBlock; no error where there is none.</summary>
public sealed class DeletePublicAccessBlock : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeletePublicAccessBlock", "DELETE", Target.Bucket, "s3:PutBucketPublicAccessBlock") { Query = ["publicAccessBlock"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) =>
        call.ChangeSetting(BucketSettings.PublicAccessBlock, null, 204, ct);
}
