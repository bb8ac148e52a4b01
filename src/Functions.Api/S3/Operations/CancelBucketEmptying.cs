namespace ZenkoFunctions.Api.S3;

/// <summary>CancelBucketEmptying, our own: ends EmptyBucket where it stands, and tells what it did.</summary>
public sealed class CancelBucketEmptying : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("CancelBucketEmptying", "DELETE", Target.Bucket, "s3:DeleteObjectVersion") { Query = ["zenkofn-empty"], AsksItself = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        if (!await EmptyBucket.IsAllowed(call, ct)) return EmptyBucket.Refused();
        return await EmptyBucket.Find(call, ct) is not null && await call.Services.Walks!.Cancel(EmptyBucket.Id(call), ct) is { } walk
            ? EmptyBucket.Told(walk)
            : Reply.Refused(S3Errors.NoSuchBucketEmptying).About("BucketName", call.BucketName);
    }
}
