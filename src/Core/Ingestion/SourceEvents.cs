using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Core.Ingestion;

/// <summary>What a source tells of: a key; of a version, where it says which (null for the current one); and whether that is what is said of it, as its tags.</summary>
/// <param name="Key">The key.</param>
/// <param name="VersionId">The version's id at the source.</param>
/// <param name="IsOfDetails">Whether versions need not have come or gone.</param>
public readonly record struct SourceChange(string Key, string? VersionId, bool IsOfDetails);

/// <summary>What sources tell of changes as they happen. It is believed only as far as to look at the keys: what is told wrongly does no harm.</summary>
/// <param name="objects">The objects.</param>
/// <param name="states">Which sources are paused.</param>
/// <param name="counters">Told of what comes in.</param>
/// <param name="clock">The time.</param>
public sealed class SourceEvents(ObjectStore objects, SiteStates states, ReplicationCounters counters, TimeProvider clock)
{
    /// <summary>Changes of one message.</summary>
    public const int Most = 1000;

    private const int Width = 8;

    /// <summary>
    /// Brings keys of a mirrored bucket up to date; of how many changes something was new, null where the source is paused: the next walk finds them then. Refuses
    /// with <see cref="Refusal.InvalidRequest"/> where the bucket mirrors nothing, and with <see cref="Refusal.Unavailable"/>.
    /// </summary>
    public async ValueTask<Result<int?>> Take(Bucket bucket, IReadOnlyCollection<SourceChange> changes, CancellationToken ct)
    {
        if (bucket.Get(BucketSettings.Mirror) is not { } setting) return Refusal.InvalidRequest.Because($"The bucket '{bucket.Name}' mirrors nothing.");
        if (await states.IsPaused(SiteServices.Ingestion, setting.Location, ct)) return (int?)null;
        var changed = 0;
        Refusal? refusal = null;
        try
        {
            await Parallel.ForEachAsync(changes, new ParallelOptions { MaxDegreeOfParallelism = Width, CancellationToken = ct }, async (change, stop) =>
            {
                var began = clock.GetUtcNow();
                var updated = await objects.Mirror.Update(bucket, change.Key, null, stop);
                if (updated.Refusal is not null) refusal = updated.Refusal;
                if (updated.Refusal is not null) return;
                // Without versions, what is there may have been written anew without looking any different.
                var isNew = updated.Value.Changed > 0
                    || ((change.IsOfDetails || updated.Value.Newest?.Body.Source is { VersionId: null }) && await objects.Details.Refresh(bucket, change.Key, change.VersionId, stop));
                if (!isNew) return;
                counters.Queued(setting.Location, 0, began);
                counters.Completed(setting.Location, 0, began);
                Interlocked.Increment(ref changed);
            });
        }
        catch (Exception e) when (e is LocationUnavailableException or ReplicaRefusedException)
        {
            return Refusal.Unavailable.Because($"The location '{setting.Location}' does not answer: {e.Message}");
        }
        return refusal is { } no ? no : (int?)changed;
    }
}
