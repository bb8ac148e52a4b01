using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>PutBlob of an append blob: an empty one.</summary>
public sealed class PutAppendBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("PutAppendBlob", "PUT", Target.Object, "s3:PutObject", "cw") { Headers = ["x-ms-blob-type=AppendBlob"], NeedsLength = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength != 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "An append blob is made empty; send its bytes by Append Block.");
        var conditions = call.ForWrite();
        var result = await call.Installation.Objects.Put(
            call.Bucket, call.Address.Blob, call.Writer(EventNames.Put), call.Description(new() { Type = BlobType.AppendBlob, ContentMd5 = BlobHeaders.ToldMd5(call.Header("x-ms-blob-content-md5")) }), call.Content(0), conditions, ct);
        if (result.Refusal == Core.Refusal.PreconditionFailed && !call.IsGranted('w')) return Reply.Refused(BlobErrors.UnauthorizedBlobOverwrite);
        if (result.Refusal is not null) return BlobReplies.RefusedWrite(result, conditions);
        await call.Installation.Blocks.Discard(call.Bucket, call.Address.Blob, CancellationToken.None);
        return Reply.Empty(201).WithWritten(result.Value.Version);
    }
}
