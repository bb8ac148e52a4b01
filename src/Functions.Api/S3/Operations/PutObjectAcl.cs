using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutObjectAcl: the access control list of a version, by headers or as a document.</summary>
public sealed class PutObjectAcl : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutObjectAcl", "PUT", Target.Object, "s3:PutObjectAcl") { Query = ["acl"], TakesVersion = true, Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var (bucket, versionId) = (call.Bucket, call.Query("versionId"));
        if (bucket.Ownership() == Ownership.BucketOwnerEnforced) throw new S3Exception(S3Errors.AccessControlListNotSupported);
        var found = await call.Services.Objects.Find(bucket, call.Key, versionId, ct);
        if (found.Refusal is not null) return Reply.Refused(found);
        var owner = bucket.OwnerOf(found.Value.Version);
        var acl = await AclDocument.Read(call, owner, bucket.Owner(), ct);
        ObjectGrants.CheckBlock(acl, bucket.PublicAccessBlock());
        var stored = acl.IsPrivateOf(owner.CanonicalId) ? null : acl;
        // Only of the very version that was asked about: another one may be another's by now.
        var id = found.Value.Version.Id;
        var changed = await call.Services.Objects.Amend(
            bucket, call.Key, versionId, call.Cause(), version => version.Id == id ? version with { Acl = stored } : Core.Refusal.Conflict, ct);
        return changed.Refusal is null ? Reply.Empty() : Reply.Refused(changed);
    }
}
