using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What is to become the current version of a key, once its bytes are durable.</summary>
/// <param name="Version">The version; its sequence, and the place of an inline body, are filled in by the commit.</param>
internal sealed record Proposal(ObjectVersion Version)
{
    /// <summary>A small body, to be stored beside the version.</summary>
    public ReadOnlyMemory<byte>? Inline { get; init; }

    /// <summary>
    /// The version whose bytes this one takes over: the commit is refused with <see cref="Refusal.Conflict"/> unless that
    /// is still the current one.
    /// </summary>
    public ObjectVersion? Heir { get; init; }

    /// <summary>
    /// The upload it comes from: the version is then committed once only, however often and by whomever that is tried.
    /// </summary>
    public string? Upload { get; init; }
}

/// <summary>
/// The one place where the current version of a key changes. Reads it, checks conditions, and commits conditionally on
/// what was read; writers without conditions try again when another was faster.
/// </summary>
internal sealed class VersionWriter(ITable table, Buckets buckets, FollowUps followUps, ObjectOptions options, TimeProvider clock)
{
    private const int Attempts = 100;

    /// <summary>Between the announcement and the commit; a message that came sooner would have to be sent once more.</summary>
    private static readonly TimeSpan CommitTime = TimeSpan.FromSeconds(2);

    private static ReadOnlyMemory<byte> Committed { get; } = "committed"u8.ToArray();

    private static ReadOnlyMemory<byte> Forbidden { get; } = "forbidden"u8.ToArray();

    /// <summary>Makes the proposal the current version.</summary>
    public async ValueTask<Result<ObjectVersion>> Commit(
        Bucket bucket, string key, Conditions conditions, Proposal proposal, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var result = await Change(bucket, key, address, conditions, current =>
        {
            if (proposal.Heir is { } heir && heir.Id != current?.Id) return Refusal.Conflict;
            var sequence = Math.Max(Rows.Microseconds(clock.GetUtcNow()), (current?.Sequence ?? 0) + 1);
            var version = ObjectLock.Retained(proposal.Version, bucket.Get(BucketSettings.ObjectLock)) with { Sequence = sequence };
            List<Change> changes = [];
            if (proposal.Inline is { Length: > 0 } body)
            {
                version = version with { Body = new() { Inline = Rows.NewestFirst(sequence) } };
                changes.Add(State.Change.Put(address.RowName(Rows.Data, version.Body.Inline), Condition.Any, body));
            }
            if (proposal.Upload is not null)
                changes.Add(State.Change.Put(CompletedRow(address, proposal.Upload, version.Id), Condition.Absent, Committed));
            return new Step(version, changes, proposal.Heir is null, proposal.Upload);
        }, ct);
        return result.Refusal is null ? result.Value.Version! : result.As<ObjectVersion>();
    }

    /// <summary>Removes the current version; carries what was removed, null where there was nothing.</summary>
    public async ValueTask<Result<Removal>> Remove(Bucket bucket, string key, Conditions conditions, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var result = await Change(bucket, key, address, conditions, _ => new Step(null, [], true, null), ct);
        return result.Refusal is null ? new Removal(result.Value.Replaced) : result.As<Removal>();
    }

    /// <inheritdoc cref="ObjectStore.Amend"/>
    public async ValueTask<Result<ObjectVersion>> Amend(
        Bucket bucket, string key, string? versionId, Func<ObjectVersion, Result<ObjectVersion>> next, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await buckets.Enter(bucket, ct) is not { } lease) return Refusal.NoSuchBucket;
            using var entered = lease;
            if (await table.Get(address.Row(Rows.Current), ct) is not { } row) return Refusal.NoSuchKey;
            var version = ObjectVersionJson.Read(row.Value);
            if (versionId is not null && versionId != version.PublicId) return Refusal.NoSuchVersion;
            var amended = next(version);
            if (amended.Refusal is not null) return amended;
            var change = State.Change.Put(
                address.RowName(Rows.Current), Condition.AsRead(row), StateJson.Write(amended.Value, StateJson.Default.ObjectVersion));
            switch (await table.Apply(address.Partition, [change], CancellationToken.None))
            {
                case Outcome.Committed:
                    return amended;
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
            }
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
            Outcome.Refused => await Settled(address, row, ct) == Settlement.Forbidden,
            _ => throw new UnknownOutcomeException(),
        };
    }

    private static string CompletedRow(KeyAddress address, string uploadId, string versionId) =>
        address.RowName(Rows.Completed, uploadId + "." + versionId);

    private async ValueTask<Settlement> Settled(KeyAddress address, string row, CancellationToken ct) =>
        await table.Get(new(address.Partition, row), ct) is not { } found ? Settlement.Open
        : found.Value.Span.SequenceEqual(Committed.Span) ? Settlement.Committed
        : Settlement.Forbidden;

    private async ValueTask<Result<Done>> Change(
        Bucket bucket, string key, KeyAddress address, Conditions conditions, Func<ObjectVersion?, Result<Step>> next,
        CancellationToken ct)
    {
        string? intent = null;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await buckets.Enter(bucket, ct) is not { } lease) return Refusal.NoSuchBucket;
            using var entered = lease;

            var row = await table.Get(address.Row(Rows.Current), ct);
            var current = row is null ? null : ObjectVersionJson.Read(row.Value);
            if (Preconditions.ForWrite(conditions, current) is { } refusal) return refusal;
            var step = next(current);
            if (step.Refusal is not null) return step.As<Done>();
            var (version, changes, dropsBody, upload) = step.Value;
            if (version is null && row is null) return new Done(null, null);

            changes.Add(version is null
                ? State.Change.Delete(address.RowName(Rows.Current), Condition.AsRead(row))
                : State.Change.Put(
                    address.RowName(Rows.Current), Condition.AsRead(row), StateJson.Write(version, StateJson.Default.ObjectVersion)));
            if (dropsBody && current is not null)
            {
                if (current.Body.Inline is { } tail) changes.Add(State.Change.Delete(address.RowName(Rows.Data, tail), Condition.Any));
                if (current.Body.Stored is not null || current.Body.Manifest is not null)
                {
                    if (intent is null)
                    {
                        intent = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
                        await followUps.Announce(Rows.ObjectSpace(bucket), key, intent, options.ReadGrace + CommitTime, ct);
                    }
                    changes.Add(FollowUps.Insert(address, intent, new()
                    {
                        Since = clock.GetUtcNow(),
                        Body = current.Body.Stored,
                        Manifest = current.Body.Manifest,
                    }));
                }
            }

            // Not to be cancelled: a caller that is gone would leave open whether its bytes are in use.
            switch (await table.Apply(address.Partition, changes, CancellationToken.None))
            {
                case Outcome.Committed:
                    return new Done(version, current);
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
            }
            if (upload is not null)
            {
                switch (await Settled(address, CompletedRow(address, upload, version!.Id), ct))
                {
                    case Settlement.Committed:
                        return new Done(version, null);
                    case Settlement.Forbidden:
                        return Refusal.Conflict;
                }
            }
            if (Preconditions.AnyForWrite(conditions)) return Refusal.Conflict;
            if (intent is not null && await followUps.IsTaken(address, intent, ct)) intent = null;
        }
        return Refusal.Unavailable;
    }

    /// <summary>
    /// What a commit would write: the new version (null: none), further changes, whether the replaced one's bytes go, and
    /// the upload it comes from.
    /// </summary>
    private readonly record struct Step(ObjectVersion? Version, List<Change> Changes, bool DropsBody, string? Upload);

    private readonly record struct Done(ObjectVersion? Version, ObjectVersion? Replaced);

    private enum Settlement
    {
        Open,
        Committed,
        Forbidden,
    }
}
