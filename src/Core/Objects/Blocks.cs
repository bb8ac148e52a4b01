using System.Globalization;
using System.Text;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Blobs that are written in blocks. The uncommitted blocks of a blob are the parts of an upload of its own, of which there is at
/// most one open at a key; a list of blocks completes it, as crash-safe as any upload. Bytes have one owner: blocks of the blob as
/// it is that a list names are taken over from the version that it replaces, or copied where that one stays.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="queue">Takes what follows a commit.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="objects">The blobs as they are.</param>
/// <param name="uploads">Where the blocks are kept.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">The time.</param>
public sealed class Blocks(
    ITable table, IQueue queue, Buckets buckets, ObjectStore objects, MultipartUploads uploads, ObjectOptions options, TimeProvider clock)
{
    /// <summary>Bytes of the longest id.</summary>
    public const int IdBytes = 64;

    /// <summary>Every so many blocks, told by their ids, those that are there are counted: on the average that costs little.</summary>
    private const int CountedEvery = 1024;

    private readonly UploadRows rows = new(table, new FollowUps(table, queue, clock), clock);
    private readonly Completion completion = new(table, queue, buckets, options, clock);
    private readonly Manifests manifests = new(table);

    /// <summary>
    /// Stores an uncommitted block; a later one of the same id takes its place. Refuses an id of another length than the others'
    /// (<see cref="Refusal.InvalidBlock"/>), blobs of another type, and more than twice <see cref="ObjectLimits.Blocks"/>, about.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="by">Who writes.</param>
    /// <param name="id">Base64 of 1 to <see cref="IdBytes"/> bytes.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="conditions">The lease.</param>
    /// <param name="ct">Gives up; nothing is left behind.</param>
    public async ValueTask<Result<Part>> Put(
        Bucket bucket, string key, Writer by, string id, Content content, Conditions conditions, CancellationToken ct)
    {
        var bytes = Convert.FromBase64String(id);
        var found = await objects.Find(bucket, key, null, ct);
        var current = found.Refusal is null ? found.Value.Version : null;
        if (current?.Blob is { Type: not BlobType.BlockBlob }) return Refusal.WrongBlobType;
        if (Leases.ForWrite(conditions, current, clock.GetUtcNow()) is { } leased) return leased;
        var opened = await Open(bucket, key, by, bytes.Length, ct);
        if (opened.Refusal is not null) return opened.As<Part>();
        var upload = opened.Value;
        if (upload.BlockIdBytes != bytes.Length)
            return Refusal.InvalidBlock.Because($"The ids of this blob's uncommitted blocks have {upload.BlockIdBytes} bytes before their base64, this one has {bytes.Length}.");
        if (IsCounted(bytes) && await Count(bucket, upload, ct) >= 2 * ObjectLimits.Blocks) return Refusal.TooManyBlocks;
        var put = await uploads.PutPart(bucket, key, upload.Id, new PartName(0, id), content, ct);
        return put.Refusal == Refusal.NoSuchUpload
            ? Refusal.Unavailable.Because("The blob was written, or its blocks were dropped, while this one came. Send it again.")
            : put;
    }

    /// <summary>Makes the blob of blocks; all other uncommitted ones are dropped. Refuses with <see cref="Refusal.InvalidBlockList"/> where one is not there.</summary>
    public async ValueTask<Result<Written>> Commit(Bucket bucket, string key, BlockListRequest request, CancellationToken ct)
    {
        var space = Rows.UploadSpace(bucket);
        // What was faster may be a change of the bucket after which the replaced version stays: a copy is right whatever it was.
        for (var isFirst = true; ; isFirst = false)
        {
            var found = await Settled(bucket, key, ct);
            var current = await Current(bucket, key, ct);
            if (current?.Blob is { Type: not BlobType.BlockBlob }) return Refusal.WrongBlobType;
            if (request.Blocks.Count == 0)
            {
                var empty = new Content(System.IO.Pipelines.PipeReader.Create(Stream.Null), 0);
                var put = await objects.Put(bucket, key, request.Writer, request.Description, empty, request.Conditions, ct);
                if (put.Refusal is null) await Discard(bucket, key, ct);
                return put;
            }

            var committed = await Committed(bucket, key, current, request, ct);
            Dictionary<string, Part> uncommitted = [];
            if (found is not null)
                await foreach (var part in rows.Parts(found.Address, found.Upload.Id, 0, ct))
                    if (!part.IsKept) uncommitted[part.Block!] = part;
            var chosen = new List<(Part? Part, PlacedBlock Kept)>(request.Blocks.Count);
            foreach (var (id, source) in request.Blocks)
            {
                if (source != BlockSource.Committed && uncommitted.TryGetValue(id, out var part)) chosen.Add((part, default));
                else if (source != BlockSource.Uncommitted && committed.TryGetValue(id, out var kept)) chosen.Add((null, kept));
                else return Refusal.InvalidBlockList.Because($"There is no {(source == BlockSource.Latest ? "" : source.ToString().ToLowerInvariant() + " ")}block {id}.");
            }

            if (found is null)
            {
                var started = await uploads.StartBlocks(bucket, key, request.Writer, Convert.FromBase64String(request.Blocks[0].Id).Length, ct);
                if (started.Refusal is not null) return started.As<Written>();
                if (await rows.Find(space, key, started.Value.Id, ct) is not { Upload.State: UploadState.Open } fresh) continue;
                found = fresh;
            }
            var takesOver = isFirst && current is not null
                && VersionWriter.IsReplaced(current, bucket.Get(BucketSettings.Versioning)?.State, request.Conditions);
            var made = await Make(bucket, key, found, current, chosen, takesOver, request, ct);
            if (made is { } result) return result;
        }
    }

    /// <summary>The blocks of a blob, a version or a snapshot; of what is not current there are no uncommitted ones.</summary>
    public async ValueTask<Result<BlockList>> List(
        Bucket bucket, string key, ReadRequest request, bool committed, bool uncommitted, CancellationToken ct)
    {
        var isCurrent = request.VersionId is null && request.Snapshot is null;
        var opened = await objects.Open(bucket, key, request with { WithBody = false }, ct);
        var found = isCurrent ? await Settled(bucket, key, ct) : null;
        if (opened.Refusal is not null && (opened.Refusal != Refusal.NoSuchKey || found is null)) return opened.As<BlockList>();
        var version = opened.Refusal is null ? opened.Value.Version : null;
        if (version?.Blob is { Type: not BlobType.BlockBlob }) return Refusal.WrongBlobType;
        List<BlobBlock>? held = null, open = null;
        if (committed)
        {
            held = [];
            if (version is not null) await foreach (var block in Committed(bucket, key, version, ct)) held.Add(new(block.Id, block.Size));
        }
        if (uncommitted)
        {
            open = [];
            if (found is not null)
                await foreach (var part in rows.Parts(found.Address, found.Upload.Id, 0, ct))
                    if (!part.IsKept) open.Add(new(part.Block!, part.Size));
        }
        return new BlockList(version, held, open);
    }

    /// <summary>
    /// The keys that have uncommitted blocks behind one, in order, and since when; whether they have a blob as well is not looked at.
    /// <see cref="UncommittedPage.Next"/> tells up to which key was looked. The delimiter tells what <paramref name="after"/> may be.
    /// </summary>
    public async ValueTask<UncommittedPage> ListUncommitted(Bucket bucket, string prefix, string? delimiter, string? after, int limit, CancellationToken ct)
    {
        var space = Rows.UploadSpace(bucket);
        List<Uncommitted> found = [];
        var budget = KeyWalk.Page(clock);
        var from = KeyWalk.Behind(space, Rows.Upload, prefix, delimiter, after);
        await foreach (var (key, row) in KeyWalk.Walk(table, space, Rows.Upload, prefix, null, from, null, budget, ct))
        {
            if (found.Count > 0 && found[^1].Key != key && (found.Count == limit || budget.IsLate)) return new(found, found[^1].Key);
            var upload = StoredJson.Read(row!.Value, StateJson.Default.Upload);
            if (upload.IsBlocks && (found.Count == 0 || found[^1].Key != key)) found.Add(new(key, upload.Id, upload.Initiated));
        }
        return new(found, KeyWalk.EndedAt(space, budget));
    }

    /// <summary>Drops the uncommitted blocks: the blob was written in another way.</summary>
    public async ValueTask Discard(Bucket bucket, string key, CancellationToken ct)
    {
        var space = Rows.UploadSpace(bucket);
        while (await rows.OfBlocks(space, key, ct) is { Upload.State: UploadState.Open } found)
            if (await rows.Abort(space, found, null, ct)) return;
    }

    /// <summary>The blob of the blocks that were chosen; null where another request moved on what they are in.</summary>
    private async ValueTask<Result<Written>?> Make(
        Bucket bucket, string key, UploadRows.Found found, ObjectVersion? current, List<(Part? Part, PlacedBlock Kept)> chosen,
        bool takesOver, BlockListRequest request, CancellationToken ct)
    {
        Dictionary<string, Part> copies = [];
        Dictionary<string, Part> taken = [];
        var parts = new List<Part>(chosen.Count);
        var isCommitted = false;
        try
        {
            foreach (var (part, kept) in chosen)
            {
                if (part is not null)
                {
                    parts.Add(part);
                    continue;
                }
                if (taken.TryGetValue(kept.Id, out var same))
                {
                    parts.Add(same);
                    continue;
                }
                if (takesOver && current!.Encryption == found.Upload.Description.Encryption && AsPart(kept) is { } over)
                {
                    taken.Add(kept.Id, over);
                    parts.Add(over);
                    continue;
                }
                if (!copies.TryGetValue(kept.Id, out var copy))
                {
                    var copied = await Copy(bucket, key, found.Upload.Id, current!, kept, ct);
                    if (copied.Refusal is Refusal.NoSuchUpload or Refusal.Conflict) return null;
                    if (copied.Refusal is not null) return copied.As<Written>();
                    copies.Add(kept.Id, copy = copied.Value);
                }
                parts.Add(copy);
            }
            var made = await completion.CompleteBlocks(
                bucket, found, parts, taken.Count == 0 ? null : (current!, taken.Values.ToHashSet<Part>(ReferenceEqualityComparer.Instance)), request, ct);
            isCommitted = made is { Refusal: null };
            return made;
        }
        finally
        {
            // Those that became nothing's would be there until the upload ends.
            if (!isCommitted && copies.Count > 0 && await rows.Find(Rows.UploadSpace(bucket), key, found.Upload.Id, CancellationToken.None) is { Upload.State: UploadState.Open })
                foreach (var copy in copies.Values) await uploads.Drop(bucket, found.Address, found.Upload.Id, copy);
        }
    }

    /// <summary>A committed block as a part of the next list, the bytes where they are; null where too little is known of it.</summary>
    private static Part? AsPart(PlacedBlock block) => block.Part is not { Key: null, ETag: { } etag, Crc64Nvme: { } crc } part ? null : new()
    {
        Number = 0,
        Block = block.Id,
        IsKept = true,
        Sequence = 0,
        ETag = etag,
        Crc64Nvme = crc,
        Modified = default,
        Checksum = part.Checksum,
        Stored = part.Stored,
    };

    private async ValueTask<Result<Part>> Copy(
        Bucket bucket, string key, string uploadId, ObjectVersion current, PlacedBlock block, CancellationToken ct)
    {
        var name = new PartName(0, block.Id, IsKept: true);
        if (block.Size == 0) return await uploads.PutPart(bucket, key, uploadId, name, new(System.IO.Pipelines.PipeReader.Create(Stream.Null), 0), ct);
        var range = new RangeRequest(block.Offset, block.Offset + block.Size - 1);
        var opened = await objects.Open(bucket, key, new() { VersionId = current.PublicId, Range = range }, ct);
        if (opened.Refusal is Refusal.NoSuchVersion or Refusal.DeleteMarker or Refusal.InvalidRange) return Refusal.Conflict;
        if (opened.Refusal is not null) return opened.As<Part>();
        await using var body = opened.Value.Body!;
        if (opened.Value.Version.Id != current.Id) return Refusal.Conflict;
        return await BodyPipe.Through(body, content => uploads.PutPart(bucket, key, uploadId, name, content, ct), ct);
    }

    /// <summary>The open upload of the blob's blocks.</summary>
    private async ValueTask<Result<Upload>> Open(Bucket bucket, string key, Writer by, int idBytes, CancellationToken ct)
    {
        while (true)
        {
            if (await Settled(bucket, key, ct) is { } found) return found.Upload;
            var started = await uploads.StartBlocks(bucket, key, by, idBytes, ct);
            if (started.Refusal is not null || started.Value.State == UploadState.Open) return started;
        }
    }

    /// <summary>The open upload of the blob's blocks, or null: one whose list was being committed, by whomever, is that no more.</summary>
    private async ValueTask<UploadRows.Found?> Settled(Bucket bucket, string key, CancellationToken ct)
    {
        while (await rows.OfBlocks(Rows.UploadSpace(bucket), key, ct) is { } found)
        {
            if (found.Upload.State == UploadState.Open) return found;
            await completion.Finish(bucket, found, null, ct);
        }
        return null;
    }

    private async ValueTask<ObjectVersion?> Current(Bucket bucket, string key, CancellationToken ct) =>
        await objects.Find(bucket, key, null, ct) is { Refusal: null } found ? found.Value.Version : null;

    /// <summary>The committed blocks that the list may mean, by id: of those that are there several times the first.</summary>
    private async ValueTask<Dictionary<string, PlacedBlock>> Committed(
        Bucket bucket, string key, ObjectVersion? current, BlockListRequest request, CancellationToken ct)
    {
        Dictionary<string, PlacedBlock> blocks = [];
        if (current is null || request.Blocks.All(block => block.Source == BlockSource.Uncommitted)) return blocks;
        await foreach (var block in Committed(bucket, key, current, ct)) blocks.TryAdd(block.Id, block);
        return blocks;
    }

    /// <summary>A blob's committed blocks in order. Parts of an upload of S3's count as such, by their ordinals; a body written as a whole has none.</summary>
    private async IAsyncEnumerable<PlacedBlock> Committed(
        Bucket bucket, string key, ObjectVersion version, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        if (version.Body.Manifest is not { } manifest) yield break;
        var offset = 0L;
        for (var after = 0; after < manifest.Parts;)
        {
            var page = await manifests.Page(KeyCodec.Address(Rows.UploadSpace(bucket), key), manifest, after, 1000, ct);
            if (page.Count == 0) yield break;
            foreach (var part in page)
            {
                yield return new(part.Block ?? IdOf(after + 1), offset, part);
                after++;
                offset += part.Size;
            }
        }
    }

    private static string IdOf(int ordinal) => Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"part-{ordinal:d5}")));

    private static bool IsCounted(ReadOnlySpan<byte> id)
    {
        var hash = new HashCode();
        hash.AddBytes(id);
        return (hash.ToHashCode() & (CountedEvery - 1)) == 0;
    }

    private async ValueTask<int> Count(Bucket bucket, Upload upload, CancellationToken ct)
    {
        var count = 0;
        await foreach (var _ in rows.AllParts(KeyCodec.Address(Rows.UploadSpace(bucket), upload.Key), upload.Id, 0, ct)) count++;
        return count;
    }

    private readonly record struct PlacedBlock(string Id, long Offset, ManifestPart Part)
    {
        public long Size => Part.Size;
    }
}
