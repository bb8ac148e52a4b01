using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>
/// Waits until the sites have what was there when it began: goes through the versions, and stands still at each whose copy is owed
/// until that has arrived or was given up. Nothing is read twice, and what was written since does not hold it up.
/// </summary>
internal sealed class ArrivedWalk(WalkParts parts) : IWalker
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        var bucket = await WalkedBucket.Find(parts.Buckets, run.Walk, ct);
        var cursor = run.Walk.Cursor;
        var all = new ListVersionsRequest { KeyMarker = cursor?.Key, VersionIdMarker = cursor?.Version };
        var versions = new VersionWalk(parts.Table, Rows.ObjectSpace(bucket)).Walk(all, new(int.MaxValue, TimeSpan.FromDays(1), parts.Clock), ct);
        await foreach (var (key, found, _) in versions.WithCancellation(ct))
        {
            var version = found!;
            var counts = run.Walk.Counts;
            counts = counts with { Versions = counts.Versions + 1 };
            if (version.Modified <= run.Walk.Since && Copies(version, run.Walk.Request.Site) is { Count: > 0 } copies)
            {
                if (copies.Find(each => each.Status == ReplicationStatus.Pending) is { } owed) return await Wait(run, key, owed, ct);
                if (copies.Exists(each => each.Status == ReplicationStatus.Failed))
                    run.Walk = run.Walk.Tell(new(key, Reasons.Failed) { VersionId = version.PublicId });
                else
                    counts = counts with { Same = counts.Same + 1, SameBytes = counts.SameBytes + version.Size };
                counts = counts with { Different = run.Walk.Counts.Different };
            }
            run.Walk = run.Walk with { Counts = counts, Cursor = new(key) { Version = Rows.VersionId(version.Sequence, version.Id) } };
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            if (run.IsOver) return WalkEnd.Later;
        }
        return WalkEnd.Finished;
    }

    /// <summary>The longer it has been owed, the less often it is looked at.</summary>
    private async ValueTask<WalkEnd> Wait(WalkRun run, string key, SiteState owed, CancellationToken ct)
    {
        var now = parts.Clock.GetUtcNow();
        var since = owed.At is { } at && at > run.Walk.Since ? at : run.Walk.Since;
        run.Pause = TimeSpan.FromTicks(Math.Clamp((now - since).Ticks / 10, Shortest.Ticks, Longest.Ticks));
        var pending = (await parts.Counters.Read(owed.Site, ct)).Pending.Operations;
        run.Walk = run.Walk with { Waiting = $"the copy of '{key}' to {owed.Site} is pending, and about {Math.Max(1, pending)} are in all" };
        return WalkEnd.Waits;
    }

    private static List<SiteState> Copies(ObjectVersion version, string? site) =>
        ReplicationIntents.IsReplica(version) || version.Replication is not { } state ? [] : [.. state.Sites.Where(each => site is null || each.Site == site)];
}
