using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Reads what requests of Azure's protocol say of a blob: conditions, leases, properties, metadata, tags, tier, checksums.</summary>
public static class BlobHeaders
{
    /// <summary>The prefix of metadata.</summary>
    public const string MetadataPrefix = "x-ms-meta-";

    /// <summary>The Content-Type of blobs that came without one.</summary>
    public const string DefaultContentType = "application/octet-stream";

    private const int MaxMetadataBytes = 8 * 1024;
    private const int MaxTags = 10, MaxTagKey = 128, MaxTagValue = 256;

    /// <summary>The headers of properties: as a write names them, and as they are kept.</summary>
    private static readonly (string Blob, string Kept)[] Properties =
    [
        ("x-ms-blob-content-type", "Content-Type"), ("x-ms-blob-content-encoding", "Content-Encoding"),
        ("x-ms-blob-content-language", "Content-Language"), ("x-ms-blob-content-disposition", "Content-Disposition"),
        ("x-ms-blob-cache-control", "Cache-Control"),
    ];

    /// <summary>To pass over these would keep bytes otherwise than the client believes.</summary>
    private static readonly string[] Unserved = ["x-ms-encryption-key", "x-ms-encryption-scope"];

    /// <summary>The tiers of block blobs.</summary>
    private static readonly string[] Tiers = ["Hot", "Cool", "Cold", "Archive"];

    /// <summary>If-Match, If-None-Match, If-(Un)Modified-Since, x-ms-if-tags, x-ms-lease-id.</summary>
    /// <param name="call">The request.</param>
    /// <param name="prefix">Of the first five: empty, or <c>x-ms-source-</c>.</param>
    public static Conditions Conditions(this BlobCall call, string prefix = "")
    {
        foreach (var header in Unserved)
            if (call.Header(header) is not null) throw new S3Exception(BlobErrors.NotImplemented, $"This server does not know {header}; leave it out.");
        return ConditionsOf(call, prefix);
    }

    private static Conditions ConditionsOf(BlobCall call, string prefix) => new()
    {
        IsBlob = true,
        DaysKept = call.Retention is { Enabled: true, Days: { } days } ? days : null,
        IfMatch = ETags.Parse(call.Header(prefix + "If-Match")),
        IfNoneMatch = ETags.Parse(call.Header(prefix + "If-None-Match")) is { } etags && (call.Spec.Verb is not ("GET" or "HEAD") || prefix.Length > 0 || !etags.Contains("*"))
            ? etags
            : call.Header(prefix + "If-None-Match") is null ? null : throw new S3Exception(BlobErrors.UnsatisfiableCondition),
        IfModifiedSince = Date(call, prefix + "If-Modified-Since"),
        IfUnmodifiedSince = Date(call, prefix + "If-Unmodified-Since"),
        IfTags = call.Header(prefix.Length == 0 ? "x-ms-if-tags" : prefix + "if-tags") is { Length: > 0 } tags
            ? TagsExpression.Parse(tags) ?? throw new S3Exception(BlobErrors.InvalidHeaderValue, "The condition on tags cannot be read; write it as in \"Status\" = 'done'.")
            : null,
        LeaseId = prefix.Length == 0 && call.Header("x-ms-lease-id") is { Length: > 0 } lease ? LeaseId("x-ms-lease-id", lease) : null,
    };

    /// <summary>A lease's id in the form in which it is kept; InvalidHeaderValue where it is no GUID.</summary>
    public static string LeaseId(string header, string value) =>
        Guid.TryParse(value, out var id) ? id.ToString("D") : throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{header} must be a GUID.");

    /// <summary>What a write says of a blob besides its bytes. What the location, the lock or a list says of it is not for it to say.</summary>
    public static Description Description(this BlobCall call, BlobState? blob = null)
    {
        var tier = Tier(call.Header("x-ms-access-tier"));
        if (tier is not null) blob = (blob ?? new()) with { Tier = tier, TierChanged = call.Installation.Clock.GetUtcNow() };
        return new()
        {
            Headers = PropertiesOf(call.Request.Headers, fallsBack: true),
            Metadata = Metadata(call.Request.Headers),
            Tags = Tags(call.Header("x-ms-tags")),
            Retention = Retention(call.Header("x-ms-immutability-policy-until-date"), call.Header("x-ms-immutability-policy-mode")),
            LegalHold = call.Header("x-ms-legal-hold") is { } hold ? Flag("x-ms-legal-hold", hold) : null,
            Blob = blob,
        };
    }

    /// <summary>Whether a write names one of the properties.</summary>
    public static bool NamesProperties(IHeaderDictionary headers) => Array.Exists(Properties, property => headers.ContainsKey(property.Blob));

    /// <summary>The properties as they are kept.</summary>
    /// <param name="headers">The request's.</param>
    /// <param name="fallsBack">Whether the request's own Content-Type and the like count where x-ms-blob-… is absent.</param>
    public static IReadOnlyDictionary<string, string> PropertiesOf(IHeaderDictionary headers, bool fallsBack)
    {
        var properties = new Dictionary<string, string>(Properties.Length);
        foreach (var (header, kept) in Properties)
        {
            var value = headers.Text(header) ?? (fallsBack ? headers.Text(kept) : null);
            if (!string.IsNullOrEmpty(value)) properties.Add(kept, value);
        }
        // Whoever sets them all and names no type wants none.
        if (fallsBack) properties.TryAdd("Content-Type", DefaultContentType);
        return properties;
    }

    /// <summary>
    /// Metadata by name, lower case as S3 has it: to Azure case does not count. InvalidMetadata where a name is no identifier of C#,
    /// EmptyMetadataKey, MetadataTooLarge beyond 8 KiB.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Metadata(IHeaderDictionary headers)
    {
        Dictionary<string, string> metadata = [];
        var total = 0;
        foreach (var (header, values) in headers)
        {
            if (!header.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase)) continue;
            var name = header[MetadataPrefix.Length..].ToLowerInvariant();
            if (name.Length == 0) throw new S3Exception(BlobErrors.EmptyMetadataKey);
            CheckIdentifier(name);
            var value = values.ToString();
            total += name.Length + value.Length;
            if (total > MaxMetadataBytes) throw new S3Exception(BlobErrors.MetadataTooLarge);
            metadata[name] = value;
        }
        return metadata;
    }

    /// <summary>InvalidMetadata where a name of metadata is no identifier of C#.</summary>
    internal static void CheckIdentifier(string name)
    {
        if (char.IsDigit(name[0]) || !name.All(c => char.IsLetterOrDigit(c) || c == '_'))
            throw new S3Exception(BlobErrors.InvalidMetadata, $"The metadata's name {name} is none: it holds letters, digits and underscores, and begins with no digit.");
    }

    /// <summary>x-ms-tags, <c>a=b&amp;c=d</c> percent-encoded; null for none.</summary>
    public static IReadOnlyDictionary<string, string>? Tags(string? header)
    {
        if (string.IsNullOrEmpty(header)) return null;
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in header.Split('&', MaxTags + 2))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw new S3Exception(BlobErrors.InvalidHeaderValue, "x-ms-tags must be pairs of key=value, percent-encoded and joined by &.");
            AddTag(tags, Uri.UnescapeDataString(pair[..equals].Replace('+', ' ')), Uri.UnescapeDataString(pair[(equals + 1)..].Replace('+', ' ')));
        }
        return tags;
    }

    /// <summary>Adds a tag; InvalidTag where it is none, is there already or is the eleventh.</summary>
    public static void AddTag(Dictionary<string, string> tags, string key, string value)
    {
        if (key.Length is 0 or > MaxTagKey || value.Length > MaxTagValue || !key.All(IsOfTag) || !value.All(IsOfTag))
            throw new S3Exception(BlobErrors.InvalidTag, "A tag's key has 1 to 128, its value up to 256 letters, digits, blanks and + - . / : = _.");
        if (!tags.TryAdd(key, value)) throw new S3Exception(BlobErrors.InvalidTag, $"The tag {key} is there twice.");
        if (tags.Count > MaxTags) throw new S3Exception(BlobErrors.InvalidTag, $"A blob has at most {MaxTags} tags.");
    }

    /// <summary>An access tier in its own spelling; null for none, InvalidHeaderValue for one that block blobs do not have.</summary>
    public static string? Tier(string? header) => header is null ? null
        : Array.Find(Tiers, tier => tier.Equals(header, StringComparison.OrdinalIgnoreCase))
            ?? throw new S3Exception(BlobErrors.InvalidHeaderValue, "The access tier must be Hot, Cool, Cold or Archive.");

    /// <summary>What a client says the MD5 of a blob to be, whose bytes it is not compared with: any base64 of up to 64 bytes; null for none, else InvalidMd5.</summary>
    public static string? ToldMd5(string? header)
    {
        Span<byte> bytes = stackalloc byte[64];
        return header is null || Convert.TryFromBase64String(header.Trim(), bytes, out _) ? header?.Trim() : throw new S3Exception(BlobErrors.InvalidMd5, "x-ms-blob-content-md5 must be base64 of up to 64 bytes.");
    }

    /// <summary>The 16 bytes of an MD5; null for none, InvalidMd5 for anything else.</summary>
    public static byte[]? Md5(string? header) => header is null ? null
        : Checksums.TryDecode(ChecksumAlgorithm.Md5, header.Trim(), out var md5) ? md5 : throw new S3Exception(BlobErrors.InvalidMd5);

    /// <summary>
    /// x-ms-content-crc64 in the form of S3's CRC-64/NVME: it is the same number, but Azure begins with the lowest byte. Null for none,
    /// InvalidHeaderValue for anything else.
    /// </summary>
    public static string? Crc64(string? header)
    {
        if (header is null) return null;
        if (!Checksums.TryDecode(ChecksumAlgorithm.Crc64Nvme, header.Trim(), out var crc)) throw new S3Exception(BlobErrors.InvalidHeaderValue, "x-ms-content-crc64 must be the base64 of 8 bytes.");
        return Turned(crc);
    }

    /// <summary>A checksum of S3 in the form of x-ms-content-crc64; null where it is another.</summary>
    public static string? Crc64(Checksum? checksum) =>
        checksum is { Algorithm: ChecksumAlgorithm.Crc64Nvme, Type: ChecksumType.FullObject } ? Turned(Convert.FromBase64String(checksum.Value)) : null;

    /// <summary>A CRC-64 in S3's form in the form of x-ms-content-crc64.</summary>
    public static string Crc64(byte[] crc) => Turned([.. crc]);

    /// <summary>The time of a snapshot, as it stands in <c>?snapshot=</c>; InvalidQueryParameterValue where it is none.</summary>
    public static DateTimeOffset? Snapshot(this BlobCall call) => call.Query("snapshot") is not { Length: > 0 } text ? null
        : BlobTimes.Parse(text) ?? throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "A snapshot is named by its time, as in 2026-01-31T12:00:00.0000000Z.");

    /// <summary>The version that the request names; null for the current one.</summary>
    public static string? VersionId(this BlobCall call) => call.Query("versionid") is { Length: > 0 } id ? id : null;

    /// <summary>Until when a blob may not be changed; null where the headers do not say.</summary>
    public static Retention? Retention(string? until, string? mode)
    {
        if (until is null && mode is null) return null;
        if (HttpDates.Parse(until) is not { } date) throw new S3Exception(BlobErrors.InvalidHeaderValue, "x-ms-immutability-policy-until-date must be a date as in Sat, 31 Jan 2026 12:00:00 GMT.");
        return mode?.ToLowerInvariant() switch
        {
            null or "unlocked" => new(RetentionMode.Governance, date),
            "locked" => new(RetentionMode.Compliance, date),
            _ => throw new S3Exception(BlobErrors.InvalidHeaderValue, "x-ms-immutability-policy-mode must be Unlocked or Locked."),
        };
    }

    /// <summary>true or false.</summary>
    public static bool Flag(string header, string value) =>
        bool.TryParse(value, out var flag) ? flag : throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{header} must be true or false.");

    private static DateTimeOffset? Date(BlobCall call, string name) => call.Header(name) is not { Length: > 0 } text ? null
        : HttpDates.Parse(text) ?? throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{name} is no date; write it as in Sat, 31 Jan 2026 12:00:00 GMT.");

    private static string Turned(byte[] bytes)
    {
        Array.Reverse(bytes);
        return Convert.ToBase64String(bytes);
    }


    private static bool IsOfTag(char c) => char.IsAsciiLetterOrDigit(c) || c is ' ' or '+' or '-' or '.' or '/' or ':' or '=' or '_';
}
