using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>One version of an object, as its row tells. The key itself is in the row's name.</summary>
public sealed record ObjectVersion
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Bytes of the object.</summary>
    public required long Size { get; init; }

    /// <summary>Without quotes: MD5 in hex, or <c>md5-of-md5s-N</c> for N parts.</summary>
    public required string ETag { get; init; }

    /// <summary>When it was written, to the millisecond.</summary>
    public required DateTimeOffset Modified { get; init; }

    /// <summary>Orders the versions of a key, whatever the clocks of those who wrote them said. Microseconds since 1970 or more.</summary>
    public required long Sequence { get; init; }

    /// <summary>Opaque and unique; names the bytes and the intent row. What clients see of it is <see cref="PublicId"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Whether it was written while versioning was not enabled: clients know it as <c>null</c>.</summary>
    public bool IsNull { get; init; } = true;

    /// <summary>The canonical id of the account that wrote it; null for the bucket's owner.</summary>
    public string? OwnerCanonicalId { get; init; }

    /// <summary>The display name that goes with it.</summary>
    public string? OwnerName { get; init; }

    /// <summary>As written by the client; null for STANDARD.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Content-Type, Content-Encoding, Cache-Control … as the client sent them, by their canonical names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>User metadata by name (lower case, without <c>x-amz-meta-</c>).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The checksum that is shown to clients.</summary>
    public Checksum? Checksum { get; init; }

    /// <summary>Whether it stands for a deletion: it has no bytes, and hides what is older.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsDeleteMarker { get; init; }

    /// <summary>At most ten tags by key; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Until when it may not be removed; null where it may be.</summary>
    public Retention? Retention { get; init; }

    /// <summary>Whether it is on legal hold; null where nobody ever said.</summary>
    public bool? LegalHold { get; init; }

    /// <summary>Who else may do what with it; null for the canned list <c>private</c>.</summary>
    public Acl? Acl { get; init; }

    /// <summary>How the bytes are encrypted; null where they are not.</summary>
    public Sse? Encryption { get; init; }

    /// <summary>Where the bytes are.</summary>
    public required BodyPlace Body { get; init; }

    /// <summary>How far its copies have come; null where it goes nowhere.</summary>
    public ReplicationState? Replication { get; init; }

    /// <summary>What Azure's protocol knows of it besides; null where no client of that had a hand in it.</summary>
    public BlobState? Blob { get; init; }

    /// <summary>
    /// In the row of a key's newest version only: the sequence of the null version, where that is an older one. Who writes
    /// while versioning is suspended replaces it.
    /// </summary>
    public long? NullSequence { get; init; }

    /// <summary>
    /// In the row of a key's newest version only: the highest sequence that the key ever had, where the version that had it
    /// was removed.
    /// </summary>
    public long? HighWater { get; init; }

    /// <summary>The token of the request that made it; null where no request is sent again.</summary>
    public string? Request { get; init; }

    /// <summary>
    /// In the row of a key's newest version only: the tokens of requests whose versions it came after within the last minutes, the
    /// newest first. Sent again, they need not make a version again.
    /// </summary>
    public string? Recent { get; init; }

    /// <summary>The ETag in Azure's protocol, without quotes: unlike S3's it changes with the metadata, too.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string BlobETag => $"0x8{Blob?.Revision ?? Sequence:X14}";

    /// <summary>When it was last changed in Azure's protocol: unlike S3's date it moves with the metadata, too.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DateTimeOffset BlobModified => Blob?.Touched ?? Modified;

    /// <summary>
    /// How clients name this version: opaque, unique, and in the order of age with the newest first. It begins with the
    /// sequence, so that the row is found without another row that would lead from the id to it. What is mirrored has its source's id.
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string PublicId => Body.Source?.VersionId ?? (IsNull ? "null" : Rows.VersionId(Sequence, Id));
}

/// <summary>Where the bytes of a version are: in exactly one of five places, or nowhere because there are none.</summary>
public sealed record BodyPlace
{
    /// <summary>No bytes at all.</summary>
    public static readonly BodyPlace Nowhere = new();

    /// <summary>In a row of the same partition: the tail of its name.</summary>
    public string? Inline { get; init; }

    /// <summary>In a location, as one body.</summary>
    public Stored? Stored { get; init; }

    /// <summary>In a location, as the parts that a manifest lists.</summary>
    public ManifestPlace? Manifest { get; init; }

    /// <summary>In a location, as written pages of a page blob; what was never written is zeros.</summary>
    public PagePlace? Pages { get; init; }

    /// <summary>At the source that its bucket mirrors; what stands for a deletion there has no bytes.</summary>
    public SourcePlace? Source { get; init; }
}

/// <summary>A version of a source that is mirrored.</summary>
/// <param name="Location">The location of the source.</param>
/// <param name="VersionId">Its id there; null where the source keeps no versions, or it is the null version.</param>
public sealed record SourcePlace(string Location, string? VersionId)
{
    /// <summary>Its ETag there, where that is none that S3 clients would understand; else null.</summary>
    public string? ETag { get; init; }

    /// <summary>
    /// Whether no more is known of the version than a listing tells: its headers, metadata and tags are to be asked for. Buckets where
    /// something depends on them when a version appears have none of those (<see cref="SourceDetails.MayWait"/>).
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsListed { get; init; }

    /// <summary>The version as its place knows it.</summary>
    internal Locations.Replica Of(Locations.IReplicas place, Bucket bucket, string key, ObjectVersion version) =>
        new(place.ReplicaTraits.KeyOf(bucket.Name, key), version.Size, ETag ?? version.ETag, VersionId, version.Modified);
}

/// <summary>The manifest of a multipart object: rows in the partition of its upload, each listing some of the parts.</summary>
/// <param name="Id">What the rows' names begin with.</param>
/// <param name="Parts">How many parts there are.</param>
/// <param name="RowOffsets">For each row the offset in the object at which its first part starts; ascending.</param>
public sealed record ManifestPlace(string Id, int Parts, IReadOnlyList<long> RowOffsets)
{
    /// <summary>
    /// What else the name of the last row has, where parts are appended: each time that row is written anew under another name, and
    /// the one before is removed once the version names its successor. Null where the list never changes.
    /// </summary>
    public string? Tail { get; init; }

    /// <summary>Where the first of the parts is; null where it has no bytes, or the list was written before that was noted.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("at")]
    public string? Location { get; init; }

    /// <summary>The upload that it comes from.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Upload => Id[..Id.IndexOf('.', StringComparison.Ordinal)];
}
