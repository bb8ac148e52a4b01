using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutBlob of a block blob: stores a body as a whole.</summary>
public sealed class PutBlob : BlobOperation
{
    /// <summary>The most bytes of one request, since version 2019-12-12.</summary>
    private const long MaxBytes = 5000L << 20;

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("PutBlob", "PUT", Target.Object, "s3:PutObject", "cw") { Headers = ["x-ms-blob-type=BlockBlob"], NeedsLength = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength > MaxBytes) return Reply.Refused(BlobErrors.RequestBodyTooLarge);
        var conditions = call.ForWrite();
        var crc = BlobHeaders.Crc64(call.Header("x-ms-content-crc64"));
        var sent = BlobHeaders.Md5(call.Header("Content-MD5"));
        var told = BlobHeaders.Md5(call.Header("x-ms-blob-content-md5"));
        if (crc is not null && sent is not null) return Reply.Refused(BlobErrors.BothCrc64AndMd5HeaderPresent);
        var content = new Content(call.Request.Body, call.Request.ContentLength)
        {
            Md5 = told ?? sent, // what is told of the blob counts before what is told of the request
            Algorithm = crc is null ? null : ChecksumAlgorithm.Crc64Nvme,
            Announced = crc is null ? null : () => crc,
        };
        var result = await call.Installation.Objects.Put(
            call.Bucket, call.Address.Blob, call.Writer(EventNames.Put), call.Description(), content, conditions, ct);
        if (result.Refusal == Refusal.BadDigest && content.Md5 is null) return Reply.Refused(BlobErrors.Crc64Mismatch);
        if (result.Refusal == Refusal.PreconditionFailed && !call.IsGranted('w')) return Reply.Refused(BlobErrors.UnauthorizedBlobOverwrite);
        if (result.Refusal is not null) return BlobReplies.RefusedWrite(result, conditions);
        await call.Installation.Blocks.Discard(call.Bucket, call.Address.Blob, CancellationToken.None);
        var version = result.Value.Version;
        return Reply.Empty(201).WithWritten(version)
            .With("Content-MD5", BlobProperties.ContentMd5(version)).With("x-ms-content-crc64", BlobHeaders.Crc64(version.Checksum));
    }
}
