using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>AbortCopyBlob: ends a copy that is under way. A copy here has ended when its request was answered, so there is never one.</summary>
public sealed class AbortCopy : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("AbortCopyBlob", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "copy", Headers = ["x-ms-copy-action=abort"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Query("copyid") is not { Length: > 0 }) return Reply.Refused(BlobErrors.MissingRequiredQueryParameter, "copyid is missing.");
        var found = await call.Installation.Objects.Find(call.Bucket, call.Address.Blob, null, ct);
        return found.Refusal is not null ? BlobReplies.Refused(found) : Reply.Refused(BlobErrors.NoPendingCopyOperation);
    }
}
