using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>SealAppendBlob: from then on nothing can be appended.</summary>
public sealed class SealAppendBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("AppendBlobSeal", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "seal" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var result = await call.Installation.AppendBlobs.Seal(call.Bucket, call.Address.Blob, AppendBlock.Request(call), ct);
        return result.Refusal is null ? Reply.Empty().WithValidators(result.Value).With("x-ms-blob-sealed", "true") : BlobReplies.Refused(result);
    }
}
