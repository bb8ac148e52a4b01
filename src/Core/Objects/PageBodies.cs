using System.Buffers;
using System.IO.Pipelines;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A part of a write of pages that lies in one chunk, from its page <paramref name="Start"/> on.</summary>
internal readonly record struct PagePiece(int Index, int Start, Taken Taken);

/// <summary>Stores the bytes of pages, a body for each chunk that they touch, and makes one body of many. At most 4 MiB are in memory.</summary>
internal sealed class PageBodies(ObjectStore objects, LocationCatalog locations, ObjectOptions options, TimeProvider clock)
{
    private readonly Intake intake = new(locations, options, clock);

    /// <summary>
    /// Takes bytes in that are to stand at an offset of the version; gives their MD5 and CRC-64. What <paramref name="pieces"/> has got
    /// afterwards must be committed or discarded, whatever the answer.
    /// </summary>
    public async ValueTask<Result<(byte[] Md5, byte[] Crc64)>> Take(
        Bucket bucket, string key, ObjectVersion version, long offset, Content content, List<PagePiece> pieces, CancellationToken ct)
    {
        var length = (int)content.Length!.Value;
        var index = (int)(offset / Pages.ChunkBytes);
        var within = (int)(offset % Pages.ChunkBytes);
        if (within + length <= Pages.ChunkBytes)
        {
            var taken = await Store(bucket, key, version, NewName(bucket, key), content, ct);
            if (taken.Refusal is not null) return taken.As<(byte[], byte[])>();
            pieces.Add(new(index, within / Pages.PageBytes, taken.Value));
            return (taken.Value.Md5, taken.Value.Digests[ChecksumAlgorithm.Crc64Nvme]);
        }
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var bytes = buffer.AsMemory(0, length);
            if (!await Fill(content.Body, bytes, ct)) return Refusal.IncompleteBody;
            var (md5, crc) = (DigestOf(ChecksumAlgorithm.Md5, bytes.Span), DigestOf(ChecksumAlgorithm.Crc64Nvme, bytes.Span));
            if (content.Md5 is { } told && !md5.AsSpan().SequenceEqual(told)) return Refusal.BadDigest;
            if (content.Announced?.Invoke() is { } announced && announced != Convert.ToBase64String(crc)) return Refusal.BadDigest;
            var first = Pages.ChunkBytes - within;
            foreach (var (at, start, part) in new[] { (index, within, bytes[..first]), (index + 1, 0, bytes[first..]) })
            {
                var taken = await Store(bucket, key, version, NewName(bucket, key), Held(part), ct);
                if (taken.Refusal is not null) return taken.As<(byte[], byte[])>();
                pieces.Add(new(at, start / Pages.PageBytes, taken.Value));
            }
            return (md5, crc);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>One body of all that a chunk has, from its first written page to the last, with zeros between.</summary>
    public ValueTask<Result<Taken>> Merge(Bucket bucket, string key, ObjectVersion version, PageChunk chunk, CancellationToken ct) =>
        Copy(new(bucket, key, version), chunk, bucket, key, version, NewName(bucket, key), ct);

    /// <summary>The place of a body that is to be written for a blob.</summary>
    public Stored NewName(Bucket bucket, string key) =>
        new(objects.LocationOf(bucket, new()), Ids.OfBytes(bucket, key, Ids.Timed(Rows.Microseconds(clock.GetUtcNow()))), 0);

    /// <summary>The same for a chunk of another blob, under a name that <see cref="NewName"/> gave.</summary>
    public async ValueTask<Result<Taken>> Copy(
        BlobCopySource from, PageChunk chunk, Bucket bucket, string key, ObjectVersion version, Stored name, CancellationToken ct)
    {
        var decryption = objects.Reader.DecryptionOf(from.Bucket, from.Key, from.Version);
        var first = chunk.Runs[0].Start;
        var length = (chunk.Runs[^1].End - first) * Pages.PageBytes;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Array.Clear(buffer, 0, length);
            foreach (var run in chunk.Runs)
            {
                ByteRange range = new((long)run.From * Pages.PageBytes, (long)run.Count * Pages.PageBytes);
                await using var body = await objects.Reader.OpenPage(chunk.Bodies[run.Body], range, decryption, ct)
                    ?? throw new IOException("Bytes of the page blob are missing from their location.");
                using var into = new MemoryStream(buffer, (run.Start - first) * Pages.PageBytes, (int)range.Length);
                var writer = PipeWriter.Create(into, new(leaveOpen: true));
                await body.CopyTo(writer, ct);
                await writer.CompleteAsync();
            }
            return await Store(bucket, key, version, name, Held(buffer.AsMemory(0, length)), ct);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Removes bodies that no row names.</summary>
    public async ValueTask Discard(IEnumerable<Taken> bodies)
    {
        foreach (var body in bodies) await intake.Discard(body);
    }

    /// <summary>Stores a body, each under its own key where the version is encrypted.</summary>
    private async ValueTask<Result<Taken>> Store(Bucket bucket, string key, ObjectVersion version, Stored name, Content content, CancellationToken ct)
    {
        using var dataKey = await objects.NewKey(version.Encryption, null, bucket, key, ct);
        // The blob's size was counted when it was made or resized.
        return await intake.Take(name.Location, name.Name, content, [ChecksumAlgorithm.Crc64Nvme], mayInline: false, dataKey, QuotaRoom.Unbounded, ct);
    }

    private static Content Held(ReadOnlyMemory<byte> bytes) => new(PipeReader.Create(new ReadOnlySequence<byte>(bytes)), bytes.Length);

    /// <summary>Reads as many bytes as there is room for; false where there are fewer.</summary>
    private static async ValueTask<bool> Fill(PipeReader body, Memory<byte> bytes, CancellationToken ct)
    {
        var filled = 0;
        while (true)
        {
            var read = await body.ReadAsync(ct);
            if (read.IsCanceled) throw new OperationCanceledException("The body's reader was cancelled.");
            if (filled + read.Buffer.Length > bytes.Length)
            {
                body.AdvanceTo(read.Buffer.Start);
                throw new BodyLengthException(bytes.Length, filled + read.Buffer.Length);
            }
            read.Buffer.CopyTo(bytes.Span[filled..]);
            filled += (int)read.Buffer.Length;
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return filled == bytes.Length;
        }
    }

    private static byte[] DigestOf(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> bytes)
    {
        using var digest = Checksums.Start(algorithm);
        digest.Append(bytes);
        return digest.Finish();
    }
}
