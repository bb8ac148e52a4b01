using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Multipart uploads: their parts, and how they become objects.</summary>
/// <param name="table">The table of objects.</param>
/// <param name="queue">Takes what follows a commit.</param>
/// <param name="buckets">The buckets they are in.</param>
/// <param name="objects">Where copied parts come from.</param>
/// <param name="locations">Where bytes go.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">The time.</param>
public sealed class MultipartUploads(
    ITable table, IQueue queue, Buckets buckets, ObjectStore objects, LocationCatalog locations, ObjectOptions options,
    TimeProvider clock)
{
    private readonly Intake intake = new(locations, options, clock);
    private readonly FollowUps followUps = new(table, queue, clock);
    private readonly UploadRows rows = new(table, new FollowUps(table, queue, clock), clock);
    private readonly Completion completion = new(table, queue, buckets, options, clock);

    /// <summary>Starts an upload.</summary>
    public ValueTask<Result<Upload>> Create(
        Bucket bucket, string key, Writer by, Description description, ChecksumAlgorithm? algorithm, ChecksumType? type,
        CancellationToken ct) => Create(bucket, key, by, description, algorithm, type, null, ct);

    /// <summary>Starts an upload whose parts are to be encrypted as that is asked; null leaves it to the bucket.</summary>
    public async ValueTask<Result<Upload>> Create(
        Bucket bucket, string key, Writer by, Description description, ChecksumAlgorithm? algorithm, ChecksumType? type,
        SseRequest? encryption, CancellationToken ct)
    {
        if (!await objects.HasLocation(description, ct)) return Refusal.NoSuchLocation;
        var how = await objects.EncryptionOf(bucket, encryption, ct);
        if (how.Refusal is not null) return how.As<Upload>();
        var initiated = Rows.Now(clock);
        var upload = new Upload
        {
            Bucket = bucket.Name,
            Key = key,
            Id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow())),
            Initiated = initiated,
            Writer = by,
            Request = by.Request?.Text,
            Description = description with { Encryption = how.Value },
            Algorithm = algorithm,
            ChecksumType = algorithm is { } chosen ? type ?? Checksums.Of(chosen).DefaultType : type,
        };
        return await Start(bucket, upload, [], ct);
    }

    /// <summary>Starts the upload of a key's uncommitted blocks, or finds that somebody has.</summary>
    internal async ValueTask<Result<Upload>> StartBlocks(Bucket bucket, string key, Writer by, int idBytes, CancellationToken ct)
    {
        var how = await objects.EncryptionOf(bucket, null, ct);
        if (how.Refusal is not null) return how.As<Upload>();
        var upload = new Upload
        {
            Bucket = bucket.Name,
            Key = key,
            Id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow())),
            Initiated = Rows.Now(clock),
            Writer = by,
            Request = UploadRows.BlocksRequest,
            Description = new() { Encryption = how.Value },
            IsBlocks = true,
            BlockIdBytes = idBytes,
        };
        var idle = upload.Id + ".idle";
        await followUps.Announce(Rows.UploadSpace(bucket), key, idle, options.BlocksKept, ct);
        var garbage = new Garbage { Since = clock.GetUtcNow(), Upload = upload.Id, IsIdle = true };
        return await Start(bucket, upload, [FollowUps.Insert(KeyCodec.Address(Rows.UploadSpace(bucket), key), idle, garbage)], ct);
    }

    private async ValueTask<Result<Upload>> Start(Bucket bucket, Upload upload, IReadOnlyList<Change> more, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.UploadSpace(bucket), upload.Key);
        while (true)
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<Upload>();
            using var entered = entering.Value;
            if (upload.Description.Encryption is null && entered.Bucket.Get(BucketSettings.Encryption) is not null)
                return Refusal.Unavailable.Because("The bucket's encryption was switched on meanwhile; send the request again.");
            switch (await entered.Commit(table, address.Partition, [.. UploadRows.Start(address, upload), .. more]))
            {
                case Outcome.Committed:
                    return upload;
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
                case Outcome.Refused:
                    // Ids are unique: only the same request can have been here before.
                    if (await rows.StartedBy(address, upload.Request!, ct) is { } started) return started;
                    break;
            }
        }
    }

    /// <summary>An open upload.</summary>
    public async ValueTask<Result<Upload>> Find(Bucket bucket, string key, string uploadId, CancellationToken ct) =>
        await rows.Find(Rows.UploadSpace(bucket), key, uploadId, ct) is { Upload.State: UploadState.Open } found
            ? found.Upload
            : Refusal.NoSuchUpload;

    /// <summary>Stores a part; a later one of the same number takes its place.</summary>
    public ValueTask<Result<Part>> PutPart(Bucket bucket, string key, string uploadId, int number, Content content, CancellationToken ct) =>
        PutPart(bucket, key, uploadId, new PartName(number), content, ct);

    /// <summary>Stores a part or block; a later one of the same name takes its place.</summary>
    internal async ValueTask<Result<Part>> PutPart(
        Bucket bucket, string key, string uploadId, PartName partName, Content content, CancellationToken ct)
    {
        var space = Rows.UploadSpace(bucket);
        if (await rows.Find(space, key, uploadId, ct) is not { Upload.State: UploadState.Open } found) return Refusal.NoSuchUpload;
        var chosen = found.Upload.Algorithm;
        if (chosen is { } expected && content.Algorithm is { } given && given != expected)
        {
            return Refusal.InvalidRequest.Because(
                $"Checksum Type mismatch occurred, expected checksum Type: {Checksums.Of(expected).Name.ToLowerInvariant()}, " +
                $"actual checksum Type: {Checksums.Of(given).Name.ToLowerInvariant()}");
        }

        var how = found.Upload.Description.Encryption;
        if (Mismatch(how, content.Encryption) is { } mismatch) return mismatch;
        var set = await QuotaRoom.For(buckets, null, bucket, key, content.Length, ct);
        if (set.Refusal is not null) return set.As<Part>();
        using var room = set.Value;
        using var dataKey = await objects.NewKey(how, content.Encryption?.Customer, bucket, key, ct);
        var shown = chosen ?? content.Algorithm;
        HashSet<ChecksumAlgorithm> algorithms = [ChecksumAlgorithm.Crc64Nvme, shown ?? ChecksumAlgorithm.Crc64Nvme];
        var name = Ids.OfBytes(bucket, key, $"{uploadId}.{(partName.Block is null ? partName.Number : "b")}.{Ids.Random(partName.Block is null ? 10 : 16)}");
        var taking = await intake.Take(
            objects.LocationOf(bucket, found.Upload.Description), name, content, algorithms, mayInline: false, dataKey, room, ct);
        if (taking.Refusal is not null) return taking.As<Part>();
        var taken = taking.Value;
        var part = new Part
        {
            Number = partName.Number,
            Block = partName.Block,
            IsKept = partName.IsKept,
            Sequence = 0,
            ETag = taken.ETag,
            Modified = Rows.Now(clock),
            Checksum = shown is { } algorithm ? Checksums.FullObject(algorithm, taken.Digests[algorithm]) : null,
            Crc64Nvme = Convert.ToBase64String(taken.Digests[ChecksumAlgorithm.Crc64Nvme]),
            Stored = taken.Stored,
            Key = taken.Key,
            Encryption = how,
        };
        Result<Part> committed;
        try
        {
            committed = await CommitPart(bucket, found.Address, uploadId, part, taken.Begun, room, ct);
        }
        catch (Exception e) when (e is not UnknownOutcomeException)
        {
            await intake.Discard(taken);
            throw;
        }
        if (committed.Refusal is not null)
        {
            await intake.Discard(taken);
            return committed;
        }
        part = committed.Value;
        switch ((await rows.Find(space, key, uploadId, CancellationToken.None))?.Upload.State)
        {
            case UploadState.Open:
                return part;
            case null:
                // Its parts may have been collected before this one was there.
                await rows.RemovePart(bucket, found.Address, uploadId, part, buckets);
                await intake.Discard(taken);
                return Refusal.NoSuchUpload;
            default:
                // The object may have this very part. If not, the collector finds it when it forgets the upload.
                return Refusal.NoSuchUpload;
        }
    }

    /// <summary>Stores a part that is copied from an object.</summary>
    public async ValueTask<Result<CopiedPart>> CopyPart(
        Bucket bucket, string key, string uploadId, int number, PartSource source, CancellationToken ct)
    {
        var upload = await Find(bucket, key, uploadId, ct);
        if (upload.Refusal is not null) return upload.As<CopiedPart>();
        var range = source.Range is { } bytes ? new RangeRequest(bytes.Offset, bytes.End - 1) : (RangeRequest?)null;
        var opened = await objects.Open(
            source.Bucket, source.Key,
            new() { VersionId = source.VersionId, Conditions = source.Conditions, Range = range, CustomerKey = source.SourceCustomerKey }, ct);
        if (opened.Refusal is Refusal.NotModified) return Refusal.PreconditionFailed;
        if (opened.Refusal is not null) return opened.As<CopiedPart>();
        await using var body = opened.Value.Body!;
        if (source.Range is { } asked && asked.End > opened.Value.Version.Size) return Refusal.InvalidRange;
        if (body.Length > ObjectLimits.PutBytes) return Refusal.InvalidRequest.Because("A part may be at most 5 GiB; copy a smaller range.");
        var put = await BodyPipe.Through(body, content => PutPart(bucket, key, uploadId, number, content with { Encryption = source.Encryption }, ct), ct);
        return put.Refusal is null ? new CopiedPart(put.Value, opened.Value.Version) : put.As<CopiedPart>();
    }

    /// <summary>A page of the parts, after the given number.</summary>
    public async ValueTask<Result<PartPage>> ListParts(
        Bucket bucket, string key, string uploadId, int after, int limit, CancellationToken ct)
    {
        if (await rows.Find(Rows.UploadSpace(bucket), key, uploadId, ct) is not { Upload.State: UploadState.Open } found)
            return Refusal.NoSuchUpload;
        var page = new List<Part>();
        await foreach (var part in rows.Parts(found.Address, uploadId, after, ct))
        {
            if (page.Count == limit) return new PartPage(found.Upload, page, page.Count == 0 ? after : page[^1].Number);
            page.Add(part);
        }
        return new PartPage(found.Upload, page, null);
    }

    /// <summary>A page of the bucket's open uploads.</summary>
    public async ValueTask<UploadPage> List(Bucket bucket, ListUploadsRequest request, CancellationToken ct)
    {
        if (request.Limit <= 0) return new([], null, null);
        var space = Rows.UploadSpace(bucket);
        var from = string.IsNullOrEmpty(request.KeyMarker) || string.IsNullOrEmpty(request.UploadIdMarker)
            ? KeyWalk.Behind(space, Rows.Upload, request.Prefix, request.Delimiter, request.KeyMarker)
            : KeyCodec.Address(space, request.KeyMarker).Row(Rows.Upload, request.UploadIdMarker + "!");
        var page = new List<UploadEntry>();
        var budget = KeyWalk.Page(clock);
        await foreach (var (name, row) in KeyWalk.Walk(table, space, Rows.Upload, request.Prefix, request.Delimiter, from, null, budget, ct))
        {
            var upload = row is null ? null : StoredJson.Read(row.Value, StateJson.Default.Upload);
            if (upload is not null && (upload.State != UploadState.Open || upload.IsBlocks != request.OfBlocks)) continue;
            if (page.Count == request.Limit || (page.Count > 0 && budget.IsLate)) return new(page, page[^1].Name, page[^1].Upload?.Id);
            page.Add(new(name, upload));
        }
        if (KeyWalk.EndedAt(space, budget) is not { } endedAt) return new(page, null, null);
        return new(page, page.Count == 0 ? endedAt : KeyWalk.Marker(endedAt, page[^1].Name, page[^1].Upload is null), null);
    }

    /// <summary>All open uploads of the bucket below a prefix, by key.</summary>
    internal async IAsyncEnumerable<(string Key, Upload Upload)> All(Bucket bucket, string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        var request = new ListUploadsRequest { Prefix = prefix };
        while (true)
        {
            var page = await List(bucket, request, ct);
            foreach (var (key, upload) in page.Entries)
                if (upload is not null) yield return (key, upload);
            if (page.NextKey is null) yield break;
            request = request with { KeyMarker = page.NextKey, UploadIdMarker = page.NextUploadId };
        }
    }

    /// <summary>Takes a part back that nobody is to have.</summary>
    internal async ValueTask Drop(Bucket bucket, KeyAddress address, string uploadId, Part part)
    {
        await rows.RemovePart(bucket, address, uploadId, part, buckets);
        if (part.Stored is { } stored) await (await locations.Get(stored.Location, CancellationToken.None)).Delete(stored, CancellationToken.None);
    }

    /// <summary>Makes the object. Repeated with the same parts, it gives the same answer for seven days.</summary>
    public ValueTask<Result<Written>> Complete(
        Bucket bucket, string key, string uploadId, CompleteRequest request, CancellationToken ct) =>
        completion.Complete(bucket, key, uploadId, request, ct);

    /// <summary>Ends the upload without an object; its bytes are removed by a job.</summary>
    public ValueTask<Result<string>> Abort(Bucket bucket, string key, string uploadId, CancellationToken ct) =>
        Abort(bucket, key, uploadId, null, ct);

    /// <inheritdoc cref="Abort(Bucket, string, string, CancellationToken)"/>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="uploadId">The upload.</param>
    /// <param name="request">The request, where it may be sent again: the upload that it ended is no error then.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The upload's id.</returns>
    public async ValueTask<Result<string>> Abort(Bucket bucket, string key, string uploadId, RequestToken? request, CancellationToken ct)
    {
        var space = Rows.UploadSpace(bucket);
        if (await rows.Find(space, key, uploadId, ct) is { Upload.State: UploadState.Open } found && await rows.Abort(space, found, request, ct))
            return uploadId;
        return request is not null && await rows.WasAbortedBy(space, key, uploadId, request, ct) ? uploadId : Refusal.NoSuchUpload;
    }

    /// <summary>
    /// Why a part that asks for this encryption cannot be one of an upload that is encrypted so. A customer's key has to come
    /// with every part; what else a part says is passed over where it is what it gets, as most servers do (AWS refuses it).
    /// </summary>
    private static Declined? Mismatch(Sse? upload, SseRequest? part) =>
        CustomerKey.Refuse(upload, part?.Customer)
        ?? (part?.Kind is { } kind && kind != upload?.Kind ? Refusal.InvalidRequest.Because(CustomerKey.Wrong) : null);

    /// <summary>The part as it was committed: from then on a Complete may take it.</summary>
    private async ValueTask<Result<Part>> CommitPart(
        Bucket bucket, KeyAddress address, string uploadId, Part part, DateTimeOffset begun, QuotaRoom room, CancellationToken ct)
    {
        while (true)
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<Part>();
            using var entered = entering.Value;
            if (options.TooLate(begun, clock) is { } tooLate) return tooLate;
            var quotas = await buckets.QuotasOf(entered.Bucket, ct);
            using var late = quotas is not { } bounds || room.Reservation is not null ? null : await buckets.Reserve(bucket, part.Size, bounds, ct);
            if (quotas is { } most && late is null && !await buckets.Resize(bucket, room.Reservation, part.Size, most, ct)) return QuotaRoom.Exceeded(most);
            var newest = await rows.NewestSequence(address, uploadId, part.Name, ct);
            part = part with { Sequence = Math.Max(Rows.Microseconds(clock.GetUtcNow()), newest + 1) };
            var put = Change.Put(
                UploadRows.PartRow(address, uploadId, part), Condition.Absent, StoredJson.Write(part, StateJson.Default.Part));
            var outcome = await entered.Commit(table, address.Partition, [put], locations.Of(bucket, part), room.Reservation ?? late);
            if (outcome == Outcome.Unknown) throw new UnknownOutcomeException();
            if (outcome == Outcome.Committed) return part;
        }
    }
}
