using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// DeleteBlob: the blob, a snapshot or a version. A blob that has snapshots goes with them (x-ms-delete-snapshots: include), or they
/// alone do (only).
/// </summary>
public sealed class DeleteBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("DeleteBlob", "DELETE", Target.Object, "s3:DeleteObject", "dx");

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (!call.IsGranted(call.VersionId() is null ? 'd' : 'x')) return Reply.Refused(BlobErrors.AuthorizationPermissionMismatch);
        var request = new DeleteRequest
        {
            VersionId = call.VersionId(),
            Snapshot = call.Snapshot(),
            Conditions = call.Conditions(),
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
        return result.Refusal is null ? Reply.Empty(202).With("x-ms-delete-type-permanent", result.Value.Marker is null ? "true" : "false") : BlobReplies.Refused(result);
    }
}
