using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// CopyBlob, and CopyBlobFromURL where x-ms-requires-sync is true: makes a blob of another one's bytes and properties. The copy is
/// there when the request is answered, and clients that ask for its progress find it done; but what is large, and on this server, a job
/// copies. Where there is a blob already it is of the same type, and archived blobs are copied where the copy has another tier.
/// </summary>
public sealed class CopyBlob : BlobOperation
{
    /// <summary>The most bytes of a copy that is asked for as a synchronous one.</summary>
    private const long MaxSynchronous = 256L << 20;

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("CopyBlob", "PUT", Target.Object, "s3:PutObject", "cw") { Headers = ["x-ms-copy-source"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength > 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "A copy has no body.");
        var conditions = call.ForWrite();
        var isSynchronous = call.Header("x-ms-requires-sync") is { } asked && BlobHeaders.Flag("x-ms-requires-sync", asked);
        var (md5, crc) = BlobPayload.SourceSums(call);
        var said = call.Description();
        // The bytes of archived blobs are at hand: a copy with another tier has them at once.
        var (source, refused) = await BlobSource.Open(call, rehydrates: said.Blob?.Tier is { } tier && tier != SetBlobTier.Archive, ct);
        if (source is null) return refused!;
        await using var _ = source;
        if (await source.IsArchivedTarget(call, ct)) return Reply.Refused(BlobErrors.BlobArchived, "An archived blob is copied to another one, or its tier is set.");
        var (tags, untold) = await BlobSource.Tags(call, said, ct);
        if (untold is not null) return untold;
        var size = source.Body.Length;
        var atOnce = size <= call.Installation.BlobCopies.AtOnce;
        var there = isSynchronous || (atOnce && !source.IsOfParts) ? null : await source.Locate(call, ct);
        if (there is null && source.IsOfParts && !isSynchronous) return Reply.Refused(BlobErrors.ServerBusy, "The source was changed while it was looked at. Send the request again.");
        // The empty blob that stands for a copy would take the source's place.
        var isItself = there is { Version.IsNull: true } && there.Bucket.Id == call.Bucket.Id && there.Key == call.Address.Blob;
        if (size > (isSynchronous ? MaxSynchronous : there is null || (isItself && !source.IsOfParts) ? ObjectLimits.PutBytes : ObjectLimits.ObjectBytes))
            return Reply.Refused(BlobErrors.OutOfRangeInput, $"A source of {size} bytes is too large for this; copy it in blocks with Put Block From URL.");
        var copy = new BlobCopy(Guid.NewGuid().ToString("D"), BlobSource.Shown(BlobSource.Parse(call)), "success", size, size)
        {
            Ended = call.Installation.Clock.GetUtcNow(),
        };
        var description = said with
        {
            Headers = source.Properties,
            Tags = tags,
            Metadata = said.Metadata.Count > 0 ? said.Metadata : source.Metadata,
            Blob = (said.Blob ?? new()) with { Copy = copy, ContentMd5 = source.ContentMd5 },
        };
        if (isItself && source.IsOfParts) return await Renew(call, description, conditions, there!, ct);
        if (there is not null && !isItself) return await Begin(call, description, conditions, there, atOnce, ct);
        var (written, unwritten) = await source.Write(call, description, md5, crc, conditions, ct);
        if (written is not { } version) return unwritten!;
        return isSynchronous
            ? Accepted(version).With("Content-MD5", BlobProperties.ContentMd5(version)).With("x-ms-content-crc64", BlobHeaders.Crc64(version.Checksum))
            : Accepted(version);
    }

    /// <summary>Begins the copy of what is on this server; what is small is done before the answer.</summary>
    internal static async ValueTask<Reply> Begin(BlobCall call, Description description, Conditions conditions, BlobCopySource source, bool atOnce, CancellationToken ct)
    {
        var begun = await call.Installation.BlobCopies.Begin(call.Bucket, call.Address.Blob, call.Writer(EventNames.Copy), description, conditions, source, ct);
        if (begun.Refusal == Core.Refusal.PreconditionFailed && !call.IsGranted('w')) return Reply.Refused(BlobErrors.UnauthorizedBlobOverwrite);
        if (begun.Refusal is not null) return BlobReplies.RefusedWrite(begun, conditions);
        await call.Installation.Blocks.Discard(call.Bucket, call.Address.Blob, CancellationToken.None);
        return Accepted(atOnce ? await call.Installation.BlobCopies.Hurry(call.Bucket, call.Address.Blob, begun.Value, ct) : begun.Value);
    }

    /// <summary>Appended blocks and pages stay where they are when their blob is copied over itself.</summary>
    private static async ValueTask<Reply> Renew(BlobCall call, Description description, Conditions conditions, BlobCopySource source, CancellationToken ct)
    {
        var renewed = await call.Installation.Objects.Amend(
            call.Bucket, call.Address.Blob, null, conditions, call.Cause(EventNames.Copy),
            version => version.BlobETag != source.Version.BlobETag ? Core.Refusal.Unavailable : BlobStates.Touched(
                version with { Metadata = description.Metadata, Tags = description.Tags, Blob = version.Blob! with { Copy = description.Blob!.Copy } }, call.Installation.Clock.GetUtcNow()),
            ct);
        return renewed.Refusal is null ? Accepted(renewed.Value) : BlobReplies.RefusedWrite(renewed, conditions);
    }

    private static Reply Accepted(ObjectVersion version) => Reply.Empty(202).WithValidators(version).WithNewVersion(version)
        .With("x-ms-copy-id", version.Blob!.Copy!.Id).With("x-ms-copy-status", version.Blob.Copy.Status);
}
