using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Lifecycle;

/// <summary>What the walk of rules works on.</summary>
/// <param name="Table">The table of objects.</param>
/// <param name="Buckets">The buckets.</param>
/// <param name="Objects">The objects.</param>
/// <param name="Uploads">The uploads.</param>
/// <param name="States">At which locations rules are paused.</param>
/// <param name="Counts">What becomes of what is due, by location.</param>
/// <param name="Options">How walks behave.</param>
/// <param name="Queue">Takes what is to be moved.</param>
/// <param name="Clock">The time.</param>
internal sealed record LifecycleParts(
    ITable Table, Buckets Buckets, ObjectStore Objects, MultipartUploads Uploads, SiteStates States, ReplicationCounters Counts, WalkOptions Options, IQueue Queue, TimeProvider Clock);

/// <summary>
/// Applies the lifecycle rules: to a bucket, version by version; or, where it is of none, begins that for every bucket with rules.
/// </summary>
/// <remarks>
/// What is due was seen a moment before it is removed; the commit looks whether it still is the very version, and whether it is
/// retained, leased or on hold. Done again from an earlier place, a walk finds less to do: so it may be cut off anywhere.
/// </remarks>
internal sealed class LifecycleWalk(Walks walks, LifecycleParts parts) : IWalker
{
    /// <summary>Versions that are due, before they are dealt with side by side.</summary>
    private const int Batch = 256;

    private static readonly TimeSpan PendingAtMost = TimeSpan.FromDays(2);

    private readonly WalkOptions options = parts.Options;
    private readonly WalkShards shards = new(walks, parts.Options);

    /// <inheritdoc/>
    public ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct) => run.Walk.Request.Bucket is null ? Begin(run, ct) : Apply(run, ct);

    /// <summary>A walk for each bucket that had none since days last changed.</summary>
    private async ValueTask<WalkEnd> Begin(WalkRun run, CancellationToken ct)
    {
        var now = parts.Clock.GetUtcNow();
        var today = options.LifecycleDay == LifecycleDay.Whole ? new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) : now;
        // What waits in the queue of moves does so for a day; what is counted as waiting for longer was lost sight of by a process that died.
        if (run.Walk.Cursor is null)
            foreach (var location in await parts.Buckets.Locations.Names(ct)) await parts.Counts.Forget(location, PendingAtMost, ct);
        await foreach (var bucket in parts.Buckets.All(run.Walk.Cursor?.Bucket, ct))
        {
            if (bucket.Get(BucketSettings.Lifecycle) is { IsActive: true })
            {
                var request = new WalkRequest { Purpose = WalkPurpose.Lifecycle, Bucket = bucket.Name };
                var last = await walks.Find(Walks.IdOf(request), ct);
                if (last is null || last.BucketId != bucket.Id || (last.State != WalkState.Running && last.Since < today)) await walks.Start(request, ct);
            }
            run.Walk = run.Walk with { Cursor = new("") { Bucket = bucket.Name } };
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            if (run.IsOver) return WalkEnd.Later;
        }
        return WalkEnd.Finished;
    }

    private async ValueTask<WalkEnd> Apply(WalkRun run, CancellationToken ct)
    {
        var bucket = await WalkedBucket.Find(parts.Buckets, run.Walk, ct);
        if (bucket.Get(BucketSettings.Lifecycle) is not { } setting) return WalkEnd.Finished;
        var now = parts.Clock.GetUtcNow();
        // What is aborted is not found again, so that needs no place to go on from.
        var range = run.Walk.Request.Range;
        if (run.Walk.Cursor is null && range is null && run.Walk.Shards == 0) await AbortUploads(run, bucket, setting, now, ct);
        if (await shards.Split(run, run.Walk.Cursor is null && run.Walk.Total >= options.LargeBucket, (behind, _, stop) => new SourceKeys(parts.Table, bucket).After(behind, stop), ct) is { } split) return split;
        var dealing = new LifecycleDeeds(parts, bucket, run.Walk.Run);
        var all = new ListVersionsRequest { KeyMarker = run.Walk.Cursor?.Key ?? range?.After };
        var versions = new VersionWalk(parts.Table, Rows.ObjectSpace(bucket)).Walk(all, new(int.MaxValue, TimeSpan.FromDays(1), parts.Clock), ct);
        List<(PlacedVersion Version, LifecycleDue Due)> due = [];
        string? key = null;
        await foreach (var placed in PlacedVersions.Of(versions, ct))
        {
            if (range?.IsBehind(placed.Key) == true) break;
            if (key is not null && placed.Key != key && (due.Count >= Batch || run.IsDue || run.IsOver))
            {
                if (!await Deal(new(key))) return WalkEnd.Lost;
                if (run.IsOver) return WalkEnd.Later;
            }
            else if (due.Count >= Batch && !await Deal(run.Walk.Cursor))
            {
                return WalkEnd.Lost;
            }
            key = placed.Key;
            run.Walk = run.Walk with { Counts = run.Walk.Counts with { Versions = run.Walk.Counts.Versions + 1 } };
            if (LifecycleDecision.Of(setting, placed, options.LifecycleDay, now) is { Act: not LifecycleAct.None } act) due.Add((placed, act));
        }
        return await Deal(run.Walk.Cursor) ? WalkEnd.Finished : WalkEnd.Lost;

        async ValueTask<bool> Deal(WalkCursor? cursor)
        {
            await dealing.Do(due, options.Width, ct);
            due.Clear();
            run.Walk = run.Walk with { Cursor = cursor, Counts = dealing.AddTo(run.Walk.Counts) };
            return await run.Checkpoint(ct);
        }
    }

    private async ValueTask AbortUploads(WalkRun run, Bucket bucket, LifecycleSetting setting, DateTimeOffset now, CancellationToken ct)
    {
        if (!setting.Rules.Exists(rule => rule is { IsEnabled: true, AbortUploads: not null })) return;
        await foreach (var (key, upload) in parts.Uploads.All(bucket, "", ct))
        {
            if (!LifecycleDecision.IsAbandoned(setting, key, upload.Initiated, options.LifecycleDay, now)) continue;
            // One that was completed or aborted meanwhile is not ours to end.
            if ((await parts.Uploads.Abort(bucket, key, upload.Id, ct)).Refusal is not null) continue;
            parts.Counts.Done(parts.Objects.LocationOf(bucket, upload.Description), 0);
            run.Walk = run.Walk with { Counts = run.Walk.Counts with { Aborted = run.Walk.Counts.Aborted + 1 } };
        }
    }
}
