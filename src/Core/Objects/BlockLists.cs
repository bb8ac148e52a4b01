namespace ZenkoFunctions.Core.Objects;

/// <summary>Where a list of blocks takes one from.</summary>
public enum BlockSource
{
    /// <summary>The uncommitted block, else the committed one.</summary>
    Latest,

    /// <summary>The blob as it is.</summary>
    Committed,

    /// <summary>What was uploaded since.</summary>
    Uncommitted,
}

/// <summary>A block as a list names it.</summary>
/// <param name="Id">Base64.</param>
/// <param name="Source">Where it is taken from.</param>
public readonly record struct NamedBlock(string Id, BlockSource Source);

/// <summary>A block of a blob.</summary>
/// <param name="Id">Base64.</param>
/// <param name="Size">Its bytes.</param>
public readonly record struct BlobBlock(string Id, long Size);

/// <summary>What a blob is to be made of.</summary>
public sealed record BlockListRequest
{
    /// <summary>At most <see cref="ObjectLimits.Blocks"/>, in order; a block may be there several times.</summary>
    public required IReadOnlyList<NamedBlock> Blocks { get; init; }

    /// <summary>Who writes.</summary>
    public required Writer Writer { get; init; }

    /// <summary>What the blob is to say of itself.</summary>
    public Description Description { get; init; } = new();

    /// <summary>What must hold of the blob that is replaced.</summary>
    public Conditions Conditions { get; init; } = Conditions.None;
}

/// <summary>A key that has uncommitted blocks.</summary>
/// <param name="Key">The key.</param>
/// <param name="Id">Never used twice.</param>
/// <param name="Since">When the first of them came.</param>
public readonly record struct Uncommitted(string Key, string Id, DateTimeOffset Since);

/// <summary>A page of keys that have uncommitted blocks.</summary>
/// <param name="Found">By key.</param>
/// <param name="Next">The key behind which the next page starts; null at the end.</param>
public sealed record UncommittedPage(IReadOnlyList<Uncommitted> Found, string? Next);

/// <summary>The blocks of a blob.</summary>
/// <param name="Version">The blob; null where nothing was committed yet.</param>
/// <param name="Committed">In the blob's order; null where they were not asked for.</param>
/// <param name="Uncommitted">In the order of their ids' bytes; null where they were not asked for.</param>
public sealed record BlockList(ObjectVersion? Version, IReadOnlyList<BlobBlock>? Committed, IReadOnlyList<BlobBlock>? Uncommitted);
