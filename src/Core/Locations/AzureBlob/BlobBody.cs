using System.Globalization;
using System.IO.Pipelines;
using Azure.Storage.Blobs.Models;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>
/// The bytes of a download under way. Where the connection breaks, the SDK asks for the rest of the very same blob (If-Match), a
/// few times.
/// </summary>
internal sealed class BlobBody(BlobDownloadStreamingResult download, long length, string name) : IObjectBody
{
    private const int Piece = 128 * 1024;

    public long Length => length;

    public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
    {
        for (var left = length; left > 0;)
        {
            var read = await Read(destination.GetMemory((int)Math.Min(Piece, left)), left, ct);
            if (read == 0) throw new IOException($"The blob {name} ended {left} bytes too early.");
            destination.Advance(read);
            left -= read;
            BodyFlush.Check(await destination.FlushAsync(ct));
        }
    }

    /// <summary>Where it was not read to its end, the connection is cut.</summary>
    public ValueTask DisposeAsync()
    {
        download.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>How many bytes the whole blob has.</summary>
    internal static long Total(BlobDownloadDetails details) =>
        details.ContentRange is { } range && range.LastIndexOf('/') is > 0 and var slash
            && long.TryParse(range.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var total)
            ? total
            : details.ContentLength;

    private async ValueTask<int> Read(Memory<byte> into, long left, CancellationToken ct)
    {
        try
        {
            return await download.Content.ReadAsync(into.Length > left ? into[..(int)left] : into, ct);
        }
        catch (Exception e) when (e is not IOException && StorageFaults.Is(e, ct))
        {
            throw StorageFaults.Outage(e, $"The blob {name} could not be read to its end");
        }
    }
}
