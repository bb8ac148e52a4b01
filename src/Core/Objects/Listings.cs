namespace ZenkoFunctions.Core.Objects;

/// <summary>What to list of a bucket.</summary>
public sealed record ListRequest
{
    /// <summary>Only keys that start with it.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Keys are rolled up to the first occurrence of it after the prefix; null for no rolling up.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Starts after this key; a common prefix here is skipped whole, with everything below it.</summary>
    public string? After { get; init; }

    /// <summary>Keys and common prefixes together; 0 gives an empty page that is not truncated.</summary>
    public int Limit { get; init; } = 1000;
}

/// <summary>A page of a listing.</summary>
/// <param name="Entries">Keys and common prefixes, in UTF-8 byte order.</param>
/// <param name="Next">
/// The last key or common prefix of the page, to be given as <see cref="ListRequest.After"/>; null where the listing has
/// ended.
/// </param>
public sealed record ListPage(IReadOnlyList<ListEntry> Entries, string? Next);

/// <summary>A key with its current version, or (Version null) a common prefix.</summary>
public readonly record struct ListEntry(string Name, ObjectVersion? Version);
