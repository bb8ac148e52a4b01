using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

// What a change comes to: which rows of a key take which place.
internal sealed partial class VersionWriter
{
    /// <summary>
    /// Puts a version, object or delete marker, in front of the others: the one that was the newest is kept as an older one,
    /// or replaced where both are the null version. Null where an older null version is not where it was: another writer
    /// was faster.
    /// </summary>
    private async ValueTask<VersionChanges?> Supersede(
        VersionChanges step, VersionRows.Head head, ObjectVersion version, CancellationToken ct)
    {
        var current = head.Current?.Version;
        if (!version.IsNull && current is not null)
            version = version with { NullSequence = current.IsNull ? current.Sequence : current.NullSequence };
        if (current is not null) version = version with { Recent = EarlierCommits.Behind(current, clock.GetUtcNow()) };
        step.Made = version;
        step.PutCurrent(head, version);
        if (current is null) return step;
        if (version.IsNull && current.IsNull)
        {
            step.Remove(current);
            return step;
        }
        step.Keep(current);
        if (version.IsNull && current.NullSequence is { } sequence)
        {
            if (await rows.Older(step.Address, sequence, ct) is not { } older) return null;
            step.DeleteRow(older);
            step.Remove(older.Version);
        }
        return step;
    }

    private async ValueTask<Result<VersionChanges?>> AddMarker(
        Bucket bucket, string key, KeyAddress address, DeleteRequest request, VersioningState state, VersionRows.Head head, CancellationToken ct)
    {
        if (Preconditions.ForDelete(request.Conditions, head.Current?.Version) is { } refusal) return refusal;
        if (Leases.ForWrite(request.Conditions, head.Current?.Version, clock.GetUtcNow()) is { } leased) return leased;
        if (request.Conditions.IsBlob && await HasSnapshots(address, head, ct)) return SnapshotsPresent;
        var now = Rows.Microseconds(clock.GetUtcNow());
        var marker = new ObjectVersion
        {
            Size = 0,
            ETag = "",
            Modified = Rows.Now(clock),
            Sequence = head.Next(now, isMarker: true),
            Id = Ids.Timed(now),
            IsNull = state != VersioningState.Enabled,
            IsDeleteMarker = true,
            OwnerCanonicalId = request.By?.OwnerIdIn(bucket),
            OwnerName = request.By?.OwnerNameIn(bucket),
            Body = BodyPlace.Nowhere,
            Request = request.By?.Request?.Text,
        };
        if (!marker.IsNull) marker = marker with { Replication = ReplicationIntents.Of(bucket, key, marker) };
        return await Supersede(new VersionChanges(address), head, marker, ct);
    }

    /// <summary>Removes a version for good; where it was the newest, the next one takes its place.</summary>
    private async ValueTask<Result<VersionChanges?>> RemoveVersion(
        KeyAddress address, DeleteRequest request, VersioningState? state, VersionRows.Head head, CancellationToken ct)
    {
        var found = head.Current;
        if (request.VersionId is not null) (head, found) = await rows.Find(address, request.VersionId, state is not null, ct);
        if (request.Snapshot is { } time) found = await (request.IsKept ? Kept(address, null, time, ct) : rows.Snapshot(address, time, ct));
        if (request.Kept is { } kept) found = await Kept(address, kept, null, ct);
        if (head.Rival is not null) return default;
        if (Preconditions.ForDelete(request.Conditions, found?.Version) is { } refusal) return refusal;
        var step = new VersionChanges(address);
        if (found is null) return step;
        var version = found.Version;
        if (found == head.Current && Leases.ForWrite(request.Conditions, version, clock.GetUtcNow()) is { } leased) return leased;

        if (state is null && request.Conditions.DaysKept is { } days && version.Blob?.Deleted is null)
        {
            if (found != head.Current)
            {
                step.Hide(found, version with { Blob = version.Blob! with { Deleted = new(clock.GetUtcNow(), days) } });
                return step;
            }
            if (await HasSnapshots(address, head, ct)) return SnapshotsPresent;
            step.DeleteRow(found);
            return await Hide(step, version, isReplaced: false, days, ct);
        }
        if (found != head.Current)
        {
            step.DeleteRow(found);
            if (version.IsNull) step.PutCurrent(head, head.Current!.Version with { NullSequence = null });
        }
        else if (state is not null && await rows.NewestOlder(address, ct) is { } next)
        {
            step.DeleteRow(next);
            var nullSequence = version.IsNull || next.Version.IsNull ? null : version.NullSequence;
            step.PutCurrent(head, next.Version with
            {
                // In the end a snapshot is what S3 takes it for, an older version.
                Blob = next.Version.Blob is { } blob
                    ? blob with { Snapshot = null, Incremental = blob.Snapshot is null ? blob.Incremental : null, HasSnapshots = version.Blob?.HasSnapshots }
                    : null,
                NullSequence = nullSequence,
                HighWater = head.Highest,
                Recent = EarlierCommits.Behind(version, clock.GetUtcNow()),
            });
        }
        else
        {
            if (state is null && await HasSnapshots(address, head, ct)) return SnapshotsPresent;
            step.DeleteRow(found);
            if (state is not null)
                step.Add(State.Change.Put(address.RowName(Rows.HighWater), Condition.Any, VersionRows.WriteSequence(head.Highest)));
        }
        step.Remove(version);
        return step;
    }

    /// <summary>
    /// Settles which of two newest versions is the newer. The object is, if it is the null version: its writer may not have
    /// known of versioning yet, and then came second. Of the others the sequence decides.
    /// </summary>
    private async ValueTask Settle(Bucket bucket, KeyAddress address, VersionRows.Head head)
    {
        var (current, marker) = (head.Current!, head.Rival!);
        var step = new VersionChanges(address);
        var lost = default(UsageChange);
        if (current.Version.IsNull || current.Version.Sequence > marker.Version.Sequence)
        {
            var version = current.Version;
            if (version.IsNull) version = version with { Sequence = Math.Max(version.Sequence, marker.Version.Sequence + 1) };
            else version = version with { NullSequence = marker.Version.IsNull ? marker.Version.Sequence : version.NullSequence };
            step.PutCurrent(head with { Rival = null }, version);
            step.DeleteRow(marker);
            if (version.IsNull && marker.Version.IsNull) lost -= buckets.Locations.Of(bucket, marker.Version);
            else step.Keep(marker.Version);
        }
        else
        {
            var version = marker.Version with { NullSequence = marker.Version.IsNull ? null : current.Version.NullSequence };
            step.PutCurrent(head with { Current = marker, Rival = null }, version);
            step.DeleteRow(current);
            step.Keep(current.Version);
        }
        await buckets.Usage.Apply(table, bucket.Counted, address.Partition, step.All, lost, CancellationToken.None);
    }
}
