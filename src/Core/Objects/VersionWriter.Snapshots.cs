using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

// Snapshots of Azure's protocol: older versions that were copied, not replaced.
internal sealed partial class VersionWriter
{
    /// <summary>So far behind the current version, in microseconds, stands the first snapshot of a key without older versions: there is room for many.</summary>
    private const long FirstSnapshot = 1L << 40;

    private static readonly Declined SnapshotsPresent = Refusal.SnapshotsPresent.Because(
        "The object has snapshots, made by a client of Azure's protocol. Remove them first: to S3 they are its older versions.");

    /// <summary>Whether there are snapshots behind the newest version, which says where it is worth a look.</summary>
    private async ValueTask<bool> HasSnapshots(KeyAddress address, VersionRows.Head head, CancellationToken ct)
    {
        if (head.Current?.Version.Blob?.HasSnapshots != true) return false;
        await foreach (var older in rows.Older(address, ct))
            if (older.Version.Blob?.Snapshot is not null) return true;
        return false;
    }

    /// <summary>
    /// Puts a copy of the current version among the older ones, in one commit with the current one's row, which says from then on
    /// that there may be snapshots. Its sequence is the next one behind the newest of the older: so it is newer than those, and older
    /// than the current. Refuses with <see cref="Refusal.Conflict"/> where the current one is not what was copied any more.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="conditions">What must be true of the current version.</param>
    /// <param name="source">What was copied.</param>
    /// <param name="proposal">The copy; its sequence and its time are filled in.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<ObjectVersion>> Snapshot(
        Bucket bucket, string key, Conditions conditions, ObjectVersion source, Proposal proposal, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        using var attempts = buckets.Turns.Of(address.Partition);
        while (await attempts.Next(ct))
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<ObjectVersion>();
            using var entered = entering.Value;
            if (options.TooLate(proposal.Begun, clock) is { } tooLate) return tooLate;
            var head = await rows.Newest(address, IsVersioned(entered.Bucket), ct);
            if (head.Rival is not null)
            {
                await Settle(bucket, address, head);
                continue;
            }
            if (head.Current?.Version is not { IsDeleteMarker: false } current) return Refusal.NoSuchKey;
            if (Preconditions.ForWrite(conditions, current) is { } refusal) return refusal;
            if (Leases.ForRead(conditions, current, clock.GetUtcNow()) is { } leased) return leased;
            if (proposal.Ends is null && current.Blob?.Copy is { IsPending: true }) return Refusal.PendingCopy;
            if (proposal.Ends is null && current.Blob?.Incremental is not null) return Refusal.IncrementalCopy;
            if (current.Id != source.Id || current.Blob?.Revision != source.Blob?.Revision) return Refusal.Conflict;
            if (await Behind(address, current, ct) is not var (sequence, time))
                return Refusal.InvalidRequest.Because("The versions of the blob are so close to each other that there is no room for one more snapshot. Write the blob again first.");

            var step = new VersionChanges(address);
            var blob = proposal.Ends?.Invoke(current, time) ?? current.Blob ?? new();
            var snapshot = proposal.Version with
            {
                Sequence = sequence,
                IsNull = false,
                Blob = blob with { Snapshot = time, Revision = blob.Revision ?? current.Sequence, Lease = null, HasSnapshots = null },
            };
            if (proposal.Inline is { Length: > 0 } body) snapshot = step.PutBody(snapshot, body);
            if (proposal.Follow is { } follow) step.Add(follow(snapshot));
            step.Keep(snapshot);
            step.PutCurrent(head, current with { Blob = blob with { HasSnapshots = true } });
            var usage = buckets.Locations.Of(bucket, snapshot);
            var quotas = await buckets.QuotasOf(entered.Bucket, ct);
            // Where there was no quota yet when the bytes were taken, there was no room set aside either.
            using var late = quotas is not { } bounds || proposal.Room is not null ? null : await buckets.Reserve(bucket, snapshot.Size, bounds, ct);
            if (quotas is { } most && late is null && proposal.Room is null) return QuotaRoom.Exceeded(most);
            await search.Write(entered.Bucket, key, snapshot, current, ct);
            switch (await entered.Commit(table, address.Partition, step.All, usage, proposal.Room ?? late))
            {
                case Outcome.Committed:
                    return snapshot;
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
            }
        }
        return Refusal.Unavailable;
    }

    /// <summary>Where the next snapshot stands, and its time; null where no sequence is free.</summary>
    private async ValueTask<(long Sequence, DateTimeOffset Time)?> Behind(KeyAddress address, ObjectVersion current, CancellationToken ct)
    {
        long? newest = null;
        var time = clock.GetUtcNow();
        await foreach (var older in rows.All(address, ct))
        {
            newest ??= older.Version.Sequence;
            // What was deleted may come back as a snapshot of that time.
            if ((older.Version.Blob?.Snapshot ?? older.Version.Blob?.Deleted?.At) is not { } earlier) continue;
            if (time <= earlier) time = earlier.AddTicks(1);
            break;
        }
        var sequence = (newest ?? Math.Max(0, current.Sequence - FirstSnapshot)) + 1;
        // Who took over a body of an older version keeps it under that one's sequence.
        if (current.Body.Inline == Rows.NewestFirst(sequence)) sequence++;
        return sequence < current.Sequence ? (sequence, time) : null;
    }

    /// <summary>
    /// Removes the snapshots one by one, and then the object where it is to go as well. Who fails in between has removed some; one
    /// that is made meanwhile is removed, too.
    /// </summary>
    private async ValueTask<Result<Removal>> RemoveWithSnapshots(Bucket bucket, string key, DeleteRequest request, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var isAll = request.Snapshots == SnapshotsOf.Include;
        var each = request with { Snapshots = SnapshotsOf.None };
        var isKept = false;
        while (true)
        {
            var head = await rows.Newest(address, isVersioned: true, ct);
            if (Preconditions.ForDelete(request.Conditions, head.Current?.Version) is { } refusal) return refusal;
            if (isAll && Leases.ForWrite(request.Conditions, head.Current?.Version, clock.GetUtcNow()) is { } leased) return leased;
            await foreach (var older in rows.Older(address, ct))
            {
                if (older.Version.Blob?.Snapshot is not { } time) continue;
                var removed = await Remove(bucket, key, each with { Snapshot = time, Conditions = new() { DaysKept = request.Conditions.DaysKept } }, ct);
                if (removed.Refusal is not null) return removed;
                isKept |= removed.Value.IsKept;
            }
            if (!isAll) return new Removal(null, null) { IsKept = isKept };
            var result = await Remove(bucket, key, each, ct);
            if (result.Refusal != Refusal.SnapshotsPresent) return result;
        }
    }
}
