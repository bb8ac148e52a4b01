using System.Net;
using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The setting of a bucket's notifications.</summary>
/// <param name="Rules">In the order they were given.</param>
/// <param name="EventBridge">Whether EventBridge was asked for. It is told again, and nothing is sent there.</param>
public sealed record NotificationSetting(IReadOnlyList<NotificationRule> Rules, bool EventBridge);

/// <summary>What kind of destination a rule was written for. All are delivered alike.</summary>
public enum NotificationKind
{
    /// <summary>A topic.</summary>
    Topic,

    /// <summary>A queue.</summary>
    Queue,

    /// <summary>A function.</summary>
    Function,
}

/// <summary>Which events go where.</summary>
public sealed record NotificationRule
{
    /// <summary>Unique in its bucket; 1 to 255 characters.</summary>
    public required string Id { get; init; }

    /// <summary>The kind of destination.</summary>
    public required NotificationKind Kind { get; init; }

    /// <summary>The destination; its last part names the target.</summary>
    public required string Arn { get; init; }

    /// <summary>Names from <see cref="EventNames"/>, or with <c>*</c> as their last part.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>What keys begin with; null for any.</summary>
    public string? Prefix { get; init; }

    /// <summary>What keys end with; null for any.</summary>
    public string? Suffix { get; init; }

    /// <summary>The name of the target.</summary>
    [JsonIgnore]
    public string Target => Arn[(Arn.LastIndexOf(':') + 1)..];

    /// <summary>Whether it is about this event of this key.</summary>
    public bool Covers(string name, string key)
    {
        if (Prefix is not null && !key.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        if (Suffix is not null && !key.EndsWith(Suffix, StringComparison.Ordinal)) return false;
        for (var i = 0; i < Events.Count; i++)
            if (EventNames.Covers(Events[i], name)) return true;
        return false;
    }
}

/// <summary>The names of events.</summary>
public static class EventNames
{
    /// <summary>Those that happen here.</summary>
    public const string
        Put = "s3:ObjectCreated:Put",
        Post = "s3:ObjectCreated:Post",
        Copy = "s3:ObjectCreated:Copy",
        Completed = "s3:ObjectCreated:CompleteMultipartUpload",
        Deleted = "s3:ObjectRemoved:Delete",
        MarkerCreated = "s3:ObjectRemoved:DeleteMarkerCreated",
        Expired = "s3:LifecycleExpiration:Delete",
        ExpiredMarkerCreated = "s3:LifecycleExpiration:DeleteMarkerCreated",
        Transitioned = "s3:LifecycleTransition",
        TaggingPut = "s3:ObjectTagging:Put",
        TaggingDeleted = "s3:ObjectTagging:Delete",
        AclPut = "s3:ObjectAcl:Put",
        ReplicationFailed = "s3:Replication:OperationFailedReplication";

    /// <summary>Those that can be asked for, besides <c>*</c> as the last part: AWS's, and Zenko's of replication.</summary>
    public static readonly IReadOnlySet<string> All = new HashSet<string>(StringComparer.Ordinal)
    {
        Put, Post, Copy, Completed, Deleted, MarkerCreated, Expired, ExpiredMarkerCreated, Transitioned, TaggingPut, TaggingDeleted, AclPut, ReplicationFailed,
        "s3:ReducedRedundancyLostObject", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete",
        "s3:Replication:OperationMissedThreshold",
        "s3:Replication:OperationReplicatedAfterThreshold", "s3:Replication:OperationNotTracked",
        "s3:IntelligentTiering",
    };

    private static readonly HashSet<string> Wildcards =
        [.. All.Where(name => name.Count(c => c == ':') == 2).Select(name => name[..(name.LastIndexOf(':') + 1)] + "*")];

    /// <summary>Whether a rule may name it.</summary>
    public static bool IsKnown(string name) => All.Contains(name) || Wildcards.Contains(name);

    /// <summary>Whether what a rule names is, or holds, this one (which may be a wildcard too).</summary>
    public static bool Covers(string named, string name) =>
        named.EndsWith('*') ? name.AsSpan().StartsWith(named.AsSpan(..^1), StringComparison.Ordinal) : named == name;
}

/// <summary>What a request tells of itself to the events that follow from it.</summary>
/// <param name="Event">The event that a new version is, from <see cref="EventNames"/>.</param>
/// <param name="PrincipalId">Who sent it.</param>
/// <param name="Address">From where.</param>
/// <param name="RequestId">Its id.</param>
public sealed record Cause(string Event, string PrincipalId, IPAddress? Address, string RequestId);

/// <summary>An event as its intent row tells.</summary>
internal sealed record ObjectEvent
{
    public int Format { get; init; } = 1;

    public required string Name { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Orders the events of a key: grows with each commit.</summary>
    public required long Order { get; init; }

    public required string Rule { get; init; }

    public required string Bucket { get; init; }

    public required string OwnerCanonicalId { get; init; }

    public required string Key { get; init; }

    public long? Size { get; init; }

    public string? ETag { get; init; }

    public string? VersionId { get; init; }

    public string? PrincipalId { get; init; }

    public string? Address { get; init; }

    public string? RequestId { get; init; }

    /// <summary>Of a copy that was given up; else null.</summary>
    public FailedCopy? FailedCopy { get; init; }
}

/// <summary>A copy of a version that was given up.</summary>
/// <param name="Site">Where it should have gone.</param>
/// <param name="Reason">Why it did not get there, in words for people.</param>
/// <param name="Since">When the version, or its change, was committed.</param>
internal sealed record FailedCopy(string Site, string Reason, DateTimeOffset Since)
{
    /// <summary>The rule that names the site; null where none does any more.</summary>
    public string? Rule { get; init; }
}

/// <summary>
/// The message of an event: that of a follow-up, or, for the test event of a new configuration, what is to be delivered.
/// </summary>
internal sealed record EventMessage
{
    public int Format { get; init; } = 1;

    public required string Target { get; init; }

    public FollowUp? FollowUp { get; init; }

    public string? Document { get; init; }

    public required DateTimeOffset Sent { get; init; }

    /// <summary>Deliveries that failed.</summary>
    public int Failures { get; init; }
}
