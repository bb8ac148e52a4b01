using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Ends cross-origin access to a bucket.</summary>
public sealed class DeleteBucketCors : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketCors", "DELETE", Target.Bucket, "s3:PutBucketCORS") { Query = ["cors"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var changed = await call.Services.Buckets.Change(call.Bucket, BucketSettings.Cors, static _ => (CorsSetting?)null, ct);
        return changed.Refusal is null ? Reply.Empty(204) : Reply.Refused(changed);
    }
}
