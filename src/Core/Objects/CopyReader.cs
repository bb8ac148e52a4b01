using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Opens the copies of versions at their sites. A copy is in the clear for us, however its source is encrypted; only one that is
/// known to be there is read.
/// </summary>
internal sealed class CopyReader(LocationCatalog locations, TimeProvider clock)
{
    /// <summary>How long a copy is waited for where the source would do as well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The copy that the bucket's rules would rather have read; null where that is not there (yet), or none is preferred.</summary>
    public static SiteState? Preferred(Bucket bucket, string key, ObjectVersion version) =>
        version.Replication is { } state && bucket.Get(BucketSettings.Replication)?.PreferredRead(key) is { } site
            && state.Of(site) is { Status: ReplicationStatus.Completed, ETag: not null } copy
            ? copy
            : null;

    /// <summary>
    /// The copy that stands for a version whose own bytes have left a transient location: the preferred one, else any. Null where the
    /// version has its bytes.
    /// </summary>
    public static SiteState? InsteadOf(Bucket bucket, string key, ObjectVersion version) =>
        version is { Size: > 0, Body: { Inline: null, Stored: null, Manifest: null, Pages: null, Source: null }, Replication: { } state }
            ? Preferred(bucket, key, version) ?? state.Sites.FirstOrDefault(site => site is { ETag: not null, VersionId: not null })
            : null;

    /// <summary>
    /// Whether a version is meant to be at that site. Where it is not there yet, or was given up, there is no copy, and the source
    /// serves the reader: so does Zenko.
    /// </summary>
    public static bool IsFor(ObjectVersion version, string site, out SiteState? copy)
    {
        var state = version.Replication?.Of(site);
        copy = state is { Status: ReplicationStatus.Completed, ETag: not null } ? state : null;
        return state is not null;
    }

    /// <summary>
    /// Opens the range of a copy. Where it cannot be had, that is a refusal to a reader who named the site; for any other the
    /// version comes back without a body, and the source is to be read.
    /// </summary>
    public async ValueTask<Result<OpenVersion>> Open(
        Bucket bucket, string key, ObjectVersion version, SiteState copy, OpenVersion selected, bool isNamed, CancellationToken ct)
    {
        try
        {
            if (await locations.Find(copy.Site, ct) is IReplicas site)
            {
                var replica = new Replica(site.ReplicaTraits.KeyOf(bucket.Name, key), version.Size, copy.ETag ?? "", copy.VersionId, copy.At ?? version.Modified);
                var opening = site.Open(replica, selected.Range, ct);
                if (await (isNamed ? opening : InTime(opening, ct)) is { } body) return selected with { Body = body };
            }
            return isNamed ? Refusal.NoSuchLocation.Because($"The copy at the location '{copy.Site}' is not there any more. Leave the header out to read from the source.") : selected;
        }
        catch (Exception e) when (e is LocationUnavailableException or ReplicaRefusedException or TimeoutException)
        {
            return isNamed ? Refusal.Unavailable.Because($"The location '{copy.Site}' does not give the copy now. Leave the header out to read from the source.") : selected;
        }
    }

    private async ValueTask<IObjectBody?> InTime(ValueTask<IObjectBody?> opening, CancellationToken ct)
    {
        if (opening.IsCompleted) return await opening;
        var task = opening.AsTask();
        try
        {
            return await task.WaitAsync(Patience, clock, ct);
        }
        catch
        {
            _ = Discard(task);
            throw;
        }
    }

    /// <summary>Nobody waits for it any more.</summary>
    private static async Task Discard(Task<IObjectBody?> opening)
    {
        if (await Task.WhenAny(opening) is { IsCompletedSuccessfully: true, Result: { } body }) await body.DisposeAsync();
    }
}
