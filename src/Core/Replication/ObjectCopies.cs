using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>How far the copy of a version has come.</summary>
/// <param name="Size">Its bytes; 0 of what is not there.</param>
/// <param name="Done">Those that the site has.</param>
/// <param name="IsComplete">Whether that is all.</param>
/// <param name="BytesPerSecond">Bytes that came within the last 15 minutes, a second.</param>
public readonly record struct CopyProgressReport(long Size, long Done, bool IsComplete, double BytesPerSecond);

/// <summary>What is known of the copies of single versions, and how they are sent again.</summary>
public sealed class ObjectCopies
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromMinutes(15);

    private readonly CopyProgress progress;
    private readonly KeyCopies keys;
    private readonly ObjectStore objects;
    private readonly LocationCatalog locations;
    private readonly FailedList failed;
    private readonly ReplicationCounters counters;
    private readonly TimeProvider clock;

    internal ObjectCopies(
        ITable table, KeyCopies keys, ObjectStore objects, LocationCatalog locations, FailedList failed, ReplicationCounters counters, TimeProvider clock)
    {
        progress = new(table);
        (this.keys, this.objects, this.locations, this.failed, this.counters, this.clock) = (keys, objects, locations, failed, counters, clock);
    }

    /// <summary>How far a version's copy has come.</summary>
    public async ValueTask<CopyProgressReport> Progress(Bucket bucket, string key, string versionId, string site, CancellationToken ct)
    {
        if (await Find(bucket, key, versionId, ct) is not { } version || version.Replication?.Of(site) is not { } state) return default;
        var now = clock.GetUtcNow();
        if (state.Status == ReplicationStatus.Completed)
        {
            var isRecent = state.At is { } at && now - at < RateWindow;
            return new(version.Size, version.Size, true, isRecent ? version.Size / RateWindow.TotalSeconds : 0);
        }
        if (await progress.Find(site, version.Id, ct) is not var (begun, parts)) return new(version.Size, 0, false, 0);
        var done = Math.Min(parts.Count * begun.PartBytes, version.Size);
        var time = begun.At is { } since && now - since > RateWindow ? now - since : RateWindow;
        return new(version.Size, done, false, done / time.TotalSeconds);
    }

    /// <summary>The sites that a version could not be copied to; without a version, those of all versions of the key.</summary>
    public async ValueTask<IReadOnlyList<FailedReplication>> Failed(Bucket bucket, string key, string? versionId, CancellationToken ct) =>
        IsKey(key) ? await failed.Find(bucket.Id, key, versionId, ct) : [];

    /// <summary>Whether the version is still there.</summary>
    public async ValueTask<bool> Has(Bucket bucket, string key, string versionId, CancellationToken ct) =>
        await Find(bucket, key, versionId, ct) is not null;

    /// <summary>
    /// Makes a copy owed again that was given up: its status is PENDING and its message sent, before it leaves the list of failures.
    /// Null where it was not given up, where the version is gone, or is not to go to that site.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="versionId">The version's public id; null for the current one.</param>
    /// <param name="site">The location.</param>
    /// <param name="force">Even where it is not known to have been given up.</param>
    /// <param name="ct">Ends it before it is committed.</param>
    public async ValueTask<FailedReplication?> Retry(Bucket bucket, string key, string? versionId, string site, bool force, CancellationToken ct)
    {
        if (await Find(bucket, key, versionId, ct) is not { } version || await locations.Find(site, ct) is not IReplicas place) return null;
        var entry = await failed.Find(bucket.Id, key, version.PublicId, site, ct);
        if (entry is null && !force) return null;

        var isQueued = false;
        var queued = await keys.QueueAgain(
            bucket, key, new(site, place.ReplicaTraits.KeepsVersions), new HashSet<long> { version.Sequence },
            (to, bytes, at) =>
            {
                isQueued = true;
                counters.Queued(to, bytes, at);
            },
            ct);
        if (queued.Refusal is not null) return null;
        // Pending already: it was asked for twice.
        if (!isQueued && (await Find(bucket, key, version.PublicId, ct))?.Replication?.Of(site)?.Status == ReplicationStatus.Pending) isQueued = true;
        // What newer versions have covered up at the site is not owed any more.
        if (entry is not null) await failed.Remove(entry, ct);
        return !isQueued ? null : entry ?? new()
        {
            Site = site, Bucket = bucket.Name, BucketId = bucket.Id, Key = key, VersionId = version.PublicId, Size = version.Size, Modified = version.Modified,
        };
    }

    private async ValueTask<ObjectVersion?> Find(Bucket bucket, string key, string? versionId, CancellationToken ct)
    {
        if (!IsKey(key)) return null;
        var found = await objects.Find(bucket, key, versionId, ct);
        if (found.Refusal is null) return found.Value.Version;
        return found.Refusal == Refusal.DeleteMarker && versionId is not null ? found.Carried?.Version : null;
    }

    private static bool IsKey(string key) => key.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(key) <= ObjectLimits.KeyBytes;
}
