using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// The one place where the versions of a key change. Reads the newest, checks conditions, and commits conditionally on
/// what was read; writers without conditions try again when another was faster, in turns.
/// </summary>
internal sealed partial class VersionWriter(ITable table, Buckets buckets, FollowUps followUps, ObjectOptions options, TimeProvider clock)
{
    /// <summary>Between the announcement and the commit; a message that came sooner would have to be sent once more.</summary>
    private static readonly TimeSpan CommitTime = TimeSpan.FromSeconds(2);

    private readonly VersionRows rows = new(table);
    private readonly EarlierCommits earlier = new(table);
    private readonly MirrorWriter mirrored = new(
        table, buckets.Locations, new(table, buckets, buckets.Locations, followUps, options, clock), new(table, buckets.Locations, null, TimeSpan.Zero));
    private readonly SearchEntries search = new(table, buckets.Locations, clock);

    /// <summary>
    /// Whether a new version removes the newest for good: one that was written while versioning was enabled stays, and so does what is
    /// kept when it is deleted (<see cref="Conditions.DaysKept"/>).
    /// </summary>
    public static bool IsReplaced(ObjectVersion current, VersioningState? state, Conditions conditions) =>
        current.IsNull && state != VersioningState.Enabled && (state is not null || conditions.DaysKept is null);

    /// <summary>Makes the proposal the current version.</summary>
    public async ValueTask<Result<ObjectVersion>> Commit(
        Bucket bucket, string key, Conditions conditions, Proposal proposal, CancellationToken ct)
    {
        if (bucket.Get(BucketSettings.Mirror) is not null) return await mirrored.Put(bucket, key, conditions, proposal, ct);
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var result = await Change(bucket, key, address, Preconditions.ReportsRaces(conditions), false, proposal, proposal.Version.Request, proposal.Cause, async (entered, state, head) =>
        {
            var current = head.Current?.Version;
            if (Preconditions.ForWrite(conditions, current is { IsDeleteMarker: true } ? null : current) is { } refusal) return refusal;
            var now = clock.GetUtcNow();
            if (Leases.ForWrite(conditions, current, now) is { } leased) return leased;
            if (proposal.Heir is { } heir && (state == VersioningState.Enabled || current is not { IsNull: true } || heir.Id != current.Id))
                return Refusal.Conflict;
            if (proposal.Inherits is { } inherits && (current?.Body.Manifest is not { } parts || !IsReplaced(current, state, conditions)
                || current.Id != inherits.Version || parts.Id != inherits.Parts.Id))
                return Refusal.Conflict;
            if (proposal.Version.Acl is { } acl && IsBlocked(acl, entered)) return Refusal.Forbidden;
            // The status at which every client sends the body again by itself; a 409 they would only report.
            if (proposal.IsByDefault && entered.Get(BucketSettings.Encryption) is { } rule && !rule.IsMetBy(proposal.Version.Encryption, entered.OwnerId))
                return Refusal.Unavailable.Because("The bucket's default encryption was changed while the request was under way. Please send it again.");
            var version = ObjectLock.Retained(proposal.Version, entered.Get(BucketSettings.ObjectLock)) with
            {
                Sequence = head.Next(Math.Max(Rows.Microseconds(now), (current?.Blob?.Revision ?? 0) + 1), isMarker: false),
                Blob = BlobStates.Behind(proposal.Version.Blob, current, conditions.IsBlob, now),
                IsNull = state != VersioningState.Enabled,
                NullSequence = null,
                HighWater = null,
            };
            // Copies are of what has versions: rules cannot be made without them, and a null version is one that was there before.
            version = version with { Replication = version.IsNull || proposal.IsPending ? null : ReplicationIntents.Of(entered, key, version) };
            var step = new VersionChanges(address) { KeepsBytes = proposal.Heir is not null, Left = proposal.Inherits?.Left };
            if (proposal.Inline is { Length: > 0 } body) version = step.PutBody(version, body);
            if (proposal.Upload is not null)
                step.Add(State.Change.Put(CompletedRow(address, proposal.Upload, version.Id), Condition.Absent, Settlement.Write(version)));
            if (proposal.Follow is { } follow) step.Add(follow(version));
            if (state is null && proposal.Heir is null && current is not null && conditions.DaysKept is { } days)
                return await Replace(step, head, version, days, ct);
            return await Supersede(step, head, version, ct);
        }, ct);
        return result.Refusal is null ? result.Value.Made! : result.As<ObjectVersion>();
    }

    /// <inheritdoc cref="ObjectStore.Delete"/>
    public async ValueTask<Result<Removal>> Remove(Bucket bucket, string key, DeleteRequest request, CancellationToken ct)
    {
        if (bucket.Get(BucketSettings.Mirror) is not null) return await mirrored.Remove(bucket, key, request, ct);
        if (request.Snapshots != SnapshotsOf.None) return await RemoveWithSnapshots(bucket, key, request, ct);
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var isConditional = Preconditions.ReportsRaces(request.Conditions);
        var result = await Change(bucket, key, address, isConditional, request.BypassesGovernance, null, request.By?.Request?.Text, request.By?.Cause, (entered, state, head) =>
            request.VersionId is not null || request.Snapshot is not null || request.Kept is not null || state is null
                ? RemoveVersion(address, request, state, head, ct)
                : AddMarker(entered, key, address, request, state.Value, head, ct), ct);
        return result.Refusal is null
            ? new Removal(result.Value.Removed ?? result.Value.Hidden, result.Value.Made) { IsKept = result.Value.Hidden is not null }
            : result.As<Removal>();
    }

    /// <inheritdoc cref="ObjectStore.Amend"/>
    public ValueTask<Result<ObjectVersion>> Amend(
        Bucket bucket, string key, string? versionId, Conditions conditions, Cause? cause, Func<ObjectVersion, Result<ObjectVersion>> next, CancellationToken ct) =>
        Amend(bucket, key, versionId, conditions, cause, version => new(Amendment.Of(next(version))), null, ct);

    /// <summary>
    /// The same where the next version is not at hand at once, has more bytes, for which room was set aside, or other rows change with it.
    /// It may be asked for several times.
    /// </summary>
    public async ValueTask<Result<ObjectVersion>> Amend(
        Bucket bucket, string key, string? versionId, Conditions conditions, Cause? cause, Func<ObjectVersion, ValueTask<Result<Amendment>>> next,
        Reservation? room, CancellationToken ct)
    {
        string? intent = null;
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        EventIntents? events = null;
        ReplicationIntents? copies = null;
        using var attempts = buckets.Turns.Of(address.Partition);
        while (await attempts.Next(ct))
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<ObjectVersion>();
            using var entered = entering.Value;
            var (head, found) = await rows.Find(address, versionId, IsVersioned(entered.Bucket), ct);
            if (found is null) return versionId is null ? Refusal.NoSuchKey : Refusal.NoSuchVersion;
            if (found.Version.IsDeleteMarker)
                return (versionId is null ? Refusal.NoSuchKey : Refusal.DeleteMarker).Carrying(found.Version);
            if (conditions.IsBlob && Preconditions.ForWrite(conditions, found.Version) is { } refusal) return refusal;
            if (found == head.Current && Leases.ForWrite(conditions, found.Version, clock.GetUtcNow()) is { } leased) return leased;
            var planned = await next(found.Version);
            if (planned.Refusal is not null) return planned.As<ObjectVersion>();
            if (options.TooLate(planned.Value.Begun, clock) is { } tooLate) return tooLate;
            Result<ObjectVersion> amended = planned.Value.Version;
            if (found.Version.Body.Source is not null && !planned.Value.IsAtSource && await mirrored.Change(bucket, key, found.Version, amended.Value, ct) is { } cannot)
                return cannot == Refusal.InvalidRequest ? MirrorWriter.Refused<ObjectVersion>(bucket) : cannot;
            if (amended.Value.Acl is { } acl && acl != found.Version.Acl && IsBlocked(acl, entered.Bucket)) return Refusal.Forbidden;
            // Of what can be said of a version later, copies carry the tags; those of a null version where a walk has sent it.
            if (cause is { Event: EventNames.TaggingPut or EventNames.TaggingDeleted } && found.Version is { IsNull: false } or { Replication: not null })
            {
                copies ??= new(followUps, options, clock);
                amended = amended.Value with { Replication = ReplicationIntents.Next(entered.Bucket, key, amended.Value) };
            }
            var usage = buckets.Locations.Of(bucket, amended.Value) - buckets.Locations.Of(bucket, found.Version);
            if (amended.Value.ETag != found.Version.ETag && found.Version is { IsNull: false } or { Replication: not null })
            {
                copies ??= new(followUps, options, clock);
                amended = amended.Value with { Replication = ReplicationIntents.Anew(entered.Bucket, key, amended.Value) };
            }
            List<Change> changes = [State.Change.Put(found.Row.Key.Row, Condition.Is(found.Row.Stamp), VersionRows.Write(amended.Value)), .. planned.Value.Rows];
            if (planned.Value.Loses is { } lost)
            {
                if (intent is null || await followUps.IsTaken(address, intent, ct))
                    intent = await followUps.Announce(Rows.ObjectSpace(bucket), key, options.ReadGrace + CommitTime, ct);
                changes.Add(FollowUps.Insert(address, intent, lost with { Since = clock.GetUtcNow() }));
            }
            if (copies is not null) await copies.Add(changes.Add, address, entered.Bucket, key, amended.Value, ct);
            if (cause is not null) events ??= EventIntents.For(entered.Bucket, followUps, options, clock);
            if (events is not null)
            {
                var order = Math.Max(Rows.Microseconds(clock.GetUtcNow()), found.Version.Sequence + 1);
                await events.Add(changes.Add, address, entered.Bucket, key, cause!.Event, amended.Value, order, cause, ct);
            }
            await search.Write(entered.Bucket, key, amended.Value, found.Version, ct);
            var outcome = usage == default
                ? await entered.Commit(table, address.Partition, changes)
                : await entered.Commit(table, address.Partition, changes, usage, room);
            switch (outcome)
            {
                case Outcome.Committed:
                    copies?.Count();
                    return amended;
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
            }
            if (events is not null) await events.Renew(address, ct);
            if (copies is not null) await copies.Renew(address, ct);
        }
        return Refusal.Unavailable;
    }

    /// <summary>
    /// Makes sure that the version of an upload is never committed from now on; false where it has been, even if it was
    /// replaced since.
    /// </summary>
    public async ValueTask<bool> Forbid(Bucket bucket, string key, string uploadId, string versionId, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var row = CompletedRow(address, uploadId, versionId);
        return await table.Apply(address.Partition, [State.Change.Put(row, Condition.Absent, Settlement.Forbidden)], ct) switch
        {
            Outcome.Committed => true,
            Outcome.Refused => (await Settled(address, row, ct))?.IsForbidden ?? false,
            _ => throw new UnknownOutcomeException(),
        };
    }

    /// <summary>Whether the version of an upload has been committed.</summary>
    public async ValueTask<bool> HasCommitted(KeyAddress address, string uploadId, string versionId, CancellationToken ct) =>
        await Settled(address, CompletedRow(address, uploadId, versionId), ct) is { IsForbidden: false };

    /// <summary>Whether a list opens what the bucket, by now, does not let be opened.</summary>
    private static bool IsBlocked(Acl acl, Bucket entered) => acl.IsPublic && entered.PublicAccessBlock().BlockPublicAcls;

    private static bool IsVersioned(Bucket bucket) => bucket.Get(BucketSettings.Versioning) is not null;

    private static string CompletedRow(KeyAddress address, string uploadId, string versionId) =>
        address.RowName(Rows.Completed, uploadId + "." + versionId);

    private async ValueTask<Settlement?> Settled(KeyAddress address, string row, CancellationToken ct) =>
        await table.Get(new(address.Partition, row), ct) is not { } found ? null : Settlement.Read(found.Value.Span);

    private async ValueTask<Result<VersionChanges>> Change(
        Bucket bucket, string key, KeyAddress address, bool isConditional, bool bypassesGovernance, Proposal? proposal, string? request, Cause? cause,
        Func<Bucket, VersioningState?, VersionRows.Head, ValueTask<Result<VersionChanges?>>> plan, CancellationToken ct)
    {
        string? intent = null;
        EventIntents? events = null;
        ReplicationIntents? copies = null;
        using var attempts = buckets.Turns.Of(address.Partition);
        while (await attempts.Next(ct))
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<VersionChanges>();
            using var entered = entering.Value;
            if (options.TooLate(proposal?.Begun, clock) is { } tooLate) return tooLate;
            var setting = entered.Bucket.Get(BucketSettings.Versioning);
            var head = await rows.Newest(address, setting is not null, ct);
            // Versions that are there were made while versioning was enabled, whatever an outdated setting says.
            var state = setting?.State ?? (head.Current is { Version: { IsNull: false } or { NullSequence: not null } } ? VersioningState.Enabled : null);
            if (head.Rival is not null)
            {
                await Settle(bucket, address, head);
                continue;
            }
            if (request is not null && await earlier.Find(address, head, request, proposal?.Version, ct) is { } repeated)
                return new VersionChanges(address) { Made = repeated };
            var planned = await plan(entered.Bucket, state, head);
            if (planned.Refusal is not null) return planned.As<VersionChanges>();
            if (planned.Value is not { } step) continue;
            if (step.All.Count == 0) return step;
            // Whatever plans it: a version that is retained or on hold never goes.
            if ((step.Removed ?? step.Hidden) is { } removed && ObjectLock.ForRemoval(removed, bypassesGovernance, clock.GetUtcNow()) is { } locked)
                return locked;

            var usage = UsageOf(bucket, step, proposal);
            var net = (usage.Objects + usage.Uploads).Total.Held;
            var quotas = proposal is null || net <= 0 ? null : await buckets.QuotasOf(entered.Bucket, ct);
            // Where there was no quota yet when the bytes were taken, there was no room set aside either.
            using var late = quotas is not { } bounds || proposal!.Room is not null ? null : await buckets.Reserve(bucket, net, bounds, ct);
            if (quotas is { } most && late is null && !await buckets.Resize(bucket, proposal!.Room, net, most, ct)) return QuotaRoom.Exceeded(most);

            if (step.LosesBytes is { } lost)
            {
                if (intent is null) intent = await followUps.Announce(Rows.ObjectSpace(bucket), key, options.ReadGrace + CommitTime, ct);
                var since = clock.GetUtcNow();
                step.Add(FollowUps.Insert(address, intent, step.Left is { } left
                    ? new() { Since = since, Manifest = left, Replaced = lost.Manifest }
                    : new() { Since = since, Body = lost.Stored, Manifest = lost.Manifest, Pages = lost.Pages }));
            }

            if (step.Hidden is { Blob.Deleted: { } deleted } hidden)
            {
                if (intent is null) intent = await followUps.Announce(Rows.ObjectSpace(bucket), key, ExpiryOf(deleted.Until, clock.GetUtcNow()), ct);
                step.Add(FollowUps.Insert(address, intent, new() { Since = deleted.At, Until = deleted.Until, Kept = hidden.Id, Bucket = bucket.Name }));
            }

            if (proposal is not { IsPending: true }) events ??= EventIntents.For(entered.Bucket, followUps, options, clock);
            if (events is not null && (step.Made ?? step.Removed ?? step.Hidden) is { } subject)
            {
                var order = step.Made?.Sequence ?? head.Next(Rows.Microseconds(clock.GetUtcNow()), isMarker: false);
                await events.Add(step.Add, address, entered.Bucket, key, EventOf(step, cause), subject, order, cause, ct);
            }

            if (step.Made is { Replication: not null } made)
                await (copies ??= new(followUps, options, clock)).Add(step.Add, address, entered.Bucket, key, made, ct);

            // Two who found nothing meet in this row, be one's an object and the other's a delete marker.
            if (setting is not null && head is { Current: null, HighWater: null })
                step.Add(State.Change.Put(address.RowName(Rows.HighWater), Condition.Absent, VersionRows.WriteSequence(0)));
            await search.Write(entered.Bucket, key, step.Made, head.Current?.Version, ct);
            switch (await entered.Commit(table, address.Partition, step.All, usage, proposal?.Room ?? late))
            {
                case Outcome.Committed:
                    copies?.Count();
                    return step;
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
                case null:
                    continue;
            }
            if (proposal?.Upload is { } upload && await Settled(address, CompletedRow(address, upload, proposal.Version.Id), ct) is { } settled)
                return settled.IsForbidden ? Refusal.Conflict : new VersionChanges(address) { Made = settled.As(proposal.Version) };
            if (isConditional) return Refusal.Conflict;
            if (intent is not null && await followUps.IsTaken(address, intent, ct)) intent = null;
            if (events is not null) await events.Renew(address, ct);
            if (copies is not null) await copies.Renew(address, ct);
        }
        return Refusal.Unavailable;
    }

    /// <summary>What the changes are to the bucket's usage. The parts of an upload become the object's.</summary>
    private UsageChange UsageOf(Bucket bucket, VersionChanges step, Proposal? proposal)
    {
        var versions = buckets.Locations.Of(bucket, step.Made) - buckets.Locations.Of(bucket, step.Removed ?? step.Restored);
        return proposal?.Upload is null
            ? versions
            : versions - UsageChange.OfParts(buckets.Locations.LocationOf(bucket, proposal.TakenFrom), proposal.Taken ?? step.Made!.Size);
    }

    /// <summary>What has happened when the changes are committed.</summary>
    private static string EventOf(VersionChanges step, Cause? cause) => step.Made switch
    {
        null => cause?.Event == EventNames.Expired ? EventNames.Expired : EventNames.Deleted,
        { IsDeleteMarker: true } => cause?.Event == EventNames.Expired ? EventNames.ExpiredMarkerCreated : EventNames.MarkerCreated,
        _ => cause?.Event ?? EventNames.Put,
    };
}
