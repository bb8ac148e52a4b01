using System.Globalization;
using System.Text;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Console;

/// <summary>Links by which a browser gets an object from where objects are: its bytes never come from the console's origin.</summary>
internal static class Presigned
{
    private static readonly SigningKeys Keys = new();

    /// <summary>A link that lets its holder download an object, as a file and not as a page.</summary>
    /// <param name="endpoint">Scheme, host and port of the objects.</param>
    /// <param name="region">That is signed for.</param>
    /// <param name="key">Who signs.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="name">The object's key.</param>
    /// <param name="versionId">The version; null for the current one.</param>
    /// <param name="lifetime">How long it holds.</param>
    /// <param name="now">The time.</param>
    public static string Download(string endpoint, string region, AccessKey key, string bucket, string name, string? versionId, TimeSpan lifetime, DateTimeOffset now)
    {
        var (timestamp, path) = (Timestamps.ToBasic(now), ConsoleApi.PathOf(bucket, name));
        var day = timestamp[..8];
        (string Name, string? Value)[] parameters =
        [
            ("X-Amz-Algorithm", V4Signature.Algorithm), ("X-Amz-Credential", $"{key.Id}/{day}/{region}/s3/aws4_request"), ("X-Amz-Date", timestamp),
            ("X-Amz-Expires", ((int)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)), ("X-Amz-SignedHeaders", "host"),
            ("response-content-disposition", $"attachment; filename*=UTF-8''{Uri.EscapeDataString(FileOf(name))}"), ("versionId", versionId),
        ];
        var query = ConsoleApi.Query(parameters)[1..];
        var host = endpoint[(endpoint.IndexOf("://", StringComparison.Ordinal) + 3)..];
        // Browsers leave the scheme's own port out of what they send, and out of what is signed.
        if (endpoint.StartsWith("http://", StringComparison.Ordinal) && host.EndsWith(":80", StringComparison.Ordinal)) host = host[..^3];
        if (endpoint.StartsWith("https://", StringComparison.Ordinal) && host.EndsWith(":443", StringComparison.Ordinal)) host = host[..^4];
        var canonical = Encoding.UTF8.GetBytes($"GET\n{path}\n{query}\nhost:{host}\n\nhost\n{Payload.Unsigned}");
        Span<byte> signature = stackalloc byte[32];
        V4Signing.Sign(Keys.Get(key, day, region, "s3"), timestamp, $"{day}/{region}/s3/aws4_request", canonical, signature);
        return $"{endpoint}{path}?{query}&X-Amz-Signature={Convert.ToHexStringLower(signature)}";
    }

    private static string FileOf(string name) => name.TrimEnd('/').Split('/')[^1] is { Length: > 0 } file ? file : "object";
}
