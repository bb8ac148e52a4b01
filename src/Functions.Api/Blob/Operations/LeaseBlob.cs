using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>LeaseBlob: acquires, renews, changes, releases or breaks the lease under which a blob can be changed.</summary>
public sealed class LeaseBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("LeaseBlob", "PUT", Target.Object, "s3:PutObject", "w") { Comp = "lease" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var change = LeaseChange.Read(call);
        var now = call.Installation.Clock.GetUtcNow();
        // A lease is no change of the blob: neither its ETag nor its date moves.
        var result = await call.Installation.Objects.Amend(
            call.Bucket, call.Address.Blob, null, call.Conditions() with { LeaseId = null, IsOfLease = true }, null,
            version => version with { Blob = (version.Blob ?? new()) with { Lease = change.Next(version.Blob?.Lease, now) } }, ct);
        return result.Refusal is null ? change.Answer(result.Value.Blob!.Lease, now).WithValidators(result.Value) : BlobReplies.Refused(result);
    }
}
