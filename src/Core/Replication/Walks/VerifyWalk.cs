using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>Compares a bucket with its copies at a site, queues what differs again, and signs a report of it.</summary>
internal sealed class VerifyWalk(WalkParts parts) : IWalker
{
    private readonly KeyCopies copies = parts.Copies;
    private readonly WalkOptions options = parts.Options;

    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        var request = run.Walk.Request;
        var bucket = await WalkedBucket.Find(parts.Buckets, run.Walk, ct);
        if (await parts.Locations.Find(request.Site!, ct) is not IReplicas target) throw new WalkFailedException($"The location '{request.Site}' is not there any more.");
        var items = new VerifyItems(parts.Table, bucket, request.Site!, target, parts.Clock);
        var progress = new VerifyProgress(run, bucket, new(request.Site!, target.ReplicaTraits.KeepsVersions), request.ReportOnly ? null : copies, parts.Counters);
        var check = new CopyCheck(parts.Table, bucket, request.Site!, target, items);
        var content = request.Deep ? new CopyContent(parts.Objects, bucket, target, options.RangeBytes) : null;

        Queue<(VerifyItem Item, Task<Checked> Look)> window = new();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await foreach (var item in items.Behind(run.Walk.Cursor, stop.Token))
            {
                window.Enqueue((item, Look(item, stop.Token)));
                while (window.Count >= options.Width)
                    if (await Fold() is { } end) return end;
            }
            while (window.Count > 0)
                if (await Fold() is { } end) return end;
            if (!await progress.Pause(ct)) return WalkEnd.Lost;
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var (_, look) in window) await look.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        run.Walk = run.Walk with { Report = await parts.Reports.Keep(run.Walk, target.ReplicaTraits, items.Prefix, ct) };
        return WalkEnd.Finished;

        async Task<Checked> Look(VerifyItem item, CancellationToken ends)
        {
            var found = await check.Look(item, ends);
            return content is null || found is not { Result: CheckResult.Same, At: { } copy } || item.Version!.Size > options.RangeBytes
                ? found
                : await Read(item, copy, null, ends) is (Result: { } result, _) ? result : found;
        }

        async Task<(Checked? Result, WalkReading? Next)> Read(VerifyItem item, Replica copy, WalkReading? before, CancellationToken ends)
        {
            var (reason, next) = await content!.Read(item.Key, item.Version!, copy, before, ends);
            if (reason is null) return (null, next);
            return await check.Stands(item.Key, item.Version!, item.Kind == VerifyKind.Front, ends)
                ? (new(CheckResult.Different, new(item.Key, reason) { VersionId = item.Version!.PublicId }), next)
                : (new(CheckResult.Pending), next);
        }

        // What the run ends with; null where it goes on.
        async ValueTask<WalkEnd?> Fold()
        {
            var (item, look) = window.Dequeue();
            var found = await look;
            // Large copies are read one at a time and range by range, so that a run can end within one.
            if (content is not null && found is { Result: CheckResult.Same, At: { } copy } && item.Version!.Size > options.RangeBytes)
            {
                while (true)
                {
                    var (result, next) = await Read(item, copy, run.Walk.Reading, ct);
                    if (result is { } differs) found = differs;
                    run.Walk = run.Walk with { Reading = result is null && next!.Offset < item.Version.Size ? next : null };
                    if (run.Walk.Reading is null) break;
                    if (run.IsOver) return await progress.Pause(ct) ? WalkEnd.Later : WalkEnd.Lost;
                    if (!await progress.Checkpoint(ct)) return WalkEnd.Lost;
                }
            }
            await progress.Add(item, found, content is not null, ct);
            if (run.IsOver) return await progress.Pause(ct) ? WalkEnd.Later : WalkEnd.Lost;
            return await progress.Checkpoint(ct) ? null : WalkEnd.Lost;
        }
    }
}
