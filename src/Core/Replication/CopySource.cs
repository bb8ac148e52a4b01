using System.IO.Pipelines;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Replication;

/// <summary>The bytes of a version cannot be read, or are not those that were written.</summary>
internal sealed class SourceDamagedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Reads the bytes of a version, in the clear, on their way to a site.</summary>
internal sealed class CopySource(VersionReader reader, Bucket bucket, string key, ObjectVersion version)
{
    private const int PartsOfPage = 1000;

    private const long MostComparedInParts = 20L << 30;

    /// <summary>The MD5 of the whole body where the version tells it; else it has to be taken.</summary>
    public byte[]? Md5 { get; } = version is { ETag.Length: 32, Encryption: null or { Kind: Encryption.SseKind.S3 } } ? Convert.FromHexString(version.ETag) : null;

    /// <summary>The checksum by which the parts of a body tell that of the whole; null where the version has none of that kind.</summary>
    public ChecksumSpec? Combined { get; } =
        version.Checksum is { Type: ChecksumType.FullObject } checksum && Checksums.Of(checksum.Algorithm) is { Crc: not null } spec ? spec : null;

    /// <summary>Lets <paramref name="take"/> read a range. What is wrong with the bytes is told as <see cref="SourceDamagedException"/>, whatever the taker makes of it.</summary>
    public async ValueTask<T> Read<T>(ByteRange range, Func<PipeReader, ValueTask<T>> take, CancellationToken ct)
    {
        var body = await Open(range, ct);
        await using var watched = new WatchedBody(body);
        try
        {
            return await BodyPipe.Through(watched, content => take(content.Body), ct);
        }
        catch (Exception) when (watched.Failure is { } failure)
        {
            throw new SourceDamagedException($"The bytes of the version cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>
    /// Reads the whole body, for its MD5, and compares it with the version's checksum, or its parts with theirs. Only where that cannot be
    /// done on the way. What is so large that reading it twice would take longer than a job may is not compared.
    /// </summary>
    public async ValueTask<byte[]> Verify(CopyWatch watch, CancellationToken ct)
    {
        using var md5 = Checksums.Start(ChecksumAlgorithm.Md5);
        if (version is { Checksum.Type: ChecksumType.Composite, Body.Manifest: { } manifest })
        {
            if (version.Size > MostComparedInParts) return [];
            var offset = 0L;
            for (var after = 0; after < manifest.Parts; after += PartsOfPage)
            {
                foreach (var part in await reader.Parts(bucket, key, manifest, after, PartsOfPage, ct))
                {
                    var seen = await Digest(new(offset, part.Size), md5, part.Checksum?.Algorithm, watch, ct);
                    if (seen != part.Checksum) throw Damaged(seen!, part.Checksum!);
                    offset += part.Size;
                }
            }
        }
        else
        {
            var expected = version.Checksum is { Type: ChecksumType.FullObject } checksum ? checksum : null;
            if (await Digest(ByteRange.All(version.Size), md5, expected?.Algorithm, watch, ct) is { } seen) Check(seen);
        }
        return md5.Finish();
    }

    /// <summary>Throws where the checksum of what was read is not that of what was written.</summary>
    public void Check(Checksum seen)
    {
        if (version.Checksum is { } written && seen != written) throw Damaged(seen, written);
    }

    private static SourceDamagedException Damaged(Checksum seen, Checksum written) => new(
        $"The bytes of the version are damaged: their {Checksums.Of(seen.Algorithm).Name} is {seen.Value}, but was {written.Value} when they were written.");

    /// <summary>Reads a range into the digest of the whole, and into one of its own, which it gives; null where none was asked for.</summary>
    private async ValueTask<Checksum?> Digest(ByteRange range, Digest whole, ChecksumAlgorithm? algorithm, CopyWatch watch, CancellationToken ct)
    {
        using var own = algorithm is { } asked ? Checksums.Start(asked) : null;
        if (range.Length == 0) return own is null ? null : Checksums.FullObject(algorithm!.Value, own.Finish());
        return await Read(range, async body =>
        {
            while (true)
            {
                var read = await body.ReadAsync(ct);
                foreach (var piece in read.Buffer)
                {
                    whole.Append(piece.Span);
                    own?.Append(piece.Span);
                }
                body.AdvanceTo(read.Buffer.End);
                watch.Moved();
                if (read.IsCompleted) return own is null ? null : Checksums.FullObject(algorithm!.Value, own.Finish());
            }
        }, ct);
    }

    private async ValueTask<IObjectBody> Open(ByteRange range, CancellationToken ct)
    {
        try
        {
            return await reader.OpenBody(bucket, key, version, range, ct) ?? throw new SourceDamagedException("The bytes of the version are missing from their location.");
        }
        catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException)
        {
            throw new SourceDamagedException($"The bytes of the version cannot be read: {e.Message}", e);
        }
    }

    private sealed class WatchedBody(IObjectBody inner) : IObjectBody
    {
        public long Length => inner.Length;

        public Exception? Failure { get; private set; }

        public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
        {
            try
            {
                await inner.CopyTo(destination, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failure = e;
                throw;
            }
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
