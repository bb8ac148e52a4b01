using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A multipart upload as its row tells. Key, initiation and id are in the row's name.</summary>
public sealed record Upload
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The name of its bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The key it will become.</summary>
    public required string Key { get; init; }

    /// <summary>What clients name it by: begins with the 16 hex digits of the initiation in microseconds.</summary>
    public required string Id { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset Initiated { get; init; }

    /// <summary>Open, being completed, or done.</summary>
    public UploadState State { get; init; }

    /// <summary>Who started it.</summary>
    public required Writer Writer { get; init; }

    /// <summary>The token of the request that started it; null where no request is sent again.</summary>
    public string? Request { get; init; }

    /// <summary>What the object will say of itself.</summary>
    public required Description Description { get; init; }

    /// <summary>The checksum algorithm chosen at the start; null where none was.</summary>
    public ChecksumAlgorithm? Algorithm { get; init; }

    /// <summary>The type that goes with it.</summary>
    public ChecksumType? ChecksumType { get; init; }

    /// <summary>From completing on: a hash of the list of parts, by which a repeated Complete is recognised.</summary>
    public string? PartsHash { get; init; }

    /// <summary>From completing on: the version it becomes; any instance can commit it.</summary>
    public ObjectVersion? Result { get; init; }

    /// <summary>From completing on: what must hold of the object that is replaced.</summary>
    public Conditions? Conditions { get; init; }

    /// <summary>Once done: since when.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Whether its parts are the uncommitted blocks of a blob: there is at most one of these open at a key, and none is listed.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsBlocks { get; init; }

    /// <summary>How many bytes each of their ids has; null for an upload of parts.</summary>
    public int? BlockIdBytes { get; init; }

    /// <summary>From completing on: the bytes of the parts that the version takes, where it takes some of them more than once.</summary>
    public long? Taken { get; init; }

    /// <summary>From completing on: the version whose blocks the new one takes over; null where it takes none.</summary>
    public Inheritance? Inherits { get; init; }
}

/// <summary>
/// A version of whose blocks the one that replaces it takes some over, bytes and all. It holds only while that one is what it was:
/// the commit is refused otherwise.
/// </summary>
/// <param name="Version">The id of the version that is replaced.</param>
/// <param name="Parts">Its list of parts.</param>
/// <param name="Left">A list of those of them that the new one does not take: nobody's from the commit on.</param>
public sealed record Inheritance(string Version, ManifestPlace Parts, ManifestPlace Left);

/// <summary>The life of an upload.</summary>
public enum UploadState
{
    /// <summary>Takes parts.</summary>
    Open,

    /// <summary>A Complete is under way; parts and Abort are refused. Any instance may finish it.</summary>
    Completing,

    /// <summary>Has become an object; kept for seven days so that a repeated Complete gets the same answer.</summary>
    Done,
}

/// <summary>A part as it was uploaded.</summary>
public sealed record Part
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>1 to 10,000; 0 of a block.</summary>
    public required int Number { get; init; }

    /// <summary>The id of a block, base64; null for a part.</summary>
    public string? Block { get; init; }

    /// <summary>Whether it was copied from the blob's committed blocks, for a list that names it: no client sees it.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsKept { get; init; }

    /// <summary>What distinguishes it within its upload.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    internal PartName Name => new(Number, Block, IsKept);

    /// <summary>Orders the uploads of one number: the highest counts. Microseconds since 1970 or more.</summary>
    public required long Sequence { get; init; }

    /// <summary>MD5 in hex, or what stands for it where the upload is encrypted.</summary>
    public required string ETag { get; init; }

    /// <summary>When it was uploaded.</summary>
    public required DateTimeOffset Modified { get; init; }

    /// <summary>Its checksum, where the upload or the part has one.</summary>
    public Checksum? Checksum { get; init; }

    /// <summary>Its CRC-64/NVME, from which the checksum of an upload without a chosen algorithm is combined.</summary>
    public required string Crc64Nvme { get; init; }

    /// <summary>Its bytes; null for an empty part.</summary>
    public Stored? Stored { get; init; }

    /// <summary>Its data key, where its bytes are encrypted.</summary>
    public SealedKey? Key { get; init; }

    /// <summary>How it is encrypted: as its upload is. Told where it is written, not stored.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Sse? Encryption { get; init; }

    /// <summary>Its length in bytes, decrypted.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Size => Key.SizeOf(Stored);
}

/// <summary>What distinguishes a part within its upload.</summary>
/// <param name="Number"><inheritdoc cref="Part.Number"/></param>
/// <param name="Block"><inheritdoc cref="Part.Block"/></param>
/// <param name="IsKept"><inheritdoc cref="Part.IsKept"/></param>
internal readonly record struct PartName(int Number, string? Block = null, bool IsKept = false)
{
    /// <summary>As rows have it: in order of number, or of the id's bytes.</summary>
    public string Text => Block is null
        ? Number.ToString("d5", System.Globalization.CultureInfo.InvariantCulture)
        : (IsKept ? "k" : "b") + Convert.ToHexStringLower(Convert.FromBase64String(Block));
}

/// <summary>A part that was copied from an object.</summary>
/// <param name="Part">The part.</param>
/// <param name="Source">The version that it was copied from.</param>
public sealed record CopiedPart(Part Part, ObjectVersion Source);

/// <summary>A part as Complete names it.</summary>
/// <param name="Number">1 to 10,000.</param>
/// <param name="ETag">Without quotes.</param>
/// <param name="Checksum">The base64 checksum that the client repeats, or null.</param>
/// <param name="Algorithm">The algorithm of that checksum.</param>
public sealed record NamedPart(int Number, string ETag, string? Checksum = null, ChecksumAlgorithm? Algorithm = null);

/// <summary>
/// What Complete asks. <see cref="Checksum"/> is compared before the parts' own checksums are asked for, so that a wrong
/// one is always <see cref="Refusal.BadDigest"/>; its syntax has not been looked at.
/// </summary>
public sealed record CompleteRequest
{
    /// <summary>The parts, in the order the client gave them.</summary>
    public required IReadOnlyList<NamedPart> Parts { get; init; }

    /// <summary>If-Match and If-None-Match on the object that will be replaced.</summary>
    public Conditions Conditions { get; init; } = Conditions.None;

    /// <summary>What the request tells of itself to those who are told of the object.</summary>
    public Cause? Cause { get; init; }

    /// <summary>The base64 checksum of the whole object, where the client announced one.</summary>
    public string? Checksum { get; init; }

    /// <summary>The algorithm of <see cref="Checksum"/>.</summary>
    public ChecksumAlgorithm? Algorithm { get; init; }

    /// <summary>x-amz-checksum-type.</summary>
    public ChecksumType? ChecksumType { get; init; }

    /// <summary>
    /// The customer's key, where the upload is encrypted by one. It may be left out where neither the upload nor one of its
    /// parts has a checksum that was chosen, as AWS has it.
    /// </summary>
    public CustomerKey? CustomerKey { get; init; }

    /// <summary>x-amz-mp-object-size: the number of bytes of the whole.</summary>
    public long? Size { get; init; }
}

/// <summary>A page of an upload's parts.</summary>
/// <param name="Upload">The upload.</param>
/// <param name="Parts">In order of number.</param>
/// <param name="Next">The last number of the page; null where the listing has ended.</param>
public sealed record PartPage(Upload Upload, IReadOnlyList<Part> Parts, int? Next);

/// <summary>What uploads to list.</summary>
public sealed record ListUploadsRequest
{
    /// <inheritdoc cref="ListRequest.Prefix"/>
    public string Prefix { get; init; } = "";

    /// <inheritdoc cref="ListRequest.Delimiter"/>
    public string? Delimiter { get; init; }

    /// <summary>Starts after this key, or within it where <see cref="UploadIdMarker"/> is set.</summary>
    public string? KeyMarker { get; init; }

    /// <summary>Within the key of the marker: starts after this upload.</summary>
    public string? UploadIdMarker { get; init; }

    /// <summary>Uploads and common prefixes together.</summary>
    public int Limit { get; init; } = 1000;

    /// <summary>Whether the uploads of blocks are wanted instead of those of parts.</summary>
    public bool OfBlocks { get; init; }
}

/// <summary>A page of a bucket's uploads.</summary>
/// <param name="Entries">Uploads by (key, initiation, id), and common prefixes.</param>
/// <param name="NextKey">The key marker of the next page; null at the end.</param>
/// <param name="NextUploadId">The upload id marker of the next page.</param>
public sealed record UploadPage(IReadOnlyList<UploadEntry> Entries, string? NextKey, string? NextUploadId);

/// <summary>An upload, or (Upload null) a common prefix.</summary>
public readonly record struct UploadEntry(string Name, Upload? Upload);
