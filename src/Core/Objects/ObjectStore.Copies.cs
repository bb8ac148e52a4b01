using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

// Blobs whose bytes are still to come.
public sealed partial class ObjectStore
{
    /// <summary>What S3 calls no bytes at all.</summary>
    private const string EmptyETag = "d41d8cd98f00b204e9800998ecf8427e";

    private static readonly Checksum EmptyChecksum = Checksums.FullObject(ChecksumAlgorithm.Crc64Nvme, new byte[sizeof(ulong)]);

    /// <summary>Makes an empty version that is to have so many bytes once <see cref="BlobCopies"/> has copied them. Refuses as <see cref="Put"/>.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="by">Who writes.</param>
    /// <param name="description">What it says of itself.</param>
    /// <param name="size">For so many bytes there must be room.</param>
    /// <param name="conditions">What must be true of the blob that is replaced.</param>
    /// <param name="follow">The intent of the copy, part of the commit.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async ValueTask<Result<ObjectVersion>> PutPending(
        Bucket bucket, string key, Writer by, Description description, long size, Conditions conditions, Func<ObjectVersion, Change> follow, CancellationToken ct)
    {
        var how = await EncryptionOf(bucket, null, ct);
        if (how.Refusal is not null) return how.As<ObjectVersion>();
        // Room for it is taken once it has come; this only spares a copy that would be refused in the end.
        var room = await QuotaRoom.For(buckets, rows, bucket, key, size, ct);
        if (room.Refusal is not null) return room.As<ObjectVersion>();
        room.Value.Dispose();
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var version = Describe(bucket, by, description with { Encryption = how.Value }, id, EmptyETag) with { Checksum = EmptyChecksum };
        return await writer.Commit(bucket, key, conditions, new(version) { IsByDefault = true, Cause = by.Cause, Follow = follow, IsPending = true }, ct);
    }
}
