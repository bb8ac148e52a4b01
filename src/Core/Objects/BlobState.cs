namespace ZenkoFunctions.Core.Objects;

/// <summary>What Azure's protocol knows of an object besides: in the row of the version, null where no client of that protocol had a hand in it.</summary>
public sealed record BlobState
{
    /// <summary>What it can be changed by.</summary>
    public BlobType Type { get; init; }

    /// <summary>
    /// Grows with each change of bytes, properties or metadata, and so names what <see cref="ObjectVersion.BlobETag"/> stands for;
    /// null for the version's sequence: nothing was changed since it was written.
    /// </summary>
    public long? Revision { get; init; }

    /// <summary>When it was last changed; null for <see cref="ObjectVersion.Modified"/>.</summary>
    public DateTimeOffset? Touched { get; init; }

    /// <summary>When the blob came to be, however often it was written since; null for <see cref="ObjectVersion.Modified"/>.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The Content-MD5 that a client said of it, base64; empty where it was cleared; null for that of the bytes, where it is known.</summary>
    public string? ContentMd5 { get; init; }

    /// <summary>Hot, Cool, Cold or Archive, a property without effect; null where it is the account's default.</summary>
    public string? Tier { get; init; }

    /// <summary>When the tier was set.</summary>
    public DateTimeOffset? TierChanged { get; init; }

    /// <summary>The last copy that it was the target of.</summary>
    public BlobCopy? Copy { get; init; }

    /// <summary>
    /// Who may change it alone. In the row of a key's newest version, and carried on to what replaces it; null where nobody ever did.
    /// </summary>
    public Lease? Lease { get; init; }

    /// <summary>Its time, where it is a snapshot: it stands among the key's older versions, and never changes.</summary>
    public DateTimeOffset? Snapshot { get; init; }

    /// <summary>How many blocks were appended, where it is an append blob.</summary>
    public int? Appended { get; init; }

    /// <summary>Whether nothing may be appended any more.</summary>
    public bool? IsSealed { get; init; }

    /// <summary>The number that clients of a page blob count by.</summary>
    public long? SequenceNumber { get; init; }
}

/// <summary>What a blob can be changed by.</summary>
public enum BlobType
{
    /// <summary>Written as a whole, or as a list of blocks.</summary>
    BlockBlob,

    /// <summary>Grows at its end.</summary>
    AppendBlob,

    /// <summary>Pages of 512 bytes, written anywhere.</summary>
    PageBlob,
}

/// <summary>A copy that a blob was the target of.</summary>
/// <param name="Id">By which it can be aborted.</param>
/// <param name="Source">The URL as it was given, without its signature.</param>
/// <param name="Status">pending, success, aborted or failed.</param>
/// <param name="Done">Bytes that have come.</param>
/// <param name="Total">Bytes in all.</param>
public sealed record BlobCopy(string Id, string Source, string Status, long Done, long Total)
{
    /// <summary>When it ended; null while it is under way.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Description { get; init; }
}

/// <summary>The lease of a blob or a container.</summary>
/// <param name="Id">A GUID, lower case; null where it was broken or released.</param>
/// <param name="Seconds">How long it holds from each renewal, 15 to 60; null for ever.</param>
/// <param name="Renewed">When it was acquired or renewed.</param>
public sealed record Lease(string? Id, int? Seconds, DateTimeOffset Renewed)
{
    /// <summary>When it ends, where it was broken; until then it holds.</summary>
    public DateTimeOffset? Breaks { get; init; }

    /// <summary>available, leased, expired, breaking or broken.</summary>
    public string State(DateTimeOffset now) =>
        Breaks is { } end ? now < end ? "breaking" : "broken"
        : Id is null ? "available"
        : Seconds is { } seconds && now >= Renewed.AddSeconds(seconds) ? "expired" : "leased";

    /// <summary>Whether nobody else may change what is leased.</summary>
    public bool Holds(DateTimeOffset now) => State(now) is "leased" or "breaking";
}
