using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Tells requests of Azure's protocol from S3's: host style is <c>account.blob.domain</c>.</summary>
/// <param name="domains">The domains of the installation, lower case, without ports.</param>
public sealed class BlobHosts(IEnumerable<string> domains)
{
    private readonly string[] suffixes = [.. domains.Select(domain => ".blob." + domain).OrderByDescending(suffix => suffix.Length)];

    /// <summary>The account that a host names, as it stands there; null for any other host.</summary>
    public string? AccountOf(string? host)
    {
        if (host is null) return null;
        var colon = host.LastIndexOf(':');
        var name = colon >= 0 && !host.EndsWith(']') ? host.AsSpan(0, colon) : host;
        foreach (var suffix in suffixes)
        {
            if (!name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) continue;
            var account = name[..^suffix.Length];
            return account.Length > 0 && !account.Contains('.') ? account.ToString() : null;
        }
        return null;
    }

    /// <summary>Whether a request is of Azure's protocol. An AWS signature, or an AWS parameter of a presigned request, always means S3.</summary>
    public bool IsFor(WireRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith("AWS", StringComparison.Ordinal) || request.Query.Has("X-Amz-Algorithm") || request.Query.Has("AWSAccessKeyId")) return false;
        return AccountOf(request.Headers.Host) is not null
            || request.Headers.ContainsKey("x-ms-version")
            || authorization.StartsWith("SharedKey", StringComparison.Ordinal)
            || (request.Query.Has("sv") && request.Query.Has("sig"))
            || (request.Verb == "OPTIONS" && request.Headers["Access-Control-Request-Headers"].ToString().Contains("x-ms-", StringComparison.OrdinalIgnoreCase));
    }
}
