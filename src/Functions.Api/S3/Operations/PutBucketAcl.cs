using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutBucketAcl: the bucket's access control list, by headers or as a document.</summary>
public sealed class PutBucketAcl : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketAcl", "PUT", Target.Bucket, "s3:PutBucketAcl") { Query = ["acl"], Anonymous = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var owner = call.Bucket.Owner();
        if (call.Bucket.Ownership() == Ownership.BucketOwnerEnforced) throw new S3Exception(S3Errors.AccessControlListNotSupported);
        var acl = await AclDocument.Read(call, owner, null, ct);
        ObjectGrants.CheckBlock(acl, call.Bucket.PublicAccessBlock());
        return await call.ChangeSetting(BucketSettings.Acl, acl.IsPrivateOf(owner.CanonicalId) ? null : acl, 200, ct);
    }
}
