using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

// Soft delete of Azure's protocol, in buckets that never had versions: what was deleted or replaced stands among the older versions,
// says so, and is brought back, or removed for good when its days are over.
internal sealed partial class VersionWriter
{
    /// <summary>When the message about what is kept comes: messages are not delayed for as long as it may be.</summary>
    internal static TimeSpan ExpiryOf(DateTimeOffset until, DateTimeOffset now)
    {
        var wait = until - now;
        return wait > QueueLimits.Delay ? QueueLimits.Delay : wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>
    /// Brings back what was deleted and is kept: the object, where there is none, and all its snapshots. What was replaced, or deleted
    /// before the object that is there was written, becomes a snapshot. In a bucket with versions, delete markers in front of the newest
    /// version go. <see cref="Refusal.NoSuchKey"/> where there is nothing at all.
    /// </summary>
    public async ValueTask<Result<ObjectVersion>> Undelete(Bucket bucket, string key, Writer by, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        while ((await rows.Newest(address, isVersioned: true, ct)).Current is { Version: { IsDeleteMarker: true } marker } && await HasObjects(address, ct))
        {
            var unhidden = await Remove(bucket, key, new() { VersionId = marker.PublicId, By = by }, ct);
            if (unhidden.Refusal is not null) return unhidden.As<ObjectVersion>();
        }
        var restored = await Change(bucket, key, address, false, false, null, null, by.Cause, (entered, state, head) => Restore(entered, key, address, state, head, ct), ct);
        return restored.Refusal is null ? await RestoreSnapshots(bucket, address, ct) : restored.As<ObjectVersion>();
    }

    private async ValueTask<bool> HasObjects(KeyAddress address, CancellationToken ct)
    {
        await foreach (var older in rows.Older(address, ct))
            if (!older.Version.IsDeleteMarker) return true;
        // Deleted before the bucket had versions.
        await foreach (var kept in rows.Kept(address, ct))
            if (kept.Version.Blob!.Snapshot is null) return true;
        return false;
    }

    /// <summary>What is kept and has that id, or is the snapshot of that time.</summary>
    private async ValueTask<VersionRows.Found?> Kept(KeyAddress address, string? id, DateTimeOffset? snapshot, CancellationToken ct)
    {
        await foreach (var kept in rows.Kept(address, ct))
            if (id is not null ? kept.Version.Id == id : kept.Version.Blob!.Snapshot == snapshot) return kept;
        return null;
    }

    /// <summary>Puts a version in the place of the current one, which is kept as a deleted snapshot.</summary>
    private async ValueTask<Result<VersionChanges?>> Replace(VersionChanges step, VersionRows.Head head, ObjectVersion version, int days, CancellationToken ct)
    {
        var current = head.Current!.Version;
        step.Made = version with { Recent = EarlierCommits.Behind(current, clock.GetUtcNow()) };
        step.PutCurrent(head, step.Made);
        return await Hide(step, current, isReplaced: true, days, ct);
    }

    /// <summary>
    /// Keeps the current version far behind where it was, so that nothing that is written under the key later gets its sequence. Null
    /// where its body was gone: another writer was faster.
    /// </summary>
    private async ValueTask<Result<VersionChanges?>> Hide(VersionChanges step, ObjectVersion current, bool isReplaced, int days, CancellationToken ct)
    {
        if (await Behind(step.Address, current, ct) is not var (sequence, time))
            return Refusal.InvalidRequest.Because("The versions of the blob are so close to each other that there is no room to keep this one. Turn the retention of deletions off, or write the blob again first.");
        ReadOnlyMemory<byte>? body = null;
        if (current.Body.Inline is { } tail)
        {
            if (await table.Get(step.Address.Row(Rows.Data, tail), ct) is not { } row) return default;
            body = row.Value;
        }
        var blob = current.Blob ?? new();
        step.Hide(
            current,
            current with
            {
                Sequence = sequence,
                IsNull = false,
                Blob = blob with
                {
                    Snapshot = isReplaced ? time : null, Deleted = new(time, days), Revision = blob.Revision ?? current.Sequence, Lease = null, HasSnapshots = null,
                },
            },
            body);
        return step;
    }

    /// <summary>Makes the object that was deleted last the current version, where there is none.</summary>
    private async ValueTask<Result<VersionChanges?>> Restore(
        Bucket entered, string key, KeyAddress address, VersioningState? state, VersionRows.Head head, CancellationToken ct)
    {
        var step = new VersionChanges(address);
        if (head.Current is not null) return step;
        await foreach (var kept in rows.Kept(address, ct))
        {
            if (kept.Version.Blob!.Snapshot is not null) continue;
            var version = kept.Version with
            {
                Sequence = head.Next(Math.Max(Rows.Microseconds(clock.GetUtcNow()), kept.Version.Blob.Revision!.Value + 1), isMarker: false),
                IsNull = state != VersioningState.Enabled,
                Blob = kept.Version.Blob with { Deleted = null },
                Request = null,
            };
            step.Restore(head, kept, version with { Replication = version.IsNull ? null : ReplicationIntents.Of(entered, key, version) });
            return step;
        }
        return step;
    }

    /// <summary>Takes back the deletion of everything that is kept behind the current version, some at a time; the current version then.</summary>
    private async ValueTask<Result<ObjectVersion>> RestoreSnapshots(Bucket bucket, KeyAddress address, CancellationToken ct)
    {
        using var attempts = buckets.Turns.Of(address.Partition);
        while (await attempts.Next(ct))
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<ObjectVersion>();
            using var entered = entering.Value;
            var head = await rows.Newest(address, isVersioned: true, ct);
            if (head.Current?.Version is not { IsDeleteMarker: false } current) return Refusal.NoSuchKey;
            var step = new VersionChanges(address);
            await foreach (var kept in rows.Kept(address, ct))
            {
                var blob = kept.Version.Blob!;
                var snapshot = kept.Version with { Blob = blob with { Deleted = null, Snapshot = blob.Snapshot ?? blob.Deleted!.At } };
                step.Add(State.Change.Put(kept.Row.Key.Row, Condition.Is(kept.Row.Stamp), VersionRows.WriteOlder(snapshot)));
                if (step.All.Count == TableLimits.Changes / 2) break;
            }
            if (step.All.Count == 0) return current;
            var isAll = step.All.Count < TableLimits.Changes / 2;
            var next = current with { Blob = (current.Blob ?? new()) with { HasSnapshots = true } };
            step.PutCurrent(head with { HighWater = null }, next);
            switch (await entered.Commit(table, address.Partition, step.All))
            {
                case Outcome.Committed when isAll:
                    return next;
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
            }
        }
        return Refusal.Unavailable;
    }
}
