using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetPublicAccessBlock.</summary>
public sealed class GetPublicAccessBlock : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetPublicAccessBlock", "GET", Target.Bucket, "s3:GetBucketPublicAccessBlock") { Query = ["publicAccessBlock"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(
        call.Bucket.Get(BucketSettings.PublicAccessBlock) is { } block
            ? Reply.Document(PutPublicAccessBlock.Shape, new PutPublicAccessBlock.Configuration
            {
                BlockPublicAcls = block.BlockPublicAcls,
                IgnorePublicAcls = block.IgnorePublicAcls,
                BlockPublicPolicy = block.BlockPublicPolicy,
                RestrictPublicBuckets = block.RestrictPublicBuckets,
            })
            : Reply.Refused(S3Errors.NoSuchPublicAccessBlockConfiguration).About("BucketName", call.BucketName));
}
