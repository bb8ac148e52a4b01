using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Search;

/// <summary>
/// Removes entries of a search index that say of a key what none of its versions is. Not those that may wait for their version: a commit
/// that has begun here is waited for, and those of other instances have come, or never will, when their entry is old enough. And not one
/// that a writer has written again since it was read.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="clock">The time.</param>
internal sealed class StaleEntries(ITable table, Buckets buckets, TimeProvider clock)
{
    /// <summary>Well above what a commit may take, and clocks may differ by.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    private readonly VersionRows rows = new(table);
    private readonly SearchEntries entries = new(table, buckets.Locations, clock);

    /// <summary>Removes those of some entries that are stale; how many.</summary>
    /// <param name="bucket">Their bucket.</param>
    /// <param name="fields">Their fields.</param>
    /// <param name="some">The entries.</param>
    /// <param name="width">Keys that are looked at side by side.</param>
    /// <param name="ct">Ends it.</param>
    public async ValueTask<int> Remove(Bucket bucket, IReadOnlyList<IndexedField> fields, IReadOnlyList<Row> some, int width, CancellationToken ct)
    {
        // After the entries were read, before the versions are.
        await buckets.Passed(bucket, ct);
        var now = clock.GetUtcNow();
        var removed = 0;
        var byKey = some.Select(row => (Row: row, Entry: SearchRows.Read(row))).Where(each => !buckets.IsShared || now - each.Entry.At > Grace).GroupBy(each => each.Entry.Key, StringComparer.Ordinal);
        await Parallel.ForEachAsync(byKey, new ParallelOptions { MaxDegreeOfParallelism = width, CancellationToken = ct }, async (group, stop) =>
        {
            HashSet<string> has = new(StringComparer.Ordinal);
            await foreach (var version in Versions(KeyCodec.Address(Rows.ObjectSpace(bucket), group.Key), stop)) has.UnionWith(entries.Partitions(bucket, fields, group.Key, version));
            foreach (var (row, _) in group)
            {
                if (has.Contains(row.Key.Partition)) continue;
                if (await table.Apply(row.Key.Partition, [Change.Delete(row.Key.Row, Condition.Is(row.Stamp))], stop) == Outcome.Committed) Interlocked.Increment(ref removed);
            }
        });
        return removed;
    }

    /// <summary>All versions of a key, those too that were deleted and are kept.</summary>
    private async IAsyncEnumerable<ObjectVersion> Versions(KeyAddress address, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var head = await rows.Newest(address, isVersioned: true, ct);
        if (head.Current is { } current) yield return current.Version;
        if (head.Rival is { } rival) yield return rival.Version;
        await foreach (var older in rows.All(address, ct)) yield return older.Version;
    }
}
