using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

// Page blobs of Azure's protocol, made and read as any other version; PageBlobs writes into them.
public sealed partial class ObjectStore
{
    /// <summary>Makes a page blob of that many zeros, all of which count as the bucket's from then on. Refuses as <see cref="Put"/>.</summary>
    public async ValueTask<Result<Written>> PutPages(
        Bucket bucket, string key, Writer by, Description description, long size, Conditions conditions, CancellationToken ct)
    {
        if (Preconditions.AnyForWrite(conditions) && await RefusedEarly(bucket, key, conditions, by.Request, ct) is { } refusal) return refusal;
        var how = await EncryptionOf(bucket, null, ct);
        if (how.Refusal is not null) return how.As<Written>();
        var set = await QuotaRoom.For(buckets.Usage, rows, bucket, key, size, ct);
        if (set.Refusal is not null) return set.As<Written>();
        using var room = set.Value;
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var version = Describe(bucket, by, description with { Encryption = how.Value }, id, BlobStates.ETagOf(id, 1)) with { Size = size, Body = new() { Pages = new(id) } };
        var proposal = new Proposal(version) { IsByDefault = true, Cause = by.Cause, Room = room.Reservation };
        var committed = await writer.Commit(bucket, key, conditions, proposal, ct);
        return committed.Refusal is null ? new Written(committed.Value) : committed.As<Written>();
    }
}
