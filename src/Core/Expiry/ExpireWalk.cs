using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Expiry;

/// <summary>
/// Removes what was left behind: rows whose life is over, kind by kind, then in each bucket the parts of uploads that are gone. A row is removed
/// only as it was read, so that one that came back to life stays; done again from an earlier place, the walk finds less to do.
/// </summary>
/// <param name="kinds">The rows that end.</param>
/// <param name="parts">The parts of uploads.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="clock">The time.</param>
internal sealed class ExpireWalk(IReadOnlyList<ExpiringRows> kinds, OrphanedParts parts, Buckets buckets, TimeProvider clock) : IWalker
{
    /// <summary>No bucket's name begins so: a cursor of rows is told from one of a bucket's parts.</summary>
    private const string OfRows = "~";

    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        var begun = run.Walk.Cursor;
        if (begun?.Bucket!.StartsWith(OfRows, StringComparison.Ordinal) != false)
        {
            foreach (var kind in kinds.SkipWhile(kind => begun is not null && begun.Bucket != OfRows + kind.Name))
                if (await Expire(kind, run, ct) is { } end) return end;
            begun = null;
        }
        await foreach (var bucket in From(begun?.Bucket, ct))
        {
            var from = begun?.Bucket == bucket.Name ? Behind(begun) : (TableKey?)null;
            await foreach (var (place, removed) in parts.Remove(bucket, from, ct))
                if (await Next(run, bucket.Name, place, removed, ct) is { } end) return end;
        }
        return WalkEnd.Finished;
    }

    /// <summary>Null where it is through with them.</summary>
    private async ValueTask<WalkEnd?> Expire(ExpiringRows kind, WalkRun run, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var range = kind.Range(now);
        if (run.Walk.Cursor is { } cursor && cursor.Bucket == OfRows + kind.Name) range = range with { From = Behind(cursor) };
        await foreach (var found in kind.Table.Scan(range, null, null, ct))
        {
            var isOver = await kind.EndOf(found, ct) is { } end && end + kind.Grace <= now;
            var isGone = isOver && await kind.Table.Apply(found.Key.Partition, [Change.Delete(found.Key.Row, Condition.Is(found.Stamp))], ct) == Outcome.Committed;
            if (await Next(run, OfRows + kind.Name, found.Key, isGone ? 0 : null, ct) is { } ended) return ended;
        }
        return null;
    }

    /// <summary>Counts a row, and notes how far the walk is; null where it goes on.</summary>
    private static async ValueTask<WalkEnd?> Next(WalkRun run, string of, TableKey at, long? removed, CancellationToken ct)
    {
        var counts = run.Walk.Counts;
        run.Walk = run.Walk with
        {
            Cursor = new(at.Partition) { Bucket = of, Row = at.Row },
            Counts = counts with { Keys = counts.Keys + 1, Removed = counts.Removed + (removed is null ? 0 : 1), RemovedBytes = counts.RemovedBytes + (removed ?? 0) },
        };
        return !await run.Checkpoint(ct) ? WalkEnd.Lost : run.IsOver ? WalkEnd.Later : null;
    }

    // No row's name has a character below this one.
    private static TableKey Behind(WalkCursor cursor) => new(cursor.Key, cursor.Row + "!");

    /// <summary>The buckets from one on.</summary>
    private async IAsyncEnumerable<Bucket> From(string? name, [EnumeratorCancellation] CancellationToken ct)
    {
        if (name is not null && await buckets.Find(name, ct) is { } first) yield return first;
        await foreach (var bucket in buckets.All(name, ct)) yield return bucket;
    }
}
