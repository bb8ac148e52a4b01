using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetContainerAcl: public access and the policies that signatures can refer to.</summary>
/// <param name="verb">GET or HEAD.</param>
public sealed class GetContainerAcl(string verb) : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("GetContainerAcl", verb, Target.Bucket, "s3:GetBucketAcl", "") { Restype = "container", Comp = "acl" };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.RefusedBy(call.Bucket, ContainerUse.Any) is { } error) return new(Reply.Refused(error));
        var view = call.View(call.Bucket);
        var reply = Spec.Verb == "HEAD" ? Reply.Empty() : Reply.Document(SignedIdentifiers.Shape, SignedIdentifiers.Of(view.Setting.Policies));
        return new(reply.WithValidators(view).With(ContainerProperties.PublicAccess, ContainerProperties.Text(view.Setting.Access)));
    }
}
