using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>A location that was added, as it is told: Zenko's fields under Zenko's names, and ours. Without its secret, which nobody is told.</summary>
/// <remarks>The generated reader sets to null what a document leaves out, whatever it was initialised to.</remarks>
public sealed record LocationConfig
{
    /// <summary>Unique; lower case letters, digits and dashes. What buckets, headers and rules name it by.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Given when it is added.</summary>
    public string? ObjectId { get; init; }

    /// <summary>The name of a line of <see cref="LocationTypes"/>.</summary>
    public string LocationType { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the installation came with it: then it cannot be changed or removed.</summary>
    public bool IsBuiltin { get; init; }

    /// <summary>Whether objects leave it once they are replicated.</summary>
    public bool IsTransient { get; init; }

    /// <summary>The most that it may keep, in GB of 1,000,000,000 bytes; null for no limit.</summary>
    [JsonPropertyName("sizeLimitGB")]
    public long? SizeLimitGb { get; init; }

    /// <summary>Whether its owner may make a bucket in it again, as in AWS's oldest region.</summary>
    public bool LegacyAwsBehavior { get; init; }

    /// <summary>The most bytes a second that replication sends there; null for no limit.</summary>
    public long? BandwidthLimit { get; init; }

    /// <summary>How many objects are replicated there at a time; null for the worker's own choice.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Roughly how many bytes it keeps, replicas not counted; told and never stored. Null where it never kept any, or is built in.</summary>
    public long? BytesStored { get; init; }

    /// <summary>Where it is.</summary>
    public LocationDetails Details { get; init => field = value ?? new(); } = new();

    /// <summary>Bytes of <see cref="SizeLimitGb"/>; null for no limit.</summary>
    [JsonIgnore]
    public long? SizeLimit => SizeLimitGb * 1_000_000_000;
}

/// <summary>Where a location is. What a type does not know is null.</summary>
public sealed record LocationDetails
{
    /// <summary>The id of the access key; of Azure the account's name.</summary>
    public string? AccessKey { get; init; }

    /// <summary>Whether there is a secret key.</summary>
    public bool? HasSecretKey { get; init; }

    /// <summary>The bucket, or container.</summary>
    public string? BucketName { get; init; }

    /// <summary>The service's URL; null for the type's own.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The region that requests are signed for.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the service encrypts what is written.</summary>
    public bool? ServerSideEncryption { get; init; }

    /// <summary>Whether keys of replicas go without the bucket's name before them. Such a location cannot be a destination of replication.</summary>
    public bool? BucketMatch { get; init; }

    /// <summary>Zenko's helper bucket for multipart uploads to GCP. Kept and not used: GCP's S3 interface has such uploads by now.</summary>
    public string? MpuBucketName { get; init; }

    /// <summary>The directory of a disk, absolute.</summary>
    public string? Path { get; init; }
}

/// <summary>The row of a location.</summary>
internal sealed record StoredLocation
{
    public int Format { get; init; } = 1;

    public required LocationConfig Config { get; init; }

    /// <summary>Sealed by the master key for the location's name; null where there is none.</summary>
    public byte[]? Secret { get; init; }
}

/// <summary>The row of what a location keeps.</summary>
internal sealed record StoredBytes
{
    public int Format { get; init; } = 1;

    public required long Bytes { get; init; }
}

/// <summary>Locations as JSON: camel case, nothing that is not set.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LocationConfig))]
public sealed partial class LocationJson : JsonSerializerContext;

/// <summary>Rows as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredLocation))]
[JsonSerializable(typeof(StoredBytes))]
internal sealed partial class LocationRowJson : JsonSerializerContext;
