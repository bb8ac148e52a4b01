using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketOwnershipControls.</summary>
public sealed class GetBucketOwnershipControls : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketOwnershipControls", "GET", Target.Bucket, "s3:GetBucketOwnershipControls") { Query = ["ownershipControls"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(
        call.Bucket.Get(BucketSettings.Ownership) is { } setting
            ? Reply.Document(
                PutBucketOwnershipControls.Shape,
                new PutBucketOwnershipControls.Controls { Rule = new() { ObjectOwnership = setting.Ownership.ToString() } })
            : Reply.Refused(S3Errors.OwnershipControlsNotFoundError).About("BucketName", call.BucketName));
}
