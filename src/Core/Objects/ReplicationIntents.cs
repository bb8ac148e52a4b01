using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// The copies that follow from one change of a key: announced before its commit, and part of it. However often the commit is
/// tried, a copy is announced once.
/// </summary>
internal sealed class ReplicationIntents(FollowUps followUps, ObjectOptions options, TimeProvider clock)
{
    /// <summary>Between the announcement and the commit; a message that came sooner would have to be sent once more.</summary>
    public static readonly TimeSpan CommitTime = TimeSpan.FromMilliseconds(200);

    private Dictionary<string, string>? announced;

    // What the last commit that was tried makes due.
    private (ObjectVersion Version, DateTimeOffset At)? tried;

    /// <summary>What begins the rows of a site's copies.</summary>
    public static string Prefix(string site) => $"r.{site}.";

    /// <summary>
    /// What a version says of its copies when it is made; null where it goes nowhere. Copies made by others of our kind go no
    /// further, so that two that send to each other do not go round in circles.
    /// </summary>
    public static ReplicationState? Of(Bucket bucket, string key, ObjectVersion version)
    {
        if (IsReplica(version)) return new() { IsReplica = true };
        if (bucket.Get(BucketSettings.Replication) is not { } setting) return null;
        var sites = setting.SitesOf(key, version);
        return sites.Count == 0 ? null : new() { Sites = [.. sites.Select(site => new SiteState(site, ReplicationStatus.Pending))] };
    }

    /// <summary>Whether a version is itself a copy, by what it says of its copies or by the mark that it came with.</summary>
    public static bool IsReplica(ObjectVersion version) =>
        version.Replication?.IsReplica ?? (version.Metadata.TryGetValue(ReplicationState.StatusMark, out var mark) && mark == "REPLICA");

    /// <summary>Whether a version goes to no site, whatever the rules name: what came as a copy, and snapshots, which sites would take for versions.</summary>
    public static bool StaysHere(ObjectVersion version) => IsReplica(version) || version.Blob?.Snapshot is not null;

    /// <summary>
    /// What a version says of its copies after a change that is to be carried over: it is pending for the sites that the rules name
    /// now, be it there already or not. Other sites keep what they have.
    /// </summary>
    public static ReplicationState? Next(Bucket bucket, string key, ObjectVersion version)
    {
        var before = version.Replication;
        if (before is { IsReplica: true } || version.Blob?.Snapshot is not null) return before;
        var sites = bucket.Get(BucketSettings.Replication)?.SitesOf(key, version) ?? [];
        if (sites.Count == 0) return before;
        var next = (before ?? new()) with { Generation = (before?.Generation ?? 0) + 1 };
        foreach (var site in sites)
            next = next.With((next.Of(site) ?? new(site, ReplicationStatus.Pending)) with { Status = ReplicationStatus.Pending, At = null });
        return next;
    }

    /// <summary>What a version says of its copies once it has other bytes: none of them is of use any more.</summary>
    public static ReplicationState? Anew(Bucket bucket, string key, ObjectVersion version) =>
        Of(bucket, key, version) is { } state ? state with { Generation = (version.Replication?.Generation ?? 0) + 1 } : null;

    /// <summary>Announces a version to each site that it is pending for, and adds their rows to the commit.</summary>
    public async ValueTask Add(Action<Change> changes, KeyAddress address, Bucket bucket, string key, ObjectVersion version, CancellationToken ct)
    {
        tried = null;
        if (version.Replication is not { IsReplica: false } state) return;
        var now = clock.GetUtcNow();
        var row = ReplicationIntent.Of(version, state.Generation, now);
        tried = (version, now);
        announced ??= new(StringComparer.Ordinal);
        List<Task>? sending = null;
        foreach (var site in state.Sites)
        {
            if (site.Status != ReplicationStatus.Pending) continue;
            if (!announced.TryGetValue(site.Site, out var intent))
            {
                announced[site.Site] = intent = Prefix(site.Site) + Ids.Timed(Rows.Microseconds(now));
                (sending ??= []).Add(followUps.AnnounceReplica(site.Site, bucket, key, intent, CommitTime, ct).AsTask());
            }
            changes(FollowUps.InsertReplica(address, intent, row));
        }
        if (sending is not null) await Task.WhenAll(sending);
    }

    /// <summary>After the commit: what is owed by it is counted.</summary>
    public void Count()
    {
        if (options.CopyQueued is not { } count || tried is not { } made) return;
        foreach (var site in made.Version.Replication!.Sites)
            if (site.Status == ReplicationStatus.Pending) count(site.Site, made.Version.Size, made.At);
    }

    /// <summary>After a commit that was refused: what consumers have given up on is announced anew.</summary>
    public async ValueTask Renew(KeyAddress address, CancellationToken ct)
    {
        if (announced is null) return;
        foreach (var (site, intent) in announced.ToList())
            if (await followUps.IsTaken(address, intent, ct)) announced.Remove(site);
    }
}
