using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// The setting of a bucket's lifecycle. It and its parts are filled in while the document is read, and not changed any more
/// once that has been validated.
/// </summary>
public sealed record LifecycleSetting
{
    /// <summary>1 to 1,000, in the order they were given.</summary>
    public List<LifecycleRule> Rules { get; init; } = [];

    /// <summary>Objects of less are transitioned only where a rule's filter says so by size, or <see cref="MinimumVariesByStorageClass"/> does. 128 KiB.</summary>
    public const int SmallBytes = 128 << 10;

    /// <summary>Whether objects of any size are transitioned: AWS's wording, where classes differ in that; locations do not.</summary>
    public bool MinimumVariesByStorageClass { get; init; }

    /// <summary>Whether any rule is to be followed.</summary>
    [JsonIgnore]
    public bool IsActive => Rules.Exists(rule => rule.IsEnabled);

    /// <summary>When an object that is current will expire, and by which rule; the earliest, null for never.</summary>
    public (DateTimeOffset At, LifecycleRule Rule)? ExpirationOf(string key, ObjectVersion version)
    {
        (DateTimeOffset At, LifecycleRule Rule)? earliest = null;
        foreach (var rule in Rules)
        {
            if (!rule.IsEnabled || rule.Expiration is not { } expiration || !rule.Covers(key, version)) continue;
            if ((expiration.Date ?? expiration.DueFrom(version.Modified)) is { } at && !(earliest?.At <= at)) earliest = (at, rule);
        }
        return earliest;
    }
}

/// <summary>A rule of the lifecycle.</summary>
public sealed record LifecycleRule
{
    /// <summary>Unique in its bucket; 1 to 255 characters.</summary>
    public string? Id { get; set; }

    /// <summary>The prefix in the older form of a rule; null where there is a filter.</summary>
    public string? Prefix { get; set; }

    /// <summary>What it covers; null in the older form.</summary>
    public LifecycleFilter? Filter { get; set; }

    /// <summary><c>Enabled</c> or <c>Disabled</c>.</summary>
    public string Status { get; set; } = "";

    /// <summary>When current versions expire.</summary>
    public LifecycleExpiration? Expiration { get; set; }

    /// <summary>When current versions move elsewhere.</summary>
    public List<LifecycleTransition> Transitions { get; init; } = [];

    /// <summary>When versions that are no longer current are removed.</summary>
    public NoncurrentExpiration? NoncurrentExpiration { get; set; }

    /// <summary>When they move elsewhere.</summary>
    public List<NoncurrentTransition> NoncurrentTransitions { get; init; } = [];

    /// <summary>When uploads that were not completed are aborted.</summary>
    public UploadExpiration? AbortUploads { get; set; }

    /// <summary>Whether it is to be followed.</summary>
    [JsonIgnore]
    public bool IsEnabled => Status == "Enabled";

    /// <summary>Whether it is about this version.</summary>
    public bool Covers(string key, ObjectVersion version)
    {
        var all = Filter?.And;
        if (!CoversKey(key)) return false;
        if (version.Size <= (Filter?.ObjectSizeGreaterThan ?? all?.ObjectSizeGreaterThan)) return false;
        if (version.Size >= (Filter?.ObjectSizeLessThan ?? all?.ObjectSizeLessThan)) return false;
        if (Filter?.Tag is { } tag && !Has(version, tag)) return false;
        return all is null || all.Tags.TrueForAll(each => Has(version, each));
    }

    /// <summary>Whether it is about that key, whatever is said of tags and sizes: an upload has none yet.</summary>
    public bool CoversKey(string key) => (Prefix ?? Filter?.Prefix ?? Filter?.And?.Prefix) is not { } prefix || key.StartsWith(prefix, StringComparison.Ordinal);

    /// <summary>Whether it says of what sizes it is.</summary>
    [JsonIgnore]
    public bool HasSizes =>
        (Filter?.ObjectSizeGreaterThan ?? Filter?.ObjectSizeLessThan ?? Filter?.And?.ObjectSizeGreaterThan ?? Filter?.And?.ObjectSizeLessThan) is not null;

    private static bool Has(ObjectVersion version, LifecycleTag tag) =>
        version.Tags is { } tags && tags.TryGetValue(tag.Key, out var value) && value == tag.Value;
}

/// <summary>One of what it names, or nothing, which covers all.</summary>
public sealed record LifecycleFilter
{
    /// <summary>What keys begin with.</summary>
    public string? Prefix { get; set; }

    /// <summary>A tag that objects have.</summary>
    public LifecycleTag? Tag { get; set; }

    /// <summary>Bytes that objects exceed.</summary>
    public long? ObjectSizeGreaterThan { get; set; }

    /// <summary>Bytes that objects do not reach.</summary>
    public long? ObjectSizeLessThan { get; set; }

    /// <summary>Several conditions, all of which must hold.</summary>
    public LifecycleConditions? And { get; set; }
}

/// <summary>At least two of what it names.</summary>
public sealed record LifecycleConditions
{
    /// <inheritdoc cref="LifecycleFilter.Prefix"/>
    public string? Prefix { get; set; }

    /// <summary>Tags that objects have, all of them.</summary>
    public List<LifecycleTag> Tags { get; init; } = [];

    /// <inheritdoc cref="LifecycleFilter.ObjectSizeGreaterThan"/>
    public long? ObjectSizeGreaterThan { get; set; }

    /// <inheritdoc cref="LifecycleFilter.ObjectSizeLessThan"/>
    public long? ObjectSizeLessThan { get; set; }
}

/// <summary>A tag that a rule asks for.</summary>
public sealed record LifecycleTag
{
    /// <summary>1 to 128 characters.</summary>
    public string Key { get; set; } = "";

    /// <summary>0 to 256 characters.</summary>
    public string Value { get; set; } = "";
}

/// <summary>One of the three.</summary>
public sealed record LifecycleExpiration
{
    /// <summary>A midnight of UTC.</summary>
    public DateTimeOffset? Date { get; set; }

    /// <summary>Days after the object was written.</summary>
    public int? Days { get; set; }

    /// <summary>Whether delete markers go that no older version is behind.</summary>
    public bool? ExpiredObjectDeleteMarker { get; set; }

    /// <summary>When it happens to what was written then; null where it is no matter of days.</summary>
    public DateTimeOffset? DueFrom(DateTimeOffset modified) => Days is { } days ? LifecycleDay.Whole.After(modified, days) : null;
}

/// <summary>What the days of rules are.</summary>
/// <param name="Length">24 hours; shorter ones are for trying rules out.</param>
public sealed record LifecycleDay(TimeSpan Length)
{
    /// <summary>Days as everybody knows them.</summary>
    public static readonly LifecycleDay Whole = new(TimeSpan.FromDays(1));

    /// <summary>As AWS counts: the days are added, and it happens at the midnight of UTC that follows. Of shorter days nothing is waited for.</summary>
    public DateTimeOffset After(DateTimeOffset from, int days)
    {
        var most = (DateTimeOffset.MaxValue - from) / Length - 1;
        var passed = from.ToUniversalTime() + Length * Math.Min(days, most);
        if (this != Whole) return passed;
        return passed.TimeOfDay == TimeSpan.Zero ? passed : new DateTimeOffset(passed.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
    }
}

/// <summary>Either a date or days.</summary>
public sealed record LifecycleTransition
{
    /// <inheritdoc cref="LifecycleExpiration.Date"/>
    public DateTimeOffset? Date { get; set; }

    /// <inheritdoc cref="LifecycleExpiration.Days"/>
    public int? Days { get; set; }

    /// <summary>A storage class of AWS or the name of a location.</summary>
    public string StorageClass { get; set; } = "";
}

/// <summary>What becomes of versions that are no longer current.</summary>
public sealed record NoncurrentExpiration
{
    /// <summary>Days after something newer was written.</summary>
    public int NoncurrentDays { get; set; }

    /// <summary>How many of the newest stay anyway; 1 to 100.</summary>
    public int? NewerNoncurrentVersions { get; set; }
}

/// <summary>Where versions go that are no longer current.</summary>
public sealed record NoncurrentTransition
{
    /// <inheritdoc cref="NoncurrentExpiration.NoncurrentDays"/>
    public int NoncurrentDays { get; set; }

    /// <inheritdoc cref="NoncurrentExpiration.NewerNoncurrentVersions"/>
    public int? NewerNoncurrentVersions { get; set; }

    /// <inheritdoc cref="LifecycleTransition.StorageClass"/>
    public string StorageClass { get; set; } = "";
}

/// <summary>What becomes of uploads that were not completed.</summary>
public sealed record UploadExpiration
{
    /// <summary>Days after they were begun.</summary>
    public int DaysAfterInitiation { get; set; }
}
