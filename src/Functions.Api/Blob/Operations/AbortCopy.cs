using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>AbortCopyBlob: ends a copy that is under way; an empty blob with its metadata stays.</summary>
public sealed class AbortCopy : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("AbortCopyBlob", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "copy", Headers = ["x-ms-copy-action=abort"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Query("copyid") is not { Length: > 0 } id) return Reply.Refused(BlobErrors.MissingRequiredQueryParameter, "copyid is missing.");
        var conditions = call.Conditions();
        var found = await call.Installation.Objects.Find(call.Bucket, call.Address.Blob, null, ct);
        if (found.Refusal is not null) return BlobReplies.Refused(found);
        if (found.Value.Version.Blob?.Copy is not { IsPending: true } copy) return Reply.Refused(BlobErrors.NoPendingCopyOperation);
        if (!string.Equals(copy.Id, id, StringComparison.OrdinalIgnoreCase)) return Reply.Refused(BlobErrors.CopyIdMismatch);
        var ended = await call.Installation.BlobCopies.Abort(call.Bucket, call.Address.Blob, copy.Id, conditions, ct);
        return ended.Refusal is null ? Reply.Empty(204)
            : ended.Refusal == Refusal.Conflict ? Reply.Refused(BlobErrors.NoPendingCopyOperation)
            : BlobReplies.Refused(ended);
    }
}
