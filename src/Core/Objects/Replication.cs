using System.Text.Json.Serialization;
using ZenkoFunctions.Core.Encryption;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The setting of a bucket's replication.</summary>
/// <param name="Role">As it was given.</param>
/// <param name="Rules">In the order they were given; 1 to 1,000.</param>
public sealed record ReplicationSetting(string Role, IReadOnlyList<ReplicationRule> Rules)
{
    /// <summary>
    /// Where a version of that key goes: the sites of each enabled rule that covers it; of rules that name the same site the one
    /// with the highest priority, and of those the first, decides. Empty where it goes nowhere.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version.</param>
    /// <param name="askedOnly">Whether it was there before the rules, so that only those count that ask for such versions.</param>
    public IReadOnlyList<string> SitesOf(string key, ObjectVersion version, bool askedOnly = false)
    {
        List<(string Site, int Priority, bool Goes)>? found = null;
        foreach (var rule in Rules)
        {
            if (!rule.Enabled || !rule.Covers(key, version)) continue;
            foreach (var site in rule.Sites)
            {
                found ??= [];
                var at = found.FindIndex(each => each.Site == site);
                var goes = (!version.IsDeleteMarker || rule.DeleteMarkers) && (!askedOnly || rule.ExistingObjects == true);
                if (at < 0) found.Add((site, rule.Priority, goes));
                else if (rule.Priority > found[at].Priority) found[at] = (site, rule.Priority, goes);
            }
        }
        return found is null ? [] : [.. found.Where(each => each.Goes).Select(each => each.Site)];
    }

    /// <summary>The site that readers of the key are served from where it has the version; null for the source.</summary>
    public string? PreferredRead(string key) =>
        Rules.FirstOrDefault(rule => rule.Enabled && rule.PreferredRead is not null && key.StartsWith(rule.Prefix, StringComparison.Ordinal))?.PreferredRead;
}

/// <summary>Which versions go where.</summary>
public sealed record ReplicationRule
{
    /// <summary>Unique in its bucket; 1 to 255 characters.</summary>
    public required string Id { get; init; }

    /// <summary>Whether it counts.</summary>
    public required bool Enabled { get; init; }

    /// <summary>What keys begin with; empty for any.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Tags that a version must have; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Whether it was written with a Filter (S3's second form), so that it is told so again.</summary>
    public bool HasFilter { get; init; }

    /// <summary>Which of two rules decides about a site; 0 where none was given.</summary>
    public int Priority { get; init; }

    /// <summary>Whether delete markers go too. In the first form of the document they always do.</summary>
    public bool DeleteMarkers { get; init; }

    /// <summary>Whether it was asked that what was there before goes too; null where nothing was said.</summary>
    public bool? ExistingObjects { get; init; }

    /// <summary>
    /// Whether versions go that are encrypted by a named key (SSE-KMS); null where nothing was said: then they do in the first form
    /// of the document, and do not in the second, as at AWS. A copy is encrypted as its site does it.
    /// </summary>
    public bool? KmsEncrypted { get; init; }

    /// <summary>What is told again and changes nothing; null for nothing.</summary>
    public ReplicationRemarks? Remarks { get; init; }

    /// <summary>The destination bucket's ARN, as it was given; null where the location says it.</summary>
    public string? Bucket { get; init; }

    /// <summary>StorageClass as it was given; null where the default site was meant.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The locations it goes to, at least one, each once.</summary>
    public required IReadOnlyList<string> Sites { get; init; }

    /// <summary>The one of <see cref="Sites"/> that readers are served from; null for none.</summary>
    public string? PreferredRead { get; init; }

    /// <summary>Whether it is about that version of the key.</summary>
    public bool Covers(string key, ObjectVersion version) =>
        key.StartsWith(Prefix, StringComparison.Ordinal)
        && (Tags is null || Tags.All(tag => version.Tags is { } tags && tags.TryGetValue(tag.Key, out var value) && value == tag.Value))
        && (version.Encryption?.Kind != SseKind.Kms || (KmsEncrypted ?? !HasFilter));
}

/// <summary>What a rule said that changes nothing here, so that whoever compares finds it again.</summary>
public sealed record ReplicationRemarks
{
    /// <summary>The destination's account; whose a copy is, its site knows.</summary>
    public string? Account { get; init; }

    /// <summary>Whose copies are to be (<c>Destination</c>): at a site they are its account's anyway.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether there are to be metrics. There always are.</summary>
    public ReplicationThreshold? Metrics { get; init; }

    /// <summary>A promise of time, which was declined.</summary>
    public ReplicationThreshold? Time { get; init; }

    /// <summary>Whether changes of copies are to come back: that was declined.</summary>
    public bool? ReplicaModifications { get; init; }
}

/// <summary>Something that is on or off, with its minutes where they were given.</summary>
public sealed record ReplicationThreshold(bool Enabled, int? Minutes);

/// <summary>How far a version, or one of its copies, has come.</summary>
public enum ReplicationStatus
{
    /// <summary>Waits for its turn, or is under way.</summary>
    Pending,

    /// <summary>Of a version: some sites have it, others do not yet.</summary>
    Processing,

    /// <summary>It is there: written, and read again.</summary>
    Completed,

    /// <summary>It was given up. It stands in the list of failures and can be sent again.</summary>
    Failed,

    /// <summary>Of a version: it is itself a copy, and goes nowhere.</summary>
    Replica,
}

/// <summary>What is known of a version's copies. In the version's row; absent where it goes nowhere.</summary>
public sealed record ReplicationState
{
    /// <summary>The user metadata, without <c>x-amz-meta-</c>, that marks a copy as one: its value is <c>REPLICA</c>.</summary>
    public const string StatusMark = "scal-replication-status";

    /// <summary>The user metadata of a copy that tells the version id of its source.</summary>
    public const string VersionMark = "scal-version-id";

    /// <summary>Counts the changes that are to be carried over: one when the version is made, one more with each change of its tags.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>Whether it is itself a copy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsReplica { get; init; }

    /// <summary>Its copies, in the order of the rules.</summary>
    public IReadOnlyList<SiteState> Sites { get; init; } = [];

    /// <summary>All in all: FAILED where one is, COMPLETED where all are.</summary>
    [JsonIgnore]
    public ReplicationStatus Status =>
        IsReplica ? ReplicationStatus.Replica
        : Sites.Any(site => site.Status == ReplicationStatus.Failed) ? ReplicationStatus.Failed
        : Sites.All(site => site.Status == ReplicationStatus.Completed) ? ReplicationStatus.Completed
        : Sites.Any(site => site.Status == ReplicationStatus.Completed) ? ReplicationStatus.Processing
        : ReplicationStatus.Pending;

    /// <summary>The state of a site's copy; null where none is meant to be there.</summary>
    public SiteState? Of(string site) => Sites.FirstOrDefault(each => each.Site == site);

    /// <summary>The same with another state of one site.</summary>
    public ReplicationState With(SiteState state) => this with
    {
        Sites = Of(state.Site) is null ? [.. Sites, state] : [.. Sites.Select(each => each.Site == state.Site ? state : each)],
    };
}

/// <summary>What is known of a copy.</summary>
/// <param name="Site">The location.</param>
/// <param name="Status">Pending, Completed or Failed.</param>
public sealed record SiteState(string Site, ReplicationStatus Status)
{
    /// <summary>The generation of the version that the copy has; 0 for none.</summary>
    public int Generation { get; init; }

    /// <summary>The site's version id; null where it has none.</summary>
    public string? VersionId { get; init; }

    /// <summary>The site's ETag, without quotes; null before it is there, and of a delete marker.</summary>
    public string? ETag { get; init; }

    /// <summary>When the status was set.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Whether its bytes are to be sent whatever is there: what is there was found to be something else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Afresh { get; init; }
}

/// <summary>What the intent row of a copy says: which version, by the sequence that finds its row.</summary>
internal sealed record ReplicationIntent
{
    public int Format { get; init; } = 1;

    /// <summary>The version's.</summary>
    public required long Sequence { get; init; }

    /// <summary><see cref="ObjectVersion.Id"/>.</summary>
    public required string VersionId { get; init; }

    /// <summary>The generation that made it.</summary>
    public required int Generation { get; init; }

    /// <summary>Bytes of the version.</summary>
    public required long Size { get; init; }

    /// <summary>When the version, or its change, was committed: what a copy's age is counted from.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Attempts that failed, as far as they were written down: for whoever sends the message again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Failures { get; init; }

    /// <summary>When the first of them failed; null before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>That of a generation of the version, committed then.</summary>
    public static ReplicationIntent Of(ObjectVersion version, int generation, DateTimeOffset at) =>
        new() { Sequence = version.Sequence, VersionId = version.Id, Generation = generation, Size = version.Size, At = at };
}

/// <summary>The message of a copy: one for each version and site.</summary>
internal sealed record ReplicationMessage
{
    public int Format { get; init; } = 1;

    public required string Site { get; init; }

    public required FollowUp FollowUp { get; init; }

    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }

    /// <summary>Attempts that failed.</summary>
    public int Failures { get; init; }

    /// <summary>When the first attempt failed; null before.</summary>
    public DateTimeOffset? FailingSince { get; init; }
}
