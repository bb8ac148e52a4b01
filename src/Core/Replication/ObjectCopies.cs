using ZenkoFunctions.Core.Objects;

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

    private readonly ObjectStore objects;
    private readonly FailedList failed;
    private readonly TimeProvider clock;

    internal ObjectCopies(ObjectStore objects, FailedList failed, TimeProvider clock) =>
        (this.objects, this.failed, this.clock) = (objects, failed, clock);

    /// <summary>How far a version's copy has come.</summary>
    public async ValueTask<CopyProgressReport> Progress(Bucket bucket, string key, string versionId, string site, CancellationToken ct)
    {
        if (await Find(bucket, key, versionId, ct) is not { } version || version.Replication?.Of(site) is not { } state) return default;
        if (state.Status != ReplicationStatus.Completed) return new(version.Size, 0, false, 0);
        var isRecent = state.At is { } at && clock.GetUtcNow() - at < RateWindow;
        return new(version.Size, version.Size, true, isRecent ? version.Size / RateWindow.TotalSeconds : 0);
    }

    /// <summary>The sites that a version could not be copied to; without a version, those of all versions of the key.</summary>
    public async ValueTask<IReadOnlyList<FailedCopy>> Failed(Bucket bucket, string key, string? versionId, CancellationToken ct) =>
        IsKey(key) ? await failed.Find(bucket.Id, key, versionId, ct) : [];

    /// <summary>Whether the version is still there.</summary>
    public async ValueTask<bool> Has(Bucket bucket, string key, string versionId, CancellationToken ct) =>
        await Find(bucket, key, versionId, ct) is not null;

    private async ValueTask<ObjectVersion?> Find(Bucket bucket, string key, string? versionId, CancellationToken ct)
    {
        if (!IsKey(key)) return null;
        var found = await objects.Find(bucket, key, versionId, ct);
        if (found.Refusal is null) return found.Value.Version;
        return found.Refusal == Refusal.DeleteMarker && versionId is not null ? found.Carried?.Version : null;
    }

    private static bool IsKey(string key) => key.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(key) <= ObjectLimits.KeyBytes;
}
