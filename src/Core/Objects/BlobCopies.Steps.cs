using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

// What a run of the job does again and again: the next part of a body, or the next pages.
public sealed partial class BlobCopies
{
    /// <summary>What a step came to: why the copy fails, or that somebody else kept the step out, and it may be tried later.</summary>
    private readonly record struct Stepped(string? Wrong, bool IsRefused = false);

    /// <summary>A copy as a step finds it.</summary>
    private sealed record Here(Bucket Bucket, string Key, KeyAddress Address, ObjectVersion Target, Row Row, CopyWork Work, BlobCopySource Source);

    private async ValueTask<Stepped> Step(Bucket bucket, ObjectVersion target, FollowUp followUp, Row row, CopyWork work, CancellationToken ct)
    {
        if (clock.GetUtcNow() - work.Since > Patience) return new("The copy did not come about within two weeks.");
        if (await buckets.Find(work.SourceBucket, ct) is not { } from || from.Id != work.SourceBucketId) return new("The source's container is gone.");
        if (work is { SourceRevision: not null } && work.Done == work.Total) return await Finish(bucket, target, followUp.Key, row, work, ct);
        var length = work.Pages is null ? Math.Min(work.PartBytes, work.Total - work.Done) : 0;
        var request = new ReadRequest
        {
            VersionId = work.SourceVersion, Snapshot = work.SourceSnapshot, Range = length == 0 ? null : new(work.Done, work.Done + length - 1), WithBody = length > 0,
        };
        var opened = await objects.Open(from, work.SourceKey, request, ct);
        if (opened.Refusal is Refusal.NoSuchKey or Refusal.NoSuchVersion or Refusal.DeleteMarker) return new("The source is gone.");
        if (opened.Refusal is not null && opened.Refusal != Refusal.InvalidRange) return new($"The source cannot be read ({opened.Refusal}).");
        await using var body = opened.Value.Body;
        var source = opened.Value.Version;
        if (source.Id != work.SourceId || source.ETag != work.SourceETag || opened.Refusal is not null) return new("The source was changed.");
        var here = new Here(bucket, followUp.Key, KeyCodec.Address(followUp.Space, followUp.Key), target, row, work, new(from, work.SourceKey, source));
        return work.Pages is { } place ? await NextPages(here, place, ct)
            : body is null ? await Write(here, [], 0, Nothing, ct)
            : await NextPart(here, body, ct);
    }

    /// <summary>All of an append blob that has no block yet.</summary>
    private static ValueTask<Result<(CopyWork, IReadOnlyList<Change>)>> Nothing(CopyWork work, CancellationToken ct) =>
        new((work with { ETag = BlobStates.ETagOf(work.Version, 0) }, []));

    private async ValueTask<Stepped> NextPart(Here here, IObjectBody body, CancellationToken ct)
    {
        var name = bodies.NewName(here.Bucket, here.Key);
        ManifestPlace? place = null;
        var inUploads = here.Address.InUploads();
        var stepped = await Write(here, [name], body.Length, async (work, _) =>
        {
            using var dataKey = await objects.NewKey(here.Target.Encryption, null, here.Bucket, here.Key, ct);
            var taking = await BodyPipe.Through(
                body, content => intake.Take(name.Location, name.Name, content, [ChecksumAlgorithm.Crc64Nvme], mayInline: false, dataKey, QuotaRoom.Unbounded, ct), ct);
            if (taking.Refusal is not null) return taking.As<(CopyWork, IReadOnlyList<Change>)>();
            var taken = taking.Value;
            place = await manifests.Append(inUploads, work.Parts, "", new(taken.Stored, null) { Key = taken.Key }, work.Done, ct);
            var crc = Checksums.Combine(
                ChecksumAlgorithm.Crc64Nvme, [(Convert.FromBase64String(work.Crc64), work.Done), (taken.Digests[ChecksumAlgorithm.Crc64Nvme], taken.Size)]);
            IReadOnlyList<Change> none = [];
            return (work with { Done = work.Done + taken.Size, Parts = place, ETag = BlobStates.ETagOf(work.ETag + taken.ETag, place.Parts), Crc64 = crc.Value }, none);
        }, ct);
        // The last row of the list is the version's, or nobody's; the one that it followed is no one's where it is.
        var left = stepped is { Wrong: null, IsRefused: false } ? here.Work.Parts : place;
        if (left is { Parts: > 0 }) await manifests.DropTail(inUploads, left, CancellationToken.None);
        return stepped;
    }

    private async ValueTask<Stepped> NextPages(Here here, PagePlace place, CancellationToken ct)
    {
        var (work, source) = (here.Work, here.Source);
        var (next, end) = ((int)(work.Done / Pages.ChunkBytes), Pages.ChunksOf(work.Total));
        var address = KeyCodec.Address(Rows.ObjectSpace(source.Bucket), source.Key);
        if (source.Version.Body.Pages is not { } pages || await objects.Reader.Chunks(address, source.Version, pages, next, end, ct) is not var (found, behind))
            return new("The source was changed.");
        var (before, same) = await Same(here, found, next, behind, ct);
        var most = (int)Math.Clamp(work.PartBytes / Pages.ChunkBytes, 1, MostChunks);
        List<PlacedChunk> chunks = [.. found.Where(chunk => chunk.Chunk.Runs.Count > 0 && !same.ContainsKey(chunk.Index))];
        if (chunks.Count > most) (chunks, behind) = (chunks[..most], chunks[most - 1].Index + 1);
        List<Stored> names = [.. chunks.Select(_ => bodies.NewName(here.Bucket, here.Key))];
        // Of what is copied for the first time nothing is newer than anything.
        var (since, revision) = work.Before is null ? (long.MaxValue, 0) : (work.BeforeRevision!.Value, VersionReader.RevisionOf(here.Target));
        return await Write(here, names, (long)chunks.Count * Pages.ChunkBytes, async (begun, _) =>
        {
            List<Change> rows = [.. PageRows.Again(here.Address, place, same.Values.Where(chunk => chunk.Index < behind))];
            for (var i = 0; i < chunks.Count; i++)
            {
                var taken = await bodies.Copy(source, chunks[i].Chunk, here.Bucket, here.Key, here.Target, names[i], ct);
                if (taken.Refusal is not null) return taken.As<(CopyWork, IReadOnlyList<Change>)>();
                rows.Add(PageRows.Put(here.Address, place, chunks[i].Index, chunks[i].Chunk.Copied(new(taken.Value.Stored!, taken.Value.Key), since, revision), revision));
            }
            return (begun with { Done = Math.Min(work.Total, (long)behind * Pages.ChunkBytes) }, rows);
        }, ct, same.Count > 0 ? before!.Row : null);
    }

    /// <summary>
    /// Writes bodies of these names and commits what they make of the copy: their names are in the intent's row before, so that whoever goes
    /// on after this run has died removes them.
    /// </summary>
    private async ValueTask<Stepped> Write(
        Here here, IReadOnlyList<Stored> names, long bytes,
        Func<CopyWork, CancellationToken, ValueTask<Result<(CopyWork Next, IReadOnlyList<Change> Rows)>>> take, CancellationToken ct, Row? stays = null)
    {
        var (row, run) = (here.Row, Ids.Random(10));
        // From here on a run that was thought dead finds the row changed, and leaves the copy to this one.
        var work = here.Work with { Unnamed = [.. here.Work.Unnamed, .. names], Run = run, Busy = clock.GetUtcNow() + PartTime + TimeSpan.FromSeconds(bytes >> 20) };
        var begun = await table.Apply(row.Key.Partition, [Change.Put(row.Key.Row, Condition.Is(row.Stamp), Written(work))], ct);
        if (begun == Outcome.Unknown) throw new UnknownOutcomeException();
        if (begun == Outcome.Refused) return new(null, true);
        foreach (var left in here.Work.Unnamed) await Delete(left, ct);
        var isSettled = false;
        try
        {
            var taken = await take(work, ct);
            if (taken.Refusal is not null) return new(taken.Detail ?? $"The bytes could not be written ({taken.Refusal}).");
            var next = taken.Value.Next with { Unnamed = [], Run = null, Busy = null };
            var stepped = await Commit(here, next, taken.Value.Rows, stays, run, ct);
            isSettled = stepped is { Wrong: null, IsRefused: false };
            return stepped;
        }
        catch (UnknownOutcomeException)
        {
            isSettled = true; // the row tells, once it can be read
            throw;
        }
        finally
        {
            if (!isSettled)
            {
                foreach (var name in names) await Delete(name, CancellationToken.None);
                if (await Own(row.Key, run, CancellationToken.None) is { } own)
                    await table.Apply(row.Key.Partition, [Change.Put(row.Key.Row, Condition.Is(own.Stamp), Written(here.Work with { Unnamed = [] }))], CancellationToken.None);
            }
        }
    }

    /// <summary>The commit fails where <paramref name="stays"/> is not as it was read: it is written as it is.</summary>
    private async ValueTask<Stepped> Commit(Here here, CopyWork next, IReadOnlyList<Change> rows, Row? stays, string run, CancellationToken ct)
    {
        if (stays is not null) rows = [.. rows, Change.Put(stays.Key.Row, Condition.Is(stays.Stamp), stays.Value)];
        var isLast = next.Done == next.Total && next.SourceRevision is null;
        var set = isLast ? await QuotaRoom.For(buckets, null, here.Bucket, here.Key, next.Total, ct) : QuotaRoom.Unbounded;
        if (set.Refusal is not null) return new(set.Detail);
        using var room = set.Value;
        var cause = isLast ? new Cause(EventNames.Copy, next.By, null, next.Request) : null;
        var result = await writer.Amend(here.Bucket, here.Key, next.PublicId, Passing, cause, async version =>
        {
            if (!IsUnderWay(version, next) || await Own(here.Row.Key, run, ct) is not { } row) return Refusal.Conflict;
            if (stays is not null && (await table.Get(stays.Key, ct))?.Stamp != stays.Stamp) return Refusal.Conflict;
            return isLast
                ? new Amendment(Completed(version, next)) { Rows = [.. rows, Change.Delete(row.Key.Row, Condition.Is(row.Stamp))] }
                : new Amendment(Progressed(version, next)) { Rows = [.. rows, Change.Put(row.Key.Row, Condition.Is(row.Stamp), Written(next))] };
        }, room.Reservation, ct);
        return result.Refusal is null ? default : new(result.Refusal == Refusal.QuotaExceeded ? result.Detail : null, true);
    }

    /// <summary>The intent, where no other run has begun since.</summary>
    private async ValueTask<Row?> Own(TableKey key, string run, CancellationToken ct) =>
        await table.Get(key, ct) is { } row && StoredJson.Read(row.Value, StateJson.Default.CopyWork).Run == run ? row : null;

    private static ObjectVersion Progressed(ObjectVersion version, CopyWork work) =>
        version with { Blob = version.Blob! with { Copy = version.Blob.Copy! with { Done = work.Done } } };

    private ObjectVersion Completed(ObjectVersion version, CopyWork work)
    {
        var blob = Progressed(version, work).Blob!;
        blob = blob with
        {
            ContentMd5 = work.ContentMd5,
            Copy = blob.Copy! with { Status = BlobCopy.Success, Ended = clock.GetUtcNow() },
            Appended = blob.Type == BlobType.AppendBlob ? work.Parts.Parts : null,
        };
        var whole = version with { Size = work.Total, Modified = Rows.Now(clock), Blob = blob };
        return BlobStates.Touched(
            work.Pages is { } pages
                ? whole with { ETag = BlobStates.ETagOf(version.Id, 1), Checksum = null, Body = new() { Pages = pages } }
                : whole with { ETag = work.ETag, Body = work.Parts.Parts == 0 ? BodyPlace.Nowhere : new() { Manifest = work.Parts }, Checksum = new(ChecksumAlgorithm.Crc64Nvme, ChecksumType.FullObject, work.Crc64) },
            clock.GetUtcNow());
    }
}
