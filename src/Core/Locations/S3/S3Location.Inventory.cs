using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace ZenkoFunctions.Core.Locations.S3;

/// <summary>What is there behind <see cref="S3Place.Prefix"/>, in the order of names.</summary>
public sealed partial class S3Location : IInventory
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<InventoryEntry> Inventory(string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var found in List(place.Prefix, after is null ? null : KeyOf(after), ct))
        {
            var stored = found.Key[place.Prefix.Length..];
            yield return new(new(name, stored, found.Size), found.Modified, stored);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> EndUploads(DateTimeOffset begunBefore, CancellationToken ct)
    {
        var ended = 0;
        string? fromKey = null, fromUpload = null;
        do
        {
            var page = await Told($"The uploads of {place} could not be listed", () => service.Ask(
                (s3, token) => s3.ListMultipartUploadsAsync(
                    new ListMultipartUploadsRequest { BucketName = place.Bucket, Prefix = place.Prefix, KeyMarker = fromKey, UploadIdMarker = fromUpload }, token),
                ct), ct);
            foreach (var upload in page.MultipartUploads ?? [])
            {
                if (upload.Initiated is not { } begun || begun >= begunBefore) continue;
                await Told($"An upload of {place} could not be ended", () => AbortUpload(upload.Key, upload.UploadId, ct), ct);
                ended++;
            }
            (fromKey, fromUpload) = page.IsTruncated == true ? (page.NextKeyMarker, page.NextUploadIdMarker) : (null, null);
        }
        while (fromKey is not null);
        return ended;
    }
}
