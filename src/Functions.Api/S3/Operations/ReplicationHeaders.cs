using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// What a read tells of a version's copies: <c>x-amz-replication-status</c>, and as Zenko does for each site
/// <c>x-amz-meta-SITE-replication-status</c> and <c>x-amz-meta-SITE-version-id</c>.
/// </summary>
internal static class ReplicationHeaders
{
    private const string Status = "-replication-status";
    private const string VersionId = "-version-id";

    /// <summary>Adds them.</summary>
    public static Reply WithReplication(this Reply reply, ReplicationState? state)
    {
        if (state is null) return reply;
        reply.With("x-amz-replication-status", Name(state.Status));
        foreach (var site in state.Sites)
        {
            reply.With(Descriptions.MetadataPrefix + site.Site + Status, Name(site.Status));
            reply.With(Descriptions.MetadataPrefix + site.Site + VersionId, site.VersionId);
        }
        return reply;
    }

    /// <summary>
    /// Whether user metadata of that name would be taken for what we say of a site: clients that read metadata and write it again
    /// send it, and others could forge it.
    /// </summary>
    public static bool AreOurs(string name, Bucket bucket, ObjectVersion version)
    {
        var site = name.EndsWith(Status, StringComparison.Ordinal) ? name[..^Status.Length]
            : name.EndsWith(VersionId, StringComparison.Ordinal) ? name[..^VersionId.Length]
            : null;
        return site is not null
            && (version.Replication?.Of(site) is not null || bucket.Get(BucketSettings.Replication)?.Rules.Any(rule => rule.Sites.Contains(site)) == true);
    }

    private static string Name(ReplicationStatus status) => status switch
    {
        ReplicationStatus.Pending => "PENDING",
        ReplicationStatus.Processing => "PROCESSING",
        ReplicationStatus.Completed => "COMPLETED",
        ReplicationStatus.Failed => "FAILED",
        ReplicationStatus.Replica => "REPLICA",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };
}
