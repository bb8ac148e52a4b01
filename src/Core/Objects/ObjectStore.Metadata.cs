using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

// Metadata of Azure's protocol, whose versions keep theirs; and versions with the bytes of others.
public sealed partial class ObjectStore
{
    /// <summary>So often a blob may be written while it is copied; then its metadata change in place.</summary>
    private const int MostCopies = 5;

    /// <summary>
    /// Changes what is said of a blob. Where the bucket's versioning is enabled that makes a new version with bytes of its own, and the one
    /// before stays as it was; but in place, with another ETag in Azure's protocol alone, are changed append and page blobs, those of more
    /// than 5 GiB, and what is encrypted otherwise than new bytes are to be. Refuses as <see cref="Amend(Bucket, string, string?, Conditions, Cause?, Func{ObjectVersion, Result{ObjectVersion}}, CancellationToken)"/>.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="by">Who writes.</param>
    /// <param name="conditions">What must be true of the current version.</param>
    /// <param name="next">The version with what is to be said of it. It may be asked for several times.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<ObjectVersion>> Redescribe(
        Bucket bucket, string key, Writer by, Conditions conditions, Func<ObjectVersion, ObjectVersion> next, CancellationToken ct)
    {
        for (var copies = 0; copies < MostCopies; copies++)
        {
            if (await buckets.Find(bucket.Name, ct) is not { } now || now.Get(BucketSettings.Versioning)?.State != VersioningState.Enabled) break;
            var found = await OpenWhole(bucket, key, new() { WithBody = false }, ct);
            if (found.Refusal is not null) return found.As<ObjectVersion>();
            var source = found.Value.Version;
            if (source.Size > ObjectLimits.PutBytes || source.Body.Pages is not null || source.Blob is { Type: not BlobType.BlockBlob }) break;
            if (now.Get(BucketSettings.Encryption) is { } rule && !rule.IsMetBy(source.Encryption, now.OwnerId)) break;
            if (await RefusedEarly(bucket, key, conditions, by.Request, ct) is { } refused) return refused;
            var made = await Renewed(bucket, key, by, conditions, source, next, ct);
            if (made.Refusal is not (Refusal.Conflict or Refusal.PreconditionFailed)) return made;
        }
        return await Amend(bucket, key, null, conditions, null, version => BlobStates.Touched(next(version), clock.GetUtcNow()), ct);
    }

    /// <summary>
    /// The new version. <see cref="Refusal.Conflict"/> or <see cref="Refusal.PreconditionFailed"/> where the source is not the current version
    /// any more, or its bytes cannot be had.
    /// </summary>
    private async ValueTask<Result<ObjectVersion>> Renewed(
        Bucket bucket, string key, Writer by, Conditions conditions, ObjectVersion source, Func<ObjectVersion, ObjectVersion> next, CancellationToken ct)
    {
        var set = await QuotaRoom.For(buckets, null, bucket, key, source.Size, ct);
        if (set.Refusal is not null) return set.As<ObjectVersion>();
        using var room = set.Value;
        var version = next(source) with
        {
            Id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow())),
            Modified = Rows.Now(clock),
            Retention = null,
            LegalHold = null,
            Replication = null,
            NullSequence = null,
            HighWater = null,
            Request = by.Request?.Text,
            Recent = null,
        };
        version = version with { Blob = (version.Blob ?? new()) with { Revision = null, Touched = null } };
        if (await WithBytesOf(source, bucket, key, new(version) { Cause = by.Cause, Room = room.Reservation }, ct) is not { } proposal) return Refusal.Conflict;
        var same = new Conditions { IsBlob = true, IfMatch = [source.BlobETag], LeaseId = conditions.LeaseId };
        return await writer.Commit(bucket, key, same, proposal, ct);
    }

    /// <summary>
    /// The proposal with bytes of its own, as the source has them: in the same parts, encrypted or not. What it will have is staged before it
    /// is written, so that the collector removes it where nothing comes of it. Null where the source's bytes cannot be had.
    /// </summary>
    private async ValueTask<Proposal?> WithBytesOf(ObjectVersion source, Bucket bucket, string key, Proposal proposal, CancellationToken ct)
    {
        var (space, version) = (Rows.ObjectSpace(bucket), proposal.Version);
        var (address, id) = (KeyCodec.Address(space, key), version.Id);
        var followUps = new FollowUps(table, queue, clock);
        Dictionary<Stored, Stored> copies = [];
        if (source.Body.Inline is { } tail)
        {
            if (await table.Get(address.Row(Rows.Data, tail), ct) is not { } row) return null;
            proposal = proposal with { Inline = row.Value };
        }
        else if (source.Body.Stored is { } stored)
        {
            copies.Add(stored, stored with { Name = Ids.OfBytes(bucket, key, id) });
            var taken = await followUps.Stage(space, key, new() { Since = default, Body = copies[stored] }, ct);
            proposal = proposal with { Version = version with { Body = new() { Stored = copies[stored] } }, Follow = _ => taken };
        }
        else if (source.Body.Manifest is { } manifest)
        {
            var manifests = new Manifests(table);
            List<ManifestPart> parts = [];
            await foreach (var (part, _) in manifests.PartsFrom(address.InUploads(), manifest, 0, ct))
            {
                // One block may stand at several places.
                if (part.Stored is { } body && !copies.ContainsKey(body)) copies.Add(body, body with { Name = Ids.OfBytes(bucket, key, $"{id}.{Ids.Random(10)}") });
                parts.Add(part.Stored is null ? part : part with { Stored = copies[part.Stored] });
            }
            var place = Manifests.PlaceOf(id + "." + id, parts);
            var taken = await followUps.Stage(space, key, new() { Since = default, Manifest = place }, ct);
            if ((await manifests.Write(address.InUploads(), place.Id, parts, ct)).Row is { } list && await table.Apply(address.InUploads().Partition, [list], ct) != Outcome.Committed)
                throw new UnknownOutcomeException();
            proposal = proposal with { Version = version with { Body = new() { Manifest = place } }, Follow = _ => taken };
        }
        foreach (var (from, to) in copies)
            if (!await CopyAsItIs(from, to, ct)) return null;
        return proposal;
    }

    /// <summary>Writes bytes once more in their location, encrypted or not; false where they are gone.</summary>
    private async ValueTask<bool> CopyAsItIs(Stored from, Stored to, CancellationToken ct)
    {
        var location = await locations.Get(from.Location, ct);
        if (location is ICopies copier && await copier.Copy(from, to.Name, ct) is not null) return true;
        await using var body = await location.Open(from, ByteRange.All(from.Length), ct);
        if (body is null) return false;
        var stored = await BodyPipe.Through(body, content => location.Put(new(to.Name, content.Length), content.Body, ct), ct);
        return stored.Length == from.Length ? true : throw new IOException($"Of {from.Length} bytes {stored.Length} came to the location {from.Location}.");
    }
}
