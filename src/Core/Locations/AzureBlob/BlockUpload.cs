using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>
/// A body on its way into a blob. While one block is sent the next one is filled, so at most two are in memory; nothing is to
/// be seen before the commit.
/// </summary>
/// <param name="blob">The blob.</param>
/// <param name="announced">The body's length where it is known.</param>
/// <param name="container">Its container, which is made where it turns out to be missing.</param>
internal sealed class BlockUpload(BlockBlobClient blob, long? announced, BlobContainerClient container) : IDisposable
{
    private readonly List<string> blocks = [];
    private byte[] filling = [];
    private byte[] sending = [];
    private int filled;
    private Task sent = Task.CompletedTask;

    /// <summary>The blob.</summary>
    public BlockBlobClient Blob => blob;

    /// <summary>Reads the whole body and stages what does not fit one block; how many bytes there were.</summary>
    public async ValueTask<long> Take(PipeReader body, CancellationToken ct)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            var length = await Fill(body, failed.Token);
            await sent;
            return length;
        }
        catch
        {
            // A buffer must not be given back while it is being sent.
            await failed.CancelAsync();
            await sent.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Makes the blob appear, in one step.</summary>
    public async ValueTask Commit(BlobRequestConditions conditions, Dictionary<string, string> metadata)
    {
        if (blocks.Count == 0)
        {
            await Call(
                () => blob.UploadAsync(Content(filling, filled), new BlobUploadOptions { Conditions = conditions, Metadata = metadata, TransferOptions = new() { InitialTransferSize = 2 * BlockSizes.First } }),
                CancellationToken.None);
            return;
        }
        await Call(() => blob.CommitBlockListAsync(blocks, new CommitBlockListOptions { Conditions = conditions, Metadata = metadata }), CancellationToken.None);
    }

    public void Dispose()
    {
        foreach (var buffer in (byte[][])[filling, sending])
            if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        filling = sending = [];
    }

    private async ValueTask<long> Fill(PipeReader body, CancellationToken ct)
    {
        var seen = 0L;
        while (true)
        {
            var result = await body.ReadAsync(ct);
            if (result.IsCanceled)
            {
                body.AdvanceTo(result.Buffer.Start);
                throw new OperationCanceledException("Reading the body was cancelled.");
            }
            var before = seen;
            seen += result.Buffer.Length;
            try
            {
                if (seen <= (announced ?? BlockSizes.Most))
                    foreach (var piece in result.Buffer) await Add(piece, before, ct);
            }
            finally
            {
                body.AdvanceTo(result.Buffer.End); // also when it fails: whoever drains the body reads on from here
            }
            if (seen > announced || (result.IsCompleted && seen < announced)) throw new BodyLengthException(announced.Value, seen);
            if (seen > BlockSizes.Most) throw new IOException($"The body has more than {BlockSizes.Most} bytes.");
            if (!result.IsCompleted) continue;
            if (blocks.Count > 0 && filled > 0) await Send(ct);
            return seen;
        }
    }

    private async ValueTask Add(ReadOnlyMemory<byte> piece, long before, CancellationToken ct)
    {
        while (!piece.IsEmpty)
        {
            var size = BlockSizes.Of(blocks.Count);
            // A block is only sent when a byte follows it: what fits one block is put without any.
            if (filled == size) await Send(ct);
            if (filling.Length == 0) filling = ArrayPool<byte>.Shared.Rent((int)Math.Min(size, announced - before ?? size));
            var copied = Math.Min(piece.Length, BlockSizes.Of(blocks.Count) - filled);
            piece[..copied].CopyTo(filling.AsMemory(filled));
            filled += copied;
            before += copied;
            piece = piece[copied..];
        }
    }

    private async ValueTask Send(CancellationToken ct)
    {
        await sent;
        (sending, filling) = (filling, sending);
        if (filling.Length > 0 && filling.Length < BlockSizes.Of(blocks.Count + 1))
        {
            ArrayPool<byte>.Shared.Return(filling);
            filling = [];
        }
        var (buffer, count, id) = (sending, filled, Id(blocks.Count));
        blocks.Add(id);
        filled = 0;
        sent = Call(() => blob.StageBlockAsync(id, Content(buffer, count), cancellationToken: ct), ct);
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
            throw StorageFaults.Outage(e, $"The blob {blob.Name} could not be written");
        }
    }

    private static MemoryStream Content(byte[] buffer, int count) => new(buffer, 0, count, writable: false);

    // All ids of a blob must be of one length.
    private static string Id(int index) => Convert.ToBase64String(BitConverter.GetBytes(IPAddress.HostToNetworkOrder(index)));
}
