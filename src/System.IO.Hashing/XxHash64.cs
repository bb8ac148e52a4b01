using System.Buffers.Binary;
using System.Numerics;
using static System.IO.Hashing.Primes;

namespace System.IO.Hashing;

/// <summary>XXH64. The digest is big-endian.</summary>
public sealed class XxHash64 : NonCryptographicHashAlgorithm
{
    private const int Size = sizeof(ulong);
    private const int Stripe = 32;

    private readonly ulong seed;
    private readonly byte[] rest = new byte[Stripe];
    private ulong a, b, c, d;
    private long length;

    /// <summary>With seed 0.</summary>
    public XxHash64() : this(0) { }

    /// <summary>With the given seed.</summary>
    public XxHash64(long seed) : base(Size)
    {
        this.seed = (ulong)seed;
        Reset();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        (a, b, c, d) = (seed + Prime64A + Prime64B, seed + Prime64B, seed, seed - Prime64A);
        length = 0;
    }

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> source)
    {
        var held = (int)(length % Stripe);
        length += source.Length;
        if (held + source.Length < Stripe)
        {
            source.CopyTo(rest.AsSpan(held));
            return;
        }
        if (held > 0)
        {
            source[..(Stripe - held)].CopyTo(rest.AsSpan(held));
            source = source[(Stripe - held)..];
            Consume(rest);
        }
        var whole = source.Length - source.Length % Stripe;
        Consume(source[..whole]);
        source[whole..].CopyTo(rest);
    }

    /// <summary>The digest so far, as a number.</summary>
    public ulong GetCurrentHashAsUInt64()
    {
        var hash = seed + Prime64E;
        if (length >= Stripe)
        {
            hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7)
                + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
            hash = Merge(Merge(Merge(Merge(hash, a), b), c), d);
        }
        hash += (ulong)length;

        var tail = rest.AsSpan(0, (int)(length % Stripe));
        for (; tail.Length >= 8; tail = tail[8..])
            hash = BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(tail)), 27) * Prime64A + Prime64D;
        if (tail.Length >= 4)
        {
            hash = BitOperations.RotateLeft(hash ^ BinaryPrimitives.ReadUInt32LittleEndian(tail) * Prime64A, 23) * Prime64B + Prime64C;
            tail = tail[4..];
        }
        foreach (var value in tail)
            hash = BitOperations.RotateLeft(hash ^ value * Prime64E, 11) * Prime64A;
        return Avalanche64(hash);
    }

    /// <inheritdoc/>
    protected override void GetCurrentHashCore(Span<byte> destination) =>
        BinaryPrimitives.WriteUInt64BigEndian(destination, GetCurrentHashAsUInt64());

    /// <summary>The digest of the source, as a number.</summary>
    public static ulong HashToUInt64(ReadOnlySpan<byte> source, long seed = 0)
    {
        var hash = new XxHash64(seed);
        hash.Append(source);
        return hash.GetCurrentHashAsUInt64();
    }

    private void Consume(ReadOnlySpan<byte> stripes)
    {
        var (w, x, y, z) = (a, b, c, d);
        for (; stripes.Length >= Stripe; stripes = stripes[Stripe..])
        {
            w = Round(w, BinaryPrimitives.ReadUInt64LittleEndian(stripes));
            x = Round(x, BinaryPrimitives.ReadUInt64LittleEndian(stripes[8..]));
            y = Round(y, BinaryPrimitives.ReadUInt64LittleEndian(stripes[16..]));
            z = Round(z, BinaryPrimitives.ReadUInt64LittleEndian(stripes[24..]));
        }
        (a, b, c, d) = (w, x, y, z);
    }

    private static ulong Round(ulong accumulator, ulong lane) =>
        BitOperations.RotateLeft(accumulator + lane * Prime64B, 31) * Prime64A;

    private static ulong Merge(ulong hash, ulong accumulator) => (hash ^ Round(0, accumulator)) * Prime64A + Prime64D;

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
