namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketEmptying, our own: how far EmptyBucket is, or what the last one did; NoSuchBucketEmptying where there was none.</summary>
public sealed class GetBucketEmptying : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketEmptying", "GET", Target.Bucket, "s3:ListBucketVersions") { Query = ["zenkofn-empty"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct) =>
        await EmptyBucket.Find(call, ct) is { } walk ? EmptyBucket.Told(walk) : Reply.Refused(S3Errors.NoSuchBucketEmptying).About("BucketName", call.BucketName);
}
