using System.Buffers;
using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>
/// Metadata in Azure, where names are identifiers of C# and values are ASCII and not empty. A dash becomes an underscore
/// (<c>scal-version-id</c> is <c>scal_version_id</c>); what is no letter and no digit otherwise becomes <c>_x2e_</c>, and so does what
/// could be mistaken for that. No two names become one.
/// </summary>
internal static class BlobMetadata
{
    // What S3 says of an object and blobs have no place for. No header's name holds a colon, hence no name of metadata does.
    private const string Reserved = "s3:";
    private const string Empty = "=?UTF-8?B??=";

    /// <summary>All tags, as a query string, where Azure's own tags cannot hold them.</summary>
    public const string Tags = Reserved + "tags";

    /// <summary>The upload that made the blob.</summary>
    public const string Upload = Reserved + "upload";

    /// <summary>The name under which a header is kept that blobs do not have.</summary>
    public static string OfHeader(string header) => Reserved + header.ToLowerInvariant();

    /// <summary>The header that is kept under such a name; in lower case.</summary>
    public static string HeaderOf(string name) => name[Reserved.Length..];

    /// <summary>Whether the name is one of ours and not the user's.</summary>
    public static bool IsReserved(string name) => name.StartsWith(Reserved, StringComparison.Ordinal);

    /// <summary>What goes to Azure.</summary>
    public static Dictionary<string, string> Encode(IReadOnlyDictionary<string, string> metadata)
    {
        var encoded = new Dictionary<string, string>(metadata.Count + 1, StringComparer.Ordinal);
        foreach (var (name, value) in metadata) encoded[EncodeName(name)] = value.Length == 0 ? Empty : MailWords.Encode(value);
        return encoded;
    }

    /// <summary>What Azure tells, as it was before; what others wrote as well as can be.</summary>
    public static Dictionary<string, string> Decode(IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var decoded = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in metadata) decoded[DecodeName(name.ToLowerInvariant())] = MailWords.Decode(value);
        return decoded;
    }

    /// <summary>A name as Azure takes it.</summary>
    public static string EncodeName(string name)
    {
        var encoded = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsAsciiLetter(c) || (char.IsAsciiDigit(c) && i > 0)) encoded.Append(c);
            else if (c == '-' && !LooksEscaped(name.AsSpan(i))) encoded.Append('_');
            else encoded.Append(CultureInfo.InvariantCulture, $"_x{(int)c:x2}_");
        }
        return encoded.ToString();
    }

    /// <summary>The name that was encoded.</summary>
    public static string DecodeName(string name)
    {
        var decoded = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '_') decoded.Append(name[i]);
            else if (LooksEscaped(name.AsSpan(i)))
            {
                decoded.Append((char)int.Parse(name.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            else decoded.Append('-');
        }
        return decoded.ToString();
    }

    // Whatever is no letter and no digit is encoded with an underscore first.
    private static bool LooksEscaped(ReadOnlySpan<char> text) =>
        text.Length > 4 && text[1] == 'x' && char.IsAsciiHexDigitLower(text[2]) && char.IsAsciiHexDigitLower(text[3]) && !char.IsAsciiLetterOrDigit(text[4]);
}

/// <summary>Tags of S3 among the tags of blobs.</summary>
internal static class BlobTags
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 +-./:=_");

    /// <summary>Whether Azure takes them as they are; else they go into the metadata, all of them.</summary>
    public static bool Fit(IReadOnlyDictionary<string, string> tags)
    {
        foreach (var (key, value) in tags)
            if (key.Length > 128 || value.Length > 256 || key.AsSpan().ContainsAnyExcept(Allowed) || value.AsSpan().ContainsAnyExcept(Allowed)) return false;
        return tags.Count <= 10;
    }

    /// <summary>The tags as one text.</summary>
    public static string Encode(IReadOnlyDictionary<string, string> tags) =>
        string.Join('&', tags.Select(tag => $"{Uri.EscapeDataString(tag.Key)}={Uri.EscapeDataString(tag.Value)}"));

    /// <summary>The tags of such a text.</summary>
    public static Dictionary<string, string> Decode(string text)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = tag.IndexOf('=', StringComparison.Ordinal);
            if (at > 0) tags[Uri.UnescapeDataString(tag[..at])] = Uri.UnescapeDataString(tag[(at + 1)..]);
        }
        return tags;
    }
}
