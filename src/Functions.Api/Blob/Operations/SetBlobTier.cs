using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>SetBlobTier, of the blob, a version or a snapshot: a property without effect but that archived blobs cannot be read. Bytes are at hand: rehydration takes no time.</summary>
public sealed class SetBlobTier : BlobOperation
{
    /// <summary>The tier whose blobs cannot be read.</summary>
    internal const string Archive = "Archive";

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetBlobTier", "PUT", Target.Object, "s3:PutObject", "w")
    {
        Comp = "tier", Headers = ["x-ms-access-tier"], ChangesSnapshots = true,
    };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var tier = BlobHeaders.Tier(call.Header("x-ms-access-tier"))!;
        var now = call.Installation.Clock.GetUtcNow();
        var wasArchived = false;
        // Neither the ETag nor the date of the blob moves.
        var result = await call.Amend(
            null,
            version =>
            {
                if (version.Blob is { Type: not BlobType.BlockBlob }) return Refusal.InvalidRequest.Because("Only block blobs have these tiers.");
                wasArchived = version.Blob?.Tier == Archive && tier != Archive;
                return version with { Blob = (version.Blob ?? new()) with { Tier = tier, TierChanged = now } };
            }, ct);
        return result.Refusal is null ? Reply.Empty(wasArchived ? 202 : 200) : BlobReplies.Refused(result);
    }
}
