using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Under which conditions a page blob is changed.</summary>
public sealed record PageRequest
{
    /// <summary>Those on the blob, its lease among them.</summary>
    public Conditions Conditions { get; init; } = Conditions.None;

    /// <summary>What the blob's sequence number must not be above; null for any.</summary>
    public long? AtMost { get; init; }

    /// <summary>What it must be below; null for any.</summary>
    public long? Below { get; init; }

    /// <summary>What it must be; null for any.</summary>
    public long? Exactly { get; init; }

    /// <summary>What the request tells of itself.</summary>
    public Cause? Cause { get; init; }
}

/// <summary>Pages that were written.</summary>
/// <param name="Version">The blob.</param>
/// <param name="Md5">Of what was written.</param>
/// <param name="Crc64">Of what was written, in S3's form.</param>
public readonly record struct PagesWritten(ObjectVersion Version, byte[] Md5, byte[] Crc64);

/// <summary>
/// Blobs of pages that are written anywhere. Bytes are stored first, a body for each chunk of 4 MiB that they touch; then the chunks' rows
/// and the version's row change in one commit. What was overwritten stays as long as somebody may be reading it.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="queue">Takes what follows a commit.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="objects">The blobs as they are.</param>
/// <param name="locations">Where bytes go.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">The time.</param>
public sealed partial class PageBlobs(
    ITable table, IQueue queue, Buckets buckets, ObjectStore objects, LocationCatalog locations, ObjectOptions options, TimeProvider clock)
{
    /// <summary>Chunks that one commit may empty, and bodies that it may leave behind: its rows are bounded.</summary>
    private const int MostChunks = 64, MostLost = 1024;

    private readonly PageBodies bodies = new(objects, locations, options, clock);
    private readonly PageRows rows = new(table);
    private readonly VersionWriter writer = new(table, buckets, new FollowUps(table, queue, clock), options, clock);

    /// <summary>A chunk that becomes another.</summary>
    private readonly record struct Step(int Index, PageChunk Before, PageChunk After);

    /// <summary>
    /// Writes pages. Refuses with <see cref="Refusal.WrongBlobType"/>, <see cref="Refusal.InvalidPageRange"/>,
    /// <see cref="Refusal.SequenceNumber"/>, and as a write of a body.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="request">The conditions.</param>
    /// <param name="offset">The first byte, a multiple of 512.</param>
    /// <param name="content">The bytes, of known length: at most 4 MiB, a multiple of 512.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<PagesWritten>> Write(Bucket bucket, string key, PageRequest request, long offset, Content content, CancellationToken ct)
    {
        var length = (int)content.Length!.Value;
        var found = await objects.Find(bucket, key, null, ct);
        if (found.Refusal is not null) return found.As<PagesWritten>();
        var first = found.Value.Version;
        if (Refuse(first, request, offset + length) is { } early) return early;
        List<PagePiece> pieces = [];
        List<Taken> merged = [], unnamed = [];
        try
        {
            var taken = await bodies.Take(bucket, key, first, offset, content, pieces, ct);
            if (taken.Refusal is not null)
            {
                unnamed.AddRange(pieces.Select(piece => piece.Taken));
                return taken.As<PagesWritten>();
            }
            var result = await writer.Amend(bucket, key, null, request.Conditions, request.Cause, async version =>
            {
                if (version.Id != first.Id) return Refusal.Unavailable.Because("The blob was replaced while the pages came. Send them again.");
                if (Refuse(version, request, offset + length) is { } late) return late;
                var next = Changed(version, offset, taken.Value.Md5);
                List<Step> steps = [];
                await bodies.Discard(merged); // those of an attempt before
                merged.Clear();
                foreach (var piece in pieces)
                {
                    var before = await rows.Read(AddressOf(bucket, key), version.Body.Pages!, piece.Index, ct);
                    var after = before.Write(piece.Start, new(piece.Taken.Stored!, piece.Taken.Key), VersionReader.RevisionOf(next));
                    if (after.IsTooFine)
                    {
                        var one = await bodies.Merge(bucket, key, version, after, ct);
                        if (one.Refusal is not null) return one.As<Amendment>();
                        merged.Add(one.Value);
                        after = after.Merged(new(one.Value.Stored!, one.Value.Key));
                    }
                    steps.Add(new(piece.Index, before, after));
                }
                unnamed = [.. pieces.Where(piece => !steps.Exists(step => step.After.Has(piece.Taken.Stored!))).Select(piece => piece.Taken)];
                return Of(AddressOf(bucket, key), next, steps) with { Begun = pieces.Min(piece => piece.Taken.Begun) };
            }, null, ct);
            if (result.Refusal is null) return new PagesWritten(result.Value, taken.Value.Md5, taken.Value.Crc64);
            unnamed = [.. merged, .. pieces.Select(piece => piece.Taken)];
            return result.As<PagesWritten>();
        }
        catch (Exception e) when (e is not UnknownOutcomeException)
        {
            unnamed = [.. merged, .. pieces.Select(piece => piece.Taken)];
            throw;
        }
        finally
        {
            await bodies.Discard(unnamed);
        }
    }

    /// <summary>
    /// Makes pages zeros again, any number of them. Refuses as <see cref="Write"/>. Where many chunks are among them that is done in
    /// several commits, each of which clears some for good.
    /// </summary>
    public ValueTask<Result<ObjectVersion>> Clear(Bucket bucket, string key, PageRequest request, ByteRange range, CancellationToken ct) =>
        InSteps(bucket, key, request, range, version => Refuse(version, request, range.End), null, ct);

    /// <summary>
    /// Changes the size, and what else is to be changed with it. What is cut off is gone: were the blob to grow again, there would be
    /// zeros. Refuses as <see cref="Write"/>, and with <see cref="Refusal.QuotaExceeded"/>.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="request">The conditions.</param>
    /// <param name="size">Bytes, a multiple of 512; null for as many as there are.</param>
    /// <param name="next">The version with what else is changed, or a refusal.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<ObjectVersion>> Change(
        Bucket bucket, string key, PageRequest request, long? size, Func<ObjectVersion, Result<ObjectVersion>> next, CancellationToken ct)
    {
        var found = await objects.Find(bucket, key, null, ct);
        if (found.Refusal is not null) return found.As<ObjectVersion>();
        var first = found.Value.Version;
        if (size is not { } bytes || bytes == first.Size)
        {
            return await writer.Amend(bucket, key, null, request.Conditions, request.Cause, version =>
            {
                if (Refuse(version, request, 0) is { } refusal) return refusal;
                if (size is not null && version.Size != size) return Refusal.Unavailable.Because("The blob was resized meanwhile. Send the request again.");
                var changed = next(version);
                return changed.Refusal is null ? BlobStates.Touched(changed.Value, clock.GetUtcNow()) : changed;
            }, ct);
        }
        if (bytes < first.Size) return await InSteps(bucket, key, request, new(bytes, long.MaxValue - bytes), version => Refuse(version, request, 0), Resized, ct);
        var set = await QuotaRoom.For(buckets, null, bucket, key, bytes - first.Size, ct);
        if (set.Refusal is not null) return set.As<ObjectVersion>();
        using var room = set.Value;
        return await writer.Amend(bucket, key, null, request.Conditions, request.Cause, version =>
        {
            if (Refuse(version, request, 0) is { } refusal) return new((Result<Amendment>)refusal);
            if (version.Size != first.Size) return new(Refusal.Unavailable.Because("The blob was resized meanwhile. Send the request again."));
            return new(Amendment.Of(Resized(Changed(version, bytes, []))));
        }, room.Reservation, ct);

        Result<ObjectVersion> Resized(ObjectVersion version)
        {
            var changed = next(version);
            return changed.Refusal is null ? changed.Value with { Size = bytes } : changed;
        }
    }

    /// <summary>Clears a range, a bounded number of chunks in one commit; the last one makes the version what <paramref name="last"/> says.</summary>
    private async ValueTask<Result<ObjectVersion>> InSteps(
        Bucket bucket, string key, PageRequest request, ByteRange range, Func<ObjectVersion, Declined?> refuse, Func<ObjectVersion, Result<ObjectVersion>>? last, CancellationToken ct)
    {
        var (conditions, cause) = (request.Conditions, request.Cause);
        string? id = null;
        var from = range.Offset;
        while (true)
        {
            var (reached, seen) = (from, id);
            var result = await writer.Amend(bucket, key, null, conditions, cause, async version =>
            {
                seen = version.Id;
                if (id is not null && id != seen) return Refusal.Unavailable.Because("The blob was replaced while its pages were cleared. Send the request again.");
                if (refuse(version) is { } refusal) return refusal;
                var next = Changed(version, from, []);
                (var steps, reached) = await Emptied(AddressOf(bucket, key), version.Body.Pages!, from, Math.Min(range.End, version.Size), ct);
                if (reached >= Math.Min(range.End, version.Size) && last is not null)
                {
                    var ended = last(next);
                    if (ended.Refusal is not null) return ended.As<Amendment>();
                    next = ended.Value;
                }
                return Of(AddressOf(bucket, key), next, steps);
            }, null, ct);
            if (result.Refusal is not null || reached >= Math.Min(range.End, result.Value.Size)) return result;
            // The ETag has moved on; the lease still counts. Who listens is told once.
            (from, id, conditions, cause) = (reached, seen, new() { IsBlob = conditions.IsBlob, LeaseId = conditions.LeaseId }, null);
            refuse = version => Refuse(version, new(), 0);
        }
    }

    /// <summary>What some of the chunks between two offsets become when that is cleared, and up to where that is.</summary>
    private async ValueTask<(List<Step> Steps, long Reached)> Emptied(KeyAddress address, PagePlace place, long from, long to, CancellationToken ct)
    {
        List<Step> steps = [];
        if (from >= to) return (steps, to);
        var (first, behind) = ((int)(from / Pages.ChunkBytes), Pages.ChunksOf(to));
        var lost = 0;
        foreach (var placed in await rows.Scan(address, place, first, behind, MostChunks, ct))
        {
            var start = (int)(Math.Max(0, from - placed.Offset) / Pages.PageBytes);
            var end = (int)(Math.Min(Pages.ChunkBytes, to - placed.Offset) / Pages.PageBytes);
            var after = placed.Chunk.Clear(start, end - start);
            steps.Add(new(placed.Index, placed.Chunk, after));
            lost += after.Lost(placed.Chunk).Count();
            if (steps.Count == MostChunks || lost >= MostLost) return (steps, Math.Min(to, placed.Offset + Pages.ChunkBytes));
        }
        return (steps, to);
    }

    private Declined? Refuse(ObjectVersion version, PageRequest request, long end) =>
        version.Blob?.Copy is { IsPending: true } ? new Declined(Refusal.PendingCopy, null)
        : version is not { Blob: { Type: BlobType.PageBlob } blob, Body.Pages: not null } ? Refusal.WrongBlobType.Because(
            version.Blob is { Type: BlobType.PageBlob } ? "The blob came from a copy, which has no pages of its own. Make a page blob and write its pages." : "It is no page blob.")
        : end > version.Size ? Refusal.InvalidPageRange.Because($"The blob has {version.Size} bytes.")
        : request.AtMost < (blob.SequenceNumber ?? 0) || request.Below <= (blob.SequenceNumber ?? 0) || (request.Exactly is { } exactly && exactly != (blob.SequenceNumber ?? 0))
            ? Refusal.SequenceNumber.Because($"The blob's sequence number is {blob.SequenceNumber ?? 0}.")
        : ObjectLock.ForRemoval(version, false, clock.GetUtcNow());

    /// <summary>The version with other bytes.</summary>
    private ObjectVersion Changed(ObjectVersion version, long offset, byte[] md5) => BlobStates.Touched(
        version with { ETag = BlobStates.ETagOf($"{version.ETag} {offset} {Convert.ToHexStringLower(md5)}", 1), Modified = Rows.Now(clock) }, clock.GetUtcNow());

    /// <summary>The commit of changed chunks.</summary>
    private static Amendment Of(KeyAddress address, ObjectVersion next, List<Step> steps)
    {
        var place = next.Body.Pages!;
        steps.RemoveAll(step => step.Before == step.After);
        List<Stored> bodies = [.. steps.SelectMany(step => step.After.Lost(step.Before)).Select(body => body.Stored)];
        return new(next)
        {
            Rows = steps.ConvertAll(step => PageRows.Put(address, place, step.Index, step.After, VersionReader.RevisionOf(next))),
            Loses = bodies.Count == 0 ? null : new() { Since = default, Lost = new(place, bodies, steps.ConvertAll(step => step.Index)) },
        };
    }

    private static KeyAddress AddressOf(Bucket bucket, string key) => KeyCodec.Address(Rows.ObjectSpace(bucket), key);
}
