using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Lifecycle;

/// <summary>Removes all that is in a bucket, or below a prefix: every version of every key, and unfinished uploads.</summary>
/// <remarks>
/// What is written behind its back while it runs may stay. What is retained, on hold or leased stays, and is counted as kept. Whoever may
/// remove all of it has been asked about when it was started.
/// </remarks>
/// <param name="table">The table of objects.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="objects">The objects.</param>
/// <param name="uploads">The uploads.</param>
/// <param name="options">How walks behave.</param>
/// <param name="clock">The time.</param>
internal sealed class EmptyWalk(ITable table, Buckets buckets, ObjectStore objects, MultipartUploads uploads, WalkOptions options, TimeProvider clock) : IWalker
{
    /// <summary>Versions, before they are removed side by side.</summary>
    private const int Batch = 256;

    private const string Uploads = "uploads";

    private enum Fate
    {
        Removed,
        Kept,
        Gone,
    }

    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        var bucket = await WalkedBucket.Find(buckets, run.Walk, ct);
        return run.Walk.Cursor?.Stage == Uploads ? await AbortUploads(run, bucket, ct) : await RemoveVersions(run, bucket, ct);
    }

    private async ValueTask<WalkEnd> RemoveVersions(WalkRun run, Bucket bucket, CancellationToken ct)
    {
        var by = new Writer(bucket.OwnerCanonicalId, bucket.OwnerName) { Cause = new(EventNames.Deleted, bucket.OwnerName, null, run.Walk.Run) };
        var all = new ListVersionsRequest { Prefix = run.Walk.Request.Prefix ?? "", KeyMarker = run.Walk.Cursor?.Key };
        List<VersionEntry> found = [];
        string? key = null;
        await foreach (var entry in new VersionWalk(table, Rows.ObjectSpace(bucket)).Walk(all, new(int.MaxValue, TimeSpan.FromDays(1), clock), ct))
        {
            if (key is not null && entry.Name != key && (found.Count >= Batch || run.IsDue || run.IsOver))
            {
                if (!await RemoveFound(new(key))) return WalkEnd.Lost;
                if (run.IsOver) return WalkEnd.Later;
            }
            else if (found.Count >= Batch && !await RemoveFound(run.Walk.Cursor))
            {
                return WalkEnd.Lost;
            }
            key = entry.Name;
            // Snapshots go with what they are of.
            if (entry.Version is { } version && version.Blob?.Snapshot is null) found.Add(entry);
        }
        // All of a prefix is behind any key of it: the next stage says so itself.
        return await RemoveFound(new("") { Stage = Uploads }) ? await AbortUploads(run, bucket, ct) : WalkEnd.Lost;

        async ValueTask<bool> RemoveFound(WalkCursor? cursor)
        {
            var (gate, before) = (new Lock(), run.Walk.Counts);
            var (removed, bytes, kept) = (0L, 0L, 0L);
            // Those of a key get in each other's way. The newest last: what is behind it need not be shown in its place.
            var keys = found.GroupBy(entry => entry.Name, StringComparer.Ordinal);
            try
            {
                await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = options.Width, CancellationToken = ct }, async (versions, stop) =>
                {
                    foreach (var entry in versions.Reverse())
                    {
                        if (stop.IsCancellationRequested) return;
                        var fate = await Remove(bucket, entry, by, ct);
                        lock (gate)
                        {
                            if (fate == Fate.Kept) kept++;
                            if (fate == Fate.Removed) (removed, bytes) = (removed + 1, bytes + entry.Version!.Size);
                        }
                    }
                });
            }
            catch
            {
                // Who goes on finds what is left of these once more, and not what is gone.
                run.Walk = run.Walk with { Counts = before with { Versions = before.Versions + removed, Removed = before.Removed + removed, RemovedBytes = before.RemovedBytes + bytes } };
                throw;
            }
            var counts = before with { Versions = before.Versions + found.Count, Removed = before.Removed + removed, RemovedBytes = before.RemovedBytes + bytes, Kept = before.Kept + kept };
            run.Walk = run.Walk with { Cursor = cursor, Counts = counts };
            found.Clear();
            return await run.Checkpoint(ct);
        }
    }

    private async ValueTask<Fate> Remove(Bucket bucket, VersionEntry entry, Writer by, CancellationToken ct)
    {
        try
        {
            return await Delete(bucket, entry, by, ct);
        }
        catch (UnknownOutcomeException)
        {
            // Where it is gone by now, that was it.
            return await Delete(bucket, entry, by, ct) is Fate.Gone or Fate.Removed ? Fate.Removed : Fate.Kept;
        }
    }

    private async ValueTask<Fate> Delete(Bucket bucket, VersionEntry entry, Writer by, CancellationToken ct)
    {
        var version = entry.Version!;
        var result = await objects.Delete(bucket, entry.Name, new()
        {
            VersionId = version.PublicId, Conditions = new() { IfVersion = version.Id }, By = by,
            Snapshots = version.Blob?.HasSnapshots == true ? SnapshotsOf.Include : SnapshotsOf.None,
        }, ct);
        return result.Refusal switch
        {
            null => result.Value.Removed is null ? Fate.Gone : Fate.Removed,
            // Another was faster.
            Refusal.PreconditionFailed or Refusal.NoSuchKey or Refusal.NoSuchVersion => Fate.Gone,
            Refusal.NoSuchBucket or Refusal.Unavailable => throw WalkedBucket.Gone(result.Refusal.Value, bucket.Name),
            _ => Fate.Kept,
        };
    }

    private async ValueTask<WalkEnd> AbortUploads(WalkRun run, Bucket bucket, CancellationToken ct)
    {
        // What is aborted is not found again, so that needs no place to go on from.
        await foreach (var (key, upload) in uploads.All(bucket, run.Walk.Request.Prefix ?? "", ct))
        {
            if ((await uploads.Abort(bucket, key, upload.Id, ct)).Refusal is not null) continue;
            run.Walk = run.Walk with { Counts = run.Walk.Counts with { Aborted = run.Walk.Counts.Aborted + 1 } };
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            if (run.IsOver) return WalkEnd.Later;
        }
        return WalkEnd.Finished;
    }
}
