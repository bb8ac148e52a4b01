using System.Globalization;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>
/// Sends copies again that were given up, site by site, in the order of the list. What is given up after the walk began stands behind in
/// that list and is left: otherwise a site that takes nothing would keep it going for good.
/// </summary>
/// <param name="parts">What it works on.</param>
/// <param name="copies">Sends them.</param>
/// <param name="failed">The lists.</param>
internal sealed class RetryWalk(WalkParts parts, ObjectCopies copies, FailedList failed) : IWalker
{
    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        foreach (var site in await Sites(run.Walk, ct))
            if (await Send(site, run, ct) is { } end) return end;
        return WalkEnd.Finished;
    }

    /// <summary>Those that are not done.</summary>
    private async ValueTask<IReadOnlyList<string>> Sites(Walk walk, CancellationToken ct)
    {
        if (walk.Request.Site is { } only) return [only];
        List<string> sites = [];
        foreach (var name in await parts.Locations.Names(ct))
            if (string.CompareOrdinal(name, walk.Cursor?.Location) >= 0 && await parts.Locations.Find(name, ct) is IReplicas) sites.Add(name);
        sites.Sort(StringComparer.Ordinal);
        return sites;
    }

    /// <summary>Null where it is through with a site.</summary>
    private async ValueTask<WalkEnd?> Send(string site, WalkRun run, CancellationToken ct)
    {
        var marker = run.Walk.Cursor is { } cursor && cursor.Location == site ? long.Parse(cursor.Key, CultureInfo.InvariantCulture) : 0;
        while (true)
        {
            if ((await parts.Counters.Read(site, ct)).Pending.Operations >= parts.Options.MostPending)
            {
                run.Walk = run.Walk with { Waiting = $"more than {parts.Options.MostPending} copies are pending for {site}" };
                return WalkEnd.Waits;
            }
            var (page, more) = await failed.Page(site, marker, ct);
            var due = page.TakeWhile(copy => copy.At <= run.Walk.Since).ToList();
            long queued = 0, bytes = 0;
            var wanted = due.FindAll(copy => run.Walk.BucketId is null || copy.BucketId == run.Walk.BucketId);
            await Parallel.ForEachAsync(wanted, new ParallelOptions { MaxDegreeOfParallelism = parts.Options.Width, CancellationToken = ct }, async (copy, stop) =>
            {
                if (!await Again(copy, stop)) return;
                Interlocked.Increment(ref queued);
                Interlocked.Add(ref bytes, copy.Size);
            });
            var counts = run.Walk.Counts;
            run.Walk = run.Walk with
            {
                Cursor = due.Count == 0 ? run.Walk.Cursor : new((marker = due[^1].Marker).ToString(CultureInfo.InvariantCulture)) { Location = site },
                Counts = counts with { Versions = counts.Versions + wanted.Count, Queued = counts.Queued + queued, QueuedBytes = counts.QueuedBytes + bytes },
            };
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            if (!more || due.Count < page.Count) return null;
            if (run.IsOver) return WalkEnd.Later;
        }
    }

    /// <summary>Whether it is owed again. What is of a version or a bucket that has gone leaves the list.</summary>
    private async ValueTask<bool> Again(FailedReplication copy, CancellationToken ct)
    {
        if (await parts.Buckets.Find(copy.Bucket, ct) is not { } bucket || bucket.Id != copy.BucketId || !await copies.Has(bucket, copy.Key, copy.VersionId, ct))
        {
            await failed.Remove(copy, ct);
            return false;
        }
        return await copies.Retry(bucket, copy.Key, copy.VersionId, copy.Site, force: false, ct) is not null;
    }
}
