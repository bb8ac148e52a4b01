using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// UndeleteBlob: brings back a blob that was deleted and is kept, and its snapshots; in a container with versions, the version in front
/// of which the delete marker stands. A blob that was not deleted stays as it is.
/// </summary>
public sealed class UndeleteBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("UndeleteBlob", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "undelete" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var result = await call.Installation.Objects.Undelete(call.Bucket, call.Address.Blob, call.Writer(EventNames.Put), ct);
        return result.Refusal is null ? Reply.Empty(200) : BlobReplies.Refused(result);
    }
}
