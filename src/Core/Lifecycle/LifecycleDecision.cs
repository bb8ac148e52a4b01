using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Lifecycle;

/// <summary>What becomes of a version by the rules.</summary>
internal enum LifecycleAct
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>It expires: a delete marker hides it, or, where the bucket has no versions, it is removed.</summary>
    Expire,

    /// <summary>It is removed for good.</summary>
    Remove,

    /// <summary>It gets another storage class; where that is a location, its bytes go there.</summary>
    Move,
}

/// <summary>What is to be done with a version.</summary>
/// <param name="Act">What.</param>
/// <param name="StorageClass">Of a move: the class or location it goes to.</param>
internal readonly record struct LifecycleDue(LifecycleAct Act, string? StorageClass = null)
{
    /// <summary>Nothing.</summary>
    public static readonly LifecycleDue Nothing;
}

/// <summary>A version, and where it stands among those of its key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Version">The version.</param>
/// <param name="IsLatest">Whether it is the current one.</param>
internal readonly record struct PlacedVersion(string Key, ObjectVersion Version, bool IsLatest)
{
    /// <summary>Of one that is not current: since when, which is when the next newer one was written.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Of one that is not current: how many newer ones are not current either.</summary>
    public int Newer { get; init; }

    /// <summary>Of a delete marker that is current: whether it hides nothing any more.</summary>
    public bool IsAlone { get; init; }
}

/// <summary>What the rules of a bucket say. Pure.</summary>
internal static class LifecycleDecision
{
    /// <summary>What becomes of a version now.</summary>
    /// <param name="setting">The rules.</param>
    /// <param name="placed">The version.</param>
    /// <param name="day">What the rules' days are.</param>
    /// <param name="now">The time.</param>
    public static LifecycleDue Of(LifecycleSetting setting, PlacedVersion placed, LifecycleDay day, DateTimeOffset now)
    {
        (DateTimeOffset At, string StorageClass)? move = null;
        foreach (var rule in setting.Rules)
        {
            if (!rule.IsEnabled || !rule.Covers(placed.Key, placed.Version)) continue;
            var act = !placed.IsLatest ? OfOlder(rule, placed, day, now)
                : placed.Version.IsDeleteMarker ? OfMarker(rule, placed, day, now)
                : IsDue(rule.Expiration?.Date, rule.Expiration?.Days, placed.Version.Modified, day, now) ? LifecycleAct.Expire
                : LifecycleAct.None;
            if (act != LifecycleAct.None) return new(act);
            if (placed.Version.IsDeleteMarker || (placed.Version.Size < LifecycleSetting.SmallBytes && !setting.MinimumVariesByStorageClass && !rule.HasSizes)) continue;
            foreach (var (at, storageClass) in placed.IsLatest ? MovesOf(rule, placed, day) : MovesOfOlder(rule, placed, day))
                if (at <= now && !(move?.At >= at)) move = (at, storageClass);
        }
        // Of several that are due, the one that became so last is the furthest on the way.
        return move is { } last && last.StorageClass != placed.Version.StorageClass ? new(LifecycleAct.Move, last.StorageClass) : LifecycleDue.Nothing;
    }

    /// <summary>Whether an upload that was begun then is to be aborted.</summary>
    public static bool IsAbandoned(LifecycleSetting setting, string key, DateTimeOffset initiated, LifecycleDay day, DateTimeOffset now) =>
        setting.Rules.Exists(rule => rule is { IsEnabled: true, AbortUploads: { } abort } && rule.CoversKey(key) && day.After(initiated, abort.DaysAfterInitiation) <= now);

    private static IEnumerable<(DateTimeOffset At, string StorageClass)> MovesOf(LifecycleRule rule, PlacedVersion placed, LifecycleDay day) =>
        rule.Transitions.Select(move => (move.Date ?? day.After(placed.Version.Modified, move.Days ?? 0), move.StorageClass));

    private static IEnumerable<(DateTimeOffset At, string StorageClass)> MovesOfOlder(LifecycleRule rule, PlacedVersion placed, LifecycleDay day) =>
        rule.NoncurrentTransitions.Where(move => placed.Newer >= (move.NewerNoncurrentVersions ?? 0))
            .Select(move => (day.After(placed.Since, move.NoncurrentDays), move.StorageClass));

    private static bool IsDue(DateTimeOffset? date, int? days, DateTimeOffset modified, LifecycleDay day, DateTimeOffset now) =>
        date is not null ? date <= now : days is not null && day.After(modified, days.Value) <= now;

    /// <summary>A marker that hides nothing goes where a rule says so, and, as an object would, by its age.</summary>
    private static LifecycleAct OfMarker(LifecycleRule rule, PlacedVersion placed, LifecycleDay day, DateTimeOffset now) =>
        placed.IsAlone && (rule.Expiration?.ExpiredObjectDeleteMarker == true || IsDue(rule.Expiration?.Date, rule.Expiration?.Days, placed.Version.Modified, day, now))
            ? LifecycleAct.Remove
            : LifecycleAct.None;

    private static LifecycleAct OfOlder(LifecycleRule rule, PlacedVersion placed, LifecycleDay day, DateTimeOffset now) =>
        rule.NoncurrentExpiration is { } expiration && placed.Newer >= (expiration.NewerNoncurrentVersions ?? 0)
        && day.After(placed.Since, expiration.NoncurrentDays) <= now
            ? LifecycleAct.Remove
            : LifecycleAct.None;
}
