using System.Globalization;
using System.Text;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Console;

/// <summary>Links by which a browser gets and sends objects where objects are: their bytes never pass the console's origin.</summary>
internal static class Presigned
{
    private static readonly SigningKeys Keys = new();

    /// <summary>A link that lets its holder download an object, as a file and not as a page.</summary>
    /// <param name="call">Who signs, and where the objects are.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="name">The object's key.</param>
    /// <param name="versionId">The version; null for the current one.</param>
    /// <param name="lifetime">How long it holds.</param>
    public static string Download(ConsoleCall call, string bucket, string name, string? versionId, TimeSpan lifetime) => Link(
        call, "GET", bucket, name, lifetime,
        ("response-content-disposition", $"attachment; filename*=UTF-8''{Uri.EscapeDataString(FileOf(name))}"), ("versionId", versionId));

    /// <summary>A link that lets its holder send one request about an object.</summary>
    /// <param name="call">Who signs, and where the objects are.</param>
    /// <param name="verb">The method of the request.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="name">The object's key.</param>
    /// <param name="lifetime">How long it holds.</param>
    /// <param name="more">Further parameters; null values are left out.</param>
    public static string Link(ConsoleCall call, string verb, string bucket, string name, TimeSpan lifetime, params (string Name, string? Value)[] more)
    {
        var (endpoint, region, key) = (call.Place.ObjectsFor(call.Request), call.Region, call.Key!);
        var (timestamp, path) = (Timestamps.ToBasic(call.Clock.GetUtcNow()), ConsoleApi.PathOf(bucket, name));
        var day = timestamp[..8];
        (string Name, string? Value)[] parameters =
        [
            ("X-Amz-Algorithm", V4Signature.Algorithm), ("X-Amz-Credential", $"{key.Id}/{day}/{region}/s3/aws4_request"), ("X-Amz-Date", timestamp),
            ("X-Amz-Expires", ((int)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)), ("X-Amz-SignedHeaders", "host"), .. more,
        ];
        Array.Sort(parameters, (one, other) => string.CompareOrdinal(one.Name, other.Name));
        var query = ConsoleApi.Query(parameters)[1..];
        var host = endpoint[(endpoint.IndexOf("://", StringComparison.Ordinal) + 3)..];
        // Browsers leave the scheme's own port out of what they send, and out of what is signed.
        if (endpoint.StartsWith("http://", StringComparison.Ordinal) && host.EndsWith(":80", StringComparison.Ordinal)) host = host[..^3];
        if (endpoint.StartsWith("https://", StringComparison.Ordinal) && host.EndsWith(":443", StringComparison.Ordinal)) host = host[..^4];
        var canonical = Encoding.UTF8.GetBytes($"{verb}\n{path}\n{query}\nhost:{host}\n\nhost\n{Payload.Unsigned}");
        Span<byte> signature = stackalloc byte[32];
        V4Signing.Sign(Keys.Get(key, day, region, "s3"), timestamp, $"{day}/{region}/s3/aws4_request", canonical, signature);
        return $"{endpoint}{path}?{query}&X-Amz-Signature={Convert.ToHexStringLower(signature)}";
    }

    private static string FileOf(string name) => name.TrimEnd('/').Split('/')[^1] is { Length: > 0 } file ? file : "object";
}
