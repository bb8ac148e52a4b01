using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>The ways in which x-amz-content-sha256 lets a body be framed and covered, and the reader for each.</summary>
internal static class Payload
{
    public const string
        Unsigned = "UNSIGNED-PAYLOAD",
        UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        Signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        SignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";

    // 50 TB, the largest object there is.
    private const long MaxLength = 50L << 40;
    private const int MaxTrailerNames = 16;

    private static readonly byte[] EmptyHash = SHA256.HashData([]);

    /// <summary>The header x-amz-content-sha256, or null.</summary>
    public static string? Announced(WireRequest request)
    {
        var values = request.Headers["x-amz-content-sha256"];
        return values.Count == 0 ? null : values.ToString();
    }

    /// <summary>Refuses what is none of the known forms.</summary>
    public static void Check(string form)
    {
        if (form is Unsigned or UnsignedTrailer or Signed or SignedTrailer) return;
        if (form is "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" or "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER")
            throw new S3Exception(S3Errors.NotImplemented, "Chunks signed with version 4a are not implemented; sign with AWS4-HMAC-SHA256.");
        if (form.Length != 64 || !form.All(char.IsAsciiHexDigit))
            throw Fault.Argument("x-amz-content-sha256", form,
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, one of the STREAMING- forms, or the SHA-256 of the body in hex.");
    }

    /// <summary>Whether the form has the signature cover the body.</summary>
    public static bool IsWhole(string form) => form is not (Unsigned or UnsignedTrailer);

    /// <summary>The body as operations may read it.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="principal">Who sends it.</param>
    /// <param name="form">Its x-amz-content-sha256, or null.</param>
    /// <param name="signatures">Verifies chunks; null where the request has no version 4 signature to start from.</param>
    public static Authenticated Open(WireRequest request, Principal principal, string? form, ChunkSignatures? signatures)
    {
        if (form is null or Unsigned) return new(principal, request.Body, request.ContentLength, static _ => null);
        Check(form);
        if (form is Signed or SignedTrailer && signatures is null)
            throw Fault.Argument("x-amz-content-sha256", form, "Signed chunks need a version 4 signature of the request.");
        if (form is UnsignedTrailer or Signed or SignedTrailer)
        {
            var length = DecodedLength(request);
            var body = new ChunkedBody(request.Body, length, form == UnsignedTrailer ? null : signatures,
                form == Signed ? [] : TrailerNames(request), signedTrailer: form == SignedTrailer);
            return new(principal, body, length, body.Trailer);
        }
        var expected = Convert.FromHexString(form);
        // Nobody reads a body that is not there, so its hash is judged here.
        if (HasNoBody(request) && !expected.AsSpan().SequenceEqual(EmptyHash)) throw HashedBody.Mismatch(expected, EmptyHash);
        return new(principal, new HashedBody(request.Body, expected, request.ContentLength), request.ContentLength, static _ => null);
    }

    private static bool HasNoBody(WireRequest request) =>
        request.ContentLength == 0
        || (request.ContentLength is null && request.Headers.TransferEncoding.Count == 0 && request.Verb is "GET" or "HEAD" or "DELETE");

    private static long DecodedLength(WireRequest request)
    {
        var header = request.Headers["x-amz-decoded-content-length"];
        if (header.Count == 0)
            throw new S3Exception(S3Errors.MissingContentLength, "A body sent in chunks needs the header x-amz-decoded-content-length.");
        return long.TryParse(header.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= MaxLength
            ? length
            : throw Fault.Argument("x-amz-decoded-content-length", header.ToString(), "x-amz-decoded-content-length must be a number of bytes.");
    }

    private static string[] TrailerNames(WireRequest request)
    {
        string[] names = [.. request.Headers["x-amz-trailer"].SelectMany(value => (value ?? "").Split(',')).Select(name => name.Trim().ToLowerInvariant()).Where(name => name.Length > 0)];
        if (names.Length > MaxTrailerNames || names.Distinct(StringComparer.Ordinal).Count() != names.Length)
            throw Fault.Argument("x-amz-trailer", request.Headers["x-amz-trailer"].ToString(), $"x-amz-trailer may name at most {MaxTrailerNames} trailers, each once.");
        return names;
    }
}
