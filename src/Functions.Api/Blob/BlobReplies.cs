using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>What operations on blobs answer alike.</summary>
public static class BlobReplies
{
    /// <summary>A refusal of the domain in Azure's terms.</summary>
    public static Reply Refused<T>(Result<T> result) => Reply.Refused(BlobErrors.From(result.Refusal!.Value), result.Detail);

    /// <summary>A refused write: where there was to be no blob yet, there is one.</summary>
    public static Reply RefusedWrite<T>(Result<T> result, Conditions conditions) =>
        result.Refusal == Refusal.PreconditionFailed && conditions is { IfNoneMatch: ["*"], IfMatch: null } ? Reply.Refused(BlobErrors.BlobAlreadyExists) : Refused(result);

    /// <summary>
    /// The conditions of a write of a whole blob: who may only create (the letter c of a SAS without w) overwrites none, and who says
    /// tags must be allowed to (t).
    /// </summary>
    public static Conditions ForWrite(this BlobCall call)
    {
        if (call.Header("x-ms-tags") is { Length: > 0 } && !call.IsGranted('t')) throw new S3Exception(BlobErrors.AuthorizationPermissionMismatch);
        var conditions = call.Conditions();
        return call.IsGranted('w') ? conditions : conditions with { IfNoneMatch = ["*"], IfMatch = null };
    }

    /// <summary>Whether a SAS has that letter; without one, nothing is bounded.</summary>
    public static bool IsGranted(this BlobCall call, char letter) => call.Sender.Grant is not { } grant || grant.Permissions.Contains(letter);

    /// <summary>ETag and Last-Modified.</summary>
    public static Reply WithValidators(this Reply reply, ObjectVersion version) =>
        reply.With("ETag", $"\"{version.BlobETag}\"").With("Last-Modified", BlobProperties.Date(version.BlobModified));

    /// <summary>The id of a version that was written: none where the container keeps no versions.</summary>
    public static Reply WithNewVersion(this Reply reply, ObjectVersion version) => reply.With("x-ms-version-id", version.IsNull ? null : version.PublicId);

    /// <summary>What every write of bytes tells: validators, version, checksums, encryption.</summary>
    public static Reply WithWritten(this Reply reply, ObjectVersion version) => reply
        .WithValidators(version).WithNewVersion(version)
        .With("x-ms-request-server-encrypted", version.Encryption is null ? "false" : "true");

    /// <summary>Who writes: in Azure's protocol blobs are the container's owner's, whoever wrote them.</summary>
    public static Writer Writer(this BlobCall call, string happens) => new(call.Bucket.OwnerCanonicalId, call.Bucket.OwnerName)
    {
        Cause = call.Cause(happens),
        Request = call.Request.Token,
    };

    /// <summary>What the request tells the events that follow from it.</summary>
    public static Cause Cause(this BlobCall call, string happens) => new(
        happens, call.Sender.Principal.User?.Id ?? call.Sender.Principal.Account?.Id ?? "Anonymous", call.Request.Peer, call.RequestId);

    /// <summary>Changes properties or metadata of the blob under the request's conditions; its ETag and date move.</summary>
    public static ValueTask<Result<ObjectVersion>> Touch(this BlobCall call, Func<ObjectVersion, ObjectVersion> next, CancellationToken ct) =>
        call.Installation.Objects.Amend(
            call.Bucket, call.Address.Blob, null, call.Conditions(), null, version => BlobStates.Touched(next(version), call.Installation.Clock.GetUtcNow()), ct);

    /// <summary>Changes what is said of the blob, or of the version or snapshot that the request names, under its conditions; its ETag and date stay.</summary>
    public static async ValueTask<Result<ObjectVersion>> Amend(
        this BlobCall call, Cause? cause, Func<ObjectVersion, Result<ObjectVersion>> next, CancellationToken ct)
    {
        var (objects, version) = (call.Installation.Objects, call.VersionId());
        if (call.Snapshot() is not { } time) return await objects.Amend(call.Bucket, call.Address.Blob, version, call.Conditions(), cause, next, ct);
        if (version is not null) throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "Name a snapshot or a version, not both.");
        var found = await objects.Open(call.Bucket, call.Address.Blob, new() { Snapshot = time, WithBody = false }, ct);
        if (found.Refusal is not null) return found.As<ObjectVersion>();
        return await objects.Amend(
            call.Bucket, call.Address.Blob, found.Value.Version.PublicId, call.Conditions(), cause,
            // Who deletes what is newer makes a snapshot the blob.
            snapshot => snapshot.Blob?.Snapshot == time ? next(snapshot) : Refusal.NoSuchVersion, ct);
    }

    /// <summary>The version as it is told.</summary>
    public static BlobView View(this BlobCall call, ObjectVersion version) =>
        new(call.Address.Blob, version, call.Account, call.Installation.Clock.GetUtcNow()) { IsVersioned = call.Bucket.Get(BucketSettings.Versioning) is not null };
}
