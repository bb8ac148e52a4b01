using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutBucketReplication: replaces the rules by which copies of a bucket's versions go to other locations.</summary>
public sealed class PutBucketReplication : Operation
{
    private const int MaxBody = 2 * 1024 * 1024; // a thousand rules with long ids, prefixes and tags

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketReplication", "PUT", Target.Bucket, "s3:PutReplicationConfiguration") { Query = ["replication"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var body = await Payload.ReadMessage(call, MaxBody, mustSay: false, ct);
        var (buckets, locations) = (call.Services.Buckets, call.Services.Buckets.Locations);
        var sites = await Sites(locations, ct);
        var setting = ReplicationDocument.Parse(body, sites);
        if (await locations.Find(locations.Named(call.Bucket.LocationConstraint), ct) is { Traits.IsTransient: true })
            ReplicationDocument.NeedPreferredRead(setting);
        foreach (var name in ReplicationDocument.BucketsAlone(setting, sites))
            if (name != call.BucketName && await buckets.Find(name, ct) is not null)
                return Reply.Refused(S3Errors.NotImplemented, $"This server does not send copies to another bucket of its own ({name}). Name the location that they go to as the destination's StorageClass.");
        var changed = await buckets.Change<ReplicationSetting>(
            call.Bucket,
            BucketSettings.Replication,
            bucket => bucket.Get(BucketSettings.Versioning)?.State == VersioningState.Enabled
                ? setting
                : Refusal.InvalidRequest.Because("Versioning must be 'Enabled' on the bucket to apply a replication configuration"),
            ct);
        return changed.Refusal is null ? Reply.Empty() : Reply.Refused(changed);
    }

    /// <summary>
    /// The locations that can have replicas, by name. Not the default one, where the bytes of buckets are themselves: what is
    /// there is nowhere else.
    /// </summary>
    internal static async ValueTask<IReadOnlyDictionary<string, IReplicas>> Sites(LocationCatalog locations, CancellationToken ct)
    {
        var sites = new Dictionary<string, IReplicas>(StringComparer.Ordinal);
        foreach (var name in await locations.Names(ct))
            if (name != locations.DefaultName && await locations.Find(name, ct) is IReplicas site) sites.Add(name, site);
        return sites;
    }
}
