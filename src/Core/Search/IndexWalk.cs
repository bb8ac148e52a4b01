using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Search;

/// <summary>
/// Builds the search index of a bucket: enters what was there before its fields were declared, says then that they are ready, and removes
/// entries that no version stands behind. Done again from an earlier place it finds less to do: so it may be cut off anywhere.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="walks">Begin another walk, where a field was declared meanwhile.</param>
/// <param name="options">How walks behave.</param>
/// <param name="clock">The time.</param>
internal sealed class IndexWalk(ITable table, Buckets buckets, Walks walks, WalkOptions options, TimeProvider clock) : IWalker
{
    /// <summary>Keys, or entries, before they are dealt with side by side.</summary>
    private const int Batch = 256;

    private readonly SearchEntries entries = new(table, buckets.Locations, clock);
    private readonly StaleEntries stale = new(table, buckets, clock);

    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        var bucket = await WalkedBucket.Find(buckets, run.Walk, ct);
        if (bucket.Get(BucketSettings.SearchIndex) is not { } index) return WalkEnd.Finished;
        // What is committed without its entries must be there when it is looked for.
        if (!options.IsAlone && run.Walk.Since + options.SettingsKnown - clock.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            run.Pause = left;
            return WalkEnd.Waits;
        }
        await buckets.Passed(bucket, ct);
        if (run.Walk.Cursor?.Row is null)
        {
            List<IndexedField> fields = [.. index.Fields.Where(field => run.Walk.Request.Fields?.Contains(field.Id) == true)];
            if (fields.Count > 0)
            {
                if (await Build(run, bucket, fields, ct) is { } end) return end;
                await Ready(bucket, run.Walk.Request.Fields!, ct);
            }
            run.Walk = run.Walk with { Cursor = new("") { Row = "" } };
            if (!await run.Save(ct)) return WalkEnd.Lost;
        }
        return await TidyUp(run, bucket, index, ct);
    }

    /// <summary>Enters every version; null when that is done.</summary>
    private async ValueTask<WalkEnd?> Build(WalkRun run, Bucket bucket, IReadOnlyList<IndexedField> fields, CancellationToken ct)
    {
        // What was deleted and is kept may come back without a word.
        var all = new ListVersionsRequest { KeyMarker = run.Walk.Cursor?.Key, WithKept = true };
        List<(string Key, string Partition)> found = [];
        HashSet<string> ofKey = new(StringComparer.Ordinal);
        string? key = null;
        await foreach (var (name, version, _) in new VersionWalk(table, Rows.ObjectSpace(bucket)).Walk(all, new(int.MaxValue, TimeSpan.FromDays(1), clock), ct))
        {
            if (key is not null && name != key)
            {
                ofKey.Clear();
                if ((found.Count >= Batch || run.IsDue || run.IsOver) && !await Enter(new(key))) return WalkEnd.Lost;
                if (run.IsOver) return WalkEnd.Later;
            }
            key = name;
            run.Walk = run.Walk with { Counts = run.Walk.Counts with { Versions = run.Walk.Counts.Versions + 1 } };
            foreach (var partition in entries.Partitions(bucket, fields, key, version!))
                if (ofKey.Add(partition)) found.Add((key, partition));
            if (found.Count >= 2 * Batch && !await Enter(run.Walk.Cursor)) return WalkEnd.Lost;
        }
        return await Enter(run.Walk.Cursor) ? null : WalkEnd.Lost;

        async ValueTask<bool> Enter(WalkCursor? cursor)
        {
            await Parallel.ForEachAsync(
                found, new ParallelOptions { MaxDegreeOfParallelism = options.Width, CancellationToken = ct }, (each, stop) => entries.Put(each.Partition, each.Key, stop));
            run.Walk = run.Walk with { Cursor = cursor, Counts = run.Walk.Counts with { Entered = run.Walk.Counts.Entered + found.Count } };
            found.Clear();
            return await run.Checkpoint(ct);
        }
    }

    /// <summary>From now on searches use these fields, unless they were dropped.</summary>
    private async ValueTask Ready(Bucket bucket, IReadOnlyList<string> fields, CancellationToken ct)
    {
        var changed = await buckets.Change(bucket, BucketSettings.SearchIndex, now => now.Get(BucketSettings.SearchIndex) is { } index
            ? index with { Fields = [.. index.Fields.Select(field => fields.Contains(field.Id) ? field with { IsReady = true } : field)] }
            : default(SearchIndex), ct);
        if (changed.Refusal is { } refusal) throw WalkedBucket.Gone(refusal, bucket.Name);
    }

    private async ValueTask<WalkEnd> TidyUp(WalkRun run, Bucket bucket, SearchIndex index, CancellationToken ct)
    {
        foreach (var field in index.Fields.OrderBy(field => field.Id, StringComparer.Ordinal))
        {
            var range = SearchRows.All(bucket.Id, field.Id);
            var done = new TableKey(run.Walk.Cursor!.Key, run.Walk.Cursor.Row + "\0");
            if (done >= range.To) continue;
            if (done > range.From) range = range with { From = done };
            List<Row> some = [];
            await foreach (var row in table.Scan(range, null, null, ct))
            {
                some.Add(row);
                if (some.Count < Batch) continue;
                if (!await Look()) return WalkEnd.Lost;
                if (run.IsOver) return WalkEnd.Later;
            }
            if (some.Count > 0 && !await Look()) return WalkEnd.Lost;

            async ValueTask<bool> Look()
            {
                var removed = await stale.Remove(bucket, index.Fields, some, options.Width, ct);
                var last = some[^1].Key;
                some.Clear();
                run.Walk = run.Walk with { Cursor = new(last.Partition) { Row = last.Row }, Counts = run.Walk.Counts with { Stale = run.Walk.Counts.Stale + removed } };
                return await run.Checkpoint(ct);
            }
        }
        // Declared while this went on, and whoever did so did not come to begin the walk for it.
        if ((await buckets.Find(bucket.Name, ct))?.Get(BucketSettings.SearchIndex) is not { } now) return WalkEnd.Finished;
        List<string> missing = [.. now.Fields.Where(field => !field.IsReady && run.Walk.Request.Fields?.Contains(field.Id) != true).Select(field => field.Id)];
        if (missing.Count == 0) return WalkEnd.Finished;
        await walks.StartSearchIndex(bucket, missing, ct);
        return WalkEnd.Lost;
    }
}
