using System.IO.Pipelines;
using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>A body on its way into a blob, block by block; nothing is to be seen before the commit.</summary>
internal sealed class BlockUpload : IDisposable
{
    private readonly List<string> blocks = [];
    private readonly BlobContainerClient container;
    private readonly PiecewiseUpload pieces;

    /// <summary>A body on its way.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="announced">The body's length where it is known.</param>
    /// <param name="container">Its container, which is made where it turns out to be missing.</param>
    public BlockUpload(BlockBlobClient blob, long? announced, BlobContainerClient container)
    {
        (Blob, this.container) = (blob, container);
        pieces = new(announced, BlockSizes.Most, BlockSizes.Of, Stage);
    }

    /// <summary>The blob.</summary>
    public BlockBlobClient Blob { get; }

    /// <summary>Reads the whole body and stages what does not fit one block; how many bytes there were.</summary>
    public ValueTask<long> Take(PipeReader body, CancellationToken ct) => pieces.Take(body, ct);

    /// <summary>Makes the blob appear, in one step.</summary>
    public Task Commit(BlobRequestConditions conditions, Dictionary<string, string> metadata) => pieces.IsMany
        ? Call(() => Blob.CommitBlockListAsync(blocks, new CommitBlockListOptions { Conditions = conditions, Metadata = metadata }), CancellationToken.None)
        : Call(
            () => Blob.UploadAsync(
                Content(pieces.Only),
                new BlobUploadOptions { Conditions = conditions, Metadata = metadata, TransferOptions = new() { InitialTransferSize = 2 * BlockSizes.First } }),
            CancellationToken.None);

    public void Dispose() => pieces.Dispose();

    private Task Stage(int index, ArraySegment<byte> content, CancellationToken ct)
    {
        blocks.Add(Id(index));
        return Call(() => Blob.StageBlockAsync(Id(index), Content(content), cancellationToken: ct), ct);
    }

    private async Task Call<T>(Func<Task<Response<T>>> call, CancellationToken ct)
    {
        try
        {
            try
            {
                await call();
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                await container.CreateIfNotExistsAsync(cancellationToken: ct);
                await call();
            }
        }
        catch (Exception e) when (StorageFaults.Answer(e) is { Status: 507 })
        {
            throw new LocationFullException($"There is no room left in the container {container.Name} of the storage account {container.AccountName}.", e);
        }
        catch (Exception e) when (StorageFaults.Is(e, ct))
        {
            throw StorageFaults.Outage(e, $"The blob {Blob.Name} could not be written");
        }
    }

    private static MemoryStream Content(ArraySegment<byte> content) => new(content.Array!, content.Offset, content.Count, writable: false);

    // All ids of a blob must be of one length.
    private static string Id(int index) => Convert.ToBase64String(BitConverter.GetBytes(IPAddress.HostToNetworkOrder(index)));
}
