using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>
/// The grammar of aws-chunked:
/// <code>
/// body     = *chunk last *( name ":" value CRLF ) [ "x-amz-trailer-signature:" hex CRLF ] CRLF
/// chunk    = size-in-hex [ ";chunk-signature=" hex ] CRLF bytes CRLF
/// last     = "0" [ ";chunk-signature=" hex ] CRLF
/// </code>
/// It finds payload and checks signatures; it holds no bytes.
/// </summary>
internal sealed class ChunkParser(long length, ChunkSignatures? signatures, string[] announced, bool signedTrailer) : IDisposable
{
    // A size of 16 digits, the extension's name and 64 digits, with room for an extension that is ignored.
    private const int MaxLine = 512, MaxTrailerLine = 4096;

    private const string SignatureTrailer = "x-amz-trailer-signature";

    private enum At
    {
        Size,
        Data,
        DataEnd,
        Trailers,
        End,
    }

    private readonly IncrementalHash? sha = signatures is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly StringBuilder signedTrailers = new();
    private readonly byte[] chunkSignature = new byte[32];
    private At at;
    private long left = length;
    private long chunkLeft;
    private bool trailerSigned;

    /// <summary>How far the buffer has been parsed, from its start.</summary>
    public long Parsed { get; private set; }

    /// <summary>Whether all payload has been found.</summary>
    public bool PayloadParsed => left == 0;

    /// <summary>Whether the body has ended and all of it is right.</summary>
    public bool Ended { get; private set; }

    /// <summary>The trailers by their lower-case names.</summary>
    public Dictionary<string, string> Trailers { get; } = new(StringComparer.Ordinal);

    /// <summary>The buffer will start that much later.</summary>
    public void Rebase(long dropped) => Parsed -= dropped;

    /// <summary>Parses what is new in the buffer and adds runs of payload.</summary>
    /// <exception cref="S3Exception">Framing, a signature or the length is wrong.</exception>
    public void Parse(ReadOnlySequence<byte> buffer, bool completed, List<(long Start, long Length)> runs)
    {
        while (Step(buffer, runs)) { }
        if (at == At.End && Parsed < buffer.Length)
            throw new S3Exception(S3Errors.IncompleteBody, "The body goes on behind its final chunk.");
        if (!completed) return;
        if (at != At.End) throw new S3Exception(S3Errors.IncompleteBody, "The body ended before its final chunk and trailers.");
        Ended = true;
        Dispose();
    }

    public void Dispose() => sha?.Dispose();

    private bool Step(ReadOnlySequence<byte> buffer, List<(long Start, long Length)> runs)
    {
        switch (at)
        {
            case At.Size:
                if (Line(buffer, MaxLine) is not { } header) return false;
                Chunk(header);
                return true;
            case At.Data:
                var count = Math.Min(chunkLeft, buffer.Length - Parsed);
                if (count == 0) return false;
                Data(buffer.Slice(Parsed, count), runs);
                return true;
            case At.DataEnd:
                if (buffer.Length - Parsed < 2) return false;
                Span<byte> end = stackalloc byte[2];
                buffer.Slice(Parsed, 2).CopyTo(end);
                if (!end.SequenceEqual("\r\n"u8)) throw Framing("a chunk's bytes are not followed by a line's end");
                Parsed += 2;
                at = At.Size;
                return true;
            case At.Trailers:
                if (Line(buffer, MaxTrailerLine) is not { } trailer) return false;
                if (trailer.Length == 0) EndOfTrailers();
                else TakeTrailer(trailer);
                return true;
            default:
                return false;
        }
    }

    private void Chunk(string header)
    {
        var semicolon = header.IndexOf(';', StringComparison.Ordinal);
        var digits = semicolon < 0 ? header.AsSpan() : header.AsSpan(0, semicolon);
        if (digits.Length is 0 or > 15 || !long.TryParse(digits, System.Globalization.NumberStyles.AllowHexSpecifier, null, out var size))
            throw Framing("a chunk's size is no hex number");
        if (signatures is not null)
        {
            const string name = ";chunk-signature=";
            if (semicolon < 0 || header.Length - semicolon != name.Length + 64 || !header.AsSpan(semicolon).StartsWith(name)
                || Convert.FromHexString(header.AsSpan(semicolon + name.Length), chunkSignature, out _, out _) != OperationStatus.Done)
                throw Framing("a chunk has no signature, or a malformed one");
        }
        if (size > left) throw new S3Exception(S3Errors.IncompleteBody, "The chunks hold more bytes than x-amz-decoded-content-length says.");
        chunkLeft = size;
        if (size > 0)
        {
            at = At.Data;
            return;
        }
        if (left > 0) throw new S3Exception(S3Errors.IncompleteBody, "The chunks hold fewer bytes than x-amz-decoded-content-length says.");
        Verify();
        at = At.Trailers;
    }

    private void Data(ReadOnlySequence<byte> bytes, List<(long Start, long Length)> runs)
    {
        if (sha is not null)
            foreach (var memory in bytes) sha.AppendData(memory.Span);
        // A run that goes on is one run: so most buffers are shown as they are.
        if (runs.Count > 0 && runs[^1].Start + runs[^1].Length == Parsed) runs[^1] = (runs[^1].Start, runs[^1].Length + bytes.Length);
        else runs.Add((Parsed, bytes.Length));
        Parsed += bytes.Length;
        chunkLeft -= bytes.Length;
        left -= bytes.Length;
        if (chunkLeft > 0) return;
        Verify();
        at = At.DataEnd;
    }

    private void Verify()
    {
        if (signatures is null) return;
        Span<byte> hash = stackalloc byte[32];
        sha!.GetHashAndReset(hash);
        if (!signatures.Chunk(hash, chunkSignature))
            throw new S3Exception(S3Errors.SignatureDoesNotMatch, "The signature of a chunk is not the one that the server calculated.");
    }

    private void TakeTrailer(string line)
    {
        // The published examples end a trailer's value with a line feed of its own.
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || trailerSigned) throw MalformedTrailer("A trailer must have the form name:value; the signature comes last.");
        var name = line[..colon].Trim().ToLowerInvariant();
        var value = line[(colon + 1)..].Trim();
        if (value.Any(char.IsControl)) throw MalformedTrailer($"The trailer {name} holds control characters.");
        if (name == SignatureTrailer && signedTrailer)
        {
            VerifyTrailers(value);
            return;
        }
        if (!announced.Contains(name, StringComparer.Ordinal)) throw MalformedTrailer($"The trailer {name} was not announced in x-amz-trailer.");
        if (!Trailers.TryAdd(name, value)) throw MalformedTrailer($"The trailer {name} came twice.");
        signedTrailers.Append(name).Append(':').Append(value).Append('\n');
    }

    private void VerifyTrailers(string signature)
    {
        Span<byte> bytes = stackalloc byte[32];
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(signedTrailers.ToString()));
        if (signature.Length != 64 || Convert.FromHexString(signature, bytes, out _, out _) != OperationStatus.Done
            || !signatures!.Trailer(hash, bytes))
            throw new S3Exception(S3Errors.SignatureDoesNotMatch, "The signature of the trailers is not the one that the server calculated.");
        trailerSigned = true;
    }

    private void EndOfTrailers()
    {
        if (signedTrailer && !trailerSigned) throw MalformedTrailer($"The trailer {SignatureTrailer} is missing.");
        foreach (var name in announced)
            if (!Trailers.ContainsKey(name)) throw MalformedTrailer($"The trailer {name} was announced in x-amz-trailer and did not come.");
        at = At.End;
    }

    /// <summary>The next line without its CRLF; null where it has not come yet.</summary>
    private string? Line(ReadOnlySequence<byte> buffer, int most)
    {
        var reader = new SequenceReader<byte>(buffer.Slice(Parsed));
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
            return buffer.Length - Parsed > most ? throw Framing($"a line is longer than {most} bytes") : null;
        if (line.Length > most) throw Framing($"a line is longer than {most} bytes");
        Parsed += line.Length + 2;
        return Encoding.UTF8.GetString(line);
    }

    private static S3Exception Framing(string what) => new(S3Errors.IncompleteBody, $"The body is not in the aws-chunked encoding: {what}.");

    private static S3Exception MalformedTrailer(string detail) => new(S3Errors.MalformedTrailerError, detail);
}
