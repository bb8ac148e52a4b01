using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Collection;

/// <summary>What the collection works on.</summary>
/// <param name="Table">The table of objects.</param>
/// <param name="Work">The table of replication, where walks have their notes.</param>
/// <param name="Buckets">The buckets.</param>
/// <param name="Locations">Where bytes are.</param>
/// <param name="Objects">Tells for how long bytes may be nobody's.</param>
/// <param name="Options">How walks behave.</param>
/// <param name="Clock">The time.</param>
/// <param name="Logger">Where it tells of locations that do not answer.</param>
internal sealed record CollectParts(
    ITable Table, ITable Work, Buckets Buckets, LocationCatalog Locations, ObjectOptions Objects, WalkOptions Options, TimeProvider Clock, ILogger Logger);

/// <summary>
/// Removes bytes that are in a location and that no row names: what was written before a crash, and never committed. It goes by stages:
/// </summary>
/// <remarks>
/// <list type="number">
/// <item><c>mark</c>: every row of every bucket is read, and the names that it mentions are remembered, in few bits.</item>
/// <item><c>sweep</c>: every location is listed. What is old enough, and seems not to be named, is a suspect: rightly, or because its name
/// went from row to row while these were read.</item>
/// <item><c>find</c>: the keys are found that the hashes in the suspects' names are of.</item>
/// <item><c>settle</c>: the rows of these keys are read again, as they are at one moment (see <see cref="KeyMentions"/>). What they do not
/// mention is removed; it cannot be named any more, as <see cref="ObjectOptions.TooLate"/> sees to.</item>
/// </list>
/// Done again from an earlier place, each stage comes to the same: so it may be cut off anywhere. See docs/decisions/0009-collection.md.
/// </remarks>
internal sealed class CollectWalk(CollectParts parts) : IWalker
{
    /// <summary>Where there are more suspects, they are settled before the sweep goes on.</summary>
    private const int MostSuspects = 10_000;

    private const string Mark = "mark", Sweep = "sweep", Find = "find", Settle = "settle";

    private readonly Suspects suspects = new(parts.Work);
    private readonly KeyMentions mentions = new(parts.Table);

    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        if (run.Walk.Cursor is null)
        {
            // Notes of a walk that was cancelled.
            await NameFilter.Drop(parts.Work, ct);
            await suspects.Forget(await suspects.All(null, ct).ToListAsync(ct), ct);
            run.Walk = run.Walk with { Cursor = new("") { Stage = Mark } };
            if (!await run.Save(ct)) return WalkEnd.Lost;
        }
        while (run.Walk.Cursor is { } cursor)
        {
            var end = cursor.Stage switch
            {
                Mark => await MarkAll(run, ct),
                Sweep => await SweepAll(run, ct),
                Find => await FindAll(run, ct),
                _ => await SettleAll(run, ct),
            };
            if (end is { } ended) return ended;
        }
        await NameFilter.Drop(parts.Work, ct);
        return WalkEnd.Finished;
    }

    private async ValueTask<WalkEnd?> MarkAll(WalkRun run, CancellationToken ct)
    {
        // What it errs about differs from run to run: what is missed by one is found by another.
        var filter = await NameFilter.Load(parts.Work, ct) ?? new(run.Walk.Since.UtcTicks);
        var cursor = run.Walk.Cursor!;
        await foreach (var bucket in parts.Buckets.All(cursor.Bucket, ct))
        {
            var prefix = ByteNames.Prefix(bucket.Id);
            foreach (var space in new[] { Rows.UploadSpace(bucket), Rows.ObjectSpace(bucket) })
            {
                var range = KeyCodec.Prefix(space, Rows.Current, "");
                if (cursor.Key.StartsWith(space, StringComparison.Ordinal)) range = range with { From = new(cursor.Key, cursor.Row + "\0") };
                else if (cursor.Key.StartsWith(Rows.ObjectSpace(bucket), StringComparison.Ordinal)) continue;
                await foreach (var row in parts.Table.Scan(range, null, null, PastBodies, ct))
                {
                    ByteNames.Mentioned(row.Value.Span, prefix, filter.Add);
                    run.Walk = run.Walk with { Counts = run.Walk.Counts with { Versions = run.Walk.Counts.Versions + (row.Key.Row[0] is Rows.Current or Rows.Version ? 1 : 0) } };
                    if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
                    if (run.IsOver) return await Later(new(row.Key.Partition) { Stage = Mark, Bucket = cursor.Bucket, Row = row.Key.Row });
                }
            }
            cursor = new("") { Stage = Mark, Bucket = bucket.Name };
        }
        return await Later(new("") { Stage = Sweep }) is WalkEnd.Lost ? WalkEnd.Lost : null;

        // What is stored of the filter is never behind what the cursor says.
        async ValueTask<WalkEnd> Later(WalkCursor at)
        {
            await filter.Save(parts.Work, ct);
            run.Walk = run.Walk with { Cursor = at };
            return await run.Save(ct) ? WalkEnd.Later : WalkEnd.Lost;
        }
    }

    /// <summary>Small bodies name nothing, and are most of what there is to read.</summary>
    private static TableKey? PastBodies(TableKey row) =>
        row.Partition[0] == 'o' && row.Row[0] is Rows.Current or Rows.Data && !KeyCodec.IsOfSeveral(row.Partition)
            ? new(row.Partition, ((char)(Rows.Data + 1)).ToString())
            : null;

    private async ValueTask<WalkEnd?> SweepAll(WalkRun run, CancellationToken ct)
    {
        var filter = await NameFilter.Load(parts.Work, ct) ?? throw new WalkFailedException("The collection's notes are gone; begin it again.");
        var known = await KnownBuckets(ct);
        var before = parts.Clock.GetUtcNow() - parts.Objects.UnreferencedAge;
        var cursor = run.Walk.Cursor!;
        var found = 0;
        List<Stored> some = [];
        foreach (var name in (await parts.Locations.Names(ct)).Order(StringComparer.Ordinal))
        {
            if (cursor.Location is { } current && string.CompareOrdinal(name, current) < 0) continue;
            if (await parts.Locations.Find(name, ct) is not IInventory place) continue;
            var position = name == cursor.Location && cursor.Key.Length > 0 ? cursor.Key : null;
            try
            {
                if (position is null && !run.Walk.Request.ReportOnly) await place.EndUploads(before, ct);
                await foreach (var entry in place.Inventory(position, ct))
                {
                    run.Walk = run.Walk with { Counts = Look(run.Walk.Counts, entry) };
                    cursor = new(entry.Position) { Stage = Sweep, Location = name };
                    if (some.Count < TableLimits.Changes && !run.IsDue && !run.IsOver && found < MostSuspects) continue;
                    if (await Deal() is { } end) return end;
                    if (found < MostSuspects) continue;
                    return await Next(run, new("") { Stage = Find, Then = cursor }, ct);
                }
            }
            catch (Exception e) when (e is IOException or NotSupportedException)
            {
                Log.NotListed(parts.Logger, name, e.Message);
                run.Walk = run.Walk.Tell(new(name, Reasons.Unlisted) { Found = e.Message });
            }
            cursor = new("") { Stage = Sweep, Location = name + "\0" };
            if (await Deal() is { } last) return last;
        }
        return await Next(run, new("") { Stage = Find }, ct);

        WalkCounts Look(WalkCounts counts, InventoryEntry entry)
        {
            counts = counts with { Bodies = counts.Bodies + 1 };
            if (ByteNames.Parse(entry.At.Name) is not { } parsed || !known.Contains(parsed.BucketId)) return counts with { Foreign = counts.Foreign + 1 };
            if (entry.Modified >= before || filter.MayHave(entry.At.Name)) return counts;
            some.Add(entry.At);
            found++;
            return counts;
        }

        async ValueTask<WalkEnd?> Deal()
        {
            await suspects.Add(some, ct);
            some.Clear();
            run.Walk = run.Walk with { Cursor = cursor };
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            if (!run.IsOver) return null;
            return await run.Save(ct) ? WalkEnd.Later : WalkEnd.Lost;
        }
    }

    /// <summary>The ids of the buckets that are there, and of those that were.</summary>
    private async ValueTask<HashSet<string>> KnownBuckets(CancellationToken ct)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        await foreach (var bucket in parts.Buckets.All(null, ct)) known.Add(bucket.Id);
        await foreach (var removed in parts.Buckets.Removed(ct)) known.Add(removed);
        return known;
    }

    private async ValueTask<WalkEnd?> FindAll(WalkRun run, CancellationToken ct)
    {
        var cursor = run.Walk.Cursor!;
        var byBucket = (await suspects.All(null, ct).ToListAsync(ct)).GroupBy(found => found.Name.BucketId).ToDictionary(group => group.Key, group => group.ToList());
        await foreach (var bucket in parts.Buckets.All(cursor.Bucket, ct))
        {
            if (!byBucket.TryGetValue(bucket.Id, out var some)) continue;
            // Whose commit is under way has seen to it that its bytes are young; now it is over. Those of other instances are bounded by themselves.
            if (cursor.Key.Length == 0) await parts.Buckets.Passed(bucket, ct);
            var byHash = some.ToLookup(found => found.Name.Hash);
            string? last = null;
            foreach (var space in new[] { Rows.UploadSpace(bucket), Rows.ObjectSpace(bucket) })
            {
                var range = KeyCodec.Prefix(space, Rows.Current, "");
                if (cursor.Key.StartsWith(space, StringComparison.Ordinal)) range = range with { From = new(cursor.Key, cursor.Row + "\0") };
                else if (cursor.Key.StartsWith(Rows.ObjectSpace(bucket), StringComparison.Ordinal)) continue;
                await foreach (var row in parts.Table.Scan(range, null, null, PastKey, ct))
                {
                    var key = KeyCodec.Key(space, row.Key.Partition, row.Key.Row);
                    if (key == last) continue;
                    last = key;
                    foreach (var found in byHash[Ids.HashOf(key)].ToList()) await Remember(some, found, key, ct);
                    run.Walk = run.Walk with { Cursor = cursor with { Key = row.Key.Partition, Row = row.Key.Row }, Counts = run.Walk.Counts with { Keys = run.Walk.Counts.Keys + 1 } };
                    if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
                    if (run.IsOver) return await run.Save(ct) ? WalkEnd.Later : WalkEnd.Lost;
                }
            }
            cursor = new("") { Stage = Find, Bucket = bucket.Name, Then = cursor.Then };
        }
        return await Next(run, new("") { Stage = Settle, Then = cursor.Then }, ct);
    }

    /// <summary>One row of a partition tells its key; but of long keys that share one, each row its own.</summary>
    private static TableKey? PastKey(TableKey row) => KeyCodec.IsOfSeveral(row.Partition) ? null : KeyRange.Partition(row.Partition).To;

    private async ValueTask Remember(List<FoundSuspect> some, FoundSuspect found, string key, CancellationToken ct)
    {
        var at = some.FindIndex(one => one.Row == found.Row);
        var now = some[at];
        if (now.Suspect.Keys.Contains(key, StringComparer.Ordinal) || now.Suspect.Keys.Count >= Suspect.MostKeys) return;
        some[at] = now with { Suspect = now.Suspect with { Keys = [.. now.Suspect.Keys, key] } };
        await suspects.Write(some[at], ct);
    }

    private async ValueTask<WalkEnd?> SettleAll(WalkRun run, CancellationToken ct)
    {
        var removed = await parts.Buckets.Removed(ct).ToHashSetAsync(StringComparer.Ordinal, ct);
        await foreach (var group in ByKey(ct))
        {
            var (bucketId, _) = group[0].Name;
            var names = group.Select(found => found.Suspect.At.Name).ToHashSet(StringComparer.Ordinal);
            var unnamed = removed.Contains(bucketId) && await HasRows(bucketId, ct) ? null : await Unnamed(bucketId, group, names, ct);
            foreach (var found in group)
            {
                var counts = run.Walk.Counts;
                if (unnamed?.Contains(found.Suspect.At.Name) != true)
                {
                    run.Walk = run.Walk with { Counts = counts with { Kept = counts.Kept + 1 } };
                    continue;
                }
                if (!run.Walk.Request.ReportOnly) await (await parts.Locations.Get(found.Suspect.At.Location, ct)).Delete(found.Suspect.At, ct);
                run.Walk = run.Walk with { Counts = counts with { Removed = counts.Removed + 1, RemovedBytes = counts.RemovedBytes + found.Suspect.At.Length } };
            }
            await suspects.Forget(group, ct);
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            if (run.IsOver) return await run.Save(ct) ? WalkEnd.Later : WalkEnd.Lost;
        }
        return await Next(run, run.Walk.Cursor!.Then, ct);
    }

    /// <summary>The suspects of one hash after those of another.</summary>
    private async IAsyncEnumerable<List<FoundSuspect>> ByKey([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        List<FoundSuspect> group = [];
        await foreach (var found in suspects.All(null, ct))
        {
            if (group.Count > 0 && group[0].Name != found.Name)
            {
                yield return group;
                group = [];
            }
            group.Add(found);
        }
        if (group.Count > 0) yield return group;
    }

    /// <summary>Those names that no row of any of the keys mentions; null where that cannot be told.</summary>
    private async ValueTask<HashSet<string>?> Unnamed(string bucketId, List<FoundSuspect> group, HashSet<string> names, CancellationToken ct)
    {
        foreach (var key in group.SelectMany(found => found.Suspect.Keys).Distinct(StringComparer.Ordinal))
        {
            if (group.Exists(found => found.Suspect.Keys.Count >= Suspect.MostKeys)) return null;
            if (await mentions.Unnamed(bucketId, key, names, ct) is not { } left) return null;
            names.IntersectWith(left);
        }
        return names;
    }

    /// <summary>Whether anything is left of a bucket that was removed, or arrived in it after that.</summary>
    private async ValueTask<bool> HasRows(string bucketId, CancellationToken ct)
    {
        foreach (var space in new[] { "u" + bucketId, "o" + bucketId })
            await foreach (var _ in parts.Table.Scan(KeyCodec.Prefix(space, Rows.Current, ""), null, 1, ct)) return true;
        return false;
    }

    private static async ValueTask<WalkEnd?> Next(WalkRun run, WalkCursor? next, CancellationToken ct)
    {
        run.Walk = run.Walk with { Cursor = next };
        return await run.Save(ct) ? null : WalkEnd.Lost;
    }
}
