using System.Globalization;
using System.Security.Cryptography;
using System.Text;

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

    /// <summary>How far incremental copies have come, where they alone write it, and where it is a snapshot that one of them made; null for any other.</summary>
    public IncrementalCopy? Incremental { get; init; }

    /// <summary>
    /// Who may change it alone. In the row of a key's newest version, and carried on to what replaces it; null where nobody ever did.
    /// </summary>
    public Lease? Lease { get; init; }

    /// <summary>In the row of a key's newest version: whether there may be snapshots among the older ones.</summary>
    public bool? HasSnapshots { get; init; }

    /// <summary>Its time, where it is a snapshot: it stands among the key's older versions, and never changes.</summary>
    public DateTimeOffset? Snapshot { get; init; }

    /// <summary>When it was deleted, where it is kept for some days since: among the key's older versions, to be brought back or removed for good.</summary>
    public BlobDeletion? Deleted { get; init; }

    /// <summary>How many blocks were appended, where it is an append blob.</summary>
    public int? Appended { get; init; }

    /// <summary>Whether nothing may be appended any more.</summary>
    public bool? IsSealed { get; init; }

    /// <summary>The number that clients of a page blob count by.</summary>
    public long? SequenceNumber { get; init; }
}

/// <summary>What becomes of it when a version changes. Pure.</summary>
public static class BlobStates
{
    /// <summary>What the version that takes the place of another has: its own, and what stays with the key.</summary>
    /// <param name="next">Its own.</param>
    /// <param name="current">The version that was the newest; null for none.</param>
    /// <param name="isBlob">Whether a client of Azure's protocol writes.</param>
    /// <param name="now">The time.</param>
    internal static BlobState? Behind(BlobState? next, ObjectVersion? current, bool isBlob, DateTimeOffset now)
    {
        if (current is null or { IsDeleteMarker: true } || (current.Blob is null && !isBlob)) return next;
        var lease = current.Blob?.Lease is { } held && held.Holds(now) ? held : null;
        var created = isBlob ? current.Blob?.Created ?? current.Modified : (DateTimeOffset?)null;
        var hasSnapshots = current.Blob?.HasSnapshots;
        return lease is null && created is null && hasSnapshots is null
            ? next
            : (next ?? new()) with { Lease = lease, Created = created, HasSnapshots = hasSnapshots };
    }

    /// <summary>S3's ETag of a blob that changes in place: another for each state, and no MD5 of bytes, so that nobody takes it for one.</summary>
    /// <param name="state">Names the state.</param>
    /// <param name="parts">How many parts it has.</param>
    public static string ETagOf(string state, int parts)
    {
#pragma warning disable CA5351 // what ETags look like
        return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(state)))}-{parts}");
#pragma warning restore CA5351
    }

    /// <summary>The version after a change of properties or metadata: with another ETag and date in Azure's protocol. A lease that has ended cannot be renewed any more.</summary>
    public static ObjectVersion Touched(ObjectVersion version, DateTimeOffset now)
    {
        var blob = version.Blob ?? new();
        var revision = Math.Max(Rows.Microseconds(now), (blob.Revision ?? version.Sequence) + 1);
        return version with { Blob = blob with { Revision = revision, Touched = now, Lease = blob.Lease?.Holds(now) == true ? blob.Lease : null } };
    }
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

/// <summary>The deletion of a blob or a snapshot that is kept.</summary>
/// <param name="At">When it was deleted.</param>
/// <param name="Days">For how many days it is kept since.</param>
public sealed record BlobDeletion(DateTimeOffset At, int Days)
{
    /// <summary>When it goes for good.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DateTimeOffset Until => At.AddDays(Days);
}

/// <summary>A copy that a blob was the target of.</summary>
/// <param name="Id">By which it can be aborted.</param>
/// <param name="Source">The URL as it was given, without its signature.</param>
/// <param name="Status">pending, success, aborted or failed.</param>
/// <param name="Done">Bytes that have come.</param>
/// <param name="Total">Bytes in all.</param>
public sealed record BlobCopy(string Id, string Source, string Status, long Done, long Total)
{
    /// <summary>The words of <see cref="Status"/>.</summary>
    public const string Pending = "pending", Success = "success", Aborted = "aborted", Failed = "failed";

    /// <summary>Whether it is under way.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsPending => Status == Pending;

    /// <summary>When it ended; null while it is under way.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Description { get; init; }
}

/// <summary>
/// What incremental copies have made of a page blob: it has no bytes itself, but a snapshot for each snapshot of the source that was copied.
/// </summary>
/// <param name="Bucket">The <see cref="Objects.Bucket.Id"/> of the source's bucket.</param>
/// <param name="Key">The source's key.</param>
/// <param name="Origin">Names the pages of the source; where that is written anew it has others.</param>
public sealed record IncrementalCopy(string Bucket, string Key, string Origin)
{
    /// <summary>The snapshot of the source that was copied last; null for none.</summary>
    public DateTimeOffset? Last { get; init; }

    /// <summary>Which state of the source that is.</summary>
    public long Revision { get; init; }

    /// <summary>The snapshot that it became; null for none.</summary>
    public DateTimeOffset? Made { get; init; }
}

/// <summary>The lease of a blob or a container.</summary>
/// <param name="Id">A GUID, lower case.</param>
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
