using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// The events of one change of a key: announced before its commit, and part of it. However often the commit is tried, an
/// event is announced once.
/// </summary>
internal sealed class EventIntents(NotificationSetting setting, FollowUps followUps, ObjectOptions options, TimeProvider clock)
{
    /// <summary>Between the announcement and the commit.</summary>
    private static readonly TimeSpan CommitTime = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, string> announced = new(StringComparer.Ordinal);

    /// <summary>What begins the rows of a target's events.</summary>
    public static string Prefix(string target) => $"e.{target}.";

    /// <summary>Those of a change, or null where the bucket has no notifications.</summary>
    public static EventIntents? For(Bucket bucket, FollowUps followUps, ObjectOptions options, TimeProvider clock) =>
        bucket.Get(BucketSettings.Notifications) is { } setting ? new(setting, followUps, options, clock) : null;

    /// <summary>Announces an event to each target that asked for it, and adds its rows to the commit.</summary>
    /// <param name="changes">The commit's.</param>
    /// <param name="address">The key's place.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="name">The event's name.</param>
    /// <param name="version">The version it is about.</param>
    /// <param name="order">Grows with each commit of the key.</param>
    /// <param name="cause">The request; null where there is none.</param>
    /// <param name="ct">Gives up before anything is committed.</param>
    public ValueTask Add(
        Action<Change> changes, KeyAddress address, Bucket bucket, string key, string name, ObjectVersion version, long order, Cause? cause,
        CancellationToken ct) => Add(changes, address, bucket, key, name, version, order, cause, null, ct);

    /// <summary>Announces that a copy of a version was given up, and adds that to the commit that says so in the version's row.</summary>
    public ValueTask AddFailure(
        Action<Change> changes, KeyAddress address, Bucket bucket, string key, ObjectVersion version, FailedCopy failed, CancellationToken ct)
    {
        var rule = bucket.Get(BucketSettings.Replication)?.Rules.FirstOrDefault(each => each.Enabled && each.Sites.Contains(failed.Site) && each.Covers(key, version));
        var order = Math.Max(Rows.Microseconds(clock.GetUtcNow()), version.Sequence + 1);
        return Add(changes, address, bucket, key, EventNames.ReplicationFailed, version, order, null, failed with { Rule = rule?.Id }, ct);
    }

    private async ValueTask Add(
        Action<Change> changes, KeyAddress address, Bucket bucket, string key, string name, ObjectVersion version, long order, Cause? cause,
        FailedCopy? failed, CancellationToken ct)
    {
        foreach (var rule in setting.Rules)
        {
            // A target that this server was not told of gets nothing, now or later.
            if (!options.EventTargets.Contains(rule.Target) || !rule.Covers(name, key)) continue;
            if (!announced.TryGetValue(rule.Id, out var intent))
            {
                intent = Prefix(rule.Target) + Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
                await followUps.AnnounceEvent(rule.Target, Rows.ObjectSpace(bucket), key, intent, CommitTime, ct);
                announced.Add(rule.Id, intent);
            }
            var isRemoved = name.StartsWith("s3:ObjectRemoved:", StringComparison.Ordinal);
            changes(FollowUps.InsertEvent(address, intent, new ObjectEvent
            {
                Name = name,
                At = clock.GetUtcNow(),
                Order = order,
                Rule = rule.Id,
                Bucket = bucket.Name,
                OwnerCanonicalId = bucket.OwnerCanonicalId,
                Key = key,
                Size = isRemoved ? null : version.Size,
                ETag = isRemoved && !version.IsDeleteMarker ? null : version.ETag,
                VersionId = bucket.Get(BucketSettings.Versioning) is null ? null : version.PublicId,
                PrincipalId = cause?.PrincipalId,
                Address = cause?.Address?.ToString(),
                RequestId = cause?.RequestId,
                FailedCopy = failed,
            }));
        }
    }

    /// <summary>After a commit that was refused: what consumers have given up on is announced anew.</summary>
    public async ValueTask Renew(KeyAddress address, CancellationToken ct)
    {
        foreach (var (rule, intent) in announced.ToList())
            if (await followUps.IsTaken(address, intent, ct)) announced.Remove(rule);
    }
}
