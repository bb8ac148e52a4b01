using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;

namespace ZenkoFunctions.Api.Blob;

/// <summary>DeleteContainer: removes a container with all its blobs. It is gone at once; a job removes what was in it.</summary>
public sealed class DeleteContainer : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("DeleteContainer", "DELETE", Target.Bucket, "s3:DeleteBucket", "d") { Restype = "container", NeedsAccountSas = true, RemovesContents = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        S3Error? error = null;
        var removed = await call.Installation.Containers.Remove(
            call.Account, call.Address.Container, call.Bucket,
            now =>
            {
                error = call.RefusedBy(now, ContainerUse.Removal);
                return error is null ? null : Refusal.Conflict.Because(error.Message);
            },
            ct);
        if (error is not null) return Reply.Refused(error);
        return removed.Refusal switch
        {
            null => Reply.Empty(202),
            Refusal.Locked => Reply.Refused(BlobErrors.BlobImmutableDueToPolicy, removed.Detail),
            { } refusal => Reply.Refused(BlobErrors.From(refusal), removed.Detail),
        };
    }
}
