using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>SnapshotBlob: a copy of the blob as it is, which never changes and is named by its time.</summary>
public sealed class SnapshotBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SnapshotBlob", "PUT", Target.Object, "s3:PutObject", "cw") { Comp = "snapshot" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        // Without metadata of its own it has the blob's.
        var metadata = BlobHeaders.Metadata(call.Request.Headers);
        var result = await call.Installation.Objects.Snapshot(
            call.Bucket, call.Address.Blob, call.Conditions(), metadata.Count == 0 ? null : metadata, ct);
        return result.Refusal is null
            ? Reply.Empty(201).With("x-ms-snapshot", BlobTimes.Format(result.Value.Blob!.Snapshot!.Value)).WithValidators(result.Value)
                .With("x-ms-request-server-encrypted", result.Value.Encryption is null ? "false" : "true")
            : BlobReplies.Refused(result);
    }
}
