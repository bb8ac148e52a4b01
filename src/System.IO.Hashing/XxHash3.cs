using System.Buffers.Binary;

namespace System.IO.Hashing;

/// <summary>XXH3 of 64 bits. The digest is big-endian.</summary>
public sealed class XxHash3 : NonCryptographicHashAlgorithm
{
    private const int Size = 8;

    private readonly Xxh3State state;

    /// <summary>With seed 0.</summary>
    public XxHash3() : this(0) { }

    /// <summary>With the given seed.</summary>
    public XxHash3(long seed) : base(Size) => state = new Xxh3State((ulong)seed);

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> source) => state.Append(source);

    /// <inheritdoc/>
    public override void Reset() => state.Reset();

    /// <inheritdoc/>
    protected override void GetCurrentHashCore(Span<byte> destination) =>
        BinaryPrimitives.WriteUInt64BigEndian(destination, state.Finish64());

    /// <summary>The digest so far, as a number.</summary>
    public ulong GetCurrentHashAsUInt64() => state.Finish64();

    /// <summary>The digest of the source, as a number.</summary>
    public static ulong HashToUInt64(ReadOnlySpan<byte> source, long seed = 0)
    {
        var state = new Xxh3State((ulong)seed);
        state.Append(source);
        return state.Finish64();
    }

    /// <summary>The digest of the source with seed 0, in a new array.</summary>
    public static byte[] Hash(byte[] source) => Hash(source, 0);

    /// <summary>The digest of the source, in a new array.</summary>
    public static byte[] Hash(byte[] source, long seed)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Hash(new ReadOnlySpan<byte>(source), seed);
    }

    /// <summary>The digest of the source, in a new array.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> source, long seed = 0)
    {
        var digest = new byte[Size];
        Hash(source, digest, seed);
        return digest;
    }

    /// <summary>Writes the digest of the source and returns its length; throws where the destination is too short.</summary>
    public static int Hash(ReadOnlySpan<byte> source, Span<byte> destination, long seed = 0)
    {
        if (!TryHash(source, destination, out var written, seed)) ThrowTooShort();
        return written;
    }

    /// <summary>Writes the digest of the source; false where the destination is too short.</summary>
    public static bool TryHash(ReadOnlySpan<byte> source, Span<byte> destination, out int bytesWritten, long seed = 0)
    {
        bytesWritten = destination.Length < Size ? 0 : Size;
        if (bytesWritten == 0) return false;
        BinaryPrimitives.WriteUInt64BigEndian(destination, HashToUInt64(source, seed));
        return true;
    }
}
