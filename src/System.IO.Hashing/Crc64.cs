using System.Buffers.Binary;

namespace System.IO.Hashing;

/// <summary>CRC-64 of ECMA-182, not reflected. The digest is big-endian, as in the package of this name.</summary>
public sealed class Crc64() : NonCryptographicHashAlgorithm(Size)
{
    private const int Size = sizeof(ulong);
    private const ulong Polynomial = 0x42F0E1EBA9EA3693;

    private static readonly ulong[] Table = MakeTable();
    private ulong crc;

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> source) => crc = Update(crc, source);

    /// <inheritdoc/>
    public override void Reset() => crc = 0;

    /// <inheritdoc/>
    protected override void GetCurrentHashCore(Span<byte> destination) =>
        BinaryPrimitives.WriteUInt64BigEndian(destination, crc);

    /// <summary>The digest so far, as a number.</summary>
    public ulong GetCurrentHashAsUInt64() => crc;

    /// <summary>The digest of the source, as a number.</summary>
    public static ulong HashToUInt64(ReadOnlySpan<byte> source) => Update(0, source);

    private static ulong Update(ulong crc, ReadOnlySpan<byte> source)
    {
        foreach (var value in source)
            crc = (crc << 8) ^ Table[(byte)((crc >> 56) ^ value)];
        return crc;
    }

    private static ulong[] MakeTable()
    {
        var table = new ulong[256];
        for (var i = 0; i < table.Length; i++)
        {
            var entry = (ulong)i << 56;
            for (var bit = 0; bit < 8; bit++)
                entry = (entry >> 63) != 0 ? (entry << 1) ^ Polynomial : entry << 1;
            table[i] = entry;
        }
        return table;
    }

    /// <summary>The digest of the source, in a new array.</summary>
    public static byte[] Hash(byte[] source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Hash(new ReadOnlySpan<byte>(source));
    }

    /// <summary>The digest of the source, in a new array.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> source)
    {
        var digest = new byte[Size];
        Hash(source, digest);
        return digest;
    }

    /// <summary>Writes the digest of the source and returns its length; throws where the destination is too short.</summary>
    public static int Hash(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (!TryHash(source, destination, out var written)) ThrowTooShort();
        return written;
    }

    /// <summary>Writes the digest of the source; false where the destination is too short.</summary>
    public static bool TryHash(ReadOnlySpan<byte> source, Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = destination.Length < Size ? 0 : Size;
        if (bytesWritten == 0) return false;
        BinaryPrimitives.WriteUInt64BigEndian(destination, HashToUInt64(source));
        return true;
    }
}
