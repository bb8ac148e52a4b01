namespace ZenkoFunctions.Api.S3;

/// <summary>Removes a bucket that is empty.</summary>
public sealed class DeleteBucket : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("DeleteBucket", "DELETE", Target.Bucket, "s3:DeleteBucket");

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var deleted = await call.Services.Buckets.Delete(call.Bucket, call.Request.Token, ct);
        return deleted.Refusal is null ? Reply.Empty(204) : Reply.Refused(deleted).About("BucketName", call.BucketName);
    }
}
