namespace ZenkoFunctions.Core.Usage;

/// <summary>What a bucket holds, or (some of it negative) how that changes.</summary>
/// <param name="Bytes">Of all versions, current and older, as their readers count them: decrypted.</param>
/// <param name="Versions">Objects, older versions and delete markers.</param>
/// <param name="Parts">Bytes of uploaded parts that are not, or not yet, an object's.</param>
public readonly record struct Amount(long Bytes, long Versions, long Parts)
{
    /// <summary>What a quota bounds.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Held => Bytes + Parts;

    /// <summary>How much that is, whichever way.</summary>
    internal Amount Size() => new(Math.Abs(Bytes), Math.Abs(Versions), Math.Abs(Parts));

    /// <summary>Nothing of what is not more than that.</summary>
    internal Amount Beyond(Amount least) => new(
        Math.Abs(Bytes) <= least.Bytes ? 0 : Bytes,
        Math.Abs(Versions) <= least.Versions ? 0 : Versions,
        Math.Abs(Parts) <= least.Parts ? 0 : Parts);

    /// <summary>Both together.</summary>
    public static Amount operator +(Amount a, Amount b) => new(a.Bytes + b.Bytes, a.Versions + b.Versions, a.Parts + b.Parts);

    /// <summary>What is more.</summary>
    public static Amount operator -(Amount a, Amount b) => new(a.Bytes - b.Bytes, a.Versions - b.Versions, a.Parts - b.Parts);
}

/// <summary>What a commit changes: in the rows of the key's versions, and in those of its uploads.</summary>
internal readonly record struct UsageChange(Tally Objects, Tally Uploads)
{
    /// <summary>Versions that are made (positive) or gone.</summary>
    public static UsageChange OfVersions(string location, long bytes, long versions) => new(new(location, new(bytes, versions, 0)), default);

    /// <summary>Parts that are uploaded (positive) or removed.</summary>
    public static UsageChange OfParts(string location, long bytes) => new(default, new(location, new(0, 0, bytes)));

    /// <summary>Both together.</summary>
    public static UsageChange operator +(UsageChange a, UsageChange b) => new(a.Objects + b.Objects, a.Uploads + b.Uploads);

    /// <summary>The one, and the other undone.</summary>
    public static UsageChange operator -(UsageChange a, UsageChange b) => new(a.Objects - b.Objects, a.Uploads - b.Uploads);
}

/// <summary>A bucket that is counted.</summary>
/// <param name="Id">Unique for all times.</param>
/// <param name="Name">Its name.</param>
/// <param name="Account">The id of the account that owns it; null where that was not noted.</param>
public readonly record struct CountedBucket(string Id, string Name, string? Account = null);

/// <summary>How counters work.</summary>
public sealed record UsageOptions
{
    /// <summary>
    /// Whether no other process counts. Then a walk is exact whatever goes on during it, and rows that another process left
    /// behind are a dead one's.
    /// </summary>
    public required bool IsAlone { get; init; }

    /// <summary>How long a change waits in memory, and how long those of other instances are not seen: F.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long without a change a counter is closed.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A counter that its instance has not written for so long is a dead instance's.</summary>
    public TimeSpan Dead { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one run of a walk may take.</summary>
    public TimeSpan WalkTime { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Rows of a kind that a walk reads at a time.</summary>
    public int WalkRows { get; init; } = 500;
}
