using System.IO.Pipelines;
using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>
/// Bytes in block blobs of one container. A body that fits one block is one Put Blob; a longer one is staged block by block, of
/// which two are in memory at a time, and committed at its end. Either way the name appears at once and only where it was
/// free. Blocks of an upload that was cut off are dropped by the service a week later.
/// </summary>
/// <remarks>
/// The client of the SDK is made at the first use, and the container where it turns out to be missing. Every call is safe to
/// repeat, so the SDK repeats all of them; a commit knows its own earlier try by a metadata entry.
/// </remarks>
/// <param name="name">The name of the location, for <see cref="Stored"/> and messages.</param>
/// <param name="account">The storage account.</param>
/// <param name="container">The container.</param>
/// <param name="clock">The time; null for the system's.</param>
public sealed partial class AzureBlobLocation(
    string name, StorageAccount account, string container = AzureBlobLocation.DefaultContainer, TimeProvider? clock = null) : ILocation
{
    /// <summary>The container of an installation's objects.</summary>
    public const string DefaultContainer = "objects";

    // What a blob was put by: tells our own commit, whose answer was lost, from another's.
    private const string PutBy = "putby";

    private readonly Lazy<BlobServiceClient> service = new(() => Client(account, null));
    private readonly string name = name;
    private readonly HttpPipelineTransport? transport;

    internal AzureBlobLocation(string name, StorageAccount account, string container, HttpPipelineTransport transport) : this(name, account, container) =>
        (this.transport, service) = (transport, new(() => Client(account, transport)));

    /// <inheritdoc/>
    public LocationTraits Traits { get; } = new(MaxBytes: BlockSizes.Most);

    private BlobContainerClient Container => service.Value.GetBlobContainerClient(container);

    /// <inheritdoc/>
    /// <remarks>
    /// Throws <see cref="BodyLengthException"/>, <see cref="LocationFullException"/>, <see cref="IOException"/> for an outage, or
    /// what reading the body throws. Where the outage hides whether the last step took place, the blob is removed if it can be.
    /// </remarks>
    public async ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct)
    {
        StoredNames.Require(plan.Name);
        using var upload = new BlockUpload(Container.GetBlockBlobClient(plan.Name), plan.Length, Container);
        var length = await upload.Take(body, ct);
        ct.ThrowIfCancellationRequested();
        // From here on it cannot be cancelled: whether the name appeared would not be known.
        await Commit(upload, length);
        return new(name, plan.Name, length);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The bytes are asked for at once; where they stop coming, the rest is asked for again a few times. Throws
    /// <see cref="IOException"/> for an outage, and where the blob has not the length that it should have.
    /// </remarks>
    public async ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(at);
        ct.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(range.Offset, nameof(range));
        ArgumentOutOfRangeException.ThrowIfNegative(range.Length, nameof(range));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range.End, at.Length, nameof(range));
        StoredNames.Require(at.Name);
        var blob = Container.GetBlobClient(at.Name);
        try
        {
            if (range.Length == 0)
                return await blob.ExistsAsync(ct) ? new MemoryBody(ReadOnlyMemory<byte>.Empty) : null;
            var answer = await blob.DownloadStreamingAsync(new() { Range = new(range.Offset, range.Length) }, ct);
            if (BlobBody.Total(answer.Value.Details) is var total && total == at.Length) return new BlobBody(answer.Value, range.Length, at.Name);
            answer.Value.Dispose();
            throw new IOException($"{at.Name} has {total} bytes instead of {at.Length} in location {name}.");
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return null;
        }
        catch (Exception e) when (StorageFaults.Is(e, ct))
        {
            throw StorageFaults.Outage(e, $"The blob {at.Name} of location {name} could not be read");
        }
    }

    /// <inheritdoc/>
    public async ValueTask Delete(Stored at, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(at);
        StoredNames.Require(at.Name);
        try
        {
            await Container.GetBlobClient(at.Name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: ct);
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
        }
        catch (Exception e) when (StorageFaults.Is(e, ct))
        {
            throw StorageFaults.Outage(e, $"The blob {at.Name} of location {name} could not be removed");
        }
    }

    private static async ValueTask Commit(BlockUpload upload, long length)
    {
        var by = Guid.NewGuid().ToString("n");
        try
        {
            await upload.Commit(new() { IfNoneMatch = ETag.All }, new() { [PutBy] = by });
        }
        catch (IOException)
        {
            if (await IsOurs(upload.Blob, by, length)) return;
            throw;
        }
    }

    /// <summary>
    /// Whether a commit that was answered badly, or not at all, took place after all. An answer may have been lost on the way and
    /// the SDK have tried again, against what it had made itself.
    /// </summary>
    private static async ValueTask<bool> IsOurs(BlockBlobClient blob, string by, long length)
    {
        try
        {
            var found = (await blob.GetPropertiesAsync()).Value;
            return IsBy(found, by) && found.ContentLength == length;
        }
        catch (Exception e) when (StorageFaults.Is(e, CancellationToken.None))
        {
            if (e is RequestFailedException missing && IsMissing(missing)) return false;
            await TryRemove(blob);
            return false;
        }
    }

    private static bool IsBy(BlobProperties found, string by) => found.Metadata.TryGetValue(PutBy, out var putBy) && putBy == by;

    /// <summary>Where it fails, bytes that nobody refers to may be left.</summary>
    private static async ValueTask TryRemove(BlockBlobClient blob)
    {
        try
        {
            await blob.DeleteIfExistsAsync();
        }
        catch (Exception e) when (StorageFaults.Is(e, CancellationToken.None))
        {
        }
    }

    private static bool IsMissing(RequestFailedException e) =>
        e.Status == 404 && (e.ErrorCode is null || e.ErrorCode == BlobErrorCode.BlobNotFound || e.ErrorCode == BlobErrorCode.ContainerNotFound);

    private static BlobServiceClient Client(StorageAccount account, HttpPipelineTransport? transport)
    {
        var options = new BlobClientOptions().Tuned(transport);
        return account.SharedKey is { } key ? new(account.Blob, key, options) : new(account.Blob, account.Credential, options);
    }
}
