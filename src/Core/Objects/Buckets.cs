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
public sealed partial class Buckets
{
    private const string BucketRow = "b";
    private const string SettingRows = "s.";

    /// <summary>A row for each bucket that was removed: its id, and when.</summary>
    private const string RemovedPartition = "gone";
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

    /// <summary>
    /// The bucket, be it marked for a deletion, which may be taken back, or being emptied; null where there is none. For those who count what
    /// it holds.
    /// </summary>
    internal async ValueTask<Bucket?> FindAny(string name, CancellationToken ct) => cache.Find(name) ?? (await Read(name, ct))?.Bucket;

    /// <summary>The bucket that is being removed with all that is in it; null where there is none of that name and id, or it is not.</summary>
    public async ValueTask<Bucket?> FindEmptying(string name, string id, CancellationToken ct) =>
        await Read(name, ct) is not { } read || read.Bucket.Id != id || read.Bucket.Emptying is null ? null
        : read.Bucket.Deleting is null ? read.Bucket
        : await Unmarked(read, ct);

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

    /// <summary>The account's buckets by name: those that start with the prefix and come after the given name.</summary>
    public async ValueTask<BucketPage> List(Account owner, string prefix, string? after, int limit, CancellationToken ct)
    {
        var range = KeyRange.Rows(ListOf(owner.Id), prefix);
        if (after is not null && string.CompareOrdinal(after, prefix) >= 0)
            range = range.After(after);
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

    /// <summary>The ids of all buckets that were removed.</summary>
    internal async IAsyncEnumerable<string> Removed([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var row in buckets.Scan(KeyRange.Partition(RemovedPartition), null, null, ct)) yield return row.Key.Row;
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
