using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Removes a bucket that is empty, or one that mirrors another place: of that nothing is removed.</summary>
public sealed class DeleteBucket : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("DeleteBucket", "DELETE", Target.Bucket, "s3:DeleteBucket");

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        if (call.Bucket.Get(BucketSettings.Mirror) is not null)
        {
            var removed = await call.Services.RemoveMirror(call.Bucket, ct);
            return removed.Refusal is null ? Reply.Empty(204) : Reply.Refused(removed).About("BucketName", call.BucketName);
        }
        var deleted = await call.Services.Buckets.Delete(call.Bucket, call.Request.Token, ct);
        return deleted.Refusal is null ? Reply.Empty(204) : Reply.Refused(deleted).About("BucketName", call.BucketName);
    }
}
