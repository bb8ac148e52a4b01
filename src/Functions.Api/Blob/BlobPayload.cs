using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>The bodies of requests of Azure's protocol, and what their headers say of them.</summary>
public static class BlobPayload
{
    /// <summary>A body that is bytes of a blob; RequestBodyTooLarge before one of them is read.</summary>
    public static Content Content(this BlobCall call, long maxBytes)
    {
        if (call.Request.ContentLength > maxBytes) throw new S3Exception(BlobErrors.RequestBodyTooLarge, $"At most {maxBytes} bytes may be sent at once.");
        var (md5, crc64) = Sums(call);
        return Announced(new Content(call.Request.Body, call.Request.ContentLength), md5, crc64);
    }

    /// <summary>The same bytes, which must turn out to have these checksums.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="md5">16 bytes; null for any.</param>
    /// <param name="crc64">In S3's form; null for any.</param>
    public static Content Announced(Content content, byte[]? md5, string? crc64) =>
        content with { Md5 = md5, Algorithm = crc64 is null ? null : ChecksumAlgorithm.Crc64Nvme, Announced = crc64 is null ? null : () => crc64 };

    /// <summary>The checksums that what is read from elsewhere must turn out to have: MD5, and CRC-64 in S3's form.</summary>
    public static (byte[]? Md5, string? Crc64) SourceSums(BlobCall call) =>
        (BlobHeaders.Md5(call.Header("x-ms-source-content-md5")), BlobHeaders.Crc64(call.Header("x-ms-source-content-crc64")));

    /// <summary>What a body is refused with that is not what was announced.</summary>
    public static Reply Refused<T>(Result<T> result, bool hasMd5) =>
        result.Refusal == Refusal.BadDigest && !hasMd5 ? Reply.Refused(BlobErrors.Crc64Mismatch) : BlobReplies.Refused(result);

    /// <summary>A body that is a document, read to its end and found to be what its headers say.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadDocument(this BlobCall call, CancellationToken ct)
    {
        var (md5, crc) = Sums(call);
        var body = await S3Body.ReadAll(call.Request.Body, call.Request.ContentLength, call.Spec.DocumentBytes, call.Spec.Name, ct);
        if (md5 is not null && !Digest(ChecksumAlgorithm.Md5, body.Span).AsSpan().SequenceEqual(md5)) throw new S3Exception(BlobErrors.Md5Mismatch);
        if (crc is not null && Convert.ToBase64String(Digest(ChecksumAlgorithm.Crc64Nvme, body.Span)) != crc) throw new S3Exception(BlobErrors.Crc64Mismatch);
        return body;
    }

    private static (byte[]? Md5, string? Crc64) Sums(BlobCall call) => (BlobHeaders.Md5(call.Header("Content-MD5")), BlobHeaders.Crc64(call.Header("x-ms-content-crc64"))) switch
    {
        (not null, not null) => throw new S3Exception(BlobErrors.BothCrc64AndMd5HeaderPresent),
        var sums => sums,
    };

    private static byte[] Digest(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> bytes)
    {
        using var digest = Checksums.Start(algorithm);
        digest.Append(bytes);
        return digest.Finish();
    }
}
