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

    /// <summary>Reads the whole body, for its MD5, and compares it with the version's checksum. Only where that cannot be done on the way.</summary>
    public ValueTask<byte[]> Verify(CopyWatch watch, CancellationToken ct) => Read(ByteRange.All(version.Size), async body =>
    {
        using var md5 = Checksums.Start(ChecksumAlgorithm.Md5);
        var expected = version.Checksum is { Type: ChecksumType.FullObject } checksum ? checksum : null;
        using var other = expected is null ? null : Checksums.Start(expected.Algorithm);
        while (true)
        {
            var read = await body.ReadAsync(ct);
            foreach (var piece in read.Buffer)
            {
                md5.Append(piece.Span);
                other?.Append(piece.Span);
            }
            body.AdvanceTo(read.Buffer.End);
            watch.Moved();
            if (read.IsCompleted) break;
        }
        if (other is not null) Check(Checksums.FullObject(expected!.Algorithm, other.Finish()));
        return md5.Finish();
    }, ct);

    /// <summary>Throws where the checksum of what was read is not that of what was written.</summary>
    public void Check(Checksum seen)
    {
        if (seen != version.Checksum)
            throw new SourceDamagedException($"The bytes of the version are damaged: their {Checksums.Of(seen.Algorithm).Name} is {seen.Value}, but was {version.Checksum?.Value} when they were written.");
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
