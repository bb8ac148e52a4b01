using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

// Incremental copies: each makes a snapshot of the target that is like one of the source. What has not changed since the one before is in the
// same bodies as there.
public sealed partial class BlobCopies
{
    /// <summary>The target's snapshot of that time; null where there is none (any more).</summary>
    private async ValueTask<VersionRows.Found?> Before(Bucket bucket, string key, DateTimeOffset? time, CancellationToken ct) =>
        time is { } made && await versions.Snapshot(KeyCodec.Address(Rows.ObjectSpace(bucket), key), made, ct) is { Version.Body.Pages: not null } found ? found : null;

    /// <summary>
    /// The chunks of the snapshot before that are like the source's. Who names their bodies once more changes that snapshot's row along: as
    /// long as it is there, the collector removes none of them.
    /// </summary>
    private async ValueTask<(VersionRows.Found? Before, Dictionary<int, PlacedChunk> Same)> Same(
        Here here, IReadOnlyList<PlacedChunk> found, int from, int to, CancellationToken ct)
    {
        var work = here.Work;
        if (await Before(here.Bucket, here.Key, work.Before, ct) is not { } before) return (null, []);
        var unchanged = found.Where(chunk => chunk.Chunk.Runs.Count > 0 && chunk.Revision <= work.BeforeRevision).Select(chunk => chunk.Index).ToHashSet();
        if (unchanged.Count == 0) return (before, []);
        var had = await pageRows.Scan(here.Address, before.Version.Body.Pages!, from, to, null, ct);
        return (before, had.Where(chunk => chunk.Chunk.Runs.Count > 0 && unchanged.Contains(chunk.Index)).ToDictionary(chunk => chunk.Index));
    }

    /// <summary>Makes the pages that were copied a snapshot of the target; with that the copy is done.</summary>
    private async ValueTask<Stepped> Finish(Bucket bucket, ObjectVersion target, string key, Row row, CopyWork work, CancellationToken ct)
    {
        var set = await QuotaRoom.For(buckets, null, bucket, key, work.Total, ct);
        if (set.Refusal is not null) return new(set.Detail);
        using var room = set.Value;
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var snapshot = ObjectStore.Again(target, id, target.Metadata) with
        {
            Size = work.Total, ETag = BlobStates.ETagOf(id, 1), Checksum = null, Modified = Rows.Now(clock), Body = new() { Pages = work.Pages },
        };
        var proposal = new Proposal(snapshot) { Room = room.Reservation, Follow = _ => Change.Delete(row.Key.Row, Condition.Is(row.Stamp)), Ends = Ended };
        var made = await writer.Snapshot(bucket, key, Passing, target, proposal, ct);
        return made.Refusal switch
        {
            null => default,
            Refusal.QuotaExceeded or Refusal.InvalidRequest => new(made.Detail),
            _ => new(null, true),
        };

        BlobState Ended(ObjectVersion current, DateTimeOffset time)
        {
            var now = clock.GetUtcNow();
            var blob = BlobStates.Touched(current, now).Blob!;
            return blob with
            {
                ContentMd5 = work.ContentMd5,
                Copy = blob.Copy! with { Status = BlobCopy.Success, Done = work.Total, Ended = now },
                Incremental = blob.Incremental! with { Last = work.SourceSnapshot, Revision = work.SourceRevision!.Value, Made = time },
            };
        }
    }
}
