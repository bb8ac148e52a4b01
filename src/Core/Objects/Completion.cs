using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// How an upload becomes an object, in steps of which each can be the last before a crash: the manifest is written; the
/// upload moves from open to completing and remembers the version it becomes; the version is committed, once; the upload
/// moves to done. From completing on anybody can take the remaining steps.
/// </summary>
internal sealed class Completion
{
    /// <summary>When the follow-up looks after an upload whose Complete may have been cut off.</summary>
    private static readonly TimeSpan LookAfter = TimeSpan.FromMinutes(1);

    private readonly ITable table;
    private readonly TimeProvider clock;
    private readonly FollowUps followUps;
    private readonly UploadRows rows;
    private readonly Manifests manifests;
    private readonly VersionWriter writer;
    private readonly Buckets buckets;

    public Completion(ITable table, IQueue queue, Buckets buckets, ObjectOptions options, TimeProvider clock)
    {
        (this.table, this.buckets, this.clock) = (table, buckets, clock);
        followUps = new FollowUps(table, queue, clock);
        rows = new UploadRows(table, followUps, clock);
        manifests = new Manifests(table);
        writer = new VersionWriter(table, buckets, followUps, options, clock);
    }

    public async ValueTask<Result<Written>> Complete(
        Bucket bucket, string key, string uploadId, CompleteRequest request, CancellationToken ct)
    {
        var space = Rows.UploadSpace(bucket);
        var hash = HashOf(request.Parts);
        while (true)
        {
            if (await rows.Find(space, key, uploadId, ct) is not { } found) return Refusal.NoSuchUpload;
            switch (found.Upload.State)
            {
                case UploadState.Done:
                    return found.Upload.PartsHash == hash ? new Written(found.Upload.Result!) : Refusal.NoSuchUpload;
                case UploadState.Completing:
                    if (found.Upload.PartsHash != hash) return Refusal.NoSuchUpload;
                    return await Finish(bucket, found, request.Cause, ct);
            }
            // Its parts are counted already. But a bucket that holds more than it may takes nothing any more.
            if (await buckets.Overfull(bucket, ct) is { } full) return full;
            var planned = await Plan(bucket, found, request, ct);
            if (planned.Refusal is not null) return planned.As<Written>();
            var (version, manifest) = planned.Value;
            if (await Begin(space, found, version, [manifest], hash, null, null, request.Conditions, ct) is { } begun) return await Finish(bucket, begun, request.Cause, ct);
            // Another Complete or an Abort was faster: nothing ever named this manifest.
            if (manifest is null) await manifests.Delete(found.Address, version.Body.Manifest!, ct);
        }
    }

    /// <summary>
    /// Makes an object of blocks, in the order given; null where somebody else has moved the upload on meanwhile, or replaced the
    /// version whose blocks it was to take over.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="found">The upload of the blocks.</param>
    /// <param name="blocks">What the object is made of.</param>
    /// <param name="heir">The version whose blocks are taken over, and which of <paramref name="blocks"/> these are; null where none are.</param>
    /// <param name="request">What the object is to be.</param>
    /// <param name="ct">Ends it between two steps.</param>
    public async ValueTask<Result<Written>?> CompleteBlocks(
        Bucket bucket, UploadRows.Found found, IReadOnlyList<Part> blocks, (ObjectVersion Of, IReadOnlySet<Part> Blocks)? heir, BlockListRequest request,
        CancellationToken ct)
    {
        if (await buckets.Overfull(bucket, ct) is { } full) return full;
        if (blocks.Sum(block => block.Size) > ObjectLimits.ObjectBytes) return Refusal.TooLarge;
        var checksum = Checksums.Combine(ChecksumAlgorithm.Crc64Nvme, blocks.Select(block => (Convert.FromBase64String(block.Crc64Nvme), block.Size)));
        var description = request.Description with { Encryption = found.Upload.Description.Encryption };
        var (version, manifest) = await Describe(bucket, found, blocks, checksum, request.Writer, description, ct);
        var own = heir is { Blocks: var inherited } ? blocks.Where(block => !inherited.Contains(block)) : blocks;
        var taken = own.DistinctBy(block => block.Name).Sum(block => block.Size);
        var (inherits, left) = heir is { Of: var old }
            ? await Inherit(found.Address, old, version.Body.Manifest!, blocks, ct)
            : default((Inheritance? Inherits, Change? Row));
        var cause = request.Writer.Cause is { } asked ? asked with { Event = EventNames.Completed } : null;
        if (await Begin(Rows.UploadSpace(bucket), found, version, [manifest, left], version.Id, taken, inherits, request.Conditions, ct) is { } begun)
        {
            var finished = await Finish(bucket, begun, cause, ct);
            if (finished.Refusal == Refusal.Conflict && inherits is not null) return null;
            return finished;
        }
        if (manifest is null) await manifests.Delete(found.Address, version.Body.Manifest!, ct);
        if (inherits is not null && left is null) await manifests.Delete(found.Address, inherits.Left, ct);
        return null;
    }

    /// <summary>What is left of a version's parts when one of these blocks replaces it, as a list of its own; with its row, where that is still to be written.</summary>
    private async ValueTask<(Inheritance? Inherits, Change? Row)> Inherit(
        KeyAddress address, ObjectVersion old, ManifestPlace next, IReadOnlyList<Part> blocks, CancellationToken ct)
    {
        var names = blocks.Where(block => block.Stored is not null).Select(block => block.Stored!.Name).ToHashSet(StringComparer.Ordinal);
        var left = new List<ManifestPart>();
        await foreach (var (part, _) in manifests.PartsFrom(address, old.Body.Manifest!, 0, ct))
            if (part.Stored is { } stored && names.Add(stored.Name)) left.Add(part);
        // Behind the new list's name: what the upload's end removes of lists leaves it alone.
        var (place, row) = await manifests.Write(address, next.Id + ".left", left, ct);
        return (new(old.Id, old.Body.Manifest!, place), row);
    }

    /// <summary>
    /// Takes the steps that remain of a completing upload. Where the object must not be replaced (its conditions do not
    /// hold, the bucket is going), the upload is open again.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="found">The upload.</param>
    /// <param name="cause">The request that finishes it; null where none does.</param>
    /// <param name="ct">Ends it between two steps.</param>
    public async ValueTask<Result<Written>> Finish(Bucket bucket, UploadRows.Found found, Cause? cause, CancellationToken ct)
    {
        var upload = found.Upload;
        var version = upload.Result!;
        var proposal = new Proposal(version)
        {
            Upload = upload.Id,
            Taken = upload.Taken,
            TakenFrom = upload.Description.Location,
            Inherits = upload.Inherits,
            Cause = cause ?? new(EventNames.Completed, upload.Writer.CanonicalId, null, upload.Id),
        };
        var committed = await writer.Commit(bucket, upload.Key, upload.Conditions ?? Conditions.None, proposal, ct);
        if (committed.Refusal is null)
        {
            version = committed.Value;
        }
        else if (await writer.Forbid(bucket, upload.Key, upload.Id, version.Id, ct))
        {
            var open = upload with { State = UploadState.Open, PartsHash = null, Result = null, Conditions = null, Taken = null, Inherits = null };
            var seen = found.Stamp is null ? await rows.Find(Rows.UploadSpace(bucket), upload.Key, upload.Id, ct) : found;
            if (seen?.Upload.Result?.Id == version.Id && seen.Upload.State == UploadState.Completing && await Move(seen, open, [], ct))
            {
                await manifests.Delete(found.Address, version.Body.Manifest!, ct);
                if (upload.Inherits is { } inherits) await manifests.Delete(found.Address, inherits.Left, ct);
            }
            return committed.As<Written>();
        }
        var done = upload with { State = UploadState.Done, Result = version, Ended = clock.GetUtcNow() };
        if (upload.IsBlocks && found.Stamp is null)
        {
            // What stands for the key's blocks may be another upload's by now: only who moves this one on may touch it.
            if (await rows.Find(Rows.UploadSpace(bucket), upload.Key, upload.Id, ct) is not { Upload.State: UploadState.Completing } still) return new Written(version);
            found = still;
        }
        await Move(found, done, [], ct); // refused where somebody else took the step already
        return new Written(version);
    }

    /// <summary>The upload as it is being completed; null where it had moved on.</summary>
    private async ValueTask<UploadRows.Found?> Begin(
        string space, UploadRows.Found found, ObjectVersion version, IEnumerable<Change?> lists, string hash, long? taken, Inheritance? inherits, Conditions conditions,
        CancellationToken ct)
    {
        var intent = found.Upload.Id + "." + version.Id;
        await followUps.Announce(space, found.Upload.Key, intent, LookAfter, ct);
        var completing = found.Upload with
        {
            State = UploadState.Completing,
            PartsHash = hash,
            Taken = taken,
            Inherits = inherits,
            Result = version,
            Conditions = conditions == Conditions.None ? null : conditions,
        };
        var insert = FollowUps.Insert(found.Address, intent, new() { Since = clock.GetUtcNow(), Upload = found.Upload.Id });
        Change[] more = [insert, .. lists.OfType<Change>()];
        return await Move(found, completing, more, ct)
            ? found with { Upload = completing, Stamp = null }
            : null;
    }

    /// <summary>
    /// Checks the list of parts against what was uploaded, and describes the version that they make; with the row of its manifest,
    /// where that is still to be written.
    /// </summary>
    private async ValueTask<Result<(ObjectVersion Version, Change? Manifest)>> Plan(
        Bucket bucket, UploadRows.Found found, CompleteRequest request, CancellationToken ct)
    {
        var (address, upload, _) = found;
        for (var i = 1; i < request.Parts.Count; i++)
            if (request.Parts[i].Number <= request.Parts[i - 1].Number) return Refusal.InvalidPartOrder;

        var uploaded = new Dictionary<int, Part>();
        await foreach (var part in rows.Parts(address, upload.Id, 0, ct)) uploaded[part.Number] = part;

        var chosen = new List<Part>(request.Parts.Count);
        foreach (var named in request.Parts)
        {
            if (!uploaded.TryGetValue(named.Number, out var part) || !string.Equals(part.ETag, named.ETag, StringComparison.OrdinalIgnoreCase))
                return Refusal.InvalidPart;
            chosen.Add(part);
        }
        if ((request.CustomerKey is not null || upload.Algorithm is not null || chosen.Exists(part => part.Checksum is not null)) &&
            CustomerKey.Refuse(upload.Description.Encryption, request.CustomerKey) is { } refused) return refused;
        for (var i = 0; i + 1 < chosen.Count; i++)
            if (chosen[i].Size < ObjectLimits.PartBytes) return Refusal.PartTooSmall;

        var size = chosen.Sum(part => part.Size);
        if (size > ObjectLimits.ObjectBytes) return Refusal.TooLarge;
        if (request.Size is { } announced && announced != size)
            return Refusal.InvalidRequest.Because($"The parts have {size} bytes, but x-amz-mp-object-size says {announced}.");
        var checksum = CompletedChecksum.Of(upload, request, chosen);
        if (checksum.Refusal is not null) return checksum.As<(ObjectVersion, Change?)>();

        return await Describe(bucket, found, chosen, checksum.Value, upload.Writer, upload.Description, ct);
    }

    private async ValueTask<(ObjectVersion Version, Change? Manifest)> Describe(
        Bucket bucket, UploadRows.Found found, IReadOnlyList<Part> chosen, Checksum checksum, Writer writer, Description description, CancellationToken ct)
    {
        var (address, upload, _) = found;
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var parts = chosen.Select(part => new ManifestPart(part.Stored, part.Checksum)
        {
            Key = part.Key,
            Block = part.Block,
            // The key of encrypted bytes is bound to what they were written as: they are not taken over, but copied.
            ETag = part.Block is not null && part.Key is null ? part.ETag : null,
            Crc64Nvme = part.Block is not null && part.Key is null ? part.Crc64Nvme : null,
        }).ToList();
        var (place, manifest) = await manifests.Write(address, upload.Id + "." + id, parts, ct);
        return (new ObjectVersion
        {
            Size = chosen.Sum(part => part.Size),
            ETag = ETagOf(chosen),
            Modified = Rows.Now(clock),
            Sequence = 0,
            Id = id,
            OwnerCanonicalId = writer.OwnerIdIn(bucket),
            OwnerName = writer.OwnerNameIn(bucket),
            StorageClass = description.StorageClass,
            Headers = description.Headers,
            Metadata = description.Metadata,
            Tags = description.Tags,
            Retention = description.Retention,
            LegalHold = description.LegalHold,
            Acl = description.Acl,
            Blob = description.Blob,
            Encryption = description.Encryption,
            Checksum = checksum,
            Body = new() { Manifest = place },
        }, manifest);
    }

    private async ValueTask<bool> Move(UploadRows.Found found, Upload next, IReadOnlyList<Change> more, CancellationToken ct) =>
        await table.Apply(
            found.Address.Partition, [.. UploadRows.Move(found, next), .. more], ct) switch
        {
            Outcome.Committed => true,
            Outcome.Refused => false,
            _ => throw new UnknownOutcomeException(),
        };

    /// <summary>MD5 of the parts' MD5s, and their number.</summary>
    private static string ETagOf(IReadOnlyList<Part> parts)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var part in parts) md5.AppendData(Convert.FromHexString(part.ETag));
        return $"{Convert.ToHexStringLower(md5.GetHashAndReset())}-{parts.Count}";
    }

    private static string HashOf(IReadOnlyList<NamedPart> parts) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\n', parts.Select(part => $"{part.Number} {part.ETag.ToLowerInvariant()}")))));
}
