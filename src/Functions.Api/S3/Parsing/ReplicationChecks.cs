using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>What a bucket's rules of replication have to be, whichever way they come: of the document, and of the bucket and the locations that there are.</summary>
internal static class ReplicationChecks
{
    /// <summary>Reads a document as the rules of a bucket.</summary>
    /// <exception cref="S3Exception">They cannot be.</exception>
    public static async ValueTask<ReplicationSetting> Read(ReadOnlyMemory<byte> document, Bucket bucket, Buckets buckets, CancellationToken ct)
    {
        var locations = buckets.Locations;
        var sites = await Sites(locations, ct);
        var setting = ReplicationDocument.Parse(document, sites);
        if (await locations.Find(locations.Named(bucket.LocationConstraint), ct) is { Traits.IsTransient: true })
            ReplicationDocument.NeedPreferredRead(setting);
        foreach (var name in ReplicationDocument.BucketsAlone(setting, sites))
            if (name != bucket.Name && await buckets.Find(name, ct) is not null)
                throw new S3Exception(S3Errors.NotImplemented, $"This server does not send copies to another bucket of its own ({name}). Name the location that they go to as the destination's StorageClass.");
        return setting;
    }

    /// <summary>
    /// The locations that can have replicas, by name. Not the default one, where the bytes of buckets are themselves: what is
    /// there is nowhere else.
    /// </summary>
    private static async ValueTask<IReadOnlyDictionary<string, IReplicas>> Sites(LocationCatalog locations, CancellationToken ct)
    {
        var sites = new Dictionary<string, IReplicas>(StringComparer.Ordinal);
        foreach (var name in await locations.Names(ct))
            if (name != locations.DefaultName && await locations.Find(name, ct) is IReplicas site) sites.Add(name, site);
        return sites;
    }
}
