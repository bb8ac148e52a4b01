using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Settings of the objects' room.</summary>
public sealed record ObjectOptions
{
    /// <summary>Bodies up to so many bytes live in the table, in a row beside their version's.</summary>
    public int InlineBytes { get; init; } = 32 * 1024;

    /// <summary>
    /// How long bytes outlive the version that named them: as long as a reader that has seen the version may need to open
    /// them all.
    /// </summary>
    public TimeSpan ReadGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a link to bytes is good: half the time for which they outlive their version, so that the other half is left to a
    /// download that begins at its end. Zero, for no links at all, where that would be less than ten seconds.
    /// </summary>
    internal TimeSpan LinkLife =>
        ReadGrace / 2 is var half && half < TimeSpan.FromSeconds(10) ? TimeSpan.Zero
        : half < LinkHeaders.LongestLife ? half : LinkHeaders.LongestLife;

    /// <summary>
    /// Bytes that are in a location for so long, and that no row names, are removed. Nobody may name bytes for the first time that were
    /// begun half as long ago: so what is found to be nobody's stays so.
    /// </summary>
    public TimeSpan UnreferencedAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Refuses the commit of bytes that have been under way for too long.</summary>
    internal Declined? TooLate(DateTimeOffset? begun, TimeProvider clock) => begun is { } at && clock.GetUtcNow() - at > UnreferencedAge / 2
        ? Refusal.Unavailable.Because("The body was under way for too long. Please send it again, in smaller parts.")
        : null;

    /// <summary>The targets of events that this server knows: what a bucket sends elsewhere is not sent at all.</summary>
    public IReadOnlySet<string> EventTargets { get; init; } = new HashSet<string>();

    /// <summary>Told of each copy that is owed once a commit has come: its site, bytes, and since when. Quick, and never fails. Null where nobody counts.</summary>
    public Action<string, long, DateTimeOffset>? CopyQueued { get; init; }

    /// <summary>How long the answer to a completed upload is remembered.</summary>
    public TimeSpan CompletedUploadsKept { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Copies of blobs up to so many bytes are made within the request; larger ones by a job.</summary>
    public long CopiedAtOnce { get; init; } = 256L << 20;

    /// <summary>So many bytes of a larger one are copied at a time, or more where the parts would be too many.</summary>
    public long CopyPartBytes { get; init; } = 32L << 20;

    /// <summary>How long the uncommitted blocks of a blob are kept after the last of them came.</summary>
    public TimeSpan BlocksKept { get; init; } = TimeSpan.FromDays(7);
}

/// <summary>Limits that S3 sets.</summary>
public static class ObjectLimits
{
    /// <summary>Bytes of one PUT, of one part and of one copy.</summary>
    public const long PutBytes = 5L << 30;

    /// <summary>Bytes of an object: 50 TB.</summary>
    public const long ObjectBytes = 50_000_000_000_000;

    /// <summary>Bytes of every part but the last.</summary>
    public const long PartBytes = 5 << 20;

    /// <summary>Parts of an upload, and the highest part number.</summary>
    public const int Parts = 10_000;

    /// <summary>Blocks of a blob that is written as a list of them; and twice as many may be uncommitted.</summary>
    public const int Blocks = 50_000;

    /// <summary>UTF-8 bytes of a key.</summary>
    public const int KeyBytes = 1024;
}
