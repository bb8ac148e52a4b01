using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Ingestion;

/// <summary>What the walk of mirrors works on.</summary>
/// <param name="Table">The table of objects.</param>
/// <param name="Buckets">The buckets.</param>
/// <param name="Objects">The objects.</param>
/// <param name="States">Which sources are paused.</param>
/// <param name="Counters">Told of what comes in.</param>
/// <param name="Options">How walks behave.</param>
/// <param name="Clock">The time.</param>
internal sealed record IngestParts(
    ITable Table, Buckets Buckets, ObjectStore Objects, SiteStates States, ReplicationCounters Counters, WalkOptions Options, TimeProvider Clock);

/// <summary>
/// Compares a mirrored bucket with its source, key by key in one order, and brings up to date what differs; or, where it is of no
/// bucket, begins that for every bucket that mirrors something. No bytes of objects are read. What a listing tells is enough for a key that is
/// new; the rest is asked for by another walk. Done again from an earlier place, it finds less to do: so it may be cut off anywhere.
/// </summary>
internal sealed class IngestWalk(Walks walks, IngestParts parts) : IWalker
{
    /// <summary>Keys that are dealt with while the listing goes on.</summary>
    private const int Batch = 1000;

    private readonly KeyMirror mirror = parts.Objects.Mirror;
    private readonly WalkShards shards = new(walks, parts.Options);

    /// <summary>A key of either side; there is none of it on the other where that list is empty.</summary>
    private readonly record struct Pair(string Key, IReadOnlyList<ObjectVersion> Here, IReadOnlyList<SourceVersion> There)
    {
        public bool IsNew => Here.Count == 0;
    }

    /// <inheritdoc/>
    public ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct) => run.Walk.Request.Bucket is null ? Begin(run, ct) : Apply(run, ct);

    private async ValueTask<WalkEnd> Begin(WalkRun run, CancellationToken ct)
    {
        await foreach (var bucket in parts.Buckets.All(run.Walk.Cursor?.Bucket, ct))
        {
            if (bucket.Get(BucketSettings.Mirror) is { } setting && !await parts.States.IsPaused(SiteServices.Ingestion, setting.Location, ct))
                await walks.Start(new() { Purpose = WalkPurpose.Ingest, Bucket = bucket.Name }, ct);
            run.Walk = run.Walk with { Cursor = new("") { Bucket = bucket.Name } };
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            if (run.IsOver) return WalkEnd.Later;
        }
        return WalkEnd.Finished;
    }

    private async ValueTask<WalkEnd> Apply(WalkRun run, CancellationToken ct)
    {
        var bucket = await WalkedBucket.Find(parts.Buckets, run.Walk, ct);
        var setting = bucket.Get(BucketSettings.Mirror) ?? throw new WalkFailedException($"The bucket '{bucket.Name}' mirrors nothing.");
        var source = await mirror.Source(bucket, ct);
        var end = await Split(run, source, run.Walk.Cursor is null && run.Walk.Total >= parts.Options.LargeBucket, ct) ?? await Compare(run, bucket, setting, source, ct);
        if (end != WalkEnd.Finished || run.Walk.Request.Range is not null) return end;
        var details = new WalkRequest { Purpose = WalkPurpose.Details, Bucket = bucket.Name };
        if (run.Walk.Counts.Listed > 0 || await walks.Find(Walks.IdOf(details), ct) is { State: WalkState.Failed }) await walks.Start(details, ct);
        return end;
    }

    private async ValueTask<WalkEnd?> Split(WalkRun run, IReplicas source, bool isLarge, CancellationToken ct) =>
        source.ReplicaTraits.ListsFromAnywhere ? await shards.Split(run, isLarge, source.Keys, ct) : null;

    private async ValueTask<WalkEnd> Compare(WalkRun run, Bucket bucket, MirrorSetting setting, IReplicas source, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var (range, batch) = (run.Walk.Request.Range, (int)Math.Min(Batch, parts.Options.LargeBucket));
        // Two batches: one that is filled while the listing goes on, and one that is dealt with.
        var (filled, counts, key) = (new List<Pair>(), new WalkCounts(), (string?)null);
        var underWay = (Done: Task.FromResult(0L), Counts: new WalkCounts(), Key: (string?)null);
        try
        {
            await foreach (var pair in Pairs(bucket, source, run.Walk.Cursor?.Key ?? range?.After, stop.Token))
            {
                if (range?.IsBehind(pair.Key) == true) break;
                if (key is not null && (filled.Count >= batch || run.IsDue || run.IsOver))
                {
                    if (await Deal() is { } end) return end;
                    // How much there is, only the source knows.
                    if (range is null && run.Walk.Counts.Versions + underWay.Counts.Versions >= parts.Options.LargeBucket && source.ReplicaTraits.ListsFromAnywhere)
                    {
                        if (await Settle() is { } early) return early;
                        if (await Split(run, source, isLarge: true, ct) is { } split) return split;
                    }
                }
                key = pair.Key;
                counts = counts with { Keys = counts.Keys + 1, Versions = counts.Versions + pair.There.Count };
                if (!KeyMirror.IsSame(pair.Here, pair.There)) filled.Add(pair);
                else counts = counts with { Listed = counts.Listed + pair.Here.Count(SourceDetails.AreMissing) };
            }
            return (await Deal() ?? await Settle()) is { } last && last != WalkEnd.Later ? last : WalkEnd.Finished;
        }
        finally
        {
            await stop.CancelAsync();
            await underWay.Done.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        // Waits for what is under way, and begins what was found since. What the run ends with; null where it goes on.
        async ValueTask<WalkEnd?> Deal()
        {
            if (await Settle() == WalkEnd.Lost) return WalkEnd.Lost;
            if (filled.Count > 0 && await parts.States.IsPaused(SiteServices.Ingestion, setting.Location, ct))
            {
                run.Walk = run.Walk with { Waiting = $"Ingestion from {setting.Location} is paused." };
                return WalkEnd.Waits;
            }
            if (SourceDetails.MayWait(bucket)) counts = counts with { Listed = counts.Listed + filled.Sum(pair => pair.IsNew ? pair.There.Count(version => !version.IsMarker) : 0) };
            underWay = (Do(bucket, setting.Location, filled, stop.Token), counts, key);
            (filled, counts) = ([], new());
            return run.IsOver ? await Settle() : null;
        }

        async ValueTask<WalkEnd?> Settle()
        {
            var different = await underWay.Done;
            run.Walk = run.Walk with { Cursor = underWay.Key is null ? run.Walk.Cursor : new(underWay.Key), Counts = run.Walk.Counts + underWay.Counts with { Different = different } };
            underWay = (Task.FromResult(0L), new(), null);
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            return run.IsOver ? WalkEnd.Later : null;
        }
    }

    /// <summary>How many versions have come, or keys have lost some.</summary>
    private async Task<long> Do(Bucket bucket, string location, List<Pair> due, CancellationToken ct)
    {
        if (due.Count == 0) return 0;
        long changed = 0;
        foreach (var _ in due) parts.Counters.Queued(location, 0);
        var at = parts.Clock.GetUtcNow();
        // Who asks the source is not to be many. Commits may be: the more, the more of them share a flush to the disk.
        var width = SourceDetails.MayWait(bucket) && due.TrueForAll(pair => pair.IsNew) ? Batch : parts.Options.Width;
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = width, CancellationToken = ct }, async (pair, stop) =>
        {
            var updated = await mirror.Update(bucket, pair.Key, pair.IsNew ? pair.There : null, stop);
            if (updated.Refusal is { } refusal) throw WalkedBucket.Gone(refusal, bucket.Name);
            parts.Counters.Completed(location, 0, at);
            Interlocked.Add(ref changed, updated.Value.Changed);
        });
        return changed;
    }

    /// <summary>The keys of both sides, behind one.</summary>
    private async IAsyncEnumerable<Pair> Pairs(Bucket bucket, IReplicas source, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var all = new ListVersionsRequest { KeyMarker = after };
        var walk = new VersionWalk(parts.Table, Rows.ObjectSpace(bucket)).Walk(all, new(int.MaxValue, TimeSpan.FromDays(1), parts.Clock), ct);
        await using var here = Groups(walk, entry => entry.Name, entry => entry.Version!, ct).GetAsyncEnumerator(ct);
        await using var there = Groups(ReadAhead(source.ListVersions("", after, ct), ct), version => version.Key, version => version, ct).GetAsyncEnumerator(ct);
        var (hasHere, hasThere) = (await here.MoveNextAsync(), await there.MoveNextAsync());
        while (hasHere || hasThere)
        {
            var order = !hasHere ? 1 : !hasThere ? -1 : Utf8Order.Compare(here.Current.Key, there.Current.Key);
            yield return new(
                order <= 0 ? here.Current.Key : there.Current.Key, order <= 0 ? here.Current.Items : [], order >= 0 ? there.Current.Items : []);
            if (order <= 0) hasHere = await here.MoveNextAsync();
            if (order >= 0) hasThere = await there.MoveNextAsync();
        }
    }

    /// <summary>What follows each other with one key, at most so many as are mirrored.</summary>
    private static async IAsyncEnumerable<(string Key, List<TItem> Items)> Groups<T, TItem>(
        IAsyncEnumerable<T> all, Func<T, string> keyOf, Func<T, TItem> itemOf, [EnumeratorCancellation] CancellationToken ct)
    {
        string? key = null;
        List<TItem> items = [];
        await foreach (var each in all.WithCancellation(ct))
        {
            if (keyOf(each) != key)
            {
                // Compared with what lies about its order, everything would seem to be missing on one side or the other.
                if (key is not null && Utf8Order.Compare(keyOf(each), key) < 0)
                    throw new WalkFailedException($"The source lists its keys out of order: '{keyOf(each)}' behind '{key}'. It cannot be mirrored, unless it is made to list them by their UTF-8 bytes.");
                if (key is not null) yield return (key, items);
                (key, items) = (keyOf(each), []);
            }
            if (items.Count < KeyMirror.MostVersions) items.Add(itemOf(each));
        }
        if (key is not null) yield return (key, items);
    }

    /// <summary>The same, some of it read before it is asked for: so a listing goes on while others work.</summary>
    private static async IAsyncEnumerable<SourceVersion> ReadAhead(IAsyncEnumerable<SourceVersion> listing, [EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var read = Channel.CreateBounded<SourceVersion>(new BoundedChannelOptions(2 * Batch) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(
            async () =>
            {
                try
                {
                    await foreach (var version in listing.WithCancellation(stop.Token)) await read.Writer.WriteAsync(version, stop.Token);
                    read.Writer.Complete();
                }
                catch (Exception e)
                {
                    read.Writer.Complete(e);
                }
            },
            CancellationToken.None);
        try
        {
            await foreach (var version in read.Reader.ReadAllAsync(ct)) yield return version;
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }
}
