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
