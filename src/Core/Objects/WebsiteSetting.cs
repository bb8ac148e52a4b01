namespace ZenkoFunctions.Core.Objects;

/// <summary>How a bucket answers as a website: it redirects everything, or it has an index document.</summary>
public sealed record WebsiteSetting
{
    /// <summary>Where every request is sent; null where pages are served.</summary>
    public WebsiteHost? RedirectAll { get; init; }

    /// <summary>What is read in the place of <c>dir/</c>: a name without slashes. Null where everything is redirected.</summary>
    public string? IndexSuffix { get; init; }

    /// <summary>The key of the page behind errors; null for the server's own.</summary>
    public string? ErrorKey { get; init; }

    /// <summary>At most 50; the first that fits counts.</summary>
    public IReadOnlyList<WebsiteRule> Rules { get; init; } = [];
}

/// <summary>A host to be sent to.</summary>
/// <param name="Name">With its port where it has one.</param>
/// <param name="Protocol"><c>http</c> or <c>https</c>; null for the request's.</param>
public sealed record WebsiteHost(string Name, string? Protocol);

/// <summary>A redirect and when it applies. Without a condition it always does.</summary>
public sealed record WebsiteRule
{
    /// <summary>Applies to keys that begin so; null for all.</summary>
    public string? KeyPrefix { get; init; }

    /// <summary>Applies where the answer would be this status; null where the answer does not matter.</summary>
    public int? ErrorStatus { get; init; }

    /// <summary>The host to go to; null for the request's.</summary>
    public string? Host { get; init; }

    /// <summary><c>http</c> or <c>https</c>; null for the request's.</summary>
    public string? Protocol { get; init; }

    /// <summary>Stands for <see cref="KeyPrefix"/> in the new key; null to keep it.</summary>
    public string? NewPrefix { get; init; }

    /// <summary>The new key; null for the old one. Never together with <see cref="NewPrefix"/>.</summary>
    public string? NewKey { get; init; }

    /// <summary>The status to redirect with, 301 to 399.</summary>
    public int Status { get; init; } = 301;
}
