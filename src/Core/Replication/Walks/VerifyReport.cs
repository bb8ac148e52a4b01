namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>What a verification found, as it is signed.</summary>
public sealed record VerifyReport
{
    /// <summary>What <see cref="Kind"/> says.</summary>
    public const string KindName = "zenko-replication-report";

    /// <summary>The format; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>What it is.</summary>
    public string Kind { get; init; } = KindName;

    /// <summary>Names it among those of its bucket and site.</summary>
    public required string Id { get; init; }

    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }

    /// <summary>The bucket's id, which no other bucket ever has.</summary>
    public required string BucketId { get; init; }

    /// <summary>The site.</summary>
    public required string Site { get; init; }

    /// <summary>How it was compared.</summary>
    public required ReportSettings Settings { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>Whether every version that belongs at the site is there, and is what it should be: nothing differs, nothing is pending.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>What was found.</summary>
    public required WalkCounts Counts { get; init; }

    /// <summary>Differences by their reason.</summary>
    public required IReadOnlyDictionary<string, long> Reasons { get; init; }

    /// <summary>The first of the differences.</summary>
    public required IReadOnlyList<Difference> Differences { get; init; }

    /// <summary>The id of the key that it is signed with.</summary>
    public required string Key { get; init; }
}

/// <summary>How a verification compared.</summary>
/// <param name="Deep">Whether the bytes were read.</param>
/// <param name="ReportOnly">Whether what differed was left as it was.</param>
/// <param name="Prefix">What the keys of the copies begin with.</param>
/// <param name="KeepsVersions">Whether the site keeps versions, so that older ones were looked for.</param>
/// <param name="HasTags">Whether the site has tags, so that they were compared.</param>
public sealed record ReportSettings(bool Deep, bool ReportOnly, string Prefix, bool KeepsVersions, bool HasTags)
{
    /// <summary>Whether metadata, headers and older delete markers were compared: in reports of earlier releases they were not.</summary>
    public bool HasMetadata { get; init; }
}
