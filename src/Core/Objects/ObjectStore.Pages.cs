using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

// Page blobs of Azure's protocol, made and read as any other version; PageBlobs writes into them.
public sealed partial class ObjectStore
{
    /// <summary>Makes a page blob of that many zeros, all of which count as the bucket's from then on. Refuses as <see cref="Put"/>.</summary>
    public async ValueTask<Result<Written>> PutPages(
        Bucket bucket, string key, Writer by, Description description, long size, Conditions conditions, CancellationToken ct)
    {
        if (Preconditions.AnyForWrite(conditions) && await RefusedEarly(bucket, key, conditions, by.Request, ct) is { } refusal) return refusal;
        var how = await EncryptionOf(bucket, null, ct);
        if (how.Refusal is not null) return how.As<Written>();
        var set = await QuotaRoom.For(buckets, rows, bucket, key, size, ct);
        if (set.Refusal is not null) return set.As<Written>();
        using var room = set.Value;
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var version = Describe(bucket, by, description with { Encryption = how.Value }, id, BlobStates.ETagOf(id, 1)) with { Size = size, Body = new() { Pages = new(id) } };
        var proposal = new Proposal(version) { IsByDefault = true, Cause = by.Cause, Room = room.Reservation };
        var committed = await writer.Commit(bucket, key, conditions, proposal, ct);
        return committed.Refusal is null ? new Written(committed.Value) : committed.As<Written>();
    }

    /// <summary>
    /// A snapshot of a page blob: its rows once more, which name the same bodies. <see cref="Refusal.Conflict"/> where the blob was
    /// written meanwhile; what was put together by then the collector removes.
    /// </summary>
    private async ValueTask<Result<ObjectVersion>> SnapshotPages(
        Bucket bucket, string key, Conditions conditions, ObjectVersion source, IReadOnlyDictionary<string, string> metadata, CancellationToken ct)
    {
        var set = await QuotaRoom.For(buckets, null, bucket, key, source.Size, ct);
        if (set.Refusal is not null) return set.As<ObjectVersion>();
        using var room = set.Value;
        var (space, from) = (Rows.ObjectSpace(bucket), source.Body.Pages!);
        var address = KeyCodec.Address(space, key);
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var place = new PagePlace(id) { Origin = from.Origin ?? from.Id };
        var taken = await new FollowUps(table, queue, clock).Stage(space, key, new() { Since = default, Pages = place }, ct);
        var end = Pages.ChunksOf(source.Size);
        for (var next = 0; next < end;)
        {
            if (await reader.Chunks(address, source, from, next, end, ct) is not var (chunks, behind)) return Refusal.Conflict;
            var rows = PageRows.Again(address, place, chunks);
            if (rows.Count > 0 && await table.Apply(address.Partition, rows, ct) != Outcome.Committed) throw new UnknownOutcomeException();
            next = behind;
        }
        var snapshot = Again(source, id, metadata) with { Body = new() { Pages = place } };
        return await writer.Snapshot(bucket, key, conditions, source, new(snapshot) { Room = room.Reservation, Follow = _ => taken }, ct);
    }
}
