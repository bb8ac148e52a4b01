using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What is appended under which conditions.</summary>
public sealed record AppendRequest
{
    /// <summary>Those on the blob, its lease among them.</summary>
    public Conditions Conditions { get; init; } = Conditions.None;

    /// <summary>Where the blob has to end; null for anywhere.</summary>
    public long? Position { get; init; }

    /// <summary>How many bytes the blob may have afterwards; null for any number.</summary>
    public long? MaxSize { get; init; }

    /// <summary>What the request tells of itself.</summary>
    public Cause? Cause { get; init; }
}

/// <summary>A block that was appended.</summary>
/// <param name="Version">The blob.</param>
/// <param name="Offset">Where the block starts.</param>
/// <param name="Crc64">CRC-64/NVME of its bytes.</param>
public readonly record struct Appended(ObjectVersion Version, long Offset, byte[] Crc64);

/// <summary>
/// Blobs that grow at their end. A block is a part more in the list of the version's parts, which stays the same version: bytes first,
/// then the list's last row under a new name, then the version's row, which alone decides.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="queue">Takes what follows a commit.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="objects">The blobs as they are.</param>
/// <param name="locations">Where bytes go.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">The time.</param>
public sealed class AppendBlobs(
    ITable table, IQueue queue, Buckets buckets, ObjectStore objects, LocationCatalog locations, ObjectOptions options, TimeProvider clock)
{
    private readonly Intake intake = new(locations, options, clock);
    private readonly Manifests manifests = new(table);
    private readonly VersionWriter writer = new(table, buckets, new FollowUps(table, queue, clock), options, clock);

    /// <summary>
    /// Appends a block. Refuses with <see cref="Refusal.WrongBlobType"/>, <see cref="Refusal.Sealed"/>, <see cref="Refusal.AppendPosition"/>,
    /// <see cref="Refusal.AppendSize"/> and, beyond <see cref="ObjectLimits.Blocks"/>, <see cref="Refusal.TooManyBlocks"/>.
    /// </summary>
    public async ValueTask<Result<Appended>> Append(Bucket bucket, string key, AppendRequest request, Content content, CancellationToken ct)
    {
        var found = await objects.Find(bucket, key, null, ct);
        if (found.Refusal is not null) return found.As<Appended>();
        var first = found.Value.Version;
        if (Refuse(first, request, content.Length ?? 0) is { } refused) return refused;
        var set = await QuotaRoom.For(buckets, null, bucket, key, content.Length, ct);
        if (set.Refusal is not null) return set.As<Appended>();
        using var room = set.Value;
        using var dataKey = await objects.NewKey(first.Encryption, null, bucket, key, ct);
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var taking = await intake.Take(
            objects.LocationOf(bucket, new()), Ids.OfBytes(bucket, key, id), content, [ChecksumAlgorithm.Crc64Nvme], mayInline: false, dataKey, room, ct);
        if (taking.Refusal is not null) return taking.As<Appended>();
        var taken = taking.Value;
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key).InUploads();
        List<ManifestPlace> written = [];
        (ManifestPlace? Place, long Size) before = default;
        Result<ObjectVersion> result;
        try
        {
            result = await writer.Amend(bucket, key, null, request.Conditions, request.Cause, async version =>
            {
                if (version.Id != first.Id) return Refusal.Unavailable.Because("The blob was replaced while the block came. Send it again.");
                if (Refuse(version, request, taken.Size) is { } late) return late;
                if (ObjectLock.ForRemoval(version, false, clock.GetUtcNow()) is { } locked) return locked;
                before = (version.Body.Manifest, version.Size);
                var part = new ManifestPart(taken.Stored, null) { Key = taken.Key };
                written.Add(await manifests.Append(address, version.Body.Manifest, id, part, version.Size, ct));
                return new Amendment(Grown(version, written[^1], taken)) { Begun = taken.Begun };
            }, room.Reservation, ct);
        }
        catch (Exception e) when (e is not UnknownOutcomeException)
        {
            foreach (var place in written) await manifests.DropTail(address, place, CancellationToken.None);
            await intake.Discard(taken);
            throw;
        }
        // The last one is the version's, where it was committed; so no longer is the one that it followed.
        if (result.Refusal is null)
        {
            written.RemoveAt(written.Count - 1);
            if (before.Place is { } former) written.Add(former);
        }
        foreach (var place in written) await manifests.DropTail(address, place, CancellationToken.None);
        if (result.Refusal is null) return new Appended(result.Value, before.Size, taken.Digests[ChecksumAlgorithm.Crc64Nvme]);
        await intake.Discard(taken);
        return result.As<Appended>();
    }

    /// <summary>Lets nothing be appended any more.</summary>
    public ValueTask<Result<ObjectVersion>> Seal(Bucket bucket, string key, AppendRequest request, CancellationToken ct) =>
        writer.Amend(bucket, key, null, request.Conditions, null, version =>
        {
            if (version.Blob is not { Type: BlobType.AppendBlob }) return Refusal.WrongBlobType;
            if (request.Position is { } position && position != version.Size) return Refusal.AppendPosition;
            return version.Blob.IsSealed == true ? version : BlobStates.Touched(version with { Blob = version.Blob with { IsSealed = true } }, clock.GetUtcNow());
        }, ct);

    private static Refusal? Refuse(ObjectVersion version, AppendRequest request, long bytes) =>
        version.Blob is not { Type: BlobType.AppendBlob } blob ? Refusal.WrongBlobType
        : blob.IsSealed == true ? Refusal.Sealed
        : request.Position is { } position && position != version.Size ? Refusal.AppendPosition
        : request.MaxSize is { } most && version.Size + bytes > most ? Refusal.AppendSize
        : blob.Appended >= ObjectLimits.Blocks ? Refusal.TooManyBlocks
        : null;

    private ObjectVersion Grown(ObjectVersion version, ManifestPlace place, Taken taken)
    {
        var whole = version.Checksum is { Algorithm: ChecksumAlgorithm.Crc64Nvme, Type: ChecksumType.FullObject } checksum
            ? Checksums.Combine(
                ChecksumAlgorithm.Crc64Nvme,
                [(Convert.FromBase64String(checksum.Value), version.Size), (taken.Digests[ChecksumAlgorithm.Crc64Nvme], taken.Size)])
            : null;
        return BlobStates.Touched(
            version with
            {
                Size = version.Size + taken.Size,
                // Of all blocks before and this one.
                ETag = BlobStates.ETagOf(version.ETag + taken.ETag, place.Parts),
                Checksum = whole,
                Modified = Rows.Now(clock),
                Body = new() { Manifest = place },
                Blob = version.Blob! with { Appended = place.Parts, Created = version.Blob.Created ?? version.Modified },
            },
            clock.GetUtcNow());
    }
}
