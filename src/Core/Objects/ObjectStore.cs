using System.Security.Cryptography;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The objects of buckets: written, read, copied, listed, deleted.</summary>
/// <param name="table">The table of objects.</param>
/// <param name="queue">Takes what follows a commit.</param>
/// <param name="buckets">The buckets they are in.</param>
/// <param name="locations">Where bytes go.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">The time.</param>
/// <param name="keys">Encrypts bodies; null where nothing can be encrypted here.</param>
public sealed partial class ObjectStore(
    ITable table, IQueue queue, Buckets buckets, LocationCatalog locations, ObjectOptions options, TimeProvider clock,
    DataKeys? keys = null)
{
    private readonly Intake intake = new(locations, options, clock);
    private readonly VersionReader reader = new(table, locations, keys, options.LinkLife, new CopyReader(locations, clock));
    private readonly VersionRows rows = new(table);
    private readonly VersionWriter writer = new(table, buckets, new FollowUps(table, queue, clock), options, clock);

    /// <summary>Opens versions, for those who change parts of them.</summary>
    internal VersionReader Reader => reader;

    /// <summary>Moves bytes between locations.</summary>
    internal VersionMoves Moves => new(table, locations, writer, clock);

    /// <summary>Stores a body under the key. Only If-Match and If-None-Match count here.</summary>
    public async ValueTask<Result<Written>> Put(
        Bucket bucket, string key, Writer by, Description description, Content content, Conditions conditions,
        CancellationToken ct)
    {
        if (!await HasLocation(description, ct)) return Refusal.NoSuchLocation;
        if (Preconditions.AnyForWrite(conditions) && await RefusedEarly(bucket, key, conditions, by.Request, ct) is { } refusal) return refusal;
        var how = await EncryptionOf(bucket, content.Encryption, ct);
        if (how.Refusal is not null) return how.As<Written>();
        using var dataKey = await NewKey(how.Value, content.Encryption?.Customer, bucket, key, ct);
        if (how.Value is not null) description = description with { Encryption = how.Value };
        var set = await QuotaRoom.For(buckets, rows, bucket, key, content.Length, ct);
        if (set.Refusal is not null) return set.As<Written>();
        using var room = set.Value;
        var algorithm = content.Algorithm ?? ChecksumAlgorithm.Crc64Nvme;
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var taken = await intake.Take(
            LocationOf(bucket, description), Ids.OfBytes(bucket, key, id), content, [algorithm], MayInline(bucket, description), dataKey, room, ct);
        if (taken.Refusal is not null) return taken.As<Written>();
        var version = Describe(bucket, by, description, id, taken.Value, algorithm);
        var proposal = new Proposal(version) { IsByDefault = IsByDefault(content.Encryption), Cause = by.Cause, Room = room.Reservation };
        return await CommitTaken(bucket, key, conditions, taken.Value, proposal, ct);
    }

    /// <summary>
    /// Opens a version (to be disposed through its body). <see cref="Refusal.NotModified"/>,
    /// <see cref="Refusal.PreconditionFailed"/>, <see cref="Refusal.InvalidRange"/> and <see cref="Refusal.DeleteMarker"/> carry
    /// the version they are about, and <see cref="Refusal.NoSuchKey"/> the delete marker that hides the object, if one does.
    /// </summary>
    public ValueTask<Result<OpenVersion>> Open(Bucket bucket, string key, ReadRequest request, CancellationToken ct) =>
        OpenWhole(bucket, key, request, ct);

    /// <summary>
    /// Removes an object, or hides it behind a delete marker, or removes one of its versions. What is not there counts as
    /// removed; but where a condition was given, a key without any version is <see cref="Refusal.NoSuchKey"/>, and no delete
    /// marker is made. A version that is retained or on hold is <see cref="Refusal.Locked"/>.
    /// </summary>
    public ValueTask<Result<Removal>> Delete(Bucket bucket, string key, DeleteRequest request, CancellationToken ct) =>
        writer.Remove(bucket, key, request, ct);

    /// <inheritdoc cref="VersionWriter.Undelete"/>
    public ValueTask<Result<ObjectVersion>> Undelete(Bucket bucket, string key, Writer by, CancellationToken ct) => writer.Undelete(bucket, key, by, ct);

    /// <summary>A page of the parts of a multipart object: at most so many behind that ordinal, from 1.</summary>
    public ValueTask<IReadOnlyList<ObjectPart>> Parts(
        Bucket bucket, string key, ManifestPlace manifest, int after, int limit, CancellationToken ct) =>
        reader.Parts(bucket, key, manifest, after, limit, ct);

    /// <summary>A page of the current versions by key.</summary>
    public async ValueTask<ListPage> List(Bucket bucket, ListRequest request, CancellationToken ct)
    {
        var page = await ListRows(bucket, request, ct);
        return request.IsWhole && bucket.Get(BucketSettings.Mirror) is not null ? await Whole(bucket, page, ct) : page;
    }

    private async ValueTask<ListPage> ListRows(Bucket bucket, ListRequest request, CancellationToken ct)
    {
        if (request.Limit <= 0) return new([], null);
        var space = Rows.ObjectSpace(bucket);
        var from = request is { After: null, From: { } first }
            ? KeyCodec.From(space, Rows.Current, first)
            : KeyWalk.Behind(space, Rows.Current, request.Prefix, request.Delimiter, request.After);
        var page = new List<ListEntry>(Math.Min(request.Limit, 1000));
        var budget = KeyWalk.Page(clock);
        await foreach (var (name, row) in KeyWalk.Walk(table, space, Rows.Current, request.Prefix, request.Delimiter, from, request.Limit + 1, budget, ct))
        {
            if (page.Count == request.Limit || (page.Count > 0 && budget.IsLate)) return new(page, page[^1].Name);
            page.Add(new(name, row is null ? null : ObjectVersionJson.Read(row.Value)));
        }
        if (KeyWalk.EndedAt(space, budget) is not { } endedAt) return new(page, null);
        return new(page, page.Count == 0 ? endedAt : KeyWalk.Marker(endedAt, page[^1].Name, page[^1].Version is null));
    }

    /// <summary>A page of all versions and delete markers.</summary>
    public async ValueTask<VersionPage> ListVersions(Bucket bucket, ListVersionsRequest request, CancellationToken ct)
    {
        var page = await ListVersionRows(bucket, request, ct);
        return request.IsWhole && bucket.Get(BucketSettings.Mirror) is not null ? await Whole(bucket, page, ct) : page;
    }

    private async ValueTask<VersionPage> ListVersionRows(Bucket bucket, ListVersionsRequest request, CancellationToken ct)
    {
        if (request.Limit <= 0) return new([], null, null);
        var page = new List<VersionEntry>(Math.Min(request.Limit, 1000));
        var budget = KeyWalk.Page(clock);
        var walk = new VersionWalk(table, Rows.ObjectSpace(bucket));
        await foreach (var entry in walk.Walk(request with { IsMirror = bucket.Get(BucketSettings.Mirror) is not null }, budget, ct))
        {
            if (page.Count == request.Limit || (page.Count > 0 && budget.IsLate))
                return new(page, page[^1].Name, page[^1].Version is { } last ? Rows.VersionId(last.Sequence, last.Id) : null);
            page.Add(entry);
        }
        if (walk.EndedAt is not { } endedAt) return new(page, null, null);
        return new(page, page.Count == 0 ? endedAt : KeyWalk.Marker(endedAt, page[^1].Name, page[^1].Version is null), null);
    }

    /// <summary>What there is to say of a version, without its bytes.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="versionId">As clients name it; null for the current version.</param>
    /// <param name="ct">Ends the wait.</param>
    public ValueTask<Result<OpenVersion>> Find(Bucket bucket, string key, string? versionId, CancellationToken ct) =>
        Open(bucket, key, new() { VersionId = versionId, WithBody = false }, ct);

    /// <summary>
    /// Changes what is said of a version (tags, locks, grants), not its bytes, order or dates. The change is worked out from
    /// the version as it is at that moment. Refuses with <see cref="Refusal.NoSuchKey"/>, <see cref="Refusal.NoSuchVersion"/>
    /// or, where the named version is one, <see cref="Refusal.DeleteMarker"/>; a delete marker comes along.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="versionId">As clients name it; null for the current version.</param>
    /// <param name="next">The changed version, or a refusal.</param>
    /// <param name="ct">Ends the wait.</param>
    public ValueTask<Result<ObjectVersion>> Amend(
        Bucket bucket, string key, string? versionId, Func<ObjectVersion, Result<ObjectVersion>> next, CancellationToken ct) =>
        AmendWhole(bucket, key, versionId, Conditions.None, null, next, ct);

    /// <inheritdoc cref="Amend(Bucket, string, string?, Func{ObjectVersion, Result{ObjectVersion}}, CancellationToken)"/>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="versionId">The version; null for the current one.</param>
    /// <param name="cause">The request, and the event that the change is to those who are told of it.</param>
    /// <param name="next">The version as it is to be.</param>
    /// <param name="ct">Ends the wait.</param>
    public ValueTask<Result<ObjectVersion>> Amend(
        Bucket bucket, string key, string? versionId, Cause cause, Func<ObjectVersion, Result<ObjectVersion>> next, CancellationToken ct) =>
        AmendWhole(bucket, key, versionId, Conditions.None, cause, next, ct);

    /// <inheritdoc cref="Amend(Bucket, string, string?, Func{ObjectVersion, Result{ObjectVersion}}, CancellationToken)"/>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="versionId">The version; null for the current one.</param>
    /// <param name="conditions">Those of Azure's protocol, its lease among them.</param>
    /// <param name="cause">The request, and the event that the change is to those who are told of it; null for none.</param>
    /// <param name="next">The version as it is to be.</param>
    /// <param name="ct">Ends the wait.</param>
    public ValueTask<Result<ObjectVersion>> Amend(
        Bucket bucket, string key, string? versionId, Conditions conditions, Cause? cause, Func<ObjectVersion, Result<ObjectVersion>> next, CancellationToken ct) =>
        AmendWhole(bucket, key, versionId, conditions, cause, next, ct);

    /// <summary>Copies an object, onto itself too.</summary>
    public async ValueTask<Result<Written>> Copy(CopyRequest request, CancellationToken ct)
    {
        if (!await HasLocation(request.Description, ct)) return Refusal.NoSuchLocation;
        if (Preconditions.AnyForWrite(request.Conditions) &&
            await RefusedEarly(request.Bucket, request.Key, request.Conditions, request.Writer.Request, ct) is { } refusal) return refusal;

        var how = await EncryptionOf(request.Bucket, request.Encryption, ct);
        if (how.Refusal is not null) return how.As<Written>();
        while (true)
        {
            var ontoItself = await ReplacesItsSource(request, ct);
            // Bytes that need not pass through here are not asked for before it is known that they must.
            var copier = how.Value is null && !ontoItself ? await locations.Get(LocationOf(request.Bucket, request.Description), ct) as ICopies : null;
            var opened = await OpenWhole(
                request.SourceBucket, request.SourceKey, SourceOf(request, withBody: !ontoItself && copier is null) with { WithInlineBody = !ontoItself }, ct);
            if (opened.Refusal is Refusal.NotModified) return Refusal.PreconditionFailed;
            if (opened.Refusal is not null) return opened.As<Written>();
            var source = opened.Value.Version;
            await using var body = opened.Value.Body;
            if (source.Size > ObjectLimits.PutBytes)
                return Refusal.InvalidRequest.Because("The source is larger than 5 GiB; copy it in parts with UploadPartCopy.");

            var description = request.Description with { Encryption = how.Value };
            if (request.CopiesMetadata)
                description = description with { Headers = source.Headers, Metadata = PlacedMetadata.Of(source.Metadata, description) };
            if (request.CopiesTags) description = description with { Tags = source.Tags };
            if (CustomerKey.Refuse(source.Encryption, request.SourceCustomerKey) is { } refused) return refused;
            var algorithm = request.Algorithm ?? source.Checksum?.Algorithm ?? ChecksumAlgorithm.Crc64Nvme;
            var isSame = how.Value is null && source.Encryption is null && description.Location is null;
            if (ontoItself && algorithm == source.Checksum?.Algorithm && isSame)
            {
                var renewed = await Redescribe(request, source, description, ct);
                if (renewed.Refusal is Refusal.Conflict && !Preconditions.AnyForWrite(request.Conditions)) continue;
                return renewed.Refusal is null ? renewed.Value with { Source = source } : renewed;
            }
            if (body is not null) return await Rewrite(request, source, body, description, algorithm, ct);
            if (copier is not null && await CopyWithin(request, source, copier, description, algorithm, ct) is { } copied) return copied;
            if (await Reread(request, source, description, algorithm, ct) is { } rewritten) return rewritten;
        }
    }

    /// <summary>
    /// Whether the copy takes the place of what it is copied from, and may take its bytes over: not where the source stays
    /// as an older version. The commit looks again.
    /// </summary>
    private async ValueTask<bool> ReplacesItsSource(CopyRequest request, CancellationToken ct) =>
        request.Bucket.Id == request.SourceBucket.Id && request.Key == request.SourceKey && request.SourceVersionId is null
        && (await buckets.Find(request.Bucket.Name, ct))?.Get(BucketSettings.Versioning) is null;

    /// <summary>The location that new bytes go to.</summary>
    internal string LocationOf(Bucket bucket, Description description) => locations.LocationOf(bucket, description.Location);

    /// <summary>Whether there is the location that the description names, if it does.</summary>
    internal ValueTask<bool> HasLocation(Description description, CancellationToken ct) =>
        description.Location is null ? new(true) : locations.Has(locations.Named(description.Location), ct);

    /// <summary>Bytes that were given a place go there, few as they may be; so do those of buckets made in a location that was added.</summary>
    private bool MayInline(Bucket bucket, Description description) =>
        description.Location is null
        && (bucket.LocationConstraint.Length == 0 || locations.BuiltIn.ContainsKey(bucket.LocationConstraint) || bucket.Get(BucketSettings.Mirror) is not null);

    /// <summary>How new bytes in the bucket are encrypted; null where they are not.</summary>
    internal ValueTask<Result<Sse?>> EncryptionOf(Bucket bucket, SseRequest? asked, CancellationToken ct)
    {
        // What is mirrored is encrypted at its source, or not.
        var fallback = bucket.Get(BucketSettings.Mirror) is null ? bucket.Get(BucketSettings.Encryption) : null;
        if (asked is null && fallback is null) return new((Sse?)null);
        return keys is null
            ? throw new InvalidOperationException("There are no keys to encrypt with.")
            : keys.Plan(asked, fallback, bucket.OwnerId, ct);
    }

    /// <summary>Whether the bucket's default says how it is encrypted.</summary>
    private static bool IsByDefault(SseRequest? asked) => asked?.Kind is null;

    /// <summary>A data key for a body of that object; null where it is not to be encrypted.</summary>
    internal async ValueTask<DataKey?> NewKey(Sse? how, CustomerKey? customer, Bucket bucket, string key, CancellationToken ct) =>
        how is null ? null : await keys!.New(how, customer, Decryption.Owner(bucket, key), ct);

    private static ReadRequest SourceOf(CopyRequest request, bool withBody) =>
        new()
        {
            VersionId = request.SourceVersionId,
            Conditions = request.SourceConditions,
            CustomerKey = request.SourceCustomerKey,
            WithBody = withBody,
        };

    /// <summary>A copy onto itself that needs no new digest: the new version takes the bytes over.</summary>
    private async ValueTask<Result<Written>> Redescribe(
        CopyRequest request, ObjectVersion source, Description description, CancellationToken ct)
    {
        var version = source with
        {
            Id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow())),
            Modified = Rows.Now(clock),
            OwnerCanonicalId = request.Writer.OwnerIdIn(request.Bucket),
            OwnerName = request.Writer.OwnerNameIn(request.Bucket),
            Headers = description.Headers,
            Metadata = description.Metadata,
            StorageClass = description.StorageClass,
            Tags = description.Tags,
            Retention = description.Retention,
            LegalHold = description.LegalHold,
            Acl = description.Acl,
            Blob = description.Blob,
            Request = request.Writer.Request?.Text,
            Recent = null,
        };
        // Bytes that are not encrypted, and were not asked to be.
        var committed = await writer.Commit(request.Bucket, request.Key, request.Conditions, new(version) { Heir = source, IsByDefault = true, Cause = request.Writer.Cause }, ct);
        return committed.Refusal is null ? new Written(committed.Value) : committed.As<Written>();
    }

    /// <summary>Null where the source is not what the description was taken from any more.</summary>
    private async ValueTask<Result<Written>?> Reread(
        CopyRequest request, ObjectVersion source, Description description, ChecksumAlgorithm algorithm, CancellationToken ct)
    {
        var opened = await OpenWhole(request.SourceBucket, request.SourceKey, SourceOf(request, withBody: true), ct);
        if (opened.Refusal is not null) return opened.As<Written>();
        await using var body = opened.Value.Body!;
        if (opened.Value.Version.Id != source.Id) return null;
        return await Rewrite(request, source, body, description, algorithm, ct);
    }

    /// <summary>
    /// A copy whose bytes the location makes itself: where they are one body there, in the clear, and their digests are known. Null
    /// where they are not, or are gone.
    /// </summary>
    private async ValueTask<Result<Written>?> CopyWithin(
        CopyRequest request, ObjectVersion source, ICopies copier, Description description, ChecksumAlgorithm algorithm, CancellationToken ct)
    {
        if (source is not { Encryption: null, Body.Stored: { } stored, Checksum: { Type: ChecksumType.FullObject } checksum }
            || checksum.Algorithm != algorithm || source.ETag.Length != 2 * MD5.HashSizeInBytes || stored.Location != LocationOf(request.Bucket, description)) return null;
        var set = await QuotaRoom.For(buckets, rows, request.Bucket, request.Key, source.Size, ct);
        if (set.Refusal is not null) return set.As<Written>();
        using var room = set.Value;
        var begun = clock.GetUtcNow();
        var id = Ids.Timed(Rows.Microseconds(begun));
        if (await copier.Copy(stored, Ids.OfBytes(request.Bucket, request.Key, id), ct) is not { } copy) return null;
        var taken = new Taken(
            source.Size, Convert.FromHexString(source.ETag), new Dictionary<ChecksumAlgorithm, byte[]> { [algorithm] = Convert.FromBase64String(checksum.Value) }, null, copy)
        {
            Begun = begun,
            ETag = source.ETag,
        };
        return await Commit(request, source, taken, description, id, algorithm, room, ct);
    }

    private async ValueTask<Result<Written>> Rewrite(
        CopyRequest request, ObjectVersion source, IObjectBody body, Description description, ChecksumAlgorithm algorithm, CancellationToken ct)
    {
        var set = await QuotaRoom.For(buckets, rows, request.Bucket, request.Key, body.Length, ct);
        if (set.Refusal is not null) return set.As<Written>();
        using var room = set.Value;
        using var dataKey = await NewKey(description.Encryption, request.Encryption?.Customer, request.Bucket, request.Key, ct);
        var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        var taken = await BodyPipe.Through(
            body,
            content => intake.Take(
                LocationOf(request.Bucket, description), Ids.OfBytes(request.Bucket, request.Key, id),
                content with { Algorithm = algorithm }, [algorithm], MayInline(request.Bucket, description), dataKey, room, ct),
            ct);
        return taken.Refusal is null ? await Commit(request, source, taken.Value, description, id, algorithm, room, ct) : taken.As<Written>();
    }

    private async ValueTask<Result<Written>> Commit(
        CopyRequest request, ObjectVersion source, Taken taken, Description description, string id, ChecksumAlgorithm algorithm, QuotaRoom room, CancellationToken ct)
    {
        var version = Describe(request.Bucket, request.Writer, description, id, taken, algorithm);
        var proposal = new Proposal(version) { IsByDefault = IsByDefault(request.Encryption), Cause = request.Writer.Cause, Room = room.Reservation };
        var written = await CommitTaken(request.Bucket, request.Key, request.Conditions, taken, proposal, ct);
        return written.Refusal is null ? written.Value with { Source = source } : written;
    }

    private async ValueTask<Result<Written>> CommitTaken(
        Bucket bucket, string key, Conditions conditions, Taken taken, Proposal proposal, CancellationToken ct)
    {
        try
        {
            var committed = await writer.Commit(bucket, key, conditions, proposal with { Inline = taken.Inline, Begun = taken.Begun }, ct);
            // Else it is what the same request wrote before.
            if (committed.Refusal is null && committed.Value.Id == proposal.Version.Id) return new Written(committed.Value);
            await intake.Discard(taken);
            return committed.Refusal is null ? new Written(committed.Value) : committed.As<Written>();
        }
        catch (Exception e) when (e is not UnknownOutcomeException)
        {
            await intake.Discard(taken);
            throw;
        }
    }

    private ObjectVersion Describe(
        Bucket bucket, Writer by, Description description, string id, Taken taken, ChecksumAlgorithm algorithm) => Describe(bucket, by, description, id, taken.ETag) with
    {
        Size = taken.Size,
        Encryption = description.Encryption is { } how ? how with { Key = taken.Key } : null,
        Checksum = Checksums.FullObject(algorithm, taken.Digests[algorithm]),
        Body = taken.Stored is { } stored ? new() { Stored = stored } : BodyPlace.Nowhere,
    };

    /// <summary>A version without bytes.</summary>
    private ObjectVersion Describe(Bucket bucket, Writer by, Description description, string id, string etag) => new()
    {
        Size = 0,
        ETag = etag,
        Modified = Rows.Now(clock),
        Sequence = 0,
        Id = id,
        OwnerCanonicalId = by.OwnerIdIn(bucket),
        OwnerName = by.OwnerNameIn(bucket),
        StorageClass = description.StorageClass,
        Headers = description.Headers,
        Metadata = description.Metadata,
        Tags = description.Tags,
        Retention = description.Retention,
        LegalHold = description.LegalHold,
        Acl = description.Acl,
        Blob = description.Blob,
        Request = by.Request?.Text,
        Encryption = description.Encryption,
        Body = BodyPlace.Nowhere,
    };

    /// <summary>Spares the client an upload that would be refused in the end.</summary>
    private async ValueTask<Declined?> RefusedEarly(Bucket bucket, string key, Conditions conditions, RequestToken? request, CancellationToken ct)
    {
        var found = await OpenWhole(bucket, key, new() { WithBody = false }, ct);
        // It may have been here before: the commit will tell.
        if (request is not null && found is { Refusal: null } && EarlierCommits.MayKnow(found.Value.Version, request.Text)) return null;
        var current = found.Refusal is null ? found.Value.Version : null;
        return Preconditions.ForWrite(conditions, current) is { } refusal ? new Declined(refusal, null) : Leases.ForWrite(conditions, current, clock.GetUtcNow());
    }
}
