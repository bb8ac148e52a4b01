using System.Security.Cryptography;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>The chain of chunk signatures, each over its chunk and the signature before it, from the request's own on.</summary>
internal sealed class ChunkSignatures
{
    private const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private readonly byte[] key;
    private readonly string timestamp, scope;
    private string previous;

    /// <summary>Starts from the request's signature.</summary>
    public ChunkSignatures(byte[] key, string timestamp, string scope, ReadOnlySpan<byte> seed) =>
        (this.key, this.timestamp, this.scope, previous) = (key, timestamp, scope, Convert.ToHexStringLower(seed));

    /// <summary>Whether the chunk with that SHA-256 bears that signature; the chain goes on from it.</summary>
    public bool Chunk(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature) =>
        Next($"AWS4-HMAC-SHA256-PAYLOAD\n{timestamp}\n{scope}\n{previous}\n{EmptyHash}\n{Convert.ToHexStringLower(hash)}", signature);

    /// <summary>Whether the trailers, as <c>name:value\n</c> lines of that SHA-256, bear that signature.</summary>
    public bool Trailer(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature) =>
        Next($"AWS4-HMAC-SHA256-TRAILER\n{timestamp}\n{scope}\n{previous}\n{Convert.ToHexStringLower(hash)}", signature);

    private bool Next(string text, ReadOnlySpan<byte> signature)
    {
        Span<byte> computed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        V4Signing.Sign(key, text, computed);
        previous = Convert.ToHexStringLower(computed);
        return CryptographicOperations.FixedTimeEquals(computed, signature);
    }
}
