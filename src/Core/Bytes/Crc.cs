using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ZenkoFunctions.Core.Bytes;

/// <summary>
/// A reflected CRC of 32 or 64 bits that starts from all ones and ends inverted. Long runs of bytes are folded by
/// carry-less multiplication; the constants for that follow from the polynomial.
/// </summary>
/// <remarks>
/// Reflected means that the lowest bit stands for the highest power of x. Of 128 bits of message, the low half L and the
/// high half H stand for L·x^64 + H; moved D bits ahead they are congruent to L·(x^(64+D) mod P) + H·(x^D mod P). The
/// product of two reflected words is reflected too, but one power of x too high, so the constants are one lower.
/// </remarks>
public sealed class Crc
{
    /// <summary>CRC-32 (ISO-HDLC), as in gzip. Of "123456789": CBF43926.</summary>
    public static readonly Crc Crc32 = new(32, 0xEDB88320);

    /// <summary>CRC-32C (Castagnoli). Of "123456789": E3069283.</summary>
    public static readonly Crc Crc32C = new(32, 0x82F63B78);

    /// <summary>CRC-64/NVME. Of "123456789": AE8B14860A799888.</summary>
    public static readonly Crc Crc64Nvme = new(64, 0x9A6C9329AC4BC9B5);

    private const int Lane = 16;
    private const int Lanes = 4;

    private readonly int width;
    private readonly ulong polynomial;
    private readonly ulong mask;
    private readonly ulong one; // x^0
    private readonly ulong[] table = new ulong[8 * 256];
    private readonly Vector128<ulong> foldFour;
    private readonly Vector128<ulong> foldOne;

    private Crc(int width, ulong polynomial)
    {
        this.width = width;
        this.polynomial = polynomial;
        mask = width == 64 ? ulong.MaxValue : (1ul << width) - 1;
        one = 1ul << (width - 1);
        FillTable();
        foldFour = FoldConstants(Lanes * Lane * 8);
        foldOne = FoldConstants(Lane * 8);
    }

    /// <summary>The checksum's length in bytes.</summary>
    public int Length => width / 8;

    /// <summary>The state before the first byte.</summary>
    public ulong Start => mask;

    /// <summary>The state after these bytes.</summary>
    public ulong Update(ulong state, ReadOnlySpan<byte> bytes) =>
        Pclmulqdq.IsSupported && bytes.Length >= 2 * Lanes * Lane ? Fold(state, bytes) : UpdateByTable(state, bytes);

    /// <summary>The checksum of a state.</summary>
    public ulong Finish(ulong state) => state ^ mask;

    /// <summary>The checksum of some bytes.</summary>
    public ulong Of(ReadOnlySpan<byte> bytes) => Finish(Update(Start, bytes));

    /// <summary>The checksum of A followed by B, from the checksums of the two and the length of B in bytes.</summary>
    public ulong Combine(ulong crcA, ulong crcB, long lengthB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthB);
        return Multiply(crcA, PowerOfX(8, (ulong)lengthB)) ^ crcB;
    }

    /// <summary>Slicing by eight: for machines without carry-less multiplication, and for short runs.</summary>
    internal ulong UpdateByTable(ulong state, ReadOnlySpan<byte> bytes)
    {
        ref var t = ref MemoryMarshal.GetArrayDataReference(table);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var word = state ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            state = Unsafe.Add(ref t, 7 * 256 + (byte)word)
                ^ Unsafe.Add(ref t, 6 * 256 + (byte)(word >> 8))
                ^ Unsafe.Add(ref t, 5 * 256 + (byte)(word >> 16))
                ^ Unsafe.Add(ref t, 4 * 256 + (byte)(word >> 24))
                ^ Unsafe.Add(ref t, 3 * 256 + (byte)(word >> 32))
                ^ Unsafe.Add(ref t, 2 * 256 + (byte)(word >> 40))
                ^ Unsafe.Add(ref t, 256 + (byte)(word >> 48))
                ^ Unsafe.Add(ref t, (byte)(word >> 56));
        }
        foreach (var value in bytes)
            state = (state >> 8) ^ table[(byte)(state ^ value)];
        return state;
    }

    private ulong Fold(ulong state, ReadOnlySpan<byte> bytes)
    {
        ref var data = ref MemoryMarshal.GetReference(bytes);
        // The state counts as if it had been added to the first bytes of the message.
        var a = Load(ref data, 0) ^ Vector128.CreateScalar(state);
        var b = Load(ref data, 1);
        var c = Load(ref data, 2);
        var d = Load(ref data, 3);
        var at = Lanes * Lane;
        for (; at <= bytes.Length - Lanes * Lane; at += Lanes * Lane)
        {
            ref var next = ref Unsafe.Add(ref data, at);
            a = Ahead(a, foldFour) ^ Load(ref next, 0);
            b = Ahead(b, foldFour) ^ Load(ref next, 1);
            c = Ahead(c, foldFour) ^ Load(ref next, 2);
            d = Ahead(d, foldFour) ^ Load(ref next, 3);
        }
        a = Ahead(Ahead(Ahead(a, foldOne) ^ b, foldOne) ^ c, foldOne) ^ d;

        Span<byte> folded = stackalloc byte[Lane];
        a.AsByte().CopyTo(folded);
        return UpdateByTable(UpdateByTable(0, folded), bytes[at..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ref byte data, int lane) =>
        Vector128.LoadUnsafe(ref data, (nuint)(lane * Lane)).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Ahead(Vector128<ulong> value, Vector128<ulong> constants) =>
        Pclmulqdq.CarrylessMultiply(value, constants, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, constants, 0x11);

    private Vector128<ulong> FoldConstants(ulong bits) => Vector128.Create(
        PowerOfX(1, 64 + bits - 1) << (64 - width), PowerOfX(1, bits - 1) << (64 - width));

    /// <summary>(x^step)^times mod P.</summary>
    private ulong PowerOfX(int step, ulong times)
    {
        var result = one;
        for (var square = one >> step; times > 0; times >>= 1, square = Multiply(square, square))
            if ((times & 1) != 0) result = Multiply(result, square);
        return result;
    }

    private ulong Multiply(ulong a, ulong b)
    {
        var product = 0ul;
        for (var power = one; power != 0; power >>= 1)
        {
            if ((a & power) != 0) product ^= b;
            b = TimesX(b);
        }
        return product;
    }

    private ulong TimesX(ulong value) => (value & 1) != 0 ? (value >> 1) ^ polynomial : value >> 1;

    private void FillTable()
    {
        for (var i = 0; i < 256; i++)
        {
            var entry = (ulong)i;
            for (var bit = 0; bit < 8; bit++) entry = TimesX(entry);
            table[i] = entry;
        }
        for (var i = 256; i < table.Length; i++)
            table[i] = (table[i - 256] >> 8) ^ table[(byte)table[i - 256]];
    }
}
