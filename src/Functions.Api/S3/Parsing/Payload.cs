using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>The body of a request and what its headers say of it.</summary>
public static class Payload
{
    /// <summary>The most that one PUT, part or copy may carry: 5 GiB.</summary>
    public const long MaxBytes = 5L << 30;

    /// <summary>
    /// The body of PutObject and UploadPart. Refuses before a byte is read: EntityTooLarge, InvalidDigest,
    /// and what <see cref="ChecksumHeaders"/> refuses.
    /// </summary>
    public static Content Content(S3Call call)
    {
        var (request, sender) = (call.Request, call.Sender);
        if (sender.Length > MaxBytes) throw new S3Exception(S3Errors.EntityTooLarge);
        var announced = ChecksumHeaders.Parse(request.Headers, sender.Trailer);
        return new Content(sender.Length is null ? new BoundedBody(sender.Body, MaxBytes) : sender.Body, sender.Length)
        {
            Md5 = Md5(call.Header("Content-MD5")),
            Algorithm = announced?.Algorithm,
            Announced = announced?.Value,
            Encryption = EncryptionHeaders.ForWrite(call),
        };
    }

    /// <summary>
    /// The body of a message that must carry Content-MD5 or a checksum, read to its end and found to be what they say.
    /// </summary>
    public static ValueTask<ReadOnlyMemory<byte>> ReadVerified(S3Call call, int limit, CancellationToken ct) =>
        ReadMessage(call, limit, true, ct);

    /// <summary>The body of a message, read to its end and found to be what Content-MD5 or a checksum says.</summary>
    /// <param name="call">The request.</param>
    /// <param name="limit">The most bytes.</param>
    /// <param name="mustSay">Whether there must be one of them.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadMessage(S3Call call, int limit, bool mustSay, CancellationToken ct)
    {
        var md5 = Md5(call.Header("Content-MD5"));
        var announced = ChecksumHeaders.Parse(call.Request.Headers, call.Sender.Trailer);
        if (mustSay && md5 is null && announced is null)
            throw Invalid.Request("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        var body = await call.ReadAll(limit, ct);
        if (md5 is not null) Verify(body.Span, md5);
        if (announced is not null) Verify(body.Span, announced);
        return body;
    }

    /// <summary>The 16 bytes of Content-MD5; null where there is none; InvalidDigest where it is anything else.</summary>
    public static byte[]? Md5(string? header)
    {
        if (header is null) return null;
        return Checksums.TryDecode(ChecksumAlgorithm.Md5, header.Trim(), out var md5)
            ? md5
            : throw new S3Exception(S3Errors.InvalidDigest);
    }

    /// <summary>Throws BadDigest where the MD5 of the body is another.</summary>
    public static void Verify(ReadOnlySpan<byte> body, byte[] md5)
    {
        using var digest = Checksums.Start(ChecksumAlgorithm.Md5);
        digest.Append(body);
        if (!digest.Finish().AsSpan().SequenceEqual(md5)) throw new S3Exception(S3Errors.BadDigest);
    }

    private static void Verify(ReadOnlySpan<byte> body, AnnouncedChecksum announced)
    {
        using var digest = Checksums.Start(announced.Algorithm);
        digest.Append(body);
        if (Convert.ToBase64String(digest.Finish()) != announced.Value()) throw new S3Exception(S3Errors.BadDigest);
    }
}
