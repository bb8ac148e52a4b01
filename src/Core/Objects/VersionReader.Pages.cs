using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

// Page blobs: what was written stands in several bodies, with zeros between.
internal sealed partial class VersionReader
{
    /// <summary>Rows of chunks that are read at once: 256 MiB where all is written.</summary>
    private const int ChunksPerRead = 64;

    /// <summary>Of which state of its blob a version is: chunks that were changed later are not its.</summary>
    public static long RevisionOf(ObjectVersion version) => version.Blob?.Revision ?? version.Sequence;

    /// <summary>Some of the chunks between two, in order, and behind which of them to go on; null where one was changed since the version was read.</summary>
    public async ValueTask<(IReadOnlyList<PlacedChunk> Chunks, int Next)?> Chunks(
        KeyAddress address, ObjectVersion version, PagePlace place, int from, int to, CancellationToken ct)
    {
        var limit = Math.Min(ChunksPerRead, to - from);
        var chunks = await pages.Scan(address, place, from, to, limit, ct);
        var revision = RevisionOf(version);
        return chunks.Exists(chunk => chunk.Revision > revision) ? null : (chunks, chunks.Count < limit ? to : chunks[^1].Index + 1);
    }

    /// <summary>Some of the bytes of a body of pages; null where they are gone.</summary>
    public async ValueTask<IObjectBody?> OpenPage(PageBody page, ByteRange range, Decryption? decryption, CancellationToken ct)
    {
        var location = await locations.Get(page.Stored.Location, ct);
        return decryption is null
            ? await location.Open(page.Stored, range, ct)
            : await decryption.Open(page.Key, range, page.Size, frames => location.Open(page.Stored, frames, ct), ct);
    }

    /// <summary>How the bodies of a version are decrypted that is not encrypted by a customer's key; null where they need not be.</summary>
    public Decryption? DecryptionOf(Bucket bucket, string key, ObjectVersion version) =>
        version.Encryption is { } how ? Decryption.Of(keys, how, null, bucket, key) : null;

    private async ValueTask<IObjectBody?> OpenPages(
        KeyAddress address, ObjectVersion version, PagePlace place, ByteRange range, Decryption? decryption, CancellationToken ct)
    {
        if (range.Length == 0) return new MemoryBody(ReadOnlyMemory<byte>.Empty);
        var pieces = Pieces(address, version, place, range, decryption, ct).GetAsyncEnumerator(ct);
        IObjectBody? first = null;
        try
        {
            if (await pieces.MoveNextAsync()) first = pieces.Current;
            return first is null ? null : new ConcatenatedBody(range.Length, first, Rest(pieces, ct));
        }
        finally
        {
            if (first is null) await pieces.DisposeAsync();
        }
    }

    private static async IAsyncEnumerable<IObjectBody> Rest(IAsyncEnumerator<IObjectBody?> pieces, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var _ = pieces;
        while (await pieces.MoveNextAsync())
        {
            ct.ThrowIfCancellationRequested();
            yield return pieces.Current ?? throw new IOException("Bytes of the page blob are gone: it was written while it was read.");
        }
    }

    /// <summary>The bytes of a range, piece by piece; one of them is null where the blob was written since the version was read.</summary>
    private async IAsyncEnumerable<IObjectBody?> Pieces(
        KeyAddress address, ObjectVersion version, PagePlace place, ByteRange range, Decryption? decryption, [EnumeratorCancellation] CancellationToken ct)
    {
        var at = range.Offset;
        var end = Pages.ChunksOf(range.End);
        for (var next = (int)(range.Offset / Pages.ChunkBytes); next < end;)
        {
            if (await Chunks(address, version, place, next, end, ct) is not var (chunks, behind))
            {
                yield return null;
                yield break;
            }
            foreach (var placed in chunks)
            {
                for (var i = 0; i < placed.Chunk.Runs.Count; i++)
                {
                    var run = placed.Chunk.Runs[i];
                    while (i + 1 < placed.Chunk.Runs.Count && run.GoesOnIn(placed.Chunk.Runs[i + 1])) run = run with { Count = run.Count + placed.Chunk.Runs[++i].Count };
                    var offset = placed.Offset + (long)run.Start * Pages.PageBytes;
                    var from = Math.Max(offset, at);
                    var to = Math.Min(offset + (long)run.Count * Pages.PageBytes, range.End);
                    if (from >= to) continue;
                    if (from > at) yield return new ZeroBody(from - at);
                    yield return await OpenPage(placed.Chunk.Bodies[run.Body], new((long)run.From * Pages.PageBytes + from - offset, to - from), decryption, ct);
                    at = to;
                }
            }
            next = behind;
        }
        if (at < range.End) yield return new ZeroBody(range.End - at);
    }

    /// <summary>Bytes that were never written.</summary>
    private sealed class ZeroBody(long length) : IObjectBody
    {
        private static readonly byte[] Zeros = new byte[64 << 10];

        public long Length => length;

        public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
        {
            for (var left = length; left > 0;)
            {
                var some = (int)Math.Min(left, Zeros.Length);
                BodyFlush.Check(await destination.WriteAsync(Zeros.AsMemory(0, some), ct));
                left -= some;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
