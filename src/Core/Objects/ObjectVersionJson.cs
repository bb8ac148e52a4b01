using System.Text.Json;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Reads the row of a version. A listing reads a thousand of them, and the generated reader takes four times as long for
/// a record with required members. What it does not know it skips, as the generated one does; the generated writer writes.
/// </summary>
internal static class ObjectVersionJson
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    public static ObjectVersion Read(ReadOnlyMemory<byte> row)
    {
        var reader = new Utf8JsonReader(row.Span);
        reader.Read();
        int format = 1;
        long size = -1, sequence = 0;
        string? etag = null, id = null, request = null, recent = null, ownerId = null, ownerName = null, storageClass = null;
        var modified = default(DateTimeOffset);
        bool isNull = true, isDeleteMarker = false;
        bool? legalHold = null;
        long? nullSequence = null, highWater = null;
        IReadOnlyDictionary<string, string>? tags = null;
        Retention? retention = null;
        Acl? acl = null;
        Sse? encryption = null;
        ReplicationState? replication = null;
        BlobState? blob = null;
        IReadOnlyDictionary<string, string> headers = Nothing, metadata = Nothing;
        Checksum? checksum = null;
        BodyPlace? body = null;
        while (Next(ref reader))
        {
            if (Is(ref reader, "format"u8)) format = reader.GetInt32();
            else if (Is(ref reader, "size"u8)) size = reader.GetInt64();
            else if (Is(ref reader, "eTag"u8)) etag = reader.GetString();
            else if (Is(ref reader, "modified"u8)) modified = reader.GetDateTimeOffset();
            else if (Is(ref reader, "sequence"u8)) sequence = reader.GetInt64();
            else if (Is(ref reader, "id"u8)) id = reader.GetString();
            else if (Is(ref reader, "isNull"u8)) isNull = reader.GetBoolean();
            else if (Is(ref reader, "ownerCanonicalId"u8)) ownerId = reader.GetString();
            else if (Is(ref reader, "ownerName"u8)) ownerName = reader.GetString();
            else if (Is(ref reader, "storageClass"u8)) storageClass = reader.GetString();
            else if (Is(ref reader, "headers"u8)) headers = Texts(ref reader);
            else if (Is(ref reader, "metadata"u8)) metadata = Texts(ref reader);
            else if (Is(ref reader, "checksum"u8)) checksum = ReadChecksum(ref reader);
            else if (Is(ref reader, "body"u8)) body = ReadBody(ref reader);
            else if (Is(ref reader, "isDeleteMarker"u8)) isDeleteMarker = reader.GetBoolean();
            else if (Is(ref reader, "tags"u8)) tags = Texts(ref reader);
            else if (Is(ref reader, "retention"u8)) retention = JsonSerializer.Deserialize(ref reader, StateJson.Default.Retention);
            else if (Is(ref reader, "legalHold"u8)) legalHold = reader.GetBoolean();
            else if (Is(ref reader, "acl"u8)) acl = JsonSerializer.Deserialize(ref reader, StateJson.Default.Acl);
            else if (Is(ref reader, "encryption"u8)) encryption = JsonSerializer.Deserialize(ref reader, StateJson.Default.Sse);
            else if (Is(ref reader, "replication"u8)) replication = ReadReplication(ref reader);
            else if (Is(ref reader, "blob"u8)) blob = JsonSerializer.Deserialize(ref reader, StateJson.Default.BlobState);
            else if (Is(ref reader, "nullSequence"u8)) nullSequence = reader.GetInt64();
            else if (Is(ref reader, "highWater"u8)) highWater = reader.GetInt64();
            else if (Is(ref reader, "request"u8)) request = reader.GetString();
            else if (Is(ref reader, "recent"u8)) recent = reader.GetString();
            else Skip(ref reader);
        }
        if (size < 0 || etag is null || id is null || body is null) throw new InvalidDataException("The row of an object lacks a member.");
        return new ObjectVersion
        {
            Format = format,
            Size = size,
            ETag = etag,
            Modified = modified,
            Sequence = sequence,
            Id = id,
            IsNull = isNull,
            OwnerCanonicalId = ownerId,
            OwnerName = ownerName,
            StorageClass = storageClass,
            Headers = headers,
            Metadata = metadata,
            Checksum = checksum,
            IsDeleteMarker = isDeleteMarker,
            Tags = tags,
            Retention = retention,
            LegalHold = legalHold,
            Acl = acl,
            Encryption = encryption,
            Replication = replication,
            Blob = blob,
            Body = body,
            NullSequence = nullSequence,
            HighWater = highWater,
            Request = request,
            Recent = recent,
        };
    }

    private static Checksum ReadChecksum(ref Utf8JsonReader reader)
    {
        ChecksumAlgorithm algorithm = default;
        ChecksumType type = default;
        string? value = null;
        while (Next(ref reader))
        {
            if (Is(ref reader, "algorithm"u8)) algorithm = Algorithm(ref reader);
            else if (Is(ref reader, "type"u8)) type = reader.ValueTextEquals("Composite"u8) ? ChecksumType.Composite : ChecksumType.FullObject;
            else if (Is(ref reader, "value"u8)) value = reader.GetString();
            else Skip(ref reader);
        }
        return new(algorithm, type, value ?? throw new InvalidDataException("A checksum lacks its value."));
    }

    private static ChecksumAlgorithm Algorithm(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("Crc64Nvme"u8) ? ChecksumAlgorithm.Crc64Nvme
        : reader.ValueTextEquals("Crc32"u8) ? ChecksumAlgorithm.Crc32
        : Enum.Parse<ChecksumAlgorithm>(reader.GetString()!);

    private static BodyPlace ReadBody(ref Utf8JsonReader reader)
    {
        string? inline = null;
        Stored? stored = null;
        ManifestPlace? manifest = null;
        PagePlace? pages = null;
        SourcePlace? source = null;
        while (Next(ref reader))
        {
            if (Is(ref reader, "inline"u8)) inline = reader.GetString();
            else if (Is(ref reader, "stored"u8)) stored = JsonSerializer.Deserialize(ref reader, StateJson.Default.Stored);
            else if (Is(ref reader, "manifest"u8)) manifest = JsonSerializer.Deserialize(ref reader, StateJson.Default.ManifestPlace);
            else if (Is(ref reader, "pages"u8)) pages = JsonSerializer.Deserialize(ref reader, StateJson.Default.PagePlace);
            else if (Is(ref reader, "source"u8)) source = JsonSerializer.Deserialize(ref reader, StateJson.Default.SourcePlace);
            else Skip(ref reader);
        }
        return inline is null && stored is null && manifest is null && pages is null && source is null
            ? BodyPlace.Nowhere
            : new() { Inline = inline, Stored = stored, Manifest = manifest, Pages = pages, Source = source };
    }

    private static ReplicationState ReadReplication(ref Utf8JsonReader reader)
    {
        var generation = 1;
        var isReplica = false;
        List<SiteState>? sites = null;
        while (Next(ref reader))
        {
            if (Is(ref reader, "generation"u8)) generation = reader.GetInt32();
            else if (Is(ref reader, "isReplica"u8)) isReplica = reader.GetBoolean();
            else if (Is(ref reader, "sites"u8))
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject) (sites ??= []).Add(ReadSite(ref reader));
            else Skip(ref reader);
        }
        return new() { Generation = generation, IsReplica = isReplica, Sites = sites is null ? [] : sites };
    }

    private static SiteState ReadSite(ref Utf8JsonReader reader)
    {
        string? site = null, versionId = null, etag = null;
        var status = ReplicationStatus.Pending;
        var generation = 0;
        DateTimeOffset? at = null;
        var afresh = false;
        while (Next(ref reader))
        {
            if (Is(ref reader, "site"u8)) site = reader.GetString();
            else if (Is(ref reader, "status"u8)) status = Status(ref reader);
            else if (Is(ref reader, "generation"u8)) generation = reader.GetInt32();
            else if (Is(ref reader, "versionId"u8)) versionId = reader.GetString();
            else if (Is(ref reader, "eTag"u8)) etag = reader.GetString();
            else if (Is(ref reader, "at"u8)) at = reader.GetDateTimeOffset();
            else if (Is(ref reader, "afresh"u8)) afresh = reader.GetBoolean();
            else Skip(ref reader);
        }
        return new(site ?? throw new InvalidDataException("The state of a copy lacks its site."), status)
        {
            Generation = generation, VersionId = versionId, ETag = etag, At = at, Afresh = afresh,
        };
    }

    private static ReplicationStatus Status(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("Completed"u8) ? ReplicationStatus.Completed
        : reader.ValueTextEquals("Pending"u8) ? ReplicationStatus.Pending
        : Enum.Parse<ReplicationStatus>(reader.GetString()!);

    private static IReadOnlyDictionary<string, string> Texts(ref Utf8JsonReader reader)
    {
        Dictionary<string, string>? texts = null;
        while (Next(ref reader))
        {
            var name = reader.GetString()!;
            reader.Read();
            (texts ??= [])[name] = reader.GetString()!;
        }
        return texts ?? Nothing;
    }

    /// <summary>Moves to the next member's name; false at the end of the object.</summary>
    private static bool Next(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Moves on to the value where the name is this one.</summary>
    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueTextEquals(name) && reader.Read();

    private static void Skip(ref Utf8JsonReader reader) => reader.Skip();
}
