using System.Buffers;
using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>How many tags something may have, and what more are answered.</summary>
/// <param name="What">For the message: <c>An object</c>.</param>
/// <param name="Count">The most tags.</param>
/// <param name="TooMany">The error beyond.</param>
public sealed record TagLimit(string What, int Count, S3Error TooMany)
{
    /// <summary>Ten.</summary>
    public static readonly TagLimit Object = new("An object", 10, S3Errors.InvalidTag);

    /// <summary>Fifty; AWS answers more of them by another code than those of objects.</summary>
    public static readonly TagLimit Bucket = new("A bucket", 50, S3Errors.BadRequest);
}

/// <summary>The tags of a bucket or an object: their document, their header, and what AWS allows in them.</summary>
public static class TagSet
{
    private const int MaxBody = 64 * 1024;
    private const int MaxKeyLength = 128;
    private const int MaxValueLength = 256;

    private static readonly SearchValues<char> Signs = SearchValues.Create("_.:/=+-@");

    /// <summary>A tag as it is written.</summary>
    public static readonly XmlShape<Tag> TagShape = new XmlShape<Tag>("Tag")
        .Text("Key", t => t.Key, (t, v) => t.Key = v, required: true)
        .Text("Value", t => t.Value, (t, v) => t.Value = v, required: true);

    private static readonly XmlShape<Tagging> Shape = new XmlShape<Tagging>("Tagging")
        .Wrapped("TagSet", "Tag", TagShape, t => t.Tags, (t, tag) => t.Tags.Add(tag), required: true);

    /// <summary>The body of a Put…Tagging, which must carry Content-MD5 or a checksum. Throws MalformedXML, InvalidTag and the limit's error.</summary>
    public static async ValueTask<IReadOnlyDictionary<string, string>> Read(S3Call call, TagLimit limit, CancellationToken ct) =>
        Parse(await Payload.ReadVerified(call, MaxBody, ct), limit);

    /// <summary>Reads a Tagging document. Throws as <see cref="Read"/> does.</summary>
    public static IReadOnlyDictionary<string, string> Parse(ReadOnlyMemory<byte> document, TagLimit limit) => Check(Shape.Read(document).Tags, limit);

    /// <summary>Tags by key, in their order. Throws InvalidTag and the limit's error.</summary>
    public static IReadOnlyDictionary<string, string> Check(IReadOnlyList<Tag> tags, TagLimit limit)
    {
        var byKey = new Dictionary<string, string>(tags.Count, StringComparer.Ordinal);
        foreach (var tag in tags)
        {
            CheckTag(tag.Key, tag.Value);
            if (!byKey.TryAdd(tag.Key, tag.Value))
                throw new S3Exception(S3Errors.InvalidTag, "Cannot provide multiple Tags with the same key.") { Fields = [new("TagKey", tag.Key)] };
            if (byKey.Count > limit.Count) throw TooMany(limit);
        }
        return byKey;
    }

    /// <summary>
    /// The header x-amz-tagging of an object, <c>a=b&amp;c=d</c> percent-encoded; null where it is absent or empty. Throws
    /// InvalidArgument where it cannot be read, and InvalidTag.
    /// </summary>
    public static IReadOnlyDictionary<string, string>? ParseHeader(string? header)
    {
        if (string.IsNullOrEmpty(header)) return null;
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in header.Split('&', TagLimit.Object.Count + 2))
        {
            var equals = pair.IndexOf('=');
            var key = Decode(equals < 0 ? pair : pair[..equals], header);
            var value = equals < 0 ? "" : Decode(pair[(equals + 1)..], header);
            CheckTag(key, value);
            if (!tags.TryAdd(key, value)) throw Unreadable(header);
            if (tags.Count > TagLimit.Object.Count) throw TooMany(TagLimit.Object);
        }
        return tags;
    }

    /// <summary>The document that a Get…Tagging answers; null for no tags.</summary>
    public static Reply Document(IReadOnlyDictionary<string, string>? tags)
    {
        var tagging = new Tagging();
        foreach (var (key, value) in tags ?? new Dictionary<string, string>()) tagging.Tags.Add(new() { Key = key, Value = value });
        return Reply.Document(Shape, tagging);
    }

    /// <summary>Throws InvalidTag where the key or the value is none that AWS allows.</summary>
    public static void CheckTag(string key, string value)
    {
        if (key.Length == 0 || !IsAllowed(key, MaxKeyLength))
            throw new S3Exception(S3Errors.InvalidTag, "The TagKey you have provided is invalid") { Fields = [new("TagKey", key)] };
        if (key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
            throw new S3Exception(S3Errors.InvalidTag, "System tags cannot be added or changed by requests.") { Fields = [new("TagKey", key)] };
        if (!IsAllowed(value, MaxValueLength))
            throw new S3Exception(S3Errors.InvalidTag, "The TagValue you have provided is invalid") { Fields = [new("TagKey", key), new("TagValue", value)] };
    }

    /// <summary>Letters, digits and blanks of any script, and a few signs. Lengths are in characters, not in UTF-16 units.</summary>
    private static bool IsAllowed(string text, int limit)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (++length > limit) return false;
            if (rune.IsBmp && Signs.Contains((char)rune.Value)) continue;
            if (!Rune.IsLetter(rune) && !Rune.IsNumber(rune) && !IsBlank(rune)) return false;
        }
        return true;
    }

    private static bool IsBlank(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Decode(string encoded, string header)
    {
        // Both forms of a blank are sent: that of a query (%20) and that of a form (+).
        var decoded = Uri.UnescapeDataString(encoded.Replace('+', ' '));
        return decoded.Contains('\ufffd', StringComparison.Ordinal) ? throw Unreadable(header) : decoded;
    }

    private static S3Exception Unreadable(string header) => Invalid.Argument(
        "x-amz-tagging", header,
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.");

    private static S3Exception TooMany(TagLimit limit) => new(limit.TooMany, $"{limit.What} may have at most {limit.Count} tags.");

    private sealed class Tagging
    {
        public List<Tag> Tags { get; } = [];
    }
}

/// <summary>A tag in a message.</summary>
public sealed class Tag
{
    /// <summary>1 to 128 characters.</summary>
    public string Key { get; set; } = "";

    /// <summary>0 to 256 characters.</summary>
    public string Value { get; set; } = "";
}
