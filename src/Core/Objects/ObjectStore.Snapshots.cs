using System.Security.Cryptography;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

// Snapshots of Azure's protocol.
public sealed partial class ObjectStore
{
    /// <summary>
    /// Makes a snapshot of the current version: a copy of its bytes and of all that is said of it, among the older versions. Its
    /// <see cref="BlobState.Snapshot"/> is its time.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="conditions">What must be true of the current version.</param>
    /// <param name="metadata">The snapshot's metadata; null for the current version's.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<ObjectVersion>> Snapshot(
        Bucket bucket, string key, Conditions conditions, IReadOnlyDictionary<string, string>? metadata, CancellationToken ct)
    {
        while (true)
        {
            var opened = await OpenWhole(bucket, key, new() { Conditions = conditions, PrefersCopy = true }, ct);
            if (opened.Refusal == Refusal.NotModified) return Refusal.PreconditionFailed;
            if (opened.Refusal is not null) return opened.As<ObjectVersion>();
            var source = opened.Value.Version;
            await using var body = opened.Value.Body!;
            if (source.Body.Pages is not null)
            {
                var paged = await SnapshotPages(bucket, key, conditions, source, metadata ?? source.Metadata, ct);
                if (paged.Refusal != Refusal.Conflict) return paged;
                continue;
            }
            if (source.Size > ObjectLimits.PutBytes) return Refusal.InvalidRequest.Because("Snapshots are made of blobs of up to 5 GiB.");
            var how = await EncryptionOf(bucket, null, ct);
            if (how.Refusal is not null) return how.As<ObjectVersion>();
            var set = await QuotaRoom.For(buckets, null, bucket, key, source.Size, ct);
            if (set.Refusal is not null) return set.As<ObjectVersion>();
            using var room = set.Value;
            var made = await SnapshotBlocks(bucket, key, conditions, source, metadata ?? source.Metadata, room, ct)
                ?? await Snapshot(bucket, key, conditions, source, body, how.Value, metadata ?? source.Metadata, room, ct);
            // It was written meanwhile: then it is a snapshot of that.
            if (made.Refusal != Refusal.Conflict) return made;
        }
    }

    /// <summary>
    /// The snapshot of a block blob with its blocks; null where it has none, or its bytes cannot be copied as they are, because they
    /// are gone or encrypted otherwise than new ones are to be.
    /// </summary>
    private async ValueTask<Result<ObjectVersion>?> SnapshotBlocks(
        Bucket bucket, string key, Conditions conditions, ObjectVersion source, IReadOnlyDictionary<string, string> metadata, QuotaRoom room, CancellationToken ct)
    {
        if (source.Body.Manifest is null || source.Blob is { Type: not BlobType.BlockBlob }
            || (bucket.Get(BucketSettings.Encryption) is { } rule && !rule.IsMetBy(source.Encryption, bucket.OwnerId))) return null;
        var snapshot = Again(source, Ids.Timed(Rows.Microseconds(clock.GetUtcNow())), metadata);
        if (await WithBytesOf(source, bucket, key, new(snapshot) { Room = room.Reservation }, ct) is not { } proposal) return null;
        return await writer.Snapshot(bucket, key, conditions, source, proposal, ct);
    }

    private async ValueTask<Result<ObjectVersion>> Snapshot(
        Bucket bucket, string key, Conditions conditions, ObjectVersion source, IObjectBody body, Sse? how, IReadOnlyDictionary<string, string> metadata,
        QuotaRoom room, CancellationToken ct)
    {
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var description = new Description { Encryption = how };
        var algorithm = source.Checksum is { Type: ChecksumType.FullObject } checksum ? checksum.Algorithm : ChecksumAlgorithm.Crc64Nvme;
        var name = Ids.OfBytes(bucket, key, id);
        using var dataKey = await NewKey(how, null, bucket, key, ct);
        var taken = await CopiedWithin(source, how, name, bucket, algorithm, ct) is { } copied
            ? copied
            : await BodyPipe.Through(body, content => intake.Take(
                LocationOf(bucket, description), name, content with { Algorithm = algorithm }, [algorithm], MayInline(bucket, description), dataKey, room, ct), ct);
        if (taken.Refusal is not null) return taken.As<ObjectVersion>();
        var snapshot = Again(source, id, metadata) with
        {
            ETag = taken.Value.ETag,
            Encryption = how is null ? null : how with { Key = taken.Value.Key },
            Checksum = Checksums.FullObject(algorithm, taken.Value.Digests[algorithm]),
            Body = taken.Value.Stored is { } stored ? new() { Stored = stored } : BodyPlace.Nowhere,
        };
        try
        {
            var committed = await writer.Snapshot(
                bucket, key, conditions, source, new(snapshot) { Inline = taken.Value.Inline, Begun = taken.Value.Begun, Room = room.Reservation }, ct);
            if (committed.Refusal is not null) await intake.Discard(taken.Value);
            return committed;
        }
        catch (Exception e) when (e is not UnknownOutcomeException)
        {
            await intake.Discard(taken.Value);
            throw;
        }
    }

    /// <summary>What is said of a version once more, but for what is its alone.</summary>
    internal static ObjectVersion Again(ObjectVersion source, string id, IReadOnlyDictionary<string, string> metadata) => source with
    {
        Id = id,
        Metadata = metadata,
        Retention = null,
        LegalHold = null,
        Replication = null,
        NullSequence = null,
        HighWater = null,
        Request = null,
        Recent = null,
    };

    /// <summary>The bytes again, where their location copies them itself: one body in the clear whose digests are known. Null where not.</summary>
    private async ValueTask<Result<Taken>?> CopiedWithin(
        ObjectVersion source, Sse? how, string name, Bucket bucket, ChecksumAlgorithm algorithm, CancellationToken ct)
    {
        var begun = clock.GetUtcNow();
        if (how is not null || source is not { Encryption: null, Body.Stored: { } stored, Checksum: { Type: ChecksumType.FullObject } checksum }
            || source.ETag.Length != 2 * MD5.HashSizeInBytes || stored.Location != locations.Named(bucket.LocationConstraint)
            || await locations.Get(stored.Location, ct) is not ICopies copier || await copier.Copy(stored, name, ct) is not { } copy) return null;
        return (Result<Taken>)new Taken(
            source.Size, Convert.FromHexString(source.ETag), new Dictionary<ChecksumAlgorithm, byte[]> { [algorithm] = Convert.FromBase64String(checksum.Value) }, null, copy)
        {
            Begun = begun,
            ETag = source.ETag,
        };
    }
}
