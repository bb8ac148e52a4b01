using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Lifecycle;

/// <summary>Does to versions what the rules of their bucket say, and counts it.</summary>
/// <param name="parts">What it works on.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="runId">What events name as their request.</param>
internal sealed class LifecycleDeeds(LifecycleParts parts, Bucket bucket, string runId)
{
    /// <summary>Who does it, as events tell: AWS's name for that.</summary>
    private const string Principal = "s3.amazonaws.com/lifecycle";

    private readonly Writer by = new(bucket.OwnerCanonicalId, bucket.OwnerName) { Cause = CauseOf(EventNames.Expired, runId) };
    private readonly Lock gate = new();
    private WalkCounts done = new();

    /// <summary>What an event tells of a rule that was followed.</summary>
    public static Cause CauseOf(string eventName, string runId) => new(eventName, Principal, null, runId);

    /// <summary>Deals with all of them, so many side by side.</summary>
    public Task Do(IReadOnlyList<(PlacedVersion Version, LifecycleDue Due)> due, int width, CancellationToken ct) => Parallel.ForEachAsync(
        due, new ParallelOptions { MaxDegreeOfParallelism = width, CancellationToken = ct }, async (each, stop) =>
        {
            if (!await IsFree(each.Version, each.Due, stop)) Count(counts => counts with { Kept = counts.Kept + 1 });
            else if (each.Due.StorageClass is { } storageClass) await Move(each.Version, storageClass, stop);
            else await Do(each.Version, each.Due.Act, stop);
        });

    /// <summary>The counts with what was done since this was last asked.</summary>
    public WalkCounts AddTo(WalkCounts counts)
    {
        lock (gate)
        {
            var (now, _) = (done, done = new());
            return counts with
            {
                Hidden = counts.Hidden + now.Hidden,
                Removed = counts.Removed + now.Removed,
                RemovedBytes = counts.RemovedBytes + now.RemovedBytes,
                Queued = counts.Queued + now.Queued,
                QueuedBytes = counts.QueuedBytes + now.QueuedBytes,
                Kept = counts.Kept + now.Kept,
            };
        }
    }

    private async ValueTask Do(PlacedVersion placed, LifecycleAct act, CancellationToken ct)
    {
        var version = placed.Version;
        var result = await parts.Objects.Delete(
            bucket, placed.Key,
            new()
            {
                VersionId = act == LifecycleAct.Remove ? version.PublicId : null,
                Conditions = new() { IfVersion = version.Id },
                By = by,
            }, ct);
        switch (result.Refusal)
        {
            case null when result.Value.Marker is not null:
                parts.Counts.Done(parts.Buckets.Locations.LocationOf(bucket, version), 0);
                Count(counts => counts with { Hidden = counts.Hidden + 1 });
                break;
            case null when result.Value.Removed is { } removed:
                parts.Counts.Done(parts.Buckets.Locations.LocationOf(bucket, version), removed.Size);
                Count(counts => counts with { Removed = counts.Removed + 1, RemovedBytes = counts.RemovedBytes + removed.Size });
                break;
            // Another was faster; what is there now is looked at by the next walk.
            case null or Refusal.PreconditionFailed or Refusal.Conflict or Refusal.NoSuchKey or Refusal.NoSuchVersion:
                break;
            case Refusal.NoSuchBucket:
                throw WalkedBucket.Gone(Refusal.NoSuchBucket, bucket.Name);
            case Refusal.Unavailable:
                throw WalkedBucket.Gone(Refusal.Unavailable, bucket.Name);
            default:
                Count(counts => counts with { Kept = counts.Kept + 1 });
                break;
        }
    }

    /// <summary>Queues it: its bytes may be many.</summary>
    private async ValueTask Move(PlacedVersion placed, string storageClass, CancellationToken ct)
    {
        var toLocation = await parts.Objects.Moves.IsLocation(storageClass, ct);
        var message = new MoveMessage
        {
            Bucket = bucket.Name, BucketId = bucket.Id, Key = placed.Key, VersionId = placed.Version.PublicId, Id = placed.Version.Id, StorageClass = storageClass,
            ToLocation = toLocation, Run = runId, CountedAt = toLocation ? storageClass : parts.Buckets.Locations.LocationOf(bucket, placed.Version), Since = parts.Clock.GetUtcNow(), Bytes = placed.Version.Size,
        };
        await parts.Queue.Send(MoveVersion.QueueName, StoredJson.Write(message, LifecycleJson.Default.MoveMessage), TimeSpan.Zero, ct);
        parts.Counts.Queued(message.CountedAt, message.Bytes, message.Since.Value);
        Count(counts => counts with { Queued = counts.Queued + 1, QueuedBytes = counts.QueuedBytes + placed.Version.Size });
    }

    /// <summary>Whether nothing keeps it as it is.</summary>
    private async ValueTask<bool> IsFree(PlacedVersion placed, LifecycleDue due, CancellationToken ct)
    {
        var version = placed.Version;
        if (due.Act is LifecycleAct.Remove or LifecycleAct.Move && IsOwed(version)) return false;
        // Pages are written anew where the others are; and what has left a transient location is at its sites only.
        if (due.Act == LifecycleAct.Move && (version.Body.Pages is not null || (version.Size > 0 && version.Body == BodyPlace.Nowhere))) return false;
        var location = await parts.Objects.Reader.LocationOf(bucket, KeyCodec.Address(Rows.ObjectSpace(bucket), placed.Key), version, ct);
        return !await parts.States.IsPaused(SiteServices.Lifecycle, location, ct)
            && (due.StorageClass is null || !await parts.States.IsPaused(SiteServices.Lifecycle, due.StorageClass, ct));
    }

    /// <summary>Whether a site has not got its copy yet, or never will if it is removed now (Zenko: only what is COMPLETED may go).</summary>
    private static bool IsOwed(ObjectVersion version) => version.Replication?.Sites.Any(site => site.Status != ReplicationStatus.Completed) == true;

    private void Count(Func<WalkCounts, WalkCounts> more)
    {
        lock (gate) done = more(done);
    }
}
