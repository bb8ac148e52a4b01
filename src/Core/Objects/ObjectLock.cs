namespace ZenkoFunctions.Core.Objects;

/// <summary>How strictly a version is retained.</summary>
public enum RetentionMode
{
    /// <summary>Who has s3:BypassGovernanceRetention, and says so, may remove it earlier.</summary>
    Governance,

    /// <summary>Nobody may remove it earlier, and the time can only be made longer.</summary>
    Compliance,
}

/// <summary>Until when a version may not be removed.</summary>
public sealed record Retention(RetentionMode Mode, DateTimeOffset Until);

/// <summary>The setting of a bucket whose versions can be locked. Once made, it is never taken back.</summary>
/// <param name="Default">What versions get that are written without a retention of their own; null for nothing.</param>
public sealed record ObjectLockSetting(DefaultRetention? Default);

/// <summary>For how long from its writing a version is retained: exactly one of days and years.</summary>
public sealed record DefaultRetention(RetentionMode Mode, int? Days, int? Years)
{
    /// <summary>The longest period in days; AWS's limit.</summary>
    public const int MaxDays = 36_500;

    /// <summary>The longest period in years; AWS's limit.</summary>
    public const int MaxYears = 100;

    /// <summary>The retention of a version that is written at this time.</summary>
    public Retention From(DateTimeOffset written) => new(Mode, Years is { } years ? written.AddYears(years) : written.AddDays(Days ?? 0));
}

/// <summary>The rules of retention and legal hold. Pure.</summary>
public static class ObjectLock
{
    /// <summary>The version that is to be written, with the bucket's default retention where it brings none.</summary>
    public static ObjectVersion Retained(ObjectVersion version, ObjectLockSetting? setting) =>
        setting?.Default is { } rule && version.Retention is null && !version.IsDeleteMarker
            ? version with { Retention = rule.From(version.Modified) }
            : version;

    /// <summary>Refuses with <see cref="Refusal.Locked"/> where the version may not be removed now; null where it may.</summary>
    /// <param name="version">The version.</param>
    /// <param name="bypass">Whether a retention in governance mode is to be passed over.</param>
    /// <param name="now">The time.</param>
    public static Declined? ForRemoval(ObjectVersion version, bool bypass, DateTimeOffset now)
    {
        if (version.LegalHold == true) return Refusal.Locked.Because("The version is on legal hold.");
        return IsRetained(version.Retention, now) && !(bypass && version.Retention!.Mode == RetentionMode.Governance)
            ? Refusal.Locked.Because("The version is retained and may not be removed yet.")
            : null;
    }

    /// <summary>
    /// Refuses with <see cref="Refusal.Locked"/> where the retention of a version may not be changed like this now; null where
    /// it may. It may always be made longer in its mode; in governance mode, with a bypass, anything else too.
    /// </summary>
    /// <param name="present">What the version has.</param>
    /// <param name="next">What it is to have; null for none.</param>
    /// <param name="bypass">Whether a retention in governance mode is to be passed over.</param>
    /// <param name="now">The time.</param>
    public static Declined? ForChange(Retention? present, Retention? next, bool bypass, DateTimeOffset now)
    {
        if (!IsRetained(present, now)) return null;
        if (present!.Mode == RetentionMode.Governance && bypass) return null;
        return next is not null && next.Mode == present.Mode && next.Until >= present.Until
            ? null
            : Refusal.Locked.Because("The version's retention cannot be weakened before its time.");
    }

    private static bool IsRetained(Retention? retention, DateTimeOffset now) => retention is not null && retention.Until > now;
}
