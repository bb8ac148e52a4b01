using System.Collections.Frozen;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>What serves a location.</summary>
public enum LocationEngine
{
    /// <summary>A directory of this machine.</summary>
    Disk,

    /// <summary>A container of Azure Blob storage.</summary>
    Azure,

    /// <summary>A bucket behind S3's protocol.</summary>
    S3,
}

/// <summary>A type of location.</summary>
/// <param name="Name">Zenko's name of it.</param>
/// <param name="Engine">What serves it.</param>
/// <param name="Title">What people call it.</param>
public sealed record LocationType(string Name, LocationEngine Engine, string Title)
{
    /// <summary>Its URL where none is given: null where one must be, or where the engine knows.</summary>
    public string? DefaultEndpoint { get; init; }

    /// <summary>Whether an endpoint has to be given.</summary>
    public bool NeedsEndpoint { get; init; }

    /// <summary>Whether the bucket's name goes into the path.</summary>
    public bool PathStyle { get; init; }

    /// <summary>Whether it keeps versions of replicas where its bucket does.</summary>
    public bool KeepsVersions { get; init; } = true;

    /// <summary>Whether objects in it can be tagged.</summary>
    public bool HasTags { get; init; } = true;

    /// <summary>The most parts of an upload.</summary>
    public int MaxParts { get; init; } = 10_000;

    /// <summary>Whether it may be transient.</summary>
    public bool MayBeTransient { get; init; }

    /// <summary>The details that it must have, by their names in JSON.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The details that it may have besides.</summary>
    public IReadOnlyList<string> Optional { get; init; } = [];

    /// <summary>The name without what all have in common: <c>aws-s3</c>.</summary>
    public string ShortName => Name["location-".Length..] is var rest && rest.EndsWith("-v1", StringComparison.Ordinal) ? rest[..^3] : rest;
}

/// <summary>Zenko's types of locations, and one more for what it has no name for.</summary>
public static class LocationTypes
{
    private static readonly string[] Bucket = ["accessKey", "secretKey", "bucketName"];
    private static readonly string[] S3Options = ["endpoint", "region", "serverSideEncryption", "bucketMatch"];

#pragma warning disable format // a table
    /// <summary>Those that are served, one line each.</summary>
    public static readonly IReadOnlyList<LocationType> All =
    [
        new("location-file-v1",                  LocationEngine.Disk,  "a directory of this machine")  { Required = ["path"], MayBeTransient = true, KeepsVersions = false },
        new("location-azure-v1",                 LocationEngine.Azure, "Azure Blob storage")           { Required = Bucket, Optional = ["endpoint", "bucketMatch"], KeepsVersions = false },
        new("location-aws-s3-v1",                LocationEngine.S3,    "Amazon S3")                    { Required = Bucket, Optional = S3Options },
        new("location-gcp-v1",                   LocationEngine.S3,    "Google Cloud Storage")         { Required = Bucket, Optional = ["endpoint", "region", "bucketMatch", "mpuBucketName"], DefaultEndpoint = "https://storage.googleapis.com", PathStyle = true, KeepsVersions = false, HasTags = false, MaxParts = 1024 },
        new("location-wasabi-v1",                LocationEngine.S3,    "Wasabi")                       { Required = Bucket, Optional = S3Options, DefaultEndpoint = "https://s3.wasabisys.com" },
        new("location-do-spaces-v1",             LocationEngine.S3,    "DigitalOcean Spaces")          { Required = Bucket, Optional = S3Options, NeedsEndpoint = true, KeepsVersions = false, HasTags = false },
        new("location-ceph-radosgw-s3-v1",       LocationEngine.S3,    "Ceph")                         { Required = Bucket, Optional = S3Options, NeedsEndpoint = true, PathStyle = true },
        new("location-scality-ring-s3-v1",       LocationEngine.S3,    "Scality RING")                 { Required = Bucket, Optional = S3Options, NeedsEndpoint = true, PathStyle = true },
        new("location-scality-artesca-s3-v1",    LocationEngine.S3,    "Scality ARTESCA")              { Required = Bucket, Optional = S3Options, NeedsEndpoint = true, PathStyle = true },
        new("location-jaguar-ring-s3-v1",        LocationEngine.S3,    "Free Pro S3 (Jaguar)")         { Required = Bucket, Optional = S3Options, NeedsEndpoint = true, PathStyle = true },
        new("location-orange-ring-s3-v1",        LocationEngine.S3,    "Orange Cloud Avenue")          { Required = Bucket, Optional = S3Options, NeedsEndpoint = true, PathStyle = true },
        new("location-3ds-outscale-oos-public",  LocationEngine.S3,    "3DS Outscale OOS, public")     { Required = Bucket, Optional = S3Options, NeedsEndpoint = true, PathStyle = true },
        new("location-3ds-outscale-oos-snc",     LocationEngine.S3,    "3DS Outscale OOS, SecNumCloud") { Required = Bucket, Optional = S3Options, NeedsEndpoint = true, PathStyle = true },
        new("location-s3-v1",                    LocationEngine.S3,    "anything else that speaks S3") { Required = Bucket, Optional = S3Options, NeedsEndpoint = true, PathStyle = true },
    ];

    /// <summary>Those of Zenko that are not served, and why.</summary>
    public static readonly IReadOnlyDictionary<string, string> Unserved = new Dictionary<string, string>
    {
        ["location-mem-v1"]                  = "it forgets everything at a restart; use location-file-v1",
        ["location-scality-sproxyd-v1"]      = "it needs sproxyd's own protocol; use location-scality-ring-s3-v1",
        ["location-scality-hdclient-v2"]     = "it needs hyperdrive's own protocol; use location-scality-artesca-s3-v1",
        ["location-nfs-mount-v1"]            = "file systems are not ingested; use location-file-v1 for a directory of objects",
        ["location-dmf-v1"]                  = "tapes are not served",
        ["location-azure-archive-v1"]        = "archives are not served; use location-azure-v1",
    };
#pragma warning restore format

    private static readonly FrozenDictionary<string, LocationType> ByName =
        All.Select(type => (type.Name, type)).Concat(All.Select(type => (Name: type.ShortName, type))).ToFrozenDictionary(each => each.Name, each => each.type, StringComparer.Ordinal);

    /// <summary>The type of that name, long or short; null where there is none.</summary>
    public static LocationType? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The URL of a location's service; null for a directory.</summary>
    public static Uri? EndpointOf(LocationConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (Find(config.LocationType) is not { } type || type.Engine == LocationEngine.Disk || config.IsBuiltin) return null;
        return new(config.Details.Endpoint ?? type.DefaultEndpoint ?? (type.Engine == LocationEngine.Azure
            ? $"https://{config.Details.AccessKey}.blob.core.windows.net"
            : $"https://s3.{RegionOf(config)}.amazonaws.com"));
    }

    /// <summary>The region that requests are signed for.</summary>
    public static string RegionOf(LocationConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.Details.Region ?? "us-east-1";
    }
}
