using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>SetContainerAcl: replaces public access and policies.</summary>
public sealed class SetContainerAcl : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetContainerAcl", "PUT", Target.Bucket, "s3:PutBucketAcl", "") { Restype = "container", Comp = "acl", DocumentBytes = 64 * 1024 };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var access = call.PublicAccess();
        var policies = (await call.ReadOptionalXml(SignedIdentifiers.Shape, ct))?.Checked() ?? [];
        var (changed, error) = await call.Change(
            ContainerUse.Any,
            now => access != ContainerAccess.None && now.Bucket.PublicAccessBlock().BlockPublicAcls
                ? throw new S3Exception(BlobErrors.PublicAccessNotPermitted, "The bucket's public access block does not let the container be public.")
                : now.Setting with { Access = access, Policies = policies },
            ct);
        return error is not null ? Reply.Refused(error) : Reply.Empty().WithValidators(call.View(changed!));
    }
}
