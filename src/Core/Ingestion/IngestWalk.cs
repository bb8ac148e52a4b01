using System.Runtime.CompilerServices;
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
/// bucket, begins that for every bucket that mirrors something. No bytes of objects are read. Done again from an earlier place, it
/// finds less to do: so it may be cut off anywhere.
/// </summary>
internal sealed class IngestWalk(Walks walks, IngestParts parts) : IWalker
{
    private readonly KeyMirror mirror = parts.Objects.Mirror;
    private readonly WalkShards shards = new(walks, parts.Options);

    /// <summary>A key of either side; there is none of it on the other where that list is empty.</summary>
    private readonly record struct Pair(string Key, IReadOnlyList<ObjectVersion> Here, IReadOnlyList<SourceVersion> There);

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
        if (source.ReplicaTraits.ListsFromAnywhere
            && await shards.Split(run, stop => IsLarge(run, source, stop), (behind, stop) => First(source, behind, stop), ct) is { } split) return split;
        List<Pair> due = [];
        string? key = null;
        await foreach (var pair in Pairs(bucket, source, run.Walk.Cursor?.Key ?? run.Walk.Request.Range?.After, ct))
        {
            if (run.Walk.Request.Range?.IsBehind(pair.Key) == true) break;
            if (key is not null && (due.Count >= parts.Options.Width * 4 || run.IsDue || run.IsOver))
            {
                if (await Deal() is { } end) return end;
            }
            key = pair.Key;
            run.Walk = run.Walk with
            {
                Counts = run.Walk.Counts with { Keys = run.Walk.Counts.Keys + 1, Versions = run.Walk.Counts.Versions + pair.There.Count },
            };
            if (!KeyMirror.IsSame(pair.Here, pair.There)) due.Add(pair);
        }
        return await Deal() is { } last && last != WalkEnd.Later ? last : WalkEnd.Finished;

        // What the run ends with; null where it goes on.
        async ValueTask<WalkEnd?> Deal()
        {
            if (due.Count > 0 && await parts.States.IsPaused(SiteServices.Ingestion, setting.Location, ct))
            {
                run.Walk = run.Walk with { Waiting = $"Ingestion from {setting.Location} is paused." };
                return WalkEnd.Waits;
            }
            var changed = await Do(bucket, setting.Location, due, ct);
            due.Clear();
            run.Walk = run.Walk with { Cursor = key is null ? run.Walk.Cursor : new(key), Counts = run.Walk.Counts with { Different = run.Walk.Counts.Different + changed } };
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            return run.IsOver ? WalkEnd.Later : null;
        }
    }

    /// <summary>Whether there is much of it: here, or, where nothing is here yet, there.</summary>
    private async ValueTask<bool> IsLarge(WalkRun run, IReplicas source, CancellationToken ct)
    {
        if (run.Walk.Total > 0) return run.Walk.Total >= parts.Options.LargeBucket;
        var seen = 0L;
        await foreach (var _ in source.ListVersions("", null, ct))
            if (++seen >= parts.Options.LargeBucket) return true;
        return false;
    }

    private static async ValueTask<string?> First(IReplicas source, string? behind, CancellationToken ct)
    {
        await foreach (var version in source.ListVersions("", behind, ct)) return version.Key;
        return null;
    }

    private async ValueTask<long> Do(Bucket bucket, string location, List<Pair> due, CancellationToken ct)
    {
        long changed = 0;
        foreach (var _ in due) parts.Counters.Queued(location, 0);
        var at = parts.Clock.GetUtcNow();
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = parts.Options.Width, CancellationToken = ct }, async (pair, stop) =>
        {
            var updated = await mirror.Update(bucket, pair.Key, pair.Here.Count == 0 ? pair.There : null, stop);
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
        await using var there = Groups(source.ListVersions("", after, ct), version => version.Key, version => version, ct).GetAsyncEnumerator(ct);
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
}
