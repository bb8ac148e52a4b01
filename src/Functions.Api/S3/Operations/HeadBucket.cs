namespace ZenkoFunctions.Api.S3;

/// <summary>Whether there is a bucket and the sender may use it; and the region to sign for.</summary>
public sealed class HeadBucket : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("HeadBucket", "HEAD", Target.Bucket, "s3:ListBucket") { Anonymous = true };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) =>
        new(Reply.Empty().With("x-amz-bucket-region", call.Services.Region).With("x-amz-access-point-alias", "false"));
}
