using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>SetBlobMetadata: other metadata in the place of the present; where versions are kept, in a new one.</summary>
public sealed class SetBlobMetadata : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetBlobMetadata", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "metadata" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var metadata = BlobHeaders.Metadata(call.Request.Headers);
        var result = await call.Installation.Objects.Redescribe(
            call.Bucket, call.Address.Blob, call.Writer(EventNames.Copy), call.Conditions(), version => version with { Metadata = metadata }, ct);
        return result.Refusal is null ? Reply.Empty().WithWritten(result.Value) : BlobReplies.Refused(result);
    }
}
