using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Core.Ingestion;

/// <summary>
/// Asks the source of a mirrored bucket for what its listing did not tell: of each version where that is missing, or of all. One request
/// a version, many side by side. Done again from an earlier place, it finds less to do: so it may be cut off anywhere.
/// </summary>
internal sealed class DetailsWalk(Walks walks, IngestParts parts) : IWalker
{
    private readonly WalkShards shards = new(walks, parts.Options);

    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        var bucket = await WalkedBucket.Find(parts.Buckets, run.Walk, ct);
        var setting = bucket.Get(BucketSettings.Mirror) ?? throw new WalkFailedException($"The bucket '{bucket.Name}' mirrors nothing.");
        var options = parts.Options;
        if (await shards.Split(run, run.Walk.Cursor is null && run.Walk.Total >= options.LargeBucket, (behind, _, stop) => new SourceKeys(parts.Table, bucket).After(behind, stop), ct) is { } split) return split;
        // Parts run side by side.
        var width = run.Walk.Request.Range is null ? options.SourceWidth : Math.Max(1, options.SourceWidth / options.Shards);
        var (due, key) = (new List<(string Key, ObjectVersion Version)>(), (string?)null);
        var all = new ListVersionsRequest { KeyMarker = run.Walk.Cursor?.Key ?? run.Walk.Request.Range?.After };
        await foreach (var (name, version, _) in new VersionWalk(parts.Table, Rows.ObjectSpace(bucket)).Walk(all, new(int.MaxValue, TimeSpan.FromDays(1), parts.Clock), ct))
        {
            if (run.Walk.Request.Range?.IsBehind(name) == true) break;
            var isNext = key is not null && name != key;
            if (due.Count >= width * 16 || (isNext && (run.IsDue || run.IsOver)))
            {
                if (await Deal(isNext ? new(key!) : run.Walk.Cursor) is { } end) return end;
            }
            key = name;
            run.Walk = run.Walk with { Counts = run.Walk.Counts with { Versions = run.Walk.Counts.Versions + 1 } };
            if (!version!.IsDeleteMarker && (run.Walk.Request.Deep || SourceDetails.AreMissing(version))) due.Add((name, version));
        }
        return await Deal(run.Walk.Cursor) is { } last && last != WalkEnd.Later ? last : WalkEnd.Finished;

        // What the run ends with; null where it goes on.
        async ValueTask<WalkEnd?> Deal(WalkCursor? cursor)
        {
            if (due.Count > 0 && await parts.States.IsPaused(SiteServices.Ingestion, setting.Location, ct))
            {
                run.Walk = run.Walk with { Waiting = $"Ingestion from {setting.Location} is paused." };
                return WalkEnd.Waits;
            }
            var changed = 0L;
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = width, CancellationToken = ct }, async (each, stop) =>
            {
                if (await parts.Objects.Details.Ask(bucket, each.Key, each.Version, stop)) Interlocked.Increment(ref changed);
            });
            due.Clear();
            run.Walk = run.Walk with { Cursor = cursor, Counts = run.Walk.Counts with { Different = run.Walk.Counts.Different + changed } };
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            return run.IsOver ? WalkEnd.Later : null;
        }
    }
}
