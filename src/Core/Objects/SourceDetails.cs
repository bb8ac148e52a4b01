using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// What a listing of a source does not tell of a version: headers, metadata, tags. They are asked for one version at a time: when a walk
/// comes to it, when somebody wants them sooner, or when they are said to have changed.
/// </summary>
internal sealed class SourceDetails(ITable table, KeyMirror mirror, VersionWriter writer)
{
    private readonly VersionRows rows = new(table);

    /// <summary>Whether they are still to be asked for.</summary>
    public static bool AreMissing(ObjectVersion version) => version.Body.Source is { IsListed: true };

    /// <summary>
    /// Whether versions may appear in the bucket without: where something goes by them the moment that a version appears (sites that
    /// it is copied to, an index, rules with tags), they may not.
    /// </summary>
    public static bool MayWait(Bucket bucket) =>
        bucket.Get(BucketSettings.Replication) is null && bucket.Get(BucketSettings.SearchIndex) is null && bucket.Get(BucketSettings.Lifecycle) is null;

    /// <summary>The version with what its place says of it.</summary>
    public static ObjectVersion Of(ObjectVersion version, Replica there) => version with
    {
        Headers = there.Headers, Metadata = there.Metadata, Tags = there.Tags.Count == 0 ? null : there.Tags,
        Body = version.Body with { Source = version.Body.Source! with { IsListed = false } },
    };

    /// <summary>
    /// Sees to it that nothing is missing of a version that somebody wants to read or change: its id as clients have it, null for the current
    /// one. <see cref="Refusal.Unavailable"/> where its source does not answer.
    /// </summary>
    public async ValueTask<Result<bool>> Ensure(Bucket bucket, string key, string? versionId, CancellationToken ct)
    {
        if (bucket.Get(BucketSettings.Mirror) is not { } setting) return false;
        var (_, found) = await rows.Find(KeyCodec.Address(Rows.ObjectSpace(bucket), key), versionId, isVersioned: true, ct);
        if (found is null || !AreMissing(found.Version)) return false;
        try
        {
            return await Ask(bucket, key, found.Version, ct);
        }
        catch (Exception e) when (e is LocationUnavailableException or ReplicaRefusedException)
        {
            return Refusal.Unavailable.Because($"The location '{setting.Location}', which the bucket mirrors, does not answer. Please try again.");
        }
    }

    /// <summary>
    /// The same version with nothing missing; itself where it is so already; null where it is gone. Throws
    /// <see cref="LocationUnavailableException"/> where its source does not tell.
    /// </summary>
    public async ValueTask<ObjectVersion?> Whole(Bucket bucket, string key, ObjectVersion version, CancellationToken ct)
    {
        if (!AreMissing(version)) return version;
        try
        {
            await Ask(bucket, key, version, ct);
        }
        catch (ReplicaRefusedException e)
        {
            throw new LocationUnavailableException(e.Location, e.Message, e);
        }
        var (_, found) = await rows.Find(KeyCodec.Address(Rows.ObjectSpace(bucket), key), version.PublicId, isVersioned: true, ct);
        return found?.Version;
    }

    /// <summary>Asks for those of a version as <see cref="Ask"/> does: its id at the source, null for the current one.</summary>
    public async ValueTask<bool> Refresh(Bucket bucket, string key, string? versionId, CancellationToken ct)
    {
        var (_, found) = await rows.Find(KeyCodec.Address(Rows.ObjectSpace(bucket), key), versionId, isVersioned: true, ct);
        return found is { Version.IsDeleteMarker: false } && await Ask(bucket, key, found.Version, ct);
    }

    /// <summary>
    /// Asks the source, and keeps what it says; whether that was something new. What has changed of a version that was whole is told
    /// as a change of its tags. Throws what the source throws.
    /// </summary>
    public async ValueTask<bool> Ask(Bucket bucket, string key, ObjectVersion version, CancellationToken ct)
    {
        var source = await mirror.Source(bucket, ct);
        var there = await source.Find(key, version.Body.Source!.VersionId, ct);
        // Without versions there may be another object by now, or, like a version, none.
        if (there is null || there.Size != version.Size || there.ETag != KeyMirror.ETagAt(version))
            return (await mirror.Update(bucket, key, null, ct)).Value.Changed > 0;
        var isNew = true;
        var cause = AreMissing(version) ? null : new Cause(there.Tags.Count > 0 ? EventNames.TaggingPut : EventNames.TaggingDeleted, bucket.OwnerCanonicalId, null, "");
        if (cause is not null && AreSame(version, there)) return false;
        var amended = await writer.Amend(bucket, key, version.PublicId, Conditions.None, cause, now =>
        {
            isNew = AreMissing(now) || !AreSame(now, there);
            return new(now.Id == version.Id ? new Amendment(Of(now, there)) { IsAtSource = true } : Refusal.NoSuchVersion);
        }, null, ct);
        return amended.Refusal is null && isNew;
    }

    private static bool AreSame(ObjectVersion version, Replica there) =>
        AreSame(version.Tags ?? new Dictionary<string, string>(), there.Tags) && AreSame(version.Metadata, there.Metadata) && AreSame(version.Headers, there.Headers);

    private static bool AreSame(IReadOnlyDictionary<string, string> here, IReadOnlyDictionary<string, string> there) =>
        here.Count == there.Count && here.All(each => there.TryGetValue(each.Key, out var value) && value == each.Value);
}
