using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>
/// A signature of AWS's query protocol, version 2, as EC2 had it: an HMAC over verb, host, path and all parameters. The body is not
/// covered.
/// </summary>
internal sealed class QuerySignature
{
    private const int MostParameters = 32;

    public required string AccessKeyId { get; init; }
    public required string SignatureText { get; init; }

    /// <summary>Whether it was made with SHA-256; else with SHA-1.</summary>
    public required bool IsSha256 { get; init; }

    /// <summary>Whether a request's parameters say that it is signed so.</summary>
    public static bool Is(WireRequest request) => request.Query.Has("SignatureVersion");

    /// <summary>Reads AWSAccessKeyId, SignatureMethod, SignatureVersion, Timestamp and Signature.</summary>
    public static QuerySignature Of(WireRequest request, DateTimeOffset now)
    {
        if (request.Headers.Authorization.Count > 0) throw Fault.Argument("Authorization", request.Headers.Authorization.ToString(), "A request is signed once.");
        var items = request.Query.Items;
        if (items.Count > MostParameters || items.Select(item => item.Key).Distinct(StringComparer.Ordinal).Count() != items.Count)
            throw new S3Exception(S3Errors.InvalidRequest, $"At most {MostParameters} parameters are signed, each of them once.");
        if (Parameter("SignatureVersion") != "2") throw Fault.Argument("SignatureVersion", Parameter("SignatureVersion"), "Sign with SignatureVersion=2, or with version 4.");
        var method = Parameter("SignatureMethod");
        if (method is not ("HmacSHA1" or "HmacSHA256")) throw Fault.Argument("SignatureMethod", method, "SignatureMethod must be HmacSHA256 or HmacSHA1.");
        var sent = Parameter("Timestamp");
        if (!Timestamps.TryHeader(sent, out var time)) throw Fault.Argument("Timestamp", sent, "Timestamp must have the form 2026-01-31T12:00:00Z, in UTC.");
        if ((now - time).Duration() > TimeSpan.FromMinutes(Fault.SkewMinutes)) throw Fault.Skewed(sent, now);
        // A plus sign that was not encoded reads as a blank, which Base64 never holds.
        return new() { AccessKeyId = Parameter("AWSAccessKeyId"), SignatureText = Parameter("Signature").Replace(' ', '+'), IsSha256 = method == "HmacSHA256" };

        string Parameter(string name) => request.Query[name] is { Length: > 0 } value
            ? value
            : throw new S3Exception(S3Errors.AccessDenied, $"The parameter {name} is missing: AWSAccessKeyId, SignatureMethod, SignatureVersion, Timestamp and Signature belong together.");
    }

    /// <summary>Whether it is the secret's signature of the request.</summary>
    public bool IsOf(WireRequest request, string secret)
    {
        Span<byte> provided = stackalloc byte[HMACSHA256.HashSizeInBytes + 4];
        if (!Convert.TryFromBase64String(SignatureText, provided, out var length)) return false;
        var key = Encoding.UTF8.GetBytes(secret);
        foreach (var text in StringsToSign(request))
        {
            var bytes = Encoding.UTF8.GetBytes(text);
#pragma warning disable CA5350 // the protocol's own algorithm; HMAC-SHA1 is not broken as SHA-1 is
            var computed = IsSha256 ? HMACSHA256.HashData(key, bytes) : HMACSHA1.HashData(key, bytes);
#pragma warning restore CA5350
            if (CryptographicOperations.FixedTimeEquals(provided[..length], computed)) return true;
        }
        return false;
    }

    /// <summary>
    /// AWS's form, with the parameters in order and encoded anew, and CloudStack's, with the query as it is sent; of <c>/</c> also without
    /// the slash, that CloudStack leaves out.
    /// </summary>
    private static IEnumerable<string> StringsToSign(WireRequest request)
    {
        string[] pairs = [.. request.RawQuery.Split('&').Where(pair => !pair.StartsWith("Signature=", StringComparison.Ordinal))];
        var canonical = pairs.Select(pair => pair.Split('=', 2)).Select(pair => (Name: Percent.Normalise(pair[0], path: false), Value: pair.Length > 1 ? Percent.Normalise(pair[1], path: false) : ""))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}");
        string[] queries = [string.Join('&', canonical), string.Join('&', pairs)];
        var host = request.Headers.Host.ToString();
        foreach (var query in queries)
            foreach (var path in request.SignedPaths.SelectMany(path => path.EndsWith('/') ? (string[])[path, path[..^1]] : [path]))
                foreach (var name in new[] { host.ToLowerInvariant(), host }.Distinct(StringComparer.Ordinal))
                    yield return $"{request.Verb}\n{name}\n{path}\n{query}";
    }
}
