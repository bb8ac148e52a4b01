using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutBlob of a page blob: one of zeros.</summary>
public sealed class PutPageBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("PutPageBlob", "PUT", Target.Object, "s3:PutObject", "cw") { Headers = ["x-ms-blob-type=PageBlob"], NeedsLength = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength != 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "A page blob is made without a body; write its pages by Put Page.");
        if (call.Header("x-ms-access-tier") is not null) return Reply.Refused(BlobErrors.InvalidHeaderValue, "Page blobs have no access tier here; leave x-ms-access-tier out.");
        if (call.PageBlobSize() is not { } size) return Reply.Refused(BlobErrors.MissingRequiredHeader, $"Say in {PageHeaders.Size} how many bytes the blob has.");
        var description = call.Description(new()
        {
            Type = BlobType.PageBlob, SequenceNumber = PageHeaders.Number(call, PageHeaders.Sequence), ContentMd5 = BlobHeaders.ToldMd5(call.Header("x-ms-blob-content-md5")),
        });
        var conditions = call.ForWrite();
        var result = await call.Installation.Objects.PutPages(call.Bucket, call.Address.Blob, call.Writer(EventNames.Put), description, size, conditions, ct);
        if (result.Refusal == Core.Refusal.PreconditionFailed && !call.IsGranted('w')) return Reply.Refused(BlobErrors.UnauthorizedBlobOverwrite);
        if (result.Refusal is not null) return BlobReplies.RefusedWrite(result, conditions);
        await call.Installation.Blocks.Discard(call.Bucket, call.Address.Blob, CancellationToken.None);
        return Reply.Empty(201).WithWritten(result.Value.Version);
    }
}
