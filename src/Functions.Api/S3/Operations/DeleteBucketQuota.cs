using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteBucketQuota, Zenko's: the bucket may hold whatever there is room for.</summary>
public sealed class DeleteBucketQuota : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketQuota", "DELETE", Target.Bucket, "scality:DeleteBucketQuota") { Query = ["quota"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => call.ChangeSetting(BucketSettings.Quota, null, 204, ct);
}
