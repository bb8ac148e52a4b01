using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>Listings: in the order of UTF-8, which Azure does not promise, from any key, which it does not offer.</summary>
public sealed partial class AzureBlobLocation
{
    private const char FirstThatDiffers = '\ud800';

    // Where the last listing of a prefix stood: one that goes on from there need not read what comes before again.
    private readonly Lock reading = new();
    private (string Prefix, string FirstKey, string Marker)? lastPage;

    /// <inheritdoc/>
    /// <remarks>
    /// A listing from a key reads what comes before that key too, page by page, unless this process listed up to there before: Azure
    /// takes only its own marks for places in a listing.
    /// </remarks>
    public async IAsyncEnumerable<Replica> List(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        // Keys that are alike up to some character from U+D800 on stand together both in the order of UTF-16 and in that of UTF-8, but
        // not in the same order among themselves.
        var (group, common) = (new List<Replica>(), "");
        await foreach (var one in Pages(prefix, after, ct))
        {
            var at = one.Key.AsSpan().IndexOfAnyInRange(FirstThatDiffers, char.MaxValue);
            if (group.Count > 0 && !(at >= 0 && one.Key.Length > common.Length && one.Key.StartsWith(common, StringComparison.Ordinal) && one.Key[common.Length] >= FirstThatDiffers))
            {
                foreach (var grouped in InOrder(group, after)) yield return grouped;
                group.Clear();
            }
            if (group.Count > 0)
            {
                group.Add(one);
            }
            else if (at >= 0)
            {
                common = one.Key[..at];
                group.Add(one);
            }
            else if (after is null || string.CompareOrdinal(one.Key, after) > 0)
            {
                yield return one;
            }
        }
        foreach (var grouped in InOrder(group, after)) yield return grouped;
    }

    private async IAsyncEnumerable<Replica> Pages(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        string? marker = null;
        lock (reading)
        {
            if (lastPage is { } last && last.Prefix == prefix && after is not null && Utf8Order.Compare(last.FirstKey, after) <= 0) marker = last.Marker;
        }
        do
        {
            var from = marker;
            var page = await Told($"{container} could not be listed", () => Watch.Ask(token => Page(prefix, from, token), ct), ct);
            // In both orders alike, all that comes before such a key is on the pages before.
            if (from is not null && page.Values.Count > 0 && !page.Values[0].Name.AsSpan().ContainsAnyInRange(FirstThatDiffers, char.MaxValue))
                lock (reading) lastPage = (prefix, page.Values[0].Name, from);
            foreach (var blob in page.Values)
            {
                var told = blob.Properties;
                yield return Of(
                    blob.Name, told.ContentLength ?? 0, told.ETag ?? default, told.LastModified ?? default,
                    new(told.ContentType, told.CacheControl, told.ContentDisposition, told.ContentEncoding, told.ContentLanguage),
                    BlobMetadata.Decode(blob.Metadata), (blob.Tags ?? NoTags).AsReadOnly()).Replica;
            }
            marker = page.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(marker));
    }

    private async Task<Page<BlobItem>> Page(string prefix, string? marker, CancellationToken ct)
    {
        await foreach (var page in Container.GetBlobsAsync(BlobTraits.Metadata | BlobTraits.Tags, BlobStates.None, prefix, ct).AsPages(marker))
            return page;
        throw new RequestFailedException("The service gave no page.");
    }

    private static IEnumerable<Replica> InOrder(List<Replica> group, string? after) =>
        group.Where(one => after is null || Utf8Order.Compare(one.Key, after) > 0).OrderBy(one => one.Key, Utf8Order.Comparer);
}
