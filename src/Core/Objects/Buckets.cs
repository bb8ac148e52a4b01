using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// The buckets of the installation. A bucket is the row <c>b</c> of the partition <c>b.NAME</c>, and each of its settings
/// is a row <c>s.SETTING</c> there; the partition <c>o.OWNER</c> lists an account's buckets by name. The list is written first and removed last, and believed only where
/// the bucket's own row agrees.
/// </summary>
public sealed class Buckets
{
    private const string BucketRow = "b";
    private const string SettingRows = "s.";
    private const int ChangeAttempts = 100;

    /// <summary>How long a deletion may take from its mark to the removal, besides what it waits for other instances.</summary>
    private static readonly TimeSpan MarkLife = TimeSpan.FromMinutes(2);

    private readonly ITable buckets;
    private readonly ITable objects;
    private readonly LocationCatalog locations;
    private readonly UploadRows uploads;
    private readonly TimeProvider clock;
    private readonly Consistency consistency;
    private readonly Tombstones tombstones;
    private readonly IQueue queue;
    private readonly RowCache<string, Bucket> cache;
    private readonly CommitGate gate = new();

    /// <summary>The buckets kept in these tables.</summary>
    /// <param name="buckets">The table of buckets.</param>
    /// <param name="objects">The table of objects, which says whether a bucket is empty.</param>
    /// <param name="queue">Takes what follows a deletion.</param>
    /// <param name="locations">Where buckets may be made.</param>
    /// <param name="usage">Counts what they hold.</param>
    /// <param name="consistency">What is owed to other instances.</param>
    /// <param name="clock">The time.</param>
    public Buckets(
        ITable buckets, ITable objects, IQueue queue, LocationCatalog locations, UsageCounters usage, Consistency consistency,
        TimeProvider clock)
    {
        Usage = usage;
        (this.buckets, this.objects, this.queue, this.locations, this.consistency, this.clock) = (buckets, objects, queue, locations, consistency, clock);
        uploads = new UploadRows(objects, new FollowUps(objects, queue, clock), clock);
        cache = new(consistency.CacheAge, clock);
        tombstones = new Tombstones(buckets, queue, consistency, clock);
        Turns = new KeyTurns(clock);
    }

    /// <summary>What the buckets hold.</summary>
    public UsageCounters Usage { get; }

    /// <summary>Whether other instances write into them, too.</summary>
    internal bool IsShared => consistency.IsShared;

    /// <summary>Whose turn it is among those who lost races for a key.</summary>
    internal KeyTurns Turns { get; }

    /// <summary>Where bytes go.</summary>
    public LocationCatalog Locations => locations;

    /// <summary>
    /// Makes a bucket; refuses with <see cref="Refusal.BucketOwned"/>, <see cref="Refusal.BucketTaken"/> or, where the
    /// constraint is not empty and names no location, <see cref="Refusal.NoSuchLocation"/>.
    /// </summary>
    public ValueTask<Result<Bucket>> Create(string name, Account owner, string locationConstraint, CancellationToken ct) =>
        Create(name, owner, locationConstraint, BucketSettings.None, ct);

    /// <inheritdoc cref="Create(string, Account, string, CancellationToken)"/>
    /// <param name="name">The name.</param>
    /// <param name="owner">Whose it is to be.</param>
    /// <param name="locationConstraint">Where its objects go; empty for the default.</param>
    /// <param name="settings">Settings that it has from the first moment.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<Bucket>> Create(
        string name, Account owner, string locationConstraint, BucketSettings settings, CancellationToken ct) =>
        await Create(name, owner, locationConstraint, settings, null, ct);

    /// <inheritdoc cref="Create(string, Account, string, CancellationToken)"/>
    /// <param name="name">The name.</param>
    /// <param name="owner">Whose it is to be.</param>
    /// <param name="locationConstraint">Where its objects go; empty for the default.</param>
    /// <param name="settings">Settings that it has from the first moment.</param>
    /// <param name="token">The request; sent again, it gets the bucket that it made. Null where none is sent again.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<Bucket>> Create(
        string name, Account owner, string locationConstraint, BucketSettings settings, RequestToken? token, CancellationToken ct)
    {
        if (locationConstraint.EndsWith(MirrorSetting.Suffix, StringComparison.Ordinal))
        {
            var mirrored = await Mirrored(locationConstraint[..^MirrorSetting.Suffix.Length], settings, ct);
            if (mirrored.Refusal is not null) return mirrored.As<Bucket>();
            settings = mirrored.Value;
        }
        else if (locationConstraint.Length > 0 && !await locations.Has(locationConstraint, ct))
        {
            return Refusal.NoSuchLocation;
        }
        if (await Read(name, ct) is { } existing)
        {
            if (IsMadeBy(existing.Bucket, token)) return existing.Bucket;
            // A mark that nobody will remove is taken back here too: this may be the only request that ever comes.
            if (existing.Bucket.Deleting is null || await Find(name, ct) is null) return OwnedOrTaken(existing.Bucket, owner);
            return OwnedOrTaken(existing.Bucket with { Deleting = null }, owner);
        }

        var bucket = new Bucket
        {
            Name = name,
            Id = Ids.Random(16),
            OwnerId = owner.Id,
            OwnerCanonicalId = owner.CanonicalId,
            OwnerName = owner.Name,
            Created = Rows.Now(clock),
            LocationConstraint = locationConstraint,
            Request = token?.Text,
            Settings = settings,
        };
        await Settled(buckets.Apply(ListOf(owner.Id), [State.Change.Put(name, Condition.Any, ReadOnlyMemory<byte>.Empty)], ct));
        List<State.Change> changes = [State.Change.Put(BucketRow, Condition.Absent, StoredJson.Write(bucket, StateJson.Default.Bucket))];
        foreach (var (setting, stored) in settings.Stored()) changes.Add(State.Change.Put(SettingRows + setting, Condition.Any, stored));
        if (await Settled(buckets.Apply(PartitionOf(name), changes, ct))) return bucket;
        if (await Read(name, ct) is not { } winner) return Refusal.Conflict;
        return IsMadeBy(winner.Bucket, token) ? winner.Bucket : OwnedOrTaken(winner.Bucket, owner);
    }

    /// <summary>The settings of a bucket that is to mirror a location: it keeps versions where the source does.</summary>
    private async ValueTask<Result<BucketSettings>> Mirrored(string location, BucketSettings settings, CancellationToken ct)
    {
        if (!await locations.Has(location, ct)) return Refusal.NoSuchLocation;
        if (await locations.Find(location, ct) is not IReplicas { ReplicaTraits.WholeKey: true } source)
            return Refusal.InvalidRequest.Because(
                $"The location '{location}' cannot be mirrored: its objects must have their own keys. Add it as an S3 or Azure Blob location with --bucket-match (in Zenko: write objects without prefix).");
        if (settings.Get(BucketSettings.ObjectLock) is not null) return Refusal.InvalidRequest.Because("A bucket that mirrors another cannot have an object lock of its own.");
        try
        {
            var versioning = await source.Versioning(ct);
            if (versioning == SourceVersioning.Suspended)
                return Refusal.InvalidRequest.Because($"Versioning is suspended at the location '{location}': some of what is written there would replace what was mirrored. Enable it there, and try again.");
            // One look, so that whoever may not list is told now.
            await foreach (var _ in source.ListVersions("", null, ct)) break;
            settings = settings.With(BucketSettings.Mirror, new(location));
            return versioning == SourceVersioning.Enabled ? settings.With(BucketSettings.Versioning, new(VersioningState.Enabled)) : settings;
        }
        catch (ReplicaRefusedException e)
        {
            return Refusal.InvalidRequest.Because($"The location '{location}' cannot be mirrored: {e.Message}");
        }
        catch (LocationUnavailableException e)
        {
            return Refusal.Unavailable.Because($"The location '{location}' does not answer: {e.Message}");
        }
    }

    /// <summary>The bucket, from the cache where it can be; null where there is none, or where it is being deleted.</summary>
    public async ValueTask<Bucket?> Find(string name, CancellationToken ct)
    {
        if (cache.Find(name) is { } cached) return cached;
        var look = cache.Begin();
        if (await Read(name, ct) is not { } read || read.Bucket.Emptying is not null) return null;
        if (read.Bucket.Deleting is not null) return await Unmarked(read, ct);
        cache.Remember(read.Bucket.Name, read.Bucket, look);
        return read.Bucket;
    }

    /// <summary>The bucket that is being removed with all that is in it; null where there is none of that name and id, or it is not.</summary>
    public async ValueTask<Bucket?> FindEmptying(string name, string id, CancellationToken ct) =>
        await Read(name, ct) is not { } read || read.Bucket.Id != id || read.Bucket.Emptying is null ? null
        : read.Bucket.Deleting is null ? read.Bucket
        : await Unmarked(read, ct);

    /// <summary>
    /// Begins the removal of a bucket with all that is in it: from now on it is gone to clients. Whoever calls it has sent the message of the
    /// job that empties and removes it. Refuses with <see cref="Refusal.NoSuchBucket"/>, and what the check refuses; with
    /// <see cref="Refusal.Locked"/> where versions in it can be locked and there are any.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="check">Whether it may still be removed as it is now; null for nothing.</param>
    /// <param name="ct">Gives up before the mark.</param>
    public async ValueTask<Result<Bucket>> Empty(Bucket bucket, Func<Bucket, Declined?> check, CancellationToken ct)
    {
        if (bucket.Get(BucketSettings.ObjectLock) is not null && await HasObjects(bucket, ct))
            return Refusal.Locked.Because("Versions in it can be locked: remove them one by one.");
        return await Mark(bucket, now => now with { Emptying = clock.GetUtcNow() }, check, ct);
    }

    /// <summary>Takes back what <see cref="Empty"/> began: what is left is there again.</summary>
    public async ValueTask StopEmptying(Bucket bucket, CancellationToken ct)
    {
        while (await Read(bucket.Name, ct) is { } read && read.Bucket.Id == bucket.Id && read.Bucket.Emptying is not null)
            if (await Write(read.Bucket with { Emptying = null }, Condition.Is(read.Stamp), ct)) return;
    }

    private async ValueTask<Result<Bucket>> Mark(Bucket bucket, Func<Bucket, Bucket> next, Func<Bucket, Declined?> check, CancellationToken ct)
    {
        for (var attempt = 0; attempt < ChangeAttempts; attempt++)
        {
            if (await Read(bucket.Name, ct) is not { } read || read.Bucket.Id != bucket.Id || read.Bucket is not { Deleting: null, Emptying: null })
                return Refusal.NoSuchBucket;
            if (bucket.Permit is not null && !await bucket.Permit(read.Bucket, ct)) return Refusal.Forbidden;
            if (check(read.Bucket) is { } declined) return declined;
            var marked = next(read.Bucket);
            if (await Write(marked, Condition.Is(read.Stamp), ct)) return marked;
        }
        return Refusal.Conflict;
    }

    /// <summary>A marked bucket without the mark, where that is so old that its maker is dead or stalled; else null.</summary>
    private async ValueTask<Bucket?> Unmarked(ReadBucket marked, CancellationToken ct)
    {
        if (clock.GetUtcNow() - marked.Bucket.Deleting < MarkLife + consistency.Obeyed) return null;
        // Taking the mark back refuses a removal that still might come.
        var bucket = marked.Bucket with { Deleting = null };
        return await Write(bucket, Condition.Is(marked.Stamp), ct) ? bucket : null;
    }

    /// <summary>
    /// Changes a setting. The new value is worked out from the bucket as it is at that moment; null removes the setting, a
    /// refusal leaves all as it is. Refuses with <see cref="Refusal.NoSuchBucket"/> where the bucket is gone or going.
    /// </summary>
    public async ValueTask<Result<Bucket>> Change<T>(
        Bucket bucket, BucketSetting<T> setting, Func<Bucket, Result<T?>> next, CancellationToken ct) where T : class
    {
        for (var attempt = 0; attempt < ChangeAttempts; attempt++)
        {
            if (await Read(bucket.Name, ct) is not { } read || read.Bucket.Id != bucket.Id || read.Bucket is not { Deleting: null, Emptying: null })
                return Refusal.NoSuchBucket;
            var value = next(read.Bucket);
            if (value.Refusal is not null) return value.As<Bucket>();
            var changed = read.Bucket with { Settings = read.Bucket.Settings.With(setting, value.Value) };
            // From now on it matters what the bucket holds; it may be older than the counters.
            if (value.Value is QuotaSetting) await Usage.Ask(read.Bucket.Counted, ct);
            // The bucket's own row is written too: whoever read it before, to delete it or to change another setting, starts anew.
            State.Change[] changes =
            [
                State.Change.Put(BucketRow, Condition.Is(read.Stamp), StoredJson.Write(changed, StateJson.Default.Bucket)),
                value.Value is null
                    ? State.Change.Delete(SettingRows + setting.Name, Condition.Any)
                    : State.Change.Put(SettingRows + setting.Name, Condition.Any, ((IBucketSetting)setting).Write(value.Value)),
            ];
            var written = await Settled(buckets.Apply(PartitionOf(bucket.Name), changes, ct));
            cache.Forget(bucket.Name);
            if (written) return changed;
        }
        return Refusal.Conflict;
    }

    /// <summary>
    /// Removes an empty bucket, with the unfinished uploads in it; refuses with <see cref="Refusal.BucketNotEmpty"/>. It is
    /// marked first, so that no commit can slip in behind the look that finds it empty; where there are other instances, that
    /// takes until all of them obey (<see cref="Consistency.Obeyed"/>), and a tombstone stays.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="token">The request; see <see cref="WasDeletedBy"/>.</param>
    /// <param name="ct">Takes the deletion back.</param>
    public async ValueTask<Result<Bucket>> Delete(Bucket bucket, RequestToken? token, CancellationToken ct)
    {
        if (await HasObjects(bucket, ct)) return Refusal.BucketNotEmpty;
        if (await Read(bucket.Name, ct) is not { } read || read.Bucket.Id != bucket.Id) return Refusal.NoSuchBucket;

        if (read.Bucket.Deleting is not null) return Refusal.Conflict;
        var marked = read.Bucket with { Deleting = clock.GetUtcNow() };
        if (!await Write(marked, Condition.Is(read.Stamp), ct)) return Refusal.Conflict;
        try
        {
            var removed = await Remove(marked, token, ct);
            if (removed.Refusal is not null) await Unmark(marked);
            return removed;
        }
        catch
        {
            // Until the mark is gone, the bucket is to nobody.
            await Unmark(marked);
            throw;
        }
    }

    /// <inheritdoc cref="Delete(Bucket, RequestToken?, CancellationToken)"/>
    public ValueTask<Result<Bucket>> Delete(Bucket bucket, CancellationToken ct) => Delete(bucket, null, ct);

    /// <summary>Whether a bucket of that name was removed by this very request, sent before.</summary>
    public ValueTask<bool> WasDeletedBy(string name, RequestToken token, CancellationToken ct) => tombstones.IsOf(name, token, ct);

    /// <summary>The account's buckets by name: those that start with the prefix and come after the given name.</summary>
    public async ValueTask<BucketPage> List(Account owner, string prefix, string? after, int limit, CancellationToken ct)
    {
        var range = KeyRange.Rows(ListOf(owner.Id), prefix);
        if (after is not null && string.CompareOrdinal(after, prefix) >= 0)
            range = range with { From = new(range.From.Partition, after + "!") };
        var page = new List<Bucket>();
        await foreach (var row in buckets.Scan(range, null, null, ct))
        {
            if (await Find(row.Key.Row, ct) is not { } bucket || bucket.OwnerId != owner.Id) continue;
            if (page.Count == limit) return new(page, page.Count == 0 ? null : page[^1].Name);
            page.Add(bucket);
        }
        return new(page, null);
    }

    /// <summary>Every bucket, whoever owns it, by name, behind one of them where it is named. Those that come meanwhile may be missing.</summary>
    public async IAsyncEnumerable<Bucket> All(string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var (from, to) = (PartitionOf(after ?? ""), PartitionOf("\ufffe"));
        await foreach (var row in buckets.Scan(new(new(from, after is null ? "" : "\uffff"), new(to, "")), BucketRow, null, ct))
            if (await Read(row.Key.Partition[PartitionOf("").Length..], ct) is { } found) yield return found.Bucket;
    }

    /// <summary>
    /// A commit into the bucket begins, validated by a row that is not older than the cache may be: refused where the bucket is
    /// gone or going, or does not permit the request any more. Until what is returned is disposed, a deletion waits for it.
    /// </summary>
    internal async ValueTask<Result<EnteredBucket>> Enter(Bucket bucket, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        var lease = gate.Enter(bucket.Id);
        var refusal = Refusal.NoSuchBucket;
        try
        {
            // Into one that is being emptied, only who empties it may go.
            var found = bucket.Emptying is null ? await Find(bucket.Name, ct) : await FindEmptying(bucket.Name, bucket.Id, ct);
            if (found is { } now && now.Id == bucket.Id)
            {
                if (bucket.Permit is null || await bucket.Permit(now, ct)) return new EnteredBucket(now, lease, consistency, clock, began, Usage);
                refusal = Refusal.Forbidden;
            }
        }
        catch
        {
            lease.Dispose();
            throw;
        }
        lease.Dispose();
        return refusal;
    }

    /// <summary>
    /// Ends when every commit into the bucket that has begun here by now is over. Those of other instances are over after
    /// <see cref="Consistency.Obeyed"/>.
    /// </summary>
    internal Task Passed(Bucket bucket, CancellationToken ct) => gate.Passed(bucket.Id).WaitAsync(ct);

    private async ValueTask<Result<Bucket>> Remove(Bucket marked, RequestToken? token, CancellationToken ct)
    {
        await gate.Drained(marked.Id).WaitAsync(ct);
        // Those of other instances, that have not seen the mark.
        if (consistency.IsShared) await Task.Delay(consistency.Obeyed, clock, ct);
        if (await Read(marked.Name, ct) is not { } mark || mark.Bucket.Id != marked.Id) return Refusal.NoSuchBucket;
        // Another mark, or none: somebody thought this deletion dead, and commits may have come in since.
        if (mark.Bucket.Deleting != marked.Deleting) return Refusal.Conflict;
        if (await HasObjects(marked, ct) || !await uploads.AbortAll(marked, ct)) return Refusal.BucketNotEmpty;

        if (marked.Get(BucketSettings.Versioning) is not null) await RemoveHighWaters(marked, ct);
        var listed = await buckets.Get(new(ListOf(marked.OwnerId), marked.Name), ct);
        if (consistency.IsShared) await tombstones.Raise(marked, token, ct);
        // Objects that are gone may have left some.
        if (marked.Get(BucketSettings.SearchIndex) is not null) await DropSearchEntries.Announce(queue, marked, null, clock, ct);
        List<State.Change> changes = [State.Change.Delete(BucketRow, Condition.Is(mark.Stamp))];
        foreach (var (setting, _) in mark.Bucket.Settings.Stored()) changes.Add(State.Change.Delete(SettingRows + setting, Condition.Any));
        var removed = await Settled(buckets.Apply(PartitionOf(marked.Name), changes, CancellationToken.None));
        cache.Forget(marked.Name);
        if (!removed) return Refusal.Conflict;
        await ForgetUsage(marked);
        // As it was read before the removal: what stands there now may be the entry of a new bucket of the name.
        if (listed is not null)
        {
            await buckets.Apply(
                ListOf(marked.OwnerId), [State.Change.Delete(marked.Name, Condition.Is(listed.Stamp))], CancellationToken.None);
        }
        return marked;
    }

    private async ValueTask ForgetUsage(Bucket gone)
    {
        try
        {
            await Usage.Forget(gone.Id, CancellationToken.None);
        }
        catch (IOException)
        {
            // Rows of a bucket that is gone mislead nobody: its id is never used again.
        }
    }

    private async ValueTask Unmark(Bucket marked)
    {
        if (await Read(marked.Name, CancellationToken.None) is { } now && now.Bucket.Id == marked.Id && now.Bucket.Deleting == marked.Deleting)
            await Write(marked with { Deleting = null }, Condition.Is(now.Stamp), CancellationToken.None);
    }

    private async ValueTask<bool> HasObjects(Bucket bucket, CancellationToken ct)
    {
        // Where there are older versions, there is a current one or a current delete marker.
        foreach (var kind in new[] { Rows.Current, Rows.Marker })
        {
            var all = KeyCodec.Prefix(Rows.ObjectSpace(bucket), kind, "");
            await foreach (var _ in objects.Scan(all, kind.ToString(), 1, ct)) return true;
        }
        return false;
    }

    /// <summary>Removes what is left of keys that had versions. Cut short, the next deletion goes on with it.</summary>
    private async ValueTask RemoveHighWaters(Bucket bucket, CancellationToken ct)
    {
        var all = KeyCodec.Prefix(Rows.ObjectSpace(bucket), Rows.HighWater, "");
        await Parallel.ForEachAsync(
            objects.Scan(all, Rows.HighWater.ToString(), null, ct),
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = ct },
            async (row, stop) => await Settled(
                objects.Apply(row.Key.Partition, [State.Change.Delete(row.Key.Row, Condition.Any)], stop)));
    }

    private async ValueTask<ReadBucket?> Read(string name, CancellationToken ct)
    {
        Row? bucket = null;
        List<(string, ReadOnlyMemory<byte>)> settings = [];
        await foreach (var row in buckets.Scan(KeyRange.Rows(PartitionOf(name), ""), null, null, ct))
        {
            if (row.Key.Row == BucketRow) bucket = row;
            else settings.Add((row.Key.Row[SettingRows.Length..], row.Value));
        }
        if (bucket is null) return null;
        return new(StoredJson.Read(bucket.Value, StateJson.Default.Bucket) with { Settings = BucketSettings.Read(settings) }, bucket.Stamp);
    }

    private async ValueTask<bool> Write(Bucket bucket, Condition condition, CancellationToken ct)
    {
        var change = State.Change.Put(BucketRow, condition, StoredJson.Write(bucket, StateJson.Default.Bucket));
        var written = await Settled(buckets.Apply(PartitionOf(bucket.Name), [change], ct));
        cache.Forget(bucket.Name);
        return written;
    }

    private static bool IsMadeBy(Bucket bucket, RequestToken? token) =>
        token is not null && bucket.Request == token.Text && bucket is { Deleting: null, Emptying: null };

    private static Result<Bucket> OwnedOrTaken(Bucket existing, Account account) =>
        existing.Deleting is not null || (existing.Emptying is not null && existing.OwnerId == account.Id) ? Refusal.Conflict
        : existing.OwnerId == account.Id ? Refusal.BucketOwned.Carrying(existing)
        : Refusal.BucketTaken;

    private static async ValueTask<bool> Settled(ValueTask<Outcome> applying) => await applying switch
    {
        Outcome.Committed => true,
        Outcome.Refused => false,
        _ => throw new UnknownOutcomeException(),
    };

    private static string PartitionOf(string name) => "b." + name;

    private static string ListOf(string ownerId) => "o." + ownerId;

    private sealed record ReadBucket(Bucket Bucket, Stamp Stamp);
}
