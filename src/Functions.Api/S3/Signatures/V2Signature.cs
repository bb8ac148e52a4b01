using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>A version 2 signature: HMAC-SHA1 over verb, a few headers, path and sub-resources. The body is not covered.</summary>
internal sealed class V2Signature
{
    private const int MaxHeader = 1024;
    private const string TokenName = "x-amz-security-token";

    // What selects an operation or changes its reply must be covered, or a signature would serve for another operation.
    // Clients do not sign "list-type", which chooses between two forms of one listing, nor "id", which goes with others.
    private static readonly HashSet<string> SubResources = new(
        Operations.All.SelectMany(operation => operation.Spec.Query)
            .Concat(UnimplementedOperations.All.SelectMany(operation => operation.Query))
            .Select(query => query.Split('=')[0]).Except(["list-type", "id"])
            .Concat(
            [
                "acl", "cors", "defaultObjectAcl", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy",
                "requestPayment", "response-cache-control", "response-content-disposition", "response-content-encoding",
                "response-content-language", "response-content-type", "response-expires", "restore", "storageClass", "tagging", "torrent",
                "uploadId", "uploads", "versionId", "versioning", "versions", "website",
            ]),
        StringComparer.Ordinal);

    public required string AccessKeyId { get; init; }
    public required string SignatureText { get; init; }

    /// <summary>The date line: the Date header as it stood, nothing where x-amz-date stands for it, or the time of expiry.</summary>
    public required string DateLine { get; init; }

    /// <summary>The session token; null where the key is to be one that lasts.</summary>
    public required string? Token { get; init; }

    /// <summary>Reads <c>AWS KEYID:SIGNATURE</c>.</summary>
    public static V2Signature OfHeader(WireRequest request, string header, DateTimeOffset now)
    {
        var credential = header["AWS ".Length..].Trim();
        var colon = credential.IndexOf(':', StringComparison.Ordinal);
        if (header.Length > MaxHeader || colon <= 0 || colon == credential.Length - 1)
            throw Fault.Argument("Authorization", header.Length > MaxHeader ? header[..MaxHeader] : header,
                "The AWS authorization header must have the form \"AWS KEYID:SIGNATURE\".");
        var amzDate = request.Headers["x-amz-date"];
        var date = amzDate.Count > 0 ? amzDate : request.Headers.Date;
        if (date.Count != 1 || !Timestamps.TryHeader(date[0] ?? "", out var time)) throw Fault.NoDate();
        if ((now - time).Duration() > TimeSpan.FromMinutes(Fault.SkewMinutes)) throw Fault.Skewed(date[0]!, now);
        return new()
        {
            AccessKeyId = credential[..colon], SignatureText = credential[(colon + 1)..], DateLine = amzDate.Count > 0 ? "" : date[0]!,
            Token = V4Signature.Header(request.Headers),
        };
    }

    /// <summary>Reads AWSAccessKeyId, Expires and Signature.</summary>
    public static V2Signature OfQuery(WireRequest request, DateTimeOffset now)
    {
        var (keyId, expires, signature) = (Parameter(request, "AWSAccessKeyId"), Parameter(request, "Expires"), Parameter(request, "Signature"));
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            throw new S3Exception(S3Errors.AccessDenied, "Expires must be a number of seconds since 1970.");
        var until = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (until < now) throw Fault.Expired(null, until, now);
        if (request.Query.Items.Any(item => item.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && item.Key != TokenName))
            throw new S3Exception(
                S3Errors.NotImplemented, "Headers in a URL (x-amz-…) are not covered by version 2; presign with version 4, or send them as headers.");
        // A plus sign that was not encoded reads as a blank, which base64 never holds.
        return new()
        {
            AccessKeyId = keyId, SignatureText = signature.Replace(' ', '+'), DateLine = expires,
            Token = request.Query[TokenName] ?? V4Signature.Header(request.Headers),
        };
    }

    /// <summary>Whether it is the secret's signature of that text.</summary>
    public bool IsOf(string secret, string text)
    {
        Span<byte> provided = stackalloc byte[HMACSHA1.HashSizeInBytes + 4], computed = stackalloc byte[HMACSHA1.HashSizeInBytes];
        if (!Convert.TryFromBase64String(SignatureText, provided, out var length)) return false;
#pragma warning disable CA5350 // the protocol's own algorithm; HMAC-SHA1 is not broken as SHA-1 is
        HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text), computed);
#pragma warning restore CA5350
        return CryptographicOperations.FixedTimeEquals(provided[..length], computed);
    }

    /// <summary>The texts that clients sign for this request, the usual one first; each covers the same meaning.</summary>
    public IEnumerable<string> StringsToSign(WireRequest request, string? hostBucket)
    {
        var head = Head(request);
        var bucket = hostBucket is null ? "" : "/" + hostBucket;
        // botocore signs a bucket alone with a slash behind it, which its path does not have; AWS takes that.
        var slash = hostBucket is null && request.RawPath.LastIndexOf('/') == 0 && request.RawPath.Length > 1 ? "/" : "";
        string[] paths = [.. request.SignedPaths.SelectMany(path => (string[])[path, Percent.Normalise(path, path: true), path + slash])];
        string[] queries = [SubResourcesOf(request, decoded: true), SubResourcesOf(request, decoded: false)];
        foreach (var query in queries.Distinct(StringComparer.Ordinal))
            foreach (var path in paths.Distinct(StringComparer.Ordinal))
                yield return $"{head}{bucket}{path}{query}";
    }

    /// <summary>The text that is signed where a protocol says by itself what the resource is.</summary>
    public string StringToSign(WireRequest request, string resource) => Head(request) + resource;

    private string Head(WireRequest request)
    {
        var headers = request.Headers;
        var text = new StringBuilder(256);
        text.Append(request.Verb).Append('\n').Append(headers.ContentMD5.ToString()).Append('\n')
            .Append(headers.ContentType.ToString()).Append('\n').Append(DateLine).Append('\n');
        var amz = headers.Where(header => header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            .Select(header => (Name: header.Key.ToLowerInvariant(), header.Value)).OrderBy(header => header.Name, StringComparer.Ordinal);
        // botocore signs the token as a header, wherever it puts it then.
        if (request.Query[TokenName] is { } token) amz = amz.Append((TokenName, token)).OrderBy(header => header.Item1, StringComparer.Ordinal);
        foreach (var (name, values) in amz)
            text.Append(name).Append(':').AppendJoin(',', values.Select(value => V4CanonicalRequest.Folded(value ?? ""))).Append('\n');
        return text.ToString();
    }

    private static string SubResourcesOf(WireRequest request, bool decoded)
    {
        var found = new List<(string Name, string Text)>();
        foreach (var pair in request.RawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var item = QueryParameters.Parse(pair).Items[0];
            if (!SubResources.Contains(item.Key)) continue;
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            // "?acl" and "?acl=" mean the same and are signed without the equals sign.
            var value = decoded || equals < 0 ? item.Value : pair[(equals + 1)..];
            found.Add((item.Key, value.Length == 0 ? item.Key : $"{item.Key}={value}"));
        }
        if (found.Count == 0) return "";
        found.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name) is not 0 and var order ? order : string.CompareOrdinal(a.Text, b.Text));
        return "?" + string.Join('&', found.Select(item => item.Text));
    }

    private static string Parameter(WireRequest request, string name)
    {
        var values = request.Query.Items.Where(item => item.Key == name).Take(2).ToArray();
        return values is [{ Value.Length: > 0 and <= MaxHeader }]
            ? values[0].Value
            : throw new S3Exception(S3Errors.AccessDenied, "A URL signed with version 2 needs AWSAccessKeyId, Expires and Signature, each once.");
    }
}
