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

    /// <summary>Without <see cref="After"/>: starts with this key, or the next one.</summary>
    public string? From { get; init; }

    /// <summary>Whether headers, metadata or tags are looked at, which sources of mirrors are asked for where they are missing.</summary>
    public bool IsWhole { get; init; }

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

/// <summary>What to list of a bucket's versions.</summary>
public sealed record ListVersionsRequest
{
    /// <inheritdoc cref="ListRequest.Prefix"/>
    public string Prefix { get; init; } = "";

    /// <inheritdoc cref="ListRequest.Delimiter"/>
    public string? Delimiter { get; init; }

    /// <summary>Starts after this key or common prefix, or within the key where <see cref="VersionIdMarker"/> is set.</summary>
    public string? KeyMarker { get; init; }

    /// <summary>Without <see cref="KeyMarker"/>: starts with this key, or the next one.</summary>
    public string? From { get; init; }

    /// <summary>Within the key of the marker: starts after this version, which need not be there any more.</summary>
    public string? VersionIdMarker { get; init; }

    /// <summary>Whether blobs and snapshots are listed as well that were deleted and are kept.</summary>
    public bool WithKept { get; init; }

    /// <summary>Whether versions have the ids of a source that is mirrored.</summary>
    public bool IsMirror { get; init; }

    /// <inheritdoc cref="ListRequest.IsWhole"/>
    public bool IsWhole { get; init; }

    /// <summary>Versions, delete markers and common prefixes together; 0 gives an empty page that is not truncated.</summary>
    public int Limit { get; init; } = 1000;
}

/// <summary>A page of a bucket's versions.</summary>
/// <param name="Entries">By key, and the versions of a key with the newest first.</param>
/// <param name="NextKey">The key marker of the next page; null at the end.</param>
/// <param name="NextVersionId">
/// The version id marker of the next page; null where the page ends with a common prefix. Not always a version's public id:
/// the null version's says where in the order it stands.
/// </param>
public sealed record VersionPage(IReadOnlyList<VersionEntry> Entries, string? NextKey, string? NextVersionId);

/// <summary>A version of a key, object or delete marker, or (Version null) a common prefix.</summary>
/// <param name="Name">The key or the common prefix.</param>
/// <param name="Version">The version.</param>
/// <param name="IsLatest">Whether it is the current one.</param>
public readonly record struct VersionEntry(string Name, ObjectVersion? Version, bool IsLatest);
