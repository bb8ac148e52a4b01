using System.Text;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>The object that x-amz-copy-source names.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Key">The key.</param>
/// <param name="VersionId">The version's id, or null for the current one.</param>
public sealed record CopySource(string Bucket, string Key, string? VersionId)
{
    private const string Header = "x-amz-copy-source";
    private const string Version = "?versionId=";

    /// <summary>
    /// Reads <c>bucket/key</c> or <c>/bucket/key</c>, percent-encoded in whole (some clients encode the separator too), with
    /// an unencoded <c>?versionId=</c> behind it. A plus sign is itself.
    /// </summary>
    public static CopySource Parse(string header)
    {
        var path = header;
        string? versionId = null;
        // An encoded question mark belongs to the key, so the version is cut off before decoding.
        var question = path.LastIndexOf(Version, StringComparison.Ordinal);
        if (question >= 0) (path, versionId) = (path[..question], path[(question + Version.Length)..]);
        var decoded = Decode(path) ?? throw Invalid.Argument(Header, header, "The copy source is not percent-encoded UTF-8.");
        if (decoded.StartsWith('/')) decoded = decoded[1..];
        var slash = decoded.IndexOf('/');
        if (slash <= 0 || slash == decoded.Length - 1)
            throw Invalid.Argument(Header, header, "The copy source must have the form bucket/key.");
        var key = decoded[(slash + 1)..];
        if (Encoding.UTF8.GetByteCount(key) > 1024) throw new S3Exception(S3Errors.KeyTooLongError);
        return new CopySource(decoded[..slash], key, versionId);
    }

    private static string? Decode(string path)
    {
        for (var at = path.IndexOf('%'); at >= 0; at = path.IndexOf('%', at + 1))
            if (at + 2 >= path.Length || !char.IsAsciiHexDigit(path[at + 1]) || !char.IsAsciiHexDigit(path[at + 2])) return null;
        var decoded = Uri.UnescapeDataString(path);
        // What is left encoded was not UTF-8: nothing but a percent sign itself decodes to one.
        return CountPercents(decoded) == CountEncodedPercents(path) ? decoded : null;
    }

    private static int CountPercents(string text) => text.AsSpan().Count('%');

    private static int CountEncodedPercents(string text) => text.AsSpan().Count("%25");
}
