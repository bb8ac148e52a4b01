using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>
/// Lets bytes leave a transient location once every site has a copy, and one of them keeps versions: the commit that says the last is there takes them from the
/// version, and what removes replaced bytes removes them when nobody can be reading them any more. Readers get a copy then.
/// </summary>
internal sealed class LeaveTransient(VersionReader reader, FollowUps followUps, ReplicationParts parts, TimeProvider clock)
{
    /// <summary>Between the announcement and the commit.</summary>
    private static readonly TimeSpan CommitTime = TimeSpan.FromSeconds(2);

    /// <summary>What a commit that completes a copy of a version does besides.</summary>
    public Func<ObjectVersion, Action<Change>, ValueTask<ObjectVersion>> Of(KeyAddress address, Bucket bucket, string key, CancellationToken ct)
    {
        string? intent = null;
        return async (version, add) =>
        {
            if (!await IsToLeave(address, version, ct)) return version;
            if (intent is null || await followUps.IsTaken(address, intent, ct))
                intent = await followUps.Announce(Rows.ObjectSpace(bucket), key, parts.Objects.ReadGrace + CommitTime, ct);
            add(FollowUps.Insert(address, intent, new() { Since = clock.GetUtcNow(), Body = version.Body.Stored, Manifest = version.Body.Manifest }));
            return version with { Body = BodyPlace.Nowhere };
        };
    }

    private async ValueTask<bool> IsToLeave(KeyAddress address, ObjectVersion version, CancellationToken ct) =>
        // Pages are written anew where the others are: a page blob stays.
        version is { Body.Pages: null, Replication: { Status: ReplicationStatus.Completed } state }
        // A site without versions has it only until the next one comes.
        && state.Sites.Any(site => site is { ETag: not null, VersionId: not null })
        && await reader.LocationOf(address, version, ct) is { } location
        && await parts.Locations.Config(location, ct) is { IsTransient: true };
}
