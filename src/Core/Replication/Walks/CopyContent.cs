using System.Security.Cryptography;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>
/// Reads copies and compares their bytes, a range at a time: with the version's CRC where it has one of all its bytes, with its MD5
/// where it is read at once, and else with the source's own bytes.
/// </summary>
/// <param name="objects">The source.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="target">The site.</param>
/// <param name="rangeBytes">Bytes of a range.</param>
internal sealed class CopyContent(ObjectStore objects, Bucket bucket, IReplicas target, long rangeBytes)
{
    /// <summary>
    /// Compares the next range. Null, and where it stands then, as long as all is the same; once the offset is the size, all is. A
    /// copy that is gone is <see cref="Reasons.Missing"/>.
    /// </summary>
    public async ValueTask<(string? Reason, WalkReading Next)> Read(string key, ObjectVersion version, Replica copy, WalkReading? before, CancellationToken ct)
    {
        var start = before is { } reading && reading.Key == key && reading.Sequence == version.Sequence && reading.ETag == copy.ETag
            ? reading
            : new(key, version.Sequence, copy.ETag, 0, null);
        var range = new ByteRange(start.Offset, Math.Min(rangeBytes, version.Size - start.Offset));
        var next = start with { Offset = range.End };
        if (range.Length == 0) return (null, next);
        var crc = version.Checksum is { Type: ChecksumType.FullObject } checksum && Checksums.Of(checksum.Algorithm).Crc is not null ? checksum : null;
        var md5 = range.Length == version.Size ? Md5Of(version) : null;

        var algorithm = crc?.Algorithm ?? ChecksumAlgorithm.Sha256;
        var (reason, digest, hash) = await Copied(copy, range, algorithm, md5 is not null, ct);
        if (reason is not null) return (reason, next);
        if (md5 is not null && !md5.AsSpan().SequenceEqual(hash)) return (Reasons.Content, next);
        if (crc is not null)
        {
            next = next with
            {
                Crc = start.Crc is null
                    ? Convert.ToBase64String(digest)
                    : Checksums.Combine(algorithm, [(Convert.FromBase64String(start.Crc), start.Offset), (digest, range.Length)]).Value,
            };
            return (next.Offset == version.Size && next.Crc != crc.Value ? Reasons.Content : null, next);
        }
        if (md5 is not null) return (null, next);

        var opened = await objects.Open(bucket, key, new() { VersionId = version.PublicId, Range = new(range.Offset, range.End - 1) }, ct);
        // Gone, or not to be read without its writer's key: there is nothing to compare with.
        if (opened.Refusal is not null) return (null, next with { Offset = version.Size });
        await using var source = opened.Value.Body!;
        return ((await Digest(source, algorithm, false, ct)).Digest.AsSpan().SequenceEqual(digest) ? null : Reasons.Content, next);
    }

    /// <summary>The digests of a range of the copy, or why there are none.</summary>
    private async ValueTask<(string? Reason, byte[] Digest, byte[] Md5)> Copied(
        Replica copy, ByteRange range, ChecksumAlgorithm algorithm, bool withMd5, CancellationToken ct)
    {
        for (var isLast = false; ; isLast = true)
        {
            try
            {
                await using var body = await target.Open(copy, range, ct);
                if (body is null) return (Reasons.Missing, [], []);
                var (digest, md5) = await Digest(body, algorithm, withMd5, ct);
                return (body.Length == range.Length ? null : Reasons.Content, digest, md5);
            }
            catch (IOException e) when (e is not LocationUnavailableException)
            {
                // Once it may have been the way; twice, the bytes are not there.
                if (isLast) return (Reasons.Content, [], []);
            }
        }
    }

    /// <summary>The MD5 of a version's bytes, where its ETag is that.</summary>
    private static byte[]? Md5Of(ObjectVersion version) =>
        version.ETag.Length == 2 * MD5.HashSizeInBytes && version.Encryption is null or { Kind: SseKind.S3 } ? Convert.FromHexString(version.ETag) : null;

    private static ValueTask<(byte[] Digest, byte[] Md5)> Digest(IObjectBody body, ChecksumAlgorithm algorithm, bool withMd5, CancellationToken ct) =>
        BodyPipe.Through(
            body,
            async content =>
            {
                using var digest = Checksums.Start(algorithm);
                using var md5 = Checksums.Start(ChecksumAlgorithm.Md5);
                var seen = 0L;
                while (true)
                {
                    var read = await content.Body.ReadAsync(ct);
                    foreach (var segment in read.Buffer)
                    {
                        seen += segment.Length;
                        digest.Append(segment.Span);
                        if (withMd5) md5.Append(segment.Span);
                    }
                    content.Body.AdvanceTo(read.Buffer.End);
                    if (read.IsCompleted) break;
                }
                if (seen != content.Length) throw new IOException($"A copy ended after {seen} of {content.Length} bytes.");
                return (digest.Finish(), withMd5 ? md5.Finish() : []);
            },
            ct);
}
