using System.Buffers.Binary;

namespace System.IO.Hashing;

/// <summary>CRC-32 (ISO-HDLC). The digest is little-endian, as in the package of this name.</summary>
public sealed class Crc32() : NonCryptographicHashAlgorithm(Size)
{
    private const int Size = sizeof(uint);
    private const uint Polynomial = 0xEDB88320; // 0x04C11DB7 with its bits reflected

    private static readonly uint[] Table = MakeTable();
    private uint crc = ~0u;

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> source) => crc = Update(crc, source);

    /// <inheritdoc/>
    public override void Reset() => crc = ~0u;

    /// <inheritdoc/>
    protected override void GetCurrentHashCore(Span<byte> destination) =>
        BinaryPrimitives.WriteUInt32LittleEndian(destination, ~crc);

    /// <summary>The digest so far, as a number.</summary>
    public uint GetCurrentHashAsUInt32() => ~crc;

    /// <summary>The digest of the source, as a number.</summary>
    public static uint HashToUInt32(ReadOnlySpan<byte> source) => ~Update(~0u, source);

    private static uint Update(uint crc, ReadOnlySpan<byte> source)
    {
        foreach (var value in source)
            crc = (crc >> 8) ^ Table[(byte)(crc ^ value)];
        return crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++)
                entry = (entry & 1) != 0 ? (entry >> 1) ^ Polynomial : entry >> 1;
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
        BinaryPrimitives.WriteUInt32LittleEndian(destination, HashToUInt32(source));
        return true;
    }
}
