using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// DeleteBlob: the blob, a snapshot or a version. A blob that has snapshots goes with them (x-ms-delete-snapshots: include), or they
/// alone do (only). Where the storage account keeps what is deleted, it can be brought back for some days, unless a snapshot that is kept
/// is deleted once more for good (deletetype=permanent).
/// </summary>
public sealed class DeleteBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("DeleteBlob", "DELETE", Target.Object, "s3:DeleteObject", "dxy");

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var isPermanent = call.Query("deletetype") switch
        {
            null or "" => false,
            var type when type.Equals("permanent", StringComparison.OrdinalIgnoreCase) => true,
            _ => throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "deletetype must be permanent."),
        };
        if (!call.IsGranted(isPermanent ? 'y' : call.VersionId() is null ? 'd' : 'x')) return Reply.Refused(BlobErrors.AuthorizationPermissionMismatch);
        if (isPermanent)
        {
            if (call.Snapshot() is null) return Reply.Refused(BlobErrors.InvalidQueryParameterValue, "Only snapshots that were deleted before are deleted permanently; name one by its time.");
            if (call.Retention?.AllowPermanentDelete != true)
                return Reply.Refused(BlobErrors.FeatureNotSupportedForAccount, "The storage account does not allow permanent deletes; set AllowPermanentDelete in its DeleteRetentionPolicy.");
        }
        var request = new DeleteRequest
        {
            VersionId = call.VersionId(),
            Snapshot = call.Snapshot(),
            IsKept = isPermanent,
            Conditions = call.Conditions() with { IsOfIncremental = true },
            By = call.Writer(EventNames.Deleted),
            Snapshots = call.Header("x-ms-delete-snapshots")?.ToLowerInvariant() switch
            {
                null => SnapshotsOf.None,
                "include" => SnapshotsOf.Include,
                "only" => SnapshotsOf.Only,
                _ => throw new S3Exception(BlobErrors.InvalidHeaderValue, "x-ms-delete-snapshots must be include or only."),
            },
        };
        if (request.Snapshots != SnapshotsOf.None && (request.VersionId ?? call.Query("snapshot")) is not null)
            return Reply.Refused(BlobErrors.InvalidQueryParameterValue, "x-ms-delete-snapshots is for the blob itself, not for a snapshot or a version.");
        var result = await call.Installation.Objects.Delete(call.Bucket, call.Address.Blob, request, ct);
        return result.Refusal is null ? Reply.Empty(202).With("x-ms-delete-type-permanent", result.Value is { Marker: null, IsKept: false } ? "true" : "false") : BlobReplies.Refused(result);
    }
}
