using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>What is said of a file of replicas: JSON beside it, which names the file that it is about.</summary>
internal sealed record DiskSidecar
{
    /// <summary>The format; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The full key.</summary>
    public required string Key { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Size { get; init; }

    /// <summary>When the file was last written, as its file system tells it: no two files under a key have the same time.</summary>
    public required DateTime Written { get; init; }

    /// <summary>Names the content.</summary>
    public required string ETag { get; init; }

    /// <summary>The upload that made it; null where it came at once.</summary>
    public string? Upload { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>What it says.</summary>
    public Replica AsReplica() => new(Key, Size, ETag, null, Written) { Headers = Headers, Metadata = Metadata, Tags = Tags };
}

/// <summary>How sidecars are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(DiskSidecar))]
internal sealed partial class DiskSidecarJson : JsonSerializerContext;
