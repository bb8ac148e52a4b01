using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketVersioning: Enabled, Suspended, or nothing where it was never enabled.</summary>
public sealed class GetBucketVersioning : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketVersioning", "GET", Target.Bucket, "s3:GetBucketVersioning") { Query = ["versioning"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(Reply.Document(
        PutBucketVersioning.Shape,
        new PutBucketVersioning.Configuration { Status = call.Bucket.Get(BucketSettings.Versioning)?.State.ToString() }));
}
