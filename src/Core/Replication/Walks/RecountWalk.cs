using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>What a recount knows of a site.</summary>
internal sealed record SiteRecount
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>What was counted when it began; null where nothing was.</summary>
    public PendingSnapshot? Before { get; init; }

    /// <summary>What was found to be owed, by the time at which it was queued.</summary>
    public SortedDictionary<long, Volume> Found { get; init; } = [];
}

/// <summary>
/// Reads every intent of a copy in every bucket: what is pending is set right by them, and those that are overdue get another
/// message. What it knows of each site stands in the partition of walks, row <c>~SITE</c>, written with the walk's own row.
/// </summary>
internal sealed class RecountWalk(WalkParts parts) : IWalker
{
    private const string Copies = "r.";

    private readonly FollowUps followUps = new(parts.Table, parts.Queue, parts.Clock);
    private readonly WalkOptions options = parts.Options;

    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        var sites = await Begin(run, ct);
        run.Beside = () => [.. sites.Select(site => Change.Put(
            WalkTable.Beside + site.Key, Condition.Any, StoredJson.Write(site.Value, WalkJson.Default.SiteRecount)))];
        if (run.Walk.Cursor is null && !await run.Save(ct)) return WalkEnd.Lost;

        var cursor = run.Walk.Cursor;
        if (cursor is { Bucket: { } current, Row: not null } && await parts.Buckets.Find(current, ct) is { } bucket
            && await In(run, bucket, cursor, sites, ct) is { } ended) return ended;
        await foreach (var next in parts.Buckets.All(run.Walk.Cursor?.Bucket, ct))
            if (await In(run, next, null, sites, ct) is { } end) return end;

        foreach (var (site, recount) in sites)
            await parts.Counters.Correct(site, recount.Before ?? new() { At = run.Walk.Since }, recount.Found, ct);
        run.Beside = () => [.. sites.Keys.Select(site => Change.Delete(WalkTable.Beside + site, Condition.Any))];
        return WalkEnd.Finished;
    }

    /// <summary>What is known of each site.</summary>
    private async ValueTask<SortedDictionary<string, SiteRecount>> Begin(WalkRun run, CancellationToken ct)
    {
        var sites = new SortedDictionary<string, SiteRecount>(StringComparer.Ordinal);
        if (run.Walk.Cursor is not null)
        {
            await foreach (var row in parts.Work.Scan(KeyRange.Rows(WalkTable.Partition, WalkTable.Beside), null, null, ct))
                sites[row.Key.Row[WalkTable.Beside.Length..]] = StoredJson.Read(row.Value, WalkJson.Default.SiteRecount);
            return sites;
        }
        foreach (var name in await parts.Locations.Names(ct))
            if (await parts.Locations.Find(name, ct) is IReplicas) sites[name] = new() { Before = await parts.Counters.Snapshot(name, ct) };
        run.Walk = run.Walk with { Cursor = new("") };
        return sites;
    }

    /// <summary>The intents of a bucket; what the run ends with, or null where it goes on.</summary>
    private async ValueTask<WalkEnd?> In(WalkRun run, Bucket bucket, WalkCursor? from, SortedDictionary<string, SiteRecount> sites, CancellationToken ct)
    {
        // There are copies only of what has versions.
        if (bucket.Get(BucketSettings.Versioning) is not null)
        {
            var space = Rows.ObjectSpace(bucket);
            var all = KeyCodec.Prefix(space, Rows.Intent, "");
            if (from is { Row: { } row }) all = all with { From = new(from.Key, row + "\0") };
            await foreach (var intent in parts.Table.Scan(all, Rows.Intent.ToString(), null, ct))
            {
                await Take(run, bucket, KeyCodec.Key(space, intent.Key.Partition, intent.Key.Row), intent, sites, ct);
                run.Walk = run.Walk with { Cursor = new(intent.Key.Partition) { Bucket = bucket.Name, Row = intent.Key.Row } };
                if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
                if (run.IsOver) return await run.Save(ct) ? WalkEnd.Later : WalkEnd.Lost;
            }
        }
        run.Walk = run.Walk with { Cursor = new("") { Bucket = bucket.Name } };
        return await run.Checkpoint(ct) ? null : WalkEnd.Lost;
    }

    private async ValueTask Take(WalkRun run, Bucket bucket, string key, Row row, SortedDictionary<string, SiteRecount> sites, CancellationToken ct)
    {
        var name = KeyCodec.Tail(row.Key.Row);
        if (!name.StartsWith(Copies, StringComparison.Ordinal) || name.LastIndexOf('.') is not (> 2 and var end)) return;
        var (site, now, counts) = (name[Copies.Length..end], parts.Clock.GetUtcNow(), run.Walk.Counts);
        if (FollowUps.ReplicaIn(row) is not { } intent)
        {
            // What was done by another's message waits for its own, which may be lost, too.
            if (Ids.TimeIn(name[(end + 1)..]) is { } made && Rows.Microseconds(now - options.Forgotten) > made)
                await followUps.RemindReplica(site, bucket, key, name, now, null, ct);
            return;
        }
        if (!sites.TryGetValue(site, out var recount)) sites[site] = recount = new();
        var minute = Minutes.Coarse(ReplicationCounters.MinuteOf(intent.At), now);
        recount.Found[minute] = recount.Found.GetValueOrDefault(minute) + new Volume(1, intent.Size);
        counts = counts with { Versions = counts.Versions + 1, Pending = counts.Pending + 1 };
        if (now - intent.At >= options.Overdue)
        {
            await followUps.RemindReplica(site, bucket, key, name, intent.At, intent, ct);
            counts = counts with { Resent = counts.Resent + 1 };
        }
        run.Walk = run.Walk with { Counts = counts };
    }
}
