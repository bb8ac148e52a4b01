using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// IncrementalCopyBlob: makes a snapshot of a page blob one of another blob, which nothing else writes and which has no bytes but its
/// snapshots. Of the source's later snapshots only what has changed is copied. The source is on this server.
/// </summary>
public sealed class IncrementalCopyBlob : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("IncrementalCopyBlob", "PUT", Target.Object, "s3:PutObject", "cw") { Comp = "incrementalcopy", Headers = ["x-ms-copy-source"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (call.Request.ContentLength > 0) return Reply.Refused(BlobErrors.InvalidHeaderValue, "A copy has no body.");
        // What is replaced has no bytes to be kept.
        var conditions = call.ForWrite() with { IsOfIncremental = true, DaysKept = null };
        var (source, refused) = await Source(call, ct);
        if (source is null) return refused!;
        var (from, taken) = (source.Version, source.Version.Blob!.Snapshot!.Value);
        if (from is not { Blob.Type: BlobType.PageBlob, Body.Pages: { } pages }) return Reply.Refused(BlobErrors.InvalidBlobType, "Only page blobs are copied incrementally.");
        var found = await call.Installation.Objects.Find(call.Bucket, call.Address.Blob, null, ct);
        var current = found.Refusal is null ? found.Value.Version : null;
        var fresh = new IncrementalCopy(source.Bucket.Id, source.Key, pages.Origin ?? pages.Id);
        var state = current is null ? fresh : current.Blob?.Incremental;
        if (current?.Blob?.Copy is { IsPending: true }) return Reply.Refused(BlobErrors.PendingCopyOperation);
        if (state is null || state.Bucket != fresh.Bucket || state.Key != fresh.Key) return Reply.Refused(BlobErrors.IncrementalCopyBlobMismatch);
        if (state.Origin != fresh.Origin) return Reply.Refused(BlobErrors.BlobOverwritten, "The source was written anew since it was copied; copy it to another blob.");
        if (taken <= state.Last) return Reply.Refused(BlobErrors.IncrementalCopyOfEarlierVersionSnapshotNotAllowed);
        var copy = new BlobCopy(Guid.NewGuid().ToString("D"), BlobSource.Shown(BlobSource.Parse(call)), BlobCopy.Pending, 0, from.Size);
        var description = new Description
        {
            Headers = from.Headers, Metadata = from.Metadata, Blob = new() { Copy = copy, Incremental = state, ContentMd5 = BlobProperties.ContentMd5(from) },
        };
        // What was looked at is what is replaced.
        if (current is null) conditions = conditions with { IfNoneMatch = ["*"] };
        else if (conditions.IfMatch?.Any(etag => etag == "*" || etag == current.BlobETag) ?? conditions.IfUnmodifiedSince is null)
            conditions = conditions with { IfMatch = [current.BlobETag] };
        return await CopyBlob.Begin(call, description, conditions, source, from.Size <= call.Installation.BlobCopies.AtOnce, ct);
    }

    /// <summary>The snapshot, which the sender may read; or why it is none.</summary>
    private static async ValueTask<(BlobCopySource? Source, Reply? Refused)> Source(BlobCall call, CancellationToken ct)
    {
        if (!QueryParameters.Parse(BlobSource.Parse(call).Query.TrimStart('?')).Has("snapshot")) return (null, Reply.Refused(BlobErrors.IncrementalCopySourceMustBeSnapshot));
        var (opened, refused) = await BlobSource.Open(call, ct);
        if (opened is null) return (null, refused);
        await using var _ = opened;
        return await opened.Locate(call, ct) is { Version.Blob.Snapshot: not null } source
            ? (source, null)
            : (null, Reply.Refused(BlobErrors.CannotVerifyCopySource, "The source of an incremental copy is a snapshot on this server."));
    }
}
