using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Ends cross-origin access to a bucket.</summary>
public sealed class DeleteBucketCors : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketCors", "DELETE", Target.Bucket, "s3:PutBucketCORS") { Query = ["cors"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => call.ChangeSetting(BucketSettings.Cors, null, 204, ct);
}
