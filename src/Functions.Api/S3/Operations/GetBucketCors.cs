using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>The rules of cross-origin access of a bucket.</summary>
public sealed class GetBucketCors : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketCors", "GET", Target.Bucket, "s3:GetBucketCORS") { Query = ["cors"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(
        call.Bucket.Get(BucketSettings.Cors) is { } setting
            ? Reply.Document(PutBucketCors.Shape, new PutBucketCors.Configuration(setting))
            : Reply.Refused(S3Errors.NoSuchCORSConfiguration).About("BucketName", call.BucketName));
}
