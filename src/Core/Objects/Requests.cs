using System.IO.Pipelines;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The four conditional headers, parsed. ETags without quotes; <c>*</c> stands for any.</summary>
public sealed record Conditions
{
    /// <summary>None at all.</summary>
    public static readonly Conditions None = new();

    /// <summary>If-Match: one of these, or <c>*</c>.</summary>
    public IReadOnlyList<string>? IfMatch { get; init; }

    /// <summary>If-None-Match: none of these; <c>*</c>: there must be no object.</summary>
    public IReadOnlyList<string>? IfNoneMatch { get; init; }

    /// <summary>If-Modified-Since, in whole seconds.</summary>
    public DateTimeOffset? IfModifiedSince { get; init; }

    /// <summary>If-Unmodified-Since, in whole seconds.</summary>
    public DateTimeOffset? IfUnmodifiedSince { get; init; }

    /// <summary>Of a delete only: the version must be from this second.</summary>
    public DateTimeOffset? IfLastModified { get; init; }

    /// <summary>Of a delete only: the version must have so many bytes.</summary>
    public long? IfSize { get; init; }

    /// <summary>Of a delete only: it must be the very version with this <see cref="ObjectVersion.Id"/>.</summary>
    public string? IfVersion { get; init; }

    /// <summary>
    /// Whether a client of Azure's protocol asks: its conditions are about <see cref="ObjectVersion.BlobETag"/> and
    /// <see cref="ObjectVersion.BlobModified"/>, hold for writes like for reads, and what is not there it does not delete.
    /// </summary>
    public bool IsBlob { get; init; }

    /// <summary>The lease under which a client of Azure's protocol asks, lower case; null for none.</summary>
    public string? LeaseId { get; init; }

    /// <summary>Whether it is the lease itself, or a hold, that is asked for: a lease keeps nobody from that.</summary>
    public bool IsOfLease { get; init; }

    /// <summary>The copy to the blob that is asked for: as long as that is under way, it keeps other changes of Azure's protocol out.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? CopyId { get; init; }

    /// <summary>Whether it is an incremental copy that is asked for, or a deletion: what only incremental copies write nothing else changes in Azure's protocol.</summary>
    public bool IsOfIncremental { get; init; }

    /// <summary>
    /// For how many days a bucket without versions keeps what this deletes or replaces, as Azure's soft delete does; null where it goes at once.
    /// </summary>
    public int? DaysKept { get; init; }

    /// <summary>What type the blob must be of that is replaced, where there is one, else <see cref="Refusal.WrongBlobType"/>; null for any.</summary>
    public BlobType? OfType { get; init; }

    /// <summary>x-ms-if-tags: what must be true of the tags; null for nothing.</summary>
    public TagsExpression? IfTags { get; init; }
}

/// <summary>A body on its way in, and what it must turn out to be.</summary>
/// <param name="Body">The payload's bytes: chunk framing removed. Reading it throws where the framing or a signature is wrong.</param>
/// <param name="Length">The announced length; null where the client did not say.</param>
public sealed record Content(PipeReader Body, long? Length)
{
    /// <summary>The 16 bytes of Content-MD5.</summary>
    public byte[]? Md5 { get; init; }

    /// <summary>The algorithm the client chose; null leaves the choice (CRC-64/NVME, and nothing for parts) to the store.</summary>
    public ChecksumAlgorithm? Algorithm { get; init; }

    /// <summary>
    /// The base64 checksum that the client announced, from a header or, after the last byte, from a trailer; null where
    /// it announced none. Asked once, when the body has been read to its end; throws, as the body does, where a trailer
    /// that was announced is missing or malformed.
    /// </summary>
    public Func<string?>? Announced { get; init; }

    /// <summary>What is asked of its encryption; null leaves that to the bucket, and for a part to its upload.</summary>
    public SseRequest? Encryption { get; init; }
}

/// <summary>What a client may say of an object besides its bytes.</summary>
public sealed record Description
{
    /// <inheritdoc cref="ObjectVersion.Headers"/>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc cref="ObjectVersion.Metadata"/>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc cref="ObjectVersion.StorageClass"/>
    public string? StorageClass { get; init; }

    /// <inheritdoc cref="ObjectVersion.Tags"/>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <inheritdoc cref="ObjectVersion.Retention"/>
    public Retention? Retention { get; init; }

    /// <inheritdoc cref="ObjectVersion.LegalHold"/>
    public bool? LegalHold { get; init; }

    /// <inheritdoc cref="ObjectVersion.Acl"/>
    public Acl? Acl { get; init; }

    /// <inheritdoc cref="ObjectVersion.Blob"/>
    public BlobState? Blob { get; init; }

    /// <summary>How an upload's parts are encrypted. Decided by the store, from what was asked and the bucket's default.</summary>
    public Sse? Encryption { get; init; }

    /// <summary>
    /// Where the bytes are to go; empty for the default location, null for the bucket's. One that does not exist is refused
    /// with <see cref="Refusal.NoSuchLocation"/>.
    /// </summary>
    public string? Location { get; init; }
}

/// <summary>Who writes: recorded as the version's owner.</summary>
public sealed record Writer(string CanonicalId, string Name)
{
    /// <summary>What its request tells the events that follow; null where there is no request.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Cause? Cause { get; init; }

    /// <summary>The request, where it may be sent again; else null.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public RequestToken? Request { get; init; }

    /// <summary>The owner that the version is to have.</summary>
    public static Writer For(Party owner) => new(owner.CanonicalId, owner.Name);

    /// <summary>What a version's row says of the owner: nothing where it is the bucket's.</summary>
    internal string? OwnerIdIn(Bucket bucket) => CanonicalId == bucket.OwnerCanonicalId ? null : CanonicalId;

    /// <inheritdoc cref="OwnerIdIn"/>
    internal string? OwnerNameIn(Bucket bucket) => CanonicalId == bucket.OwnerCanonicalId ? null : Name;
}

/// <summary>A version ready to be read.</summary>
/// <param name="Version">Its row.</param>
/// <param name="Range">The bytes that <paramref name="Body"/> will write.</param>
/// <param name="IsPartial">Whether the reader asked for a range or a part (an answer 206).</param>
/// <param name="PartsCount">The number of parts, where a part was asked for.</param>
/// <param name="PartChecksum">The checksum of the part that was asked for, where it has one.</param>
/// <param name="Body">The bytes; null for a HEAD, and where there is a link.</param>
public sealed record OpenVersion(
    ObjectVersion Version, ByteRange Range, bool IsPartial, int? PartsCount, Checksum? PartChecksum, IObjectBody? Body)
{
    /// <summary>Whether it is the key's newest version.</summary>
    public bool IsCurrent { get; init; } = true;

    /// <summary>Where the reader can fetch the whole body itself; null where <see cref="Body"/> is to be written.</summary>
    public Uri? Link { get; init; }
}

/// <summary>That a reader would take a link in the place of the bytes.</summary>
/// <param name="MinBytes">Only for so many bytes or more.</param>
/// <param name="Headers">What the link is to answer with.</param>
public sealed record LinkRequest(long MinBytes, Func<ObjectVersion, LinkHeaders> Headers);

/// <summary>A part of a multipart object.</summary>
/// <param name="Number">Its ordinal, from 1.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Checksum">Its checksum, where one was chosen for the upload or the part.</param>
public sealed record ObjectPart(int Number, long Size, Checksum? Checksum);

/// <summary>What of a version is asked for.</summary>
public sealed record ReadRequest
{
    /// <summary>The version as clients name it (<see cref="ObjectVersion.PublicId"/>); null for the current one.</summary>
    public string? VersionId { get; init; }

    /// <summary>The snapshot, by its time; null for none.</summary>
    public DateTimeOffset? Snapshot { get; init; }

    /// <summary>The conditional headers.</summary>
    public Conditions Conditions { get; init; } = Conditions.None;

    /// <summary>The Range header, parsed; null for the whole.</summary>
    public RangeRequest? Range { get; init; }

    /// <summary>If-Range: the range counts only where this is the version; null for whatever version there is.</summary>
    public RangeValidator? IfRange { get; init; }

    /// <summary>One part of a multipart object, from 1.</summary>
    public int? PartNumber { get; init; }

    /// <summary>
    /// The customer's key. It is looked at where the bytes are wanted: without the right one, or with one that is not needed,
    /// that is refused with <see cref="Refusal.InvalidRequest"/>. See <see cref="CustomerKey.Refuse"/>.
    /// </summary>
    public CustomerKey? CustomerKey { get; init; }

    /// <summary>
    /// Where the bytes are to be read from: their location, or a site that has a copy of them; empty for the default location, null
    /// for anywhere. A site that has none yet leaves them to the source; one that is to have none is refused with
    /// <see cref="Refusal.NoSuchLocation"/>.
    /// </summary>
    public string? Location { get; init; }

    /// <summary>Whether the copy that the bucket's rules prefer for reads will do, where nothing was said of the location.</summary>
    public bool PrefersCopy { get; init; }

    /// <summary>Whether a link will do; null where the bytes are wanted. It is up to the reader to send its range there.</summary>
    public LinkRequest? Link { get; init; }

    /// <summary>Whether the bytes are wanted, or only what there is to say about them.</summary>
    public bool WithBody { get; init; } = true;

    /// <summary>Whether the bytes are wanted where they are beside the row, and so come along with it.</summary>
    public bool WithInlineBody { get; init; }
}

/// <summary>
/// One range of bytes as RFC 9110 writes it: <c>First-Last</c>, <c>First-</c>, or (First null) the last
/// <paramref name="Last"/> bytes.
/// </summary>
public readonly record struct RangeRequest(long? First, long? Last);

/// <summary>What If-Range names: an ETag, or the very second of the last change. Neither names no version.</summary>
public sealed record RangeValidator(string? ETag, DateTimeOffset? Modified);

/// <summary>What was written.</summary>
/// <param name="Version">The new version.</param>
/// <param name="Source">What it was copied from; null where it is no copy.</param>
public sealed record Written(ObjectVersion Version, ObjectVersion? Source = null);

/// <summary>What to delete.</summary>
public sealed record DeleteRequest
{
    /// <summary>
    /// The version to remove for good, as clients name it. Null deletes the object: in a bucket that is or was versioned a
    /// delete marker hides it.
    /// </summary>
    public string? VersionId { get; init; }

    /// <summary>If-Match and the like, on that version or else on the current one.</summary>
    public Conditions Conditions { get; init; } = Conditions.None;

    /// <summary>Whether a retention in governance mode is to be passed over: the sender asks for it, and may.</summary>
    public bool BypassesGovernance { get; init; }

    /// <summary>Who deletes: a delete marker's owner; null for the bucket's.</summary>
    public Writer? By { get; init; }

    /// <summary>The snapshot to remove for good, by its time; null for none.</summary>
    public DateTimeOffset? Snapshot { get; init; }

    /// <summary>Whether <see cref="Snapshot"/> is one that was deleted before, and is kept.</summary>
    public bool IsKept { get; init; }

    /// <summary>What was deleted before, and is kept, to remove for good: the version's <see cref="ObjectVersion.Id"/>; null for none.</summary>
    public string? Kept { get; init; }

    /// <summary>What becomes of the object's snapshots.</summary>
    public SnapshotsOf Snapshots { get; init; }
}

/// <summary>What becomes of an object's snapshots where it is deleted.</summary>
public enum SnapshotsOf
{
    /// <summary>It is not deleted where it has any, unless it is hidden only: <see cref="Refusal.SnapshotsPresent"/>.</summary>
    None,

    /// <summary>They go with it.</summary>
    Include,

    /// <summary>They go, and it stays.</summary>
    Only,
}

/// <summary>What a delete did. Nothing at all is no error: there was no such version.</summary>
/// <param name="Removed">The version that is gone, or null.</param>
/// <param name="Marker">The delete marker that was made, or null.</param>
public sealed record Removal(ObjectVersion? Removed, ObjectVersion? Marker)
{
    /// <summary>Whether what is gone is kept for some days, and can be brought back.</summary>
    public bool IsKept { get; init; }
}

/// <summary>
/// What to copy where. A source of more than 5 GiB is refused with <see cref="Refusal.InvalidRequest"/>: it has to be
/// copied in parts.
/// </summary>
public sealed record CopyRequest
{
    /// <summary>The bucket to read from.</summary>
    public required Bucket SourceBucket { get; init; }

    /// <summary>The key to read.</summary>
    public required string SourceKey { get; init; }

    /// <summary>The version to read, as clients name it; null for the current one.</summary>
    public string? SourceVersionId { get; init; }

    /// <summary>The x-amz-copy-source-if-… headers.</summary>
    public Conditions SourceConditions { get; init; } = Conditions.None;

    /// <summary>The bucket to write to.</summary>
    public required Bucket Bucket { get; init; }

    /// <summary>The key to write.</summary>
    public required string Key { get; init; }

    /// <summary>Who writes.</summary>
    public required Writer Writer { get; init; }

    /// <summary>What the copy says of itself; nothing of a lock or grant is ever taken from the source.</summary>
    public Description Description { get; init; } = new();

    /// <summary>Whether system headers and user metadata are the source's instead (metadata directive COPY).</summary>
    public bool CopiesMetadata { get; init; } = true;

    /// <summary>Whether tags are the source's instead (tagging directive COPY).</summary>
    public bool CopiesTags { get; init; } = true;

    /// <summary>The checksum algorithm of the copy; null keeps the source's.</summary>
    public ChecksumAlgorithm? Algorithm { get; init; }

    /// <summary>The customer's key of the source.</summary>
    public CustomerKey? SourceCustomerKey { get; init; }

    /// <summary>What is asked of the copy's encryption; null leaves that to its bucket. The source's does not count.</summary>
    public SseRequest? Encryption { get; init; }

    /// <summary>If-Match and If-None-Match on the destination.</summary>
    public Conditions Conditions { get; init; } = Conditions.None;
}

/// <summary>
/// Which bytes a part is copied from. A range that ends after the source's last byte is refused with
/// <see cref="Refusal.InvalidRange"/>, more than 5 GiB with <see cref="Refusal.InvalidRequest"/>.
/// </summary>
public sealed record PartSource(Bucket Bucket, string Key, string? VersionId, Conditions Conditions, ByteRange? Range)
{
    /// <summary>The customer's key of the source.</summary>
    public CustomerKey? SourceCustomerKey { get; init; }

    /// <inheritdoc cref="Content.Encryption"/>
    public SseRequest? Encryption { get; init; }
}
