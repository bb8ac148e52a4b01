using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutBlob of a page blob, which this server does not have: who sends one is told so, and nothing is stored.</summary>
public sealed class PutPageBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("PutPageBlob", "PUT", Target.Object, "s3:PutObject", "cw") { Headers = ["x-ms-blob-type=PageBlob"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(BlobCall call, CancellationToken ct) =>
        new(Reply.Refused(BlobErrors.NotImplemented, "This server has no page blobs; write a block blob or an append blob."));
}
