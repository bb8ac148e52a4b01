namespace ZenkoFunctions.Api.S3;

/// <summary>
/// Finds the bucket in a Host header: <c>bucket.domain</c>, for the domains of the installation, and for websites
/// <c>bucket.s3-website.domain</c> and <c>bucket.s3-website-region.domain</c>. A leading <c>s3.</c> of the domain may be left out of
/// the latter, as AWS does.
/// </summary>
public sealed class HostNames
{
    private const string Endpoint = "s3.", Site = "s3-website";

    private readonly string[] suffixes;
    private readonly string[] sites;

    /// <param name="domains">Lower case, without ports.</param>
    /// <param name="region">The region of the installation.</param>
    public HostNames(IEnumerable<string> domains, string region)
    {
        string[] all = [.. domains];
        suffixes = [.. all.Select(d => "." + d).OrderByDescending(d => d.Length)];
        sites =
        [
            .. all.Concat(all.Where(d => d.StartsWith(Endpoint, StringComparison.Ordinal)).Select(d => d[Endpoint.Length..])).Distinct()
                .SelectMany(d => new[] { $".{Site}.{d}", $".{Site}-{region}.{d}" }),
        ];
    }

    /// <summary>The bucket, lower case; null for an address, a domain itself, a website's host, and any host that is under no domain.</summary>
    public string? BucketOf(string? host)
    {
        if (string.IsNullOrEmpty(host)) return null;
        var name = WithoutPort(host);
        foreach (var suffix in suffixes)
        {
            if (name.Equals(suffix.AsSpan(1), StringComparison.OrdinalIgnoreCase)) return null;
            if (name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                return WebsiteOf(host) is null ? Label(name, suffix) : null;
        }
        return null;
    }

    /// <summary>The bucket that the host shows as a website, lower case; null for any other host.</summary>
    public string? WebsiteOf(string? host)
    {
        if (host is null || !host.Contains(Site, StringComparison.OrdinalIgnoreCase)) return null;
        var name = WithoutPort(host);
        foreach (var site in sites)
            if (name.EndsWith(site, StringComparison.OrdinalIgnoreCase) && name.Length > site.Length) return Label(name, site);
        return null;
    }

    /// <summary>Whether the host is a bucket's or a website's: all of its paths are keys then.</summary>
    public bool IsBucket(string? host) => BucketOf(host) is not null || WebsiteOf(host) is not null;

    private static string Label(ReadOnlySpan<char> name, string suffix) => name[..^suffix.Length].ToString().ToLowerInvariant();

    private static ReadOnlySpan<char> WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon >= 0 && !host.EndsWith(']') ? host.AsSpan(0, colon) : host;
    }
}
