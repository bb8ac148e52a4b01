namespace ZenkoFunctions.Core.Objects;

/// <summary>What pages of other origins may ask of a bucket: the first rule that fits counts.</summary>
/// <param name="Rules">From 1 to 100.</param>
public sealed record CorsSetting(IReadOnlyList<CorsRule> Rules);

/// <summary>One rule of cross-origin access. Origins and headers may hold one <c>*</c> each, for any text.</summary>
public sealed record CorsRule
{
    /// <summary>What its maker calls it; null for nothing.</summary>
    public string? Id { get; init; }

    /// <summary>At least one of GET, PUT, POST, DELETE, HEAD.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>At least one origin, as in <c>https://*.example.com</c>.</summary>
    public required IReadOnlyList<string> Origins { get; init; }

    /// <summary>The request headers that a preflight may ask for.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>The reply's headers that scripts may read; no wildcards.</summary>
    public IReadOnlyList<string> ExposedHeaders { get; init; } = [];

    /// <summary>For how many seconds a browser may remember a preflight; null leaves it to the browser.</summary>
    public long? MaxAgeSeconds { get; init; }
}
