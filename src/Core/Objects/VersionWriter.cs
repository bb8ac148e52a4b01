using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What is to become the current version of a key, once its bytes are durable.</summary>
/// <param name="Version">
/// The version; its sequence, whether it is the null version, and the place of an inline body are filled in by the commit.
/// </param>
internal sealed record Proposal(ObjectVersion Version)
{
    /// <summary>A small body, to be stored beside the version.</summary>
    public ReadOnlyMemory<byte>? Inline { get; init; }

    /// <summary>
    /// The version whose bytes this one takes over: the commit is refused with <see cref="Refusal.Conflict"/> unless that
    /// is still the current one, and is replaced rather than kept.
    /// </summary>
    public ObjectVersion? Heir { get; init; }

    /// <summary>
    /// The upload it comes from: the version is then committed once only, however often and by whomever that is tried.
    /// </summary>
    public string? Upload { get; init; }

    /// <summary>
    /// Whether its encryption was left to the bucket's default: the commit is refused with <see cref="Refusal.Unavailable"/>
    /// where the default has become one that the bytes, stored by then, do not meet.
    /// </summary>
    public bool IsByDefault { get; init; }

    /// <summary>The request it comes from, for those who are told of it.</summary>
    public Cause? Cause { get; init; }
}

/// <summary>
/// The one place where the versions of a key change. Reads the newest, checks conditions, and commits conditionally on
/// what was read; writers without conditions try again when another was faster.
/// </summary>
internal sealed class VersionWriter(ITable table, Buckets buckets, FollowUps followUps, ObjectOptions options, TimeProvider clock)
{
    // Each that fails is another's success: many writers of one key can leave one of them behind for long, a hundred times have
    // been seen with eight.
    private const int Attempts = 1000;

    /// <summary>Between the announcement and the commit; a message that came sooner would have to be sent once more.</summary>
    private static readonly TimeSpan CommitTime = TimeSpan.FromSeconds(2);

    private readonly VersionRows rows = new(table);
    private readonly EarlierCommits earlier = new(table);

    private static ReadOnlyMemory<byte> Forbidden { get; } = "forbidden"u8.ToArray();

    /// <summary>Makes the proposal the current version.</summary>
    public async ValueTask<Result<ObjectVersion>> Commit(
        Bucket bucket, string key, Conditions conditions, Proposal proposal, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var result = await Change(bucket, key, address, Preconditions.AnyForWrite(conditions), false, proposal, proposal.Version.Request, proposal.Cause, async (entered, state, head) =>
        {
            var current = head.Current?.Version;
            if (Preconditions.ForWrite(conditions, current is { IsDeleteMarker: true } ? null : current) is { } refusal) return refusal;
            if (proposal.Heir is { } heir && (state == VersioningState.Enabled || current is not { IsNull: true } || heir.Id != current.Id))
                return Refusal.Conflict;
            if (proposal.Version.Acl is { } acl && IsBlocked(acl, entered)) return Refusal.Forbidden;
            // The status at which every client sends the body again by itself; a 409 they would only report.
            if (proposal.IsByDefault && entered.Get(BucketSettings.Encryption) is { } now && !now.IsMetBy(proposal.Version.Encryption, entered.OwnerId))
                return Refusal.Unavailable.Because("The bucket's default encryption was changed while the request was under way. Please send it again.");
            var version = ObjectLock.Retained(proposal.Version, entered.Get(BucketSettings.ObjectLock)) with
            {
                Sequence = head.Next(Rows.Microseconds(clock.GetUtcNow()), isMarker: false),
                IsNull = state != VersioningState.Enabled,
                NullSequence = null,
                HighWater = null,
            };
            var step = new VersionChanges(address) { KeepsBytes = proposal.Heir is not null };
            if (proposal.Inline is { Length: > 0 } body) version = step.PutBody(version, body);
            if (proposal.Upload is not null)
                step.Add(State.Change.Put(CompletedRow(address, proposal.Upload, version.Id), Condition.Absent, Settlement.Write(version)));
            return await Supersede(step, head, version, ct);
        }, ct);
        return result.Refusal is null ? result.Value.Made! : result.As<ObjectVersion>();
    }

    /// <inheritdoc cref="ObjectStore.Delete"/>
    public async ValueTask<Result<Removal>> Remove(Bucket bucket, string key, DeleteRequest request, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var isConditional = Preconditions.AnyForWrite(request.Conditions);
        var result = await Change(bucket, key, address, isConditional, request.BypassesGovernance, null, request.By?.Request?.Text, request.By?.Cause, (entered, state, head) =>
            request.VersionId is not null || state is null
                ? RemoveVersion(address, request, state, head, ct)
                : AddMarker(entered, address, request, state.Value, head, ct), ct);
        return result.Refusal is null ? new Removal(result.Value.Removed, result.Value.Made) : result.As<Removal>();
    }

    /// <inheritdoc cref="ObjectStore.Amend"/>
    public async ValueTask<Result<ObjectVersion>> Amend(
        Bucket bucket, string key, string? versionId, Cause? cause, Func<ObjectVersion, Result<ObjectVersion>> next, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        EventIntents? events = null;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<ObjectVersion>();
            using var entered = entering.Value;
            var (_, found) = await rows.Find(address, versionId, IsVersioned(entered.Bucket), ct);
            if (found is null) return versionId is null ? Refusal.NoSuchKey : Refusal.NoSuchVersion;
            if (found.Version.IsDeleteMarker)
                return (versionId is null ? Refusal.NoSuchKey : Refusal.DeleteMarker).Carrying(found.Version);
            var amended = next(found.Version);
            if (amended.Refusal is not null) return amended;
            if (amended.Value.Acl is { } acl && acl != found.Version.Acl && IsBlocked(acl, entered.Bucket)) return Refusal.Forbidden;
            List<Change> changes = [State.Change.Put(found.Row.Key.Row, Condition.Is(found.Row.Stamp), VersionRows.Write(amended.Value))];
            if (cause is not null) events ??= EventIntents.For(entered.Bucket, followUps, options, clock);
            if (events is not null)
            {
                var order = Math.Max(Rows.Microseconds(clock.GetUtcNow()), found.Version.Sequence + 1);
                await events.Add(changes.Add, address, entered.Bucket, key, cause!.Event, amended.Value, order, cause, ct);
            }
            switch (await entered.Commit(table, address.Partition, changes))
            {
                case Outcome.Committed:
                    return amended;
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
            }
            if (events is not null) await events.Renew(address, ct);
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
        return await table.Apply(address.Partition, [State.Change.Put(row, Condition.Absent, Forbidden)], ct) switch
        {
            Outcome.Committed => true,
            Outcome.Refused => (await Settled(address, row, ct))?.IsForbidden ?? false,
            _ => throw new UnknownOutcomeException(),
        };
    }

    /// <summary>Whether a list opens what the bucket, by now, does not let be opened.</summary>
    private static bool IsBlocked(Acl acl, Bucket entered) => acl.IsPublic && entered.PublicAccessBlock().BlockPublicAcls;

    private static bool IsVersioned(Bucket bucket) => bucket.Get(BucketSettings.Versioning) is not null;

    private static string CompletedRow(KeyAddress address, string uploadId, string versionId) =>
        address.RowName(Rows.Completed, uploadId + "." + versionId);

    private async ValueTask<Settlement?> Settled(KeyAddress address, string row, CancellationToken ct) =>
        await table.Get(new(address.Partition, row), ct) is not { } found ? null : Settlement.Read(found.Value.Span);

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
        Bucket bucket, KeyAddress address, DeleteRequest request, VersioningState state, VersionRows.Head head, CancellationToken ct)
    {
        if (Preconditions.ForDelete(request.Conditions, head.Current?.Version) is { } refusal) return refusal;
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
        return await Supersede(new VersionChanges(address), head, marker, ct);
    }

    /// <summary>Removes a version for good; where it was the newest, the next one takes its place.</summary>
    private async ValueTask<Result<VersionChanges?>> RemoveVersion(
        KeyAddress address, DeleteRequest request, VersioningState? state, VersionRows.Head head, CancellationToken ct)
    {
        var found = head.Current;
        if (request.VersionId is not null) (head, found) = await rows.Find(address, request.VersionId, state is not null, ct);
        if (head.Rival is not null) return default;
        if (Preconditions.ForDelete(request.Conditions, found?.Version) is { } refusal) return refusal;
        var step = new VersionChanges(address);
        if (found is null) return step;
        var version = found.Version;

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
                NullSequence = nullSequence,
                HighWater = head.Highest,
                Recent = EarlierCommits.Behind(version, clock.GetUtcNow()),
            });
        }
        else
        {
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
    private async ValueTask Settle(KeyAddress address, VersionRows.Head head, CancellationToken ct)
    {
        var (current, marker) = (head.Current!, head.Rival!);
        var step = new VersionChanges(address);
        if (current.Version.IsNull || current.Version.Sequence > marker.Version.Sequence)
        {
            var version = current.Version;
            if (version.IsNull) version = version with { Sequence = Math.Max(version.Sequence, marker.Version.Sequence + 1) };
            else version = version with { NullSequence = marker.Version.IsNull ? marker.Version.Sequence : version.NullSequence };
            step.PutCurrent(head with { Rival = null }, version);
            step.DeleteRow(marker);
            if (!version.IsNull || !marker.Version.IsNull) step.Keep(marker.Version);
        }
        else
        {
            var version = marker.Version with { NullSequence = marker.Version.IsNull ? null : current.Version.NullSequence };
            step.PutCurrent(head with { Current = marker, Rival = null }, version);
            step.DeleteRow(current);
            step.Keep(current.Version);
        }
        await table.Apply(address.Partition, step.All, ct);
    }

    private async ValueTask<Result<VersionChanges>> Change(
        Bucket bucket, string key, KeyAddress address, bool isConditional, bool bypassesGovernance, Proposal? proposal, string? request, Cause? cause,
        Func<Bucket, VersioningState?, VersionRows.Head, ValueTask<Result<VersionChanges?>>> plan, CancellationToken ct)
    {
        string? intent = null;
        EventIntents? events = null;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<VersionChanges>();
            using var entered = entering.Value;
            var setting = entered.Bucket.Get(BucketSettings.Versioning);
            var head = await rows.Newest(address, setting is not null, ct);
            // Versions that are there were made while versioning was enabled, whatever an outdated setting says.
            var state = setting?.State ?? (head.Current is { Version: { IsNull: false } or { NullSequence: not null } } ? VersioningState.Enabled : null);
            if (head.Rival is not null)
            {
                await Settle(address, head, ct);
                continue;
            }
            if (request is not null && await earlier.Find(address, head, request, proposal?.Version, ct) is { } repeated)
                return new VersionChanges(address) { Made = repeated };
            var planned = await plan(entered.Bucket, state, head);
            if (planned.Refusal is not null) return planned.As<VersionChanges>();
            if (planned.Value is not { } step) continue;
            if (step.All.Count == 0) return step;
            // Whatever plans it: a version that is retained or on hold never goes.
            if (step.Removed is { } removed && ObjectLock.ForRemoval(removed, bypassesGovernance, clock.GetUtcNow()) is { } locked)
                return locked;

            if (step.LosesBytes is { } lost)
            {
                if (intent is null)
                {
                    intent = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
                    await followUps.Announce(Rows.ObjectSpace(bucket), key, intent, options.ReadGrace + CommitTime, ct);
                }
                step.Add(FollowUps.Insert(address, intent, new() { Since = clock.GetUtcNow(), Body = lost.Stored, Manifest = lost.Manifest }));
            }

            events ??= EventIntents.For(entered.Bucket, followUps, options, clock);
            if (events is not null && (step.Made ?? step.Removed) is { } subject)
            {
                var order = step.Made?.Sequence ?? head.Next(Rows.Microseconds(clock.GetUtcNow()), isMarker: false);
                await events.Add(step.Add, address, entered.Bucket, key, EventOf(step, cause), subject, order, cause, ct);
            }

            switch (await entered.Commit(table, address.Partition, step.All))
            {
                case Outcome.Committed:
                    if (setting is not null && head.Current is null) await SettleRival(address);
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
        }
        return Refusal.Unavailable;
    }

    /// <summary>What has happened when the changes are committed.</summary>
    private static string EventOf(VersionChanges step, Cause? cause) => step.Made switch
    {
        null => EventNames.Deleted,
        { IsDeleteMarker: true } => EventNames.MarkerCreated,
        _ => cause?.Event ?? EventNames.Put,
    };

    /// <summary>
    /// A writer who had found nothing sees whether another, who had found nothing either, made a version of the other kind.
    /// From its answer on, which is the newer is certain.
    /// </summary>
    private async ValueTask SettleRival(KeyAddress address)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var head = await rows.Newest(address, true, CancellationToken.None);
            if (head.Rival is null) return;
            await Settle(address, head, CancellationToken.None);
        }
    }

    /// <summary>What became of an upload's version, as its row tells: <c>forbidden</c>, or <c>committed</c> and its sequence.</summary>
    /// <param name="IsForbidden">Whether it may never be committed.</param>
    /// <param name="Sequence">The sequence with which it was committed; null for the null version.</param>
    private readonly record struct Settlement(bool IsForbidden, long? Sequence)
    {
        private static ReadOnlySpan<byte> Committed => "committed"u8;

        public static ReadOnlyMemory<byte> Write(ObjectVersion version) => version.IsNull
            ? Committed.ToArray()
            : Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"committed {version.Sequence}"));

        public static Settlement Read(ReadOnlySpan<byte> row) =>
            row.SequenceEqual(Forbidden.Span) ? new(true, null)
            : row.Length > Committed.Length && Utf8Parser.TryParse(row[(Committed.Length + 1)..], out long sequence, out _) ? new(false, sequence)
            : new(false, null);

        public ObjectVersion As(ObjectVersion version) => version with { Sequence = Sequence ?? version.Sequence, IsNull = Sequence is null };
    }
}
