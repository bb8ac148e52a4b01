using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetContainerMetadata: its metadata, ETag and Last-Modified.</summary>
/// <param name="verb">GET or HEAD.</param>
public sealed class GetContainerMetadata(string verb) : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("GetContainerMetadata", verb, Target.Bucket, "s3:ListBucket", "r")
    {
        Restype = "container", Comp = "metadata", NeedsAccountSas = true, Public = Core.Objects.ContainerAccess.Container,
    };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var view = call.View(call.Bucket);
        return new(call.RefusedBy(call.Bucket, ContainerUse.Any) is { } error ? Reply.Refused(error) : Reply.Empty().WithValidators(view).WithMetadata(view));
    }
}
