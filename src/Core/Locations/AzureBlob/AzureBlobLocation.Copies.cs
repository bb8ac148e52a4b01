using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>
/// Copies are Copy Blob, which within an account is over at once, whatever the size. The source is read by a link of its own: an
/// identity may read it by its role, but the service takes it from a URL.
/// </summary>
public sealed partial class AzureBlobLocation : ICopies
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    /// <remarks>Throws <see cref="IOException"/> for an outage, and where the service gives the copy up.</remarks>
    public async ValueTask<Stored?> Copy(Stored source, string name, CancellationToken ct)
    {
        StoredNames.Require(name);
        if (await Link(source, LinkHeaders.None, LinkHeaders.LongestLife, ct) is not { } from) return null;
        var blob = Container.GetBlobClient(name);
        var by = Guid.NewGuid().ToString("n");
        try
        {
            try
            {
                await blob.StartCopyFromUriAsync(
                    from, new() { DestinationConditions = new() { IfNoneMatch = ETag.All }, Metadata = new Dictionary<string, string> { [PutBy] = by } }, ct);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return null;
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                // Our own, whose answer was lost; or another's, and then the look below says so.
            }
            if (await Copied(blob, by, source.Length, ct)) return source with { Location = this.name, Name = name };
        }
        catch (Exception e)
        {
            await TryRemove(blob, by);
            if (!StorageFaults.Is(e, ct)) throw;
            throw StorageFaults.Outage(e, $"The blob {source.Name} of location {this.name} could not be copied");
        }
        await TryRemove(blob, by);
        throw new IOException($"The blob {source.Name} of location {this.name} could not be copied: the storage account gave it up.");
    }

    /// <summary>Waits for the end of the copy; whether it is whole, and ours.</summary>
    private async ValueTask<bool> Copied(BlobClient blob, string by, long length, CancellationToken ct)
    {
        while (true)
        {
            var found = (await blob.GetPropertiesAsync(cancellationToken: ct)).Value;
            if (!IsBy(found, by)) return false;
            if (found.BlobCopyStatus is null or CopyStatus.Success) return found.ContentLength == length;
            if (found.BlobCopyStatus != CopyStatus.Pending) return false;
            await Task.Delay(Look, clock ?? TimeProvider.System, ct);
        }
    }

    /// <summary>Removes a copy of ours that nobody will refer to. Where it fails, it stays.</summary>
    private static async ValueTask TryRemove(BlobClient blob, string by)
    {
        try
        {
            var found = (await blob.GetPropertiesAsync()).Value;
            if (!IsBy(found, by)) return;
            if (found.BlobCopyStatus == CopyStatus.Pending) await blob.AbortCopyFromUriAsync(found.CopyId);
            await blob.DeleteIfExistsAsync();
        }
        catch (Exception e) when (StorageFaults.Is(e, CancellationToken.None))
        {
        }
    }
}
