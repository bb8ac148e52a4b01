namespace ZenkoFunctions.Core.Locations;

/// <summary>A location whose bytes clients can fetch themselves, by a URL that is good for a short time.</summary>
public interface ILinks
{
    /// <summary>
    /// A URL that reads these bytes, and nothing else, until <paramref name="life"/> has passed; null where none can be had just
    /// now. Nobody looks whether the bytes are there.
    /// </summary>
    /// <param name="at">The bytes.</param>
    /// <param name="headers">What is answered with them.</param>
    /// <param name="life">At most <see cref="LinkHeaders.LongestLife"/>.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask<Uri?> Link(Stored at, LinkHeaders headers, TimeSpan life, CancellationToken ct);
}

/// <summary>The headers that a link answers with; null for whatever the location says by itself.</summary>
public sealed record LinkHeaders(string? ContentType, string? ContentDisposition, string? ContentEncoding, string? ContentLanguage, string? CacheControl)
{
    /// <summary>None of them.</summary>
    public static readonly LinkHeaders None = new(null, null, null, null, null);

    /// <summary>No link lives longer.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5);
}
