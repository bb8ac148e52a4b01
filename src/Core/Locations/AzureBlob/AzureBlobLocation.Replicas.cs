using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>
/// Replicas are block blobs under their readable keys, without versions. Tags are the tags of blobs where Azure's alphabet has them, so
/// that they can be searched for there; else they are metadata.
/// </summary>
public sealed partial class AzureBlobLocation : IReplicas
{
    private static readonly Dictionary<string, string> NoTags = [];

    /// <inheritdoc cref="ReplicaTraits.WholeKey"/>
    public bool WholeKey { get; init; }

    /// <inheritdoc/>
    public ReplicaTraits ReplicaTraits => new(KeepsVersions: false, MaxPutBytes: 5000L << 20, MaxParts: BlockSizes.Blocks, HasTags: true, WholeKey) { ListsFromAnywhere = false };

    /// <inheritdoc/>
    public async ValueTask<Replica?> Find(string key, string? versionId, CancellationToken ct) => versionId is not null ? null : (await LookAt(key, ct))?.Replica;

    /// <inheritdoc/>
    public async ValueTask<Replica> Put(ReplicaPlan plan, PipeReader body, CancellationToken ct)
    {
        await using var held = await HeldBody.Take(body, plan.Size, null, ct);
        // Of a whole blob the SDK sends only what it sums up itself; so that is compared with the plan's before.
        if (plan.Md5 is { } expected && !expected.AsSpan().SequenceEqual(held.Md5))
            throw new LocationUnavailableException(name, $"{plan.Key} was not written to location {name}: its bytes do not have the MD5 that they should have.");
        var options = new BlobUploadOptions
        {
            HttpHeaders = HeadersOf(plan, held.Md5),
            Metadata = MetadataOf(plan, null),
            Tags = TagsOf(plan.Tags),
            TransferValidation = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
            TransferOptions = new() { InitialTransferSize = ReplicaTraits.MaxPutBytes },
        };
        return await Told($"{plan.Key} could not be written", async () => Of(plan, (await Watch.Send(
            held.Content, (content, token) => At(plan.Key).UploadAsync(content, options, token), ct)).Value), ct);
    }

    /// <inheritdoc/>
    /// <remarks>Blocks need no beginning: the text goes into their ids, so that those of different uploads do not mix.</remarks>
    public ValueTask<string> Begin(ReplicaPlan plan, CancellationToken ct) => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));

    /// <inheritdoc/>
    public async ValueTask<ReplicaPart> PutPart(ReplicaPlan plan, string upload, int number, long length, PipeReader body, CancellationToken ct)
    {
        var id = BlockId(upload, number);
        await using var held = await HeldBody.Take(body, length, null, ct);
        return await Told($"Part {number} of {plan.Key} could not be written", async () =>
        {
            await Watch.Send(
                held.Content,
                (content, token) => At(plan.Key).StageBlockAsync(
                    id, content, new() { TransferValidation = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5, PrecalculatedChecksum = held.Md5 } }, token),
                ct);
            return new ReplicaPart(number, id, length);
        }, ct);
    }

    /// <inheritdoc/>
    /// <remarks>Where the blob is that very upload's already, an answer was lost before.</remarks>
    public async ValueTask<Replica> Complete(ReplicaPlan plan, string upload, IReadOnlyList<ReplicaPart> parts, CancellationToken ct)
    {
        if (await LookAt(plan.Key, ct) is { } found && found.Upload == upload) return found.Replica;
        var options = new CommitBlockListOptions { HttpHeaders = HeadersOf(plan, plan.Md5), Metadata = MetadataOf(plan, upload), Tags = TagsOf(plan.Tags) };
        return await Told($"{plan.Key} could not be completed", async () => Of(plan, (await Watch.Ask(
            token => At(plan.Key).CommitBlockListAsync(parts.Select(part => part.Name), options, token), ct, Watch.PatienceFor(plan.Size))).Value), ct);
    }

    /// <inheritdoc/>
    /// <remarks>The service drops blocks that nobody commits within a week; there is no request that does.</remarks>
    public ValueTask Abort(string key, string upload, CancellationToken ct) => default;

    /// <inheritdoc/>
    /// <remarks>Nothing is begun before the first block; see <see cref="Abort"/>.</remarks>
    public ValueTask AbortBegun(string key, DateTimeOffset from, DateTimeOffset until, CancellationToken ct) => default;

    /// <inheritdoc/>
    public ValueTask<Replica> SetTags(Replica at, IReadOnlyDictionary<string, string> tags, CancellationToken ct) => Told($"{at.Key} could not be tagged", async () =>
    {
        var blob = At(at.Key);
        var properties = (await Watch.Ask(token => blob.GetPropertiesAsync(OnlyIf(at), token), ct)).Value;
        var metadata = BlobMetadata.Decode(properties.Metadata);
        var etag = properties.ETag;
        // Tags have no conditions; so what has some comes first.
        if (metadata.Remove(BlobMetadata.Tags) || !BlobTags.Fit(tags))
        {
            if (!BlobTags.Fit(tags)) metadata[BlobMetadata.Tags] = BlobTags.Encode(tags);
            etag = (await Watch.Ask(token => blob.SetMetadataAsync(BlobMetadata.Encode(metadata), OnlyIf(at), token), ct)).Value.ETag;
        }
        await Watch.Ask(token => blob.SetTagsAsync(TagsOf(tags) ?? NoTags, cancellationToken: token), ct);
        return at with { Tags = tags, ETag = Bare(etag) };
    }, ct);

    /// <inheritdoc/>
    public ValueTask<string?> Delete(string key, CancellationToken ct) => Told($"{key} could not be removed", async () =>
    {
        try
        {
            await Watch.Ask(token => At(key).DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: token), ct);
        }
        catch (RequestFailedException e) when (ReplicaFaults.IsMissing(e))
        {
        }
        return (string?)null;
    }, ct);

    /// <inheritdoc/>
    public ValueTask<IObjectBody?> Open(Replica at, ByteRange range, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(range.Offset, nameof(range));
        ArgumentOutOfRangeException.ThrowIfNegative(range.Length, nameof(range));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range.End, at.Size, nameof(range));
        return Told($"{at.Key} could not be read", async () =>
        {
            var blob = At(at.Key);
            try
            {
                if (range.Length == 0)
                {
                    await Watch.Ask(token => blob.GetPropertiesAsync(OnlyIf(at), token), ct);
                    return (IObjectBody?)new MemoryBody(ReadOnlyMemory<byte>.Empty);
                }
                var answer = await Watch.Ask(
                    token => blob.DownloadStreamingAsync(new() { Range = new(range.Offset, range.Length), Conditions = OnlyIf(at) }, token), ct);
                return new BlobBody(answer.Value, range.Length, at.Key);
            }
            catch (RequestFailedException e) when (ReplicaFaults.IsMissing(e))
            {
                return null;
            }
        }, ct);
    }

    private async ValueTask<Found?> LookAt(string key, CancellationToken ct)
    {
        var blob = At(key);
        return await Told($"{key} could not be looked at", async () =>
        {
            try
            {
                var properties = (await Watch.Ask(token => blob.GetPropertiesAsync(cancellationToken: token), ct)).Value;
                var metadata = BlobMetadata.Decode(properties.Metadata);
                IReadOnlyDictionary<string, string> tags = properties.TagCount > 0
                    ? (await Watch.Ask(token => blob.GetTagsAsync(cancellationToken: token), ct)).Value.Tags.AsReadOnly()
                    : NoTags;
                return Of(
                    key, properties.ContentLength, properties.ETag, properties.LastModified,
                    new(properties.ContentType, properties.CacheControl, properties.ContentDisposition, properties.ContentEncoding, properties.ContentLanguage), metadata, tags);
            }
            catch (RequestFailedException e) when (ReplicaFaults.IsMissing(e))
            {
                return null;
            }
        }, ct);
    }

    private static Found Of(
        string key, long size, ETag etag, DateTimeOffset modified, BlobTold told, Dictionary<string, string> metadata, IReadOnlyDictionary<string, string> tags)
    {
        if (metadata.Remove(BlobMetadata.Tags, out var kept)) tags = BlobTags.Decode(kept);
        metadata.Remove(BlobMetadata.Upload, out var upload);
        var headers = told.AsHeaders();
        foreach (var name in metadata.Keys.Where(BlobMetadata.IsReserved).ToList())
            if (metadata.Remove(name, out var value)) headers[BlobMetadata.HeaderOf(name)] = value;
        return new(new(key, size, Bare(etag), null, modified) { Headers = headers, Metadata = metadata, Tags = tags }, upload);
    }

    private static Replica Of(ReplicaPlan plan, BlobContentInfo stored) =>
        new(plan.Key, plan.Size, Bare(stored.ETag), null, stored.LastModified) { Headers = plan.Headers, Metadata = plan.Metadata, Tags = plan.Tags };

    private async ValueTask<T> Told<T>(string what, Func<Task<T>> ask, CancellationToken ct)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (StorageFaults.Is(e, ct))
        {
            throw ReplicaFaults.Of(e, name, what);
        }
    }

    private static BlobHttpHeaders HeadersOf(ReplicaPlan plan, byte[]? md5) => new()
    {
        ContentType = plan.Headers.GetValueOrDefault("Content-Type"),
        CacheControl = plan.Headers.GetValueOrDefault("Cache-Control"),
        ContentDisposition = plan.Headers.GetValueOrDefault("Content-Disposition"),
        ContentEncoding = plan.Headers.GetValueOrDefault("Content-Encoding"),
        ContentLanguage = plan.Headers.GetValueOrDefault("Content-Language"),
        ContentHash = md5,
    };

    private static Dictionary<string, string> MetadataOf(ReplicaPlan plan, string? upload)
    {
        var metadata = new Dictionary<string, string>(plan.Metadata, StringComparer.Ordinal);
        foreach (var (header, value) in plan.Headers)
            if (header is not ("Content-Type" or "Cache-Control" or "Content-Disposition" or "Content-Encoding" or "Content-Language"))
                metadata[BlobMetadata.OfHeader(header)] = value;
        if (upload is not null) metadata[BlobMetadata.Upload] = upload;
        if (!BlobTags.Fit(plan.Tags)) metadata[BlobMetadata.Tags] = BlobTags.Encode(plan.Tags);
        return BlobMetadata.Encode(metadata);
    }

    private static Dictionary<string, string>? TagsOf(IReadOnlyDictionary<string, string> tags) => tags.Count > 0 && BlobTags.Fit(tags) ? new(tags) : null;

    private static string Bare(ETag etag) => etag.ToString().Trim('"');

    /// <summary>The blob of exactly that key: by its name the SDK would take slashes off its end.</summary>
    private BlockBlobClient At(string key)
    {
        if (BlobKeys.Problem(key) is { } problem) throw new ReplicaRefusedException(name, "KeyNotSupported", $"Azure holds no blob '{key}': {problem}.");
        var uri = new Uri($"{Container.Uri.AbsoluteUri.TrimEnd('/')}/{BlobKeys.Escape(key)}");
        var options = new BlobClientOptions().Tuned(transport);
        return account.SharedKey is { } shared ? new(uri, shared, options) : new(uri, account.Credential, options);
    }

    private static BlobRequestConditions OnlyIf(Replica at) => new() { IfMatch = new(at.ETag) };

    // All ids of a blob must be of one length.
    private static string BlockId(string upload, int number)
    {
        Span<byte> id = stackalloc byte[12];
        Convert.FromHexString(upload, id, out _, out var written);
        BinaryPrimitives.WriteInt32BigEndian(id[written..], number);
        return Convert.ToBase64String(id);
    }

    private sealed record Found(Replica Replica, string? Upload);

    /// <summary>The headers that blobs have themselves.</summary>
    private readonly record struct BlobTold(string? Type, string? CacheControl, string? Disposition, string? Encoding, string? Language)
    {
        public Dictionary<string, string> AsHeaders()
        {
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, value) in new[]
                { ("Content-Type", Type), ("Cache-Control", CacheControl), ("Content-Disposition", Disposition), ("Content-Encoding", Encoding), ("Content-Language", Language) })
                if (!string.IsNullOrEmpty(value)) headers[name] = value;
            return headers;
        }
    }
}
