using System.Text;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Reads what a client says of an object: system headers, user metadata, storage class, tags, locks.</summary>
public static class Descriptions
{
    /// <summary>The Content-Type of objects that came without one.</summary>
    public const string DefaultContentType = "binary/octet-stream";

    /// <summary>Stored and answered as they came.</summary>
    public static readonly string[] SystemHeaders =
    [
        "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires", Redirect,
    ];

    /// <summary>The prefix of user metadata.</summary>
    public const string MetadataPrefix = "x-amz-meta-";

    private static readonly Dictionary<string, string> Nothing = [];

    private const string Location = MetadataPrefix + PlacedMetadata.Name;
    private const string Redirect = "x-amz-website-redirect-location";
    private const int MaxMetadataBytes = 2048; // names and values, as AWS documents it
    private const int MaxMetadataHeaderBytes = 2136; // as Zenko counts, and AWS seems to: with the prefix of each name
    private const int MaxHeaderBytes = 8192; // AWS's limit on all headers of a PUT
    private const int MaxRedirectLength = 2048;

    /// <summary>The classes that AWS's general purpose buckets know. They are kept and answered; all bytes are at hand anyway.</summary>
    private static readonly HashSet<string> StorageClasses = new(StringComparer.Ordinal)
    {
        "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR",
        "DEEP_ARCHIVE",
    };

    /// <summary>All of it. Throws MetadataTooLarge, InvalidStorageClass and the like.</summary>
    /// <param name="headers">The request's.</param>
    /// <param name="region">The endpoint's region: as a location's name it stands for the default one.</param>
    public static Description Parse(IHeaderDictionary headers, string region) => new()
    {
        Headers = ParseSystem(headers),
        Metadata = ParseMetadata(headers),
        Location = ParseLocation(headers.Text(Location), region),
        StorageClass = ParseStorageClass(headers.Text("x-amz-storage-class")),
        Tags = TagSet.ParseHeader(headers.Text("x-amz-tagging")),
        Retention = LockHeaders.ParseRetention(headers),
        LegalHold = LockHeaders.ParseLegalHold(headers),
    };

    /// <summary>
    /// What a copy says of itself: all of it but the system headers and user metadata where it takes the source's, and but
    /// the tags where it takes those.
    /// </summary>
    public static Description ParseCopy(IHeaderDictionary headers, string region, bool copiesMetadata, bool copiesTags) => new()
    {
        Location = ParseLocation(headers.Text(Location), region),
        Headers = copiesMetadata ? Nothing : ParseSystem(headers),
        Metadata = copiesMetadata ? ParsePlace(headers) : ParseMetadata(headers),
        StorageClass = ParseStorageClass(headers.Text("x-amz-storage-class")),
        Tags = copiesTags ? null : TagSet.ParseHeader(headers.Text("x-amz-tagging")),
        Retention = LockHeaders.ParseRetention(headers),
        LegalHold = LockHeaders.ParseLegalHold(headers),
    };

    /// <summary>A location that a header names: null for none, empty for the default one.</summary>
    public static string? ParseLocation(string? header, string region) =>
        string.IsNullOrEmpty(header) ? null : header == region ? "" : header;

    /// <summary>The class to be stored: null for STANDARD.</summary>
    public static string? ParseStorageClass(string? header)
    {
        if (header is null or "STANDARD") return null;
        return StorageClasses.Contains(header) ? header : throw new S3Exception(S3Errors.InvalidStorageClass);
    }

    /// <summary>Content-Encoding without <c>aws-chunked</c>, which is the transfer's and not the object's; null where nothing is left.</summary>
    public static string? StripChunked(string? contentEncoding)
    {
        if (contentEncoding is null || !contentEncoding.Contains("aws-chunked", StringComparison.OrdinalIgnoreCase))
            return contentEncoding;
        var left = contentEncoding.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(coding => !coding.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase));
        return string.Join(", ", left) is { Length: > 0 } rest ? rest : null;
    }

    private static Dictionary<string, string> ParseSystem(IHeaderDictionary headers)
    {
        var system = new Dictionary<string, string>(SystemHeaders.Length);
        var total = 0;
        foreach (var name in SystemHeaders)
        {
            var value = headers.Text(name);
            if (name == "Content-Encoding") value = StripChunked(value);
            if (string.IsNullOrEmpty(value)) continue;
            total += name.Length + Encoding.UTF8.GetByteCount(value);
            if (name == Redirect) CheckRedirect(value);
            system.Add(name, value);
        }
        if (total > MaxHeaderBytes) throw new S3Exception(S3Errors.RequestHeaderSectionTooLarge);
        system.TryAdd("Content-Type", DefaultContentType);
        return system;
    }

    private static Dictionary<string, string> ParseMetadata(IHeaderDictionary headers)
    {
        var metadata = new Dictionary<string, string>();
        var (total, withPrefixes) = (0, 0);
        foreach (var (header, values) in headers)
        {
            if (!header.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase)) continue;
            var name = header[MetadataPrefix.Length..].ToLowerInvariant();
            if (name.Length == 0) throw Invalid.Argument(header, values, "User metadata must have a name behind x-amz-meta-.");
            var value = EncodedWords.Decode(values.ToString());
            var bytes = name.Length + Encoding.UTF8.GetByteCount(value);
            (total, withPrefixes) = (total + bytes, withPrefixes + MetadataPrefix.Length + bytes);
            if (total > MaxMetadataBytes && withPrefixes > MaxMetadataHeaderBytes) throw new S3Exception(S3Errors.MetadataTooLarge);
            metadata.Add(name, value);
        }
        return metadata;
    }

    /// <summary>The one entry that says something of the copy itself, and not of what is copied.</summary>
    private static Dictionary<string, string> ParsePlace(IHeaderDictionary headers) =>
        headers.Text(Location) is { } location ? new() { [PlacedMetadata.Name] = location } : Nothing;

    private static void CheckRedirect(string location)
    {
        if (location.Length <= MaxRedirectLength
            && (location[0] == '/' || location.StartsWith("http://", StringComparison.Ordinal)
                || location.StartsWith("https://", StringComparison.Ordinal)))
            return;
        throw Invalid.Argument(Redirect, location, "A redirect location starts with /, http:// or https:// and has at most 2 KiB.");
    }
}
