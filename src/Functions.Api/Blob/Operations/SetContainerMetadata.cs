using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>SetContainerMetadata: replaces the metadata as a whole.</summary>
public sealed class SetContainerMetadata : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetContainerMetadata", "PUT", Target.Bucket, "s3:PutBucketTagging", "w") { Restype = "container", Comp = "metadata", NeedsAccountSas = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var metadata = call.ContainerMetadata();
        var (changed, error) = await call.Change(ContainerUse.Any, now => now.Setting with { Metadata = metadata }, ct);
        return error is not null ? Reply.Refused(error) : Reply.Empty().WithValidators(call.View(changed!));
    }
}
