using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetContainerProperties: all headers of a container.</summary>
/// <param name="verb">GET or HEAD.</param>
public sealed class GetContainerProperties(string verb) : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("GetContainerProperties", verb, Target.Bucket, "s3:ListBucket", "r")
    {
        Restype = "container", NeedsAccountSas = true, Public = Core.Objects.ContainerAccess.Container,
    };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(BlobCall call, CancellationToken ct) =>
        new(call.RefusedBy(call.Bucket, ContainerUse.Any) is { } error ? Reply.Refused(error) : Reply.Empty().WithProperties(call.View(call.Bucket)));
}
