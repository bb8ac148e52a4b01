using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteBucketOwnershipControls; no error where there are none.</summary>
public sealed class DeleteBucketOwnershipControls : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketOwnershipControls", "DELETE", Target.Bucket, "s3:PutBucketOwnershipControls") { Query = ["ownershipControls"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) =>
        call.ChangeSetting(BucketSettings.Ownership, null, 204, ct);
}
