using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A copy that is owed: an intent row, and what it says.</summary>
/// <param name="Name">The intent's, by which its message knows it.</param>
/// <param name="Intent">What the row says.</param>
internal sealed record OwedCopy(string Name, ReplicationIntent Intent);

/// <summary>The turn of whoever copies a key to a site.</summary>
/// <param name="Address">The key.</param>
/// <param name="Site">The site.</param>
/// <param name="Own">The intent whose message is at hand: the others' get word.</param>
/// <param name="Lease">What keeps other processes away; null where there are none.</param>
internal sealed record CopyTurn(KeyAddress Address, string Site, string Own, Row? Lease);

/// <summary>What was settled of a copy.</summary>
/// <param name="Version">The version as it is now; null where it is gone, or goes to the site no more.</param>
/// <param name="Closed">The intents that were closed.</param>
internal readonly record struct Settled(ObjectVersion? Version, IReadOnlyList<ReplicationIntent> Closed);

/// <summary>The row of a turn.</summary>
internal sealed record CopyLease
{
    public int Format { get; init; } = 1;

    public required string Holder { get; init; }

    public required DateTimeOffset Until { get; init; }
}

/// <summary>A turn took too long, and somebody else has taken it.</summary>
internal sealed class LeaseLostException() : Exception("Another process has taken over the turn of this key.");

/// <summary>
/// The rows of a key that tell of its copies: which are owed, the versions they are of, and what became of them. A version's row is
/// the truth of its status; what changes there, and the intents that are done with it, change in one commit.
/// </summary>
internal sealed class CopyRows(ITable table, TimeProvider clock)
{
    /// <summary>The most intents of a version that one commit closes; those that are left are found to be done by their messages.</summary>
    private const int MostClosed = 90;

    /// <summary>The most intents of a key and site that are put into order at once.</summary>
    private const int MostOwed = 1000;

    private readonly VersionRows rows = new(table);

    /// <summary>The copies of a key that a site is owed, in the order of the versions; those owed longest, where there are very many.</summary>
    public async ValueTask<List<OwedCopy>> Owed(KeyAddress address, string site, CancellationToken ct)
    {
        var owed = new List<OwedCopy>();
        var prefix = address.RowName(Rows.Intent, ReplicationIntents.Prefix(site));
        await foreach (var row in table.Scan(KeyRange.Rows(address.Partition, prefix), null, MostOwed, ct))
        {
            if (FollowUps.ReplicaIn(row) is { } intent)
                owed.Add(new(string.Concat(ReplicationIntents.Prefix(site), row.Key.Row.AsSpan(prefix.Length)), intent));
        }
        owed.Sort((a, b) => (a.Intent.Sequence, a.Intent.Generation).CompareTo((b.Intent.Sequence, b.Intent.Generation)));
        return owed;
    }

    /// <summary>The version with that sequence and id, be it the newest or an older one; null where it is gone.</summary>
    public async ValueTask<VersionRows.Found?> Find(KeyAddress address, long sequence, string id, CancellationToken ct)
    {
        var head = await rows.Newest(address, isVersioned: true, ct);
        while (true)
        {
            if (head.Current?.Version.Id == id) return head.Current;
            if (head.Rival?.Version.Id == id) return head.Rival;
            if (head.Current is null) return null;
            if (await rows.Older(address, sequence, ct) is { } older && older.Version.Id == id) return older;
            // It may have been the newest when the older ones were looked at, and the other way round.
            var again = await rows.Newest(address, isVersioned: true, ct);
            if (again.Current?.Row.Stamp == head.Current.Row.Stamp && again.Rival?.Row.Stamp == head.Rival?.Row.Stamp) return null;
            head = again;
        }
    }

    /// <summary>Whether the site has had a version that is newer than that.</summary>
    public async ValueTask<bool> HasNewer(KeyAddress address, string site, long sequence, CancellationToken ct)
    {
        var head = await rows.Newest(address, isVersioned: true, ct);
        if (head.Current is not { } current || current.Version.Sequence <= sequence) return false;
        if (IsAt(current.Version, site)) return true;
        var newer = new KeyRange(address.Row(Rows.Version), address.Row(Rows.Version, Rows.NewestFirst(sequence)));
        await foreach (var row in table.Scan(newer, null, null, ct))
            if (IsAt(ObjectVersionJson.Read(row.Value), site)) return true;
        return false;
    }

    /// <summary>
    /// Writes down what became of a copy, and closes the intents that are done with that: those of the version up to that generation.
    /// A status counts only where the version was not changed since: what was changed is owed by an intent of its own. Where the
    /// version is gone, or goes to the site no more, its intents are closed.
    /// </summary>
    /// <param name="at">The key, the site, and whose message asks for this.</param>
    /// <param name="of">The intent that was worked on.</param>
    /// <param name="found">The version as it was read; read again where it was changed since. Null where it is gone.</param>
    /// <param name="state">What became of it; null to close the intents only.</param>
    /// <param name="generation">The generation of the version that this is about.</param>
    /// <param name="owed">The intents of the key and site that are known.</param>
    /// <param name="also">Changes the version further, in the same commit, where the status counts. Called again where that is refused.</param>
    /// <param name="ct">Ends it before it is committed.</param>
    /// <returns>The intents that were closed, and the version as it is then.</returns>
    /// <exception cref="LeaseLostException">Somebody else works on the key.</exception>
    public async ValueTask<Settled> Settle(
        CopyTurn at, ReplicationIntent of, VersionRows.Found? found, SiteState? state, int generation, IReadOnlyList<OwedCopy> owed,
        Func<ObjectVersion, Action<Change>, ValueTask<ObjectVersion>>? also, CancellationToken ct)
    {
        while (true)
        {
            var changes = new List<Change>();
            var version = found?.Version.Replication?.Of(at.Site) is null ? null : found.Version;
            if (version is not null && state is not null)
            {
                var (all, before) = (version.Replication!, version.Replication!.Of(at.Site)!);
                var isLatest = generation >= all.Generation;
                var next = state with { Status = isLatest ? state.Status : before.Status, At = isLatest ? clock.GetUtcNow() : before.At };
                version = version with { Replication = all.With(next) };
                if (also is not null && isLatest) version = await also(version, changes.Add);
                changes.Add(Change.Put(found!.Row.Key.Row, Condition.Is(found.Row.Stamp), VersionRows.Write(version)));
            }
            var closed = new List<ReplicationIntent>();
            foreach (var (name, intent) in owed)
            {
                if (intent.VersionId != of.VersionId || (version is not null && intent.Generation > generation) || closed.Count == MostClosed) continue;
                closed.Add(intent);
                changes.Add(name == at.Own ? FollowUps.CloseOf(at.Address, name) : FollowUps.SeenOf(at.Address, name));
            }
            if (at.Lease is { } lease) changes.Add(Change.Delete(lease.Key.Row, Condition.Is(lease.Stamp)));
            switch (await table.Apply(at.Address.Partition, changes, ct))
            {
                case Outcome.Committed:
                    return new(version, closed);
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
            }
            if (at.Lease is { } held && (await table.Get(held.Key, ct))?.Stamp != held.Stamp) throw new LeaseLostException();
            found = await Find(at.Address, of.Sequence, of.VersionId, ct);
        }
    }

    /// <summary>
    /// Writes down how often the message of a copy has failed, where it is still owed: should the message be lost, whoever sends it
    /// again goes on counting.
    /// </summary>
    public async ValueTask Note(KeyAddress address, string intent, int failures, DateTimeOffset since, CancellationToken ct)
    {
        var key = address.Row(Rows.Intent, intent);
        if (await table.Get(key, ct) is not { } row || FollowUps.ReplicaIn(row) is not { } owed || owed.Failures >= failures) return;
        var noted = StoredJson.Write(owed with { Failures = failures, FailingSince = owed.FailingSince ?? since }, StateJson.Default.ReplicationIntent);
        // Where it was not written, it is only not known.
        await table.Apply(address.Partition, [Change.Put(key.Row, Condition.Is(row.Stamp), noted)], ct);
    }

    /// <summary>
    /// Takes the turn of a key at a site where other processes may want it, too; null where one of them has it. It ends with what is
    /// settled, with <see cref="Release"/>, or when its time is over.
    /// </summary>
    public async ValueTask<Row?> Lease(KeyAddress address, string site, TimeSpan time, CancellationToken ct)
    {
        var key = address.Row(Rows.Lease, site);
        var before = await table.Get(key, ct);
        var now = clock.GetUtcNow();
        if (before is not null && StoredJson.Read(before.Value, StateJson.Default.CopyLease).Until > now) return null;
        var mine = new CopyLease { Holder = Ids.Random(16), Until = now + time };
        await table.Apply(address.Partition, [Change.Put(key.Row, Condition.AsRead(before), StoredJson.Write(mine, StateJson.Default.CopyLease))], ct);
        var row = await table.Get(key, ct);
        return row is not null && StoredJson.Read(row.Value, StateJson.Default.CopyLease).Holder == mine.Holder ? row : null;
    }

    /// <summary>Gives the turn back.</summary>
    public async ValueTask Release(Row lease, CancellationToken ct) =>
        await table.Apply(lease.Key.Partition, [Change.Delete(lease.Key.Row, Condition.Is(lease.Stamp))], ct);

    private static bool IsAt(ObjectVersion version, string site) =>
        version.Replication?.Of(site) is { } state && (state.Generation > 0 || state.Status == ReplicationStatus.Completed);
}
