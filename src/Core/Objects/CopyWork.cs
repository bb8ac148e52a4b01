using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What a copy reads: one version as it was found. Where that is changed, the copy fails.</summary>
/// <param name="Bucket">Its bucket.</param>
/// <param name="Key">Its key.</param>
/// <param name="Version">The version, or the snapshot.</param>
public sealed record BlobCopySource(Bucket Bucket, string Key, ObjectVersion Version);

/// <summary>The intent row of a copy under way: what it copies, and how far it has come.</summary>
internal sealed record CopyWork
{
    public int Format { get; init; } = 1;

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Who asked.</summary>
    public required string By { get; init; }

    /// <summary>The request.</summary>
    public required string Request { get; init; }

    /// <summary>The id of the copy, which its version has as long as it is under way.</summary>
    public required string Copy { get; init; }

    /// <summary>The name of the bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The <see cref="ObjectVersion.Id"/> of the version that gets the bytes.</summary>
    public required string Version { get; init; }

    /// <summary>Its <see cref="ObjectVersion.PublicId"/>.</summary>
    public required string PublicId { get; init; }

    /// <summary>The Content-MD5 that the version is to have; null for none.</summary>
    public string? ContentMd5 { get; init; }

    public required string SourceBucket { get; init; }

    public required string SourceBucketId { get; init; }

    public required string SourceKey { get; init; }

    /// <summary>Its <see cref="ObjectVersion.PublicId"/>; null for a snapshot.</summary>
    public string? SourceVersion { get; init; }

    public DateTimeOffset? SourceSnapshot { get; init; }

    /// <summary>Its <see cref="ObjectVersion.Id"/>.</summary>
    public required string SourceId { get; init; }

    /// <summary>Its <see cref="ObjectVersion.ETag"/>: blobs that are changed in place get another.</summary>
    public required string SourceETag { get; init; }

    public required long Total { get; init; }

    /// <summary>So many bytes are copied at a time.</summary>
    public required long PartBytes { get; init; }

    public long Done { get; init; }

    /// <summary>The parts that were copied.</summary>
    public required ManifestPlace Parts { get; init; }

    /// <summary>What its pages are found by, where it is a page blob; its rows are written as they come.</summary>
    public PagePlace? Pages { get; init; }

    /// <summary>Which state of its blob the source is, where it is copied incrementally: into a snapshot of the target; else null.</summary>
    public long? SourceRevision { get; init; }

    /// <summary>The snapshot of the target that an earlier state of the source became; null where there is none.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Which state of the source that was.</summary>
    public long? BeforeRevision { get; init; }

    /// <summary>Of the parts so far, as <see cref="BlobStates.ETagOf"/> has it.</summary>
    public string ETag { get; init; } = "";

    /// <summary>CRC-64/NVME of what was copied, base64.</summary>
    public string Crc64 { get; init; } = "AAAAAAAAAAA=";

    /// <summary>Bodies that were begun, and are no part's: whoever goes on removes them.</summary>
    public IReadOnlyList<Stored> Unnamed { get; init; } = [];

    /// <summary>Who is at it: by that a run knows whether another has begun since.</summary>
    public string? Run { get; init; }

    /// <summary>Until then somebody is at it, if nothing has happened to it; null for nobody.</summary>
    public DateTimeOffset? Busy { get; init; }
}
