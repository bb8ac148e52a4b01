using System.Runtime.CompilerServices;
using Azure.Storage.Blobs.Models;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>What is there, page by page: a position is the mark of the page. Blobs that others put there are not told.</summary>
public sealed partial class AzureBlobLocation : IInventory
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<InventoryEntry> Inventory(string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var mark = after ?? "";
        do
        {
            var from = mark;
            Azure.Page<BlobItem> page;
            try
            {
                page = await Watch.Ask(token => OwnedPage(from, token), ct);
            }
            catch (Azure.RequestFailedException e) when (IsMissing(e))
            {
                yield break; // nothing was ever put there
            }
            catch (Exception e) when (StorageFaults.Is(e, ct))
            {
                throw StorageFaults.Outage(e, $"The container {container} of location {name} could not be listed");
            }
            foreach (var blob in page.Values)
                if (blob.Metadata?.ContainsKey(PutBy) == true)
                    yield return new(new(name, blob.Name, blob.Properties.ContentLength ?? 0), blob.Properties.LastModified ?? DateTimeOffset.MaxValue, from);
            mark = page.ContinuationToken ?? "";
        }
        while (mark.Length > 0);
    }

    private async Task<Azure.Page<BlobItem>> OwnedPage(string mark, CancellationToken ct)
    {
        await foreach (var page in Container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, ct).AsPages(mark.Length == 0 ? null : mark)) return page;
        throw new IOException("The service gave no page.");
    }
}
