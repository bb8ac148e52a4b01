using System.Buffers.Binary;
using System.Numerics;
using static System.IO.Hashing.Primes;

namespace System.IO.Hashing;

/// <summary>XXH3 of at most 240 bytes, which has rules of its own for each range of lengths.</summary>
internal static class Xxh3Short
{
    internal const int MaxLength = 240;

    internal static ReadOnlySpan<byte> DefaultSecret =>
    [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
        0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
        0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
        0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
        0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
        0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
        0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
        0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
        0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
        0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
        0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ];

    internal static ulong Hash64(ReadOnlySpan<byte> input, ulong seed) => input.Length switch
    {
        0 => Avalanche64(seed ^ Secret(56) ^ Secret(64)),
        <= 3 => Avalanche64((((uint)Secret(0) ^ (uint)(Secret(0) >> 32)) + seed) ^ Combine3(input)),
        <= 8 => Hash64Of4To8(input, seed),
        <= 16 => Hash64Of9To16(input, seed),
        <= 128 => Hash64Of17To128(input, seed),
        _ => Hash64Of129To240(input, seed),
    };

    internal static UInt128 Hash128(ReadOnlySpan<byte> input, ulong seed) => input.Length switch
    {
        0 => new UInt128(Avalanche64(seed ^ Secret(80) ^ Secret(88)), Avalanche64(seed ^ Secret(64) ^ Secret(72))),
        <= 3 => Hash128Of1To3(input, seed),
        <= 8 => Hash128Of4To8(input, seed),
        <= 16 => Hash128Of9To16(input, seed),
        _ => Hash128Of17To240(input, seed),
    };

    /// <summary>The two halves of the 128-bit product, one upon the other.</summary>
    internal static ulong FoldedProduct(ulong x, ulong y)
    {
        var high = Math.BigMul(x, y, out var low);
        return high ^ low;
    }

    private static ulong Hash64Of4To8(ReadOnlySpan<byte> input, ulong seed)
    {
        var combined = Word32(input, input.Length - 4) | ((ulong)Word32(input, 0) << 32);
        var value = ((Secret(8) ^ Secret(16)) - Spread(seed)) ^ combined;
        value ^= BitOperations.RotateLeft(value, 49) ^ BitOperations.RotateLeft(value, 24);
        value *= PrimeMix2;
        value ^= (value >> 35) + (ulong)input.Length;
        value *= PrimeMix2;
        return value ^ (value >> 28);
    }

    private static ulong Hash64Of9To16(ReadOnlySpan<byte> input, ulong seed)
    {
        var low = ((Secret(24) ^ Secret(32)) + seed) ^ Word(input, 0);
        var high = ((Secret(40) ^ Secret(48)) - seed) ^ Word(input, input.Length - 8);
        return Avalanche3((ulong)input.Length + BinaryPrimitives.ReverseEndianness(low) + high + FoldedProduct(low, high));
    }

    private static ulong Hash64Of17To128(ReadOnlySpan<byte> input, ulong seed)
    {
        var sum = (ulong)input.Length * Prime64A;
        for (var i = (input.Length - 1) >> 5; i >= 0; i--)
        {
            sum += Mix(input, i * 16, i * 32, seed);
            sum += Mix(input, input.Length - i * 16 - 16, i * 32 + 16, seed);
        }
        return Avalanche3(sum);
    }

    private static ulong Hash64Of129To240(ReadOnlySpan<byte> input, ulong seed)
    {
        var sum = (ulong)input.Length * Prime64A;
        for (var i = 0; i < 8; i++)
            sum += Mix(input, i * 16, i * 16, seed);
        sum = Avalanche3(sum);
        for (var i = 8; i < input.Length >> 4; i++)
            sum += Mix(input, i * 16, (i - 8) * 16 + 3, seed);
        return Avalanche3(sum + Mix(input, input.Length - 16, 119, seed));
    }

    private static UInt128 Hash128Of1To3(ReadOnlySpan<byte> input, ulong seed)
    {
        var combined = Combine3(input);
        var low = (((uint)Secret(0) ^ (uint)(Secret(0) >> 32)) + seed) ^ combined;
        var high = (((uint)Secret(8) ^ (uint)(Secret(8) >> 32)) - seed)
            ^ BitOperations.RotateLeft(BinaryPrimitives.ReverseEndianness(combined), 13);
        return new UInt128(Avalanche64(high), Avalanche64(low));
    }

    private static UInt128 Hash128Of4To8(ReadOnlySpan<byte> input, ulong seed)
    {
        var combined = Word32(input, 0) | ((ulong)Word32(input, input.Length - 4) << 32);
        var value = ((Secret(16) ^ Secret(24)) + Spread(seed)) ^ combined;
        var high = Math.BigMul(value, Prime64A + ((ulong)input.Length << 2), out var low);
        high += low << 1;
        low ^= high >> 3;
        low ^= low >> 35;
        low *= PrimeMix2;
        low ^= low >> 28;
        return new UInt128(Avalanche3(high), low);
    }

    private static UInt128 Hash128Of9To16(ReadOnlySpan<byte> input, ulong seed)
    {
        var last = Word(input, input.Length - 8);
        var first = ((Secret(32) ^ Secret(40)) - seed) ^ Word(input, 0) ^ last;
        var second = ((Secret(48) ^ Secret(56)) + seed) ^ last;
        var high = Math.BigMul(first, Prime64A, out var low);
        low += (ulong)(input.Length - 1) << 54;
        high += second + (ulong)(uint)second * (Prime32B - 1);
        low ^= BinaryPrimitives.ReverseEndianness(high);
        var upper = Math.BigMul(low, Prime64B, out var lower) + high * Prime64B;
        return new UInt128(Avalanche3(upper), Avalanche3(lower));
    }

    private static UInt128 Hash128Of17To240(ReadOnlySpan<byte> input, ulong seed)
    {
        var length = input.Length;
        var (low, high) = ((ulong)length * Prime64A, 0ul);
        if (length <= 128)
        {
            for (var i = (length - 1) >> 5; i >= 0; i--)
                MixTwo(ref low, ref high, input, i * 16, length - i * 16 - 16, i * 32, seed);
        }
        else
        {
            for (var i = 0; i < 4; i++)
                MixTwo(ref low, ref high, input, i * 32, i * 32 + 16, i * 32, seed);
            (low, high) = (Avalanche3(low), Avalanche3(high));
            for (var i = 4; i < length >> 5; i++)
                MixTwo(ref low, ref high, input, i * 32, i * 32 + 16, (i - 4) * 32 + 3, seed);
            MixTwo(ref low, ref high, input, length - 16, length - 32, 103, 0 - seed);
        }
        var last = low * Prime64A + high * Prime64D + ((ulong)length - seed) * Prime64B;
        return new UInt128(0 - Avalanche3(last), Avalanche3(low + high));
    }

    private static void MixTwo(
        ref ulong low, ref ulong high, ReadOnlySpan<byte> input, int first, int second, int secretOffset, ulong seed)
    {
        low = (low + Mix(input, first, secretOffset, seed)) ^ (Word(input, second) + Word(input, second + 8));
        high = (high + Mix(input, second, secretOffset + 16, seed)) ^ (Word(input, first) + Word(input, first + 8));
    }

    private static ulong Mix(ReadOnlySpan<byte> input, int offset, int secretOffset, ulong seed) => FoldedProduct(
        Word(input, offset) ^ (Secret(secretOffset) + seed), Word(input, offset + 8) ^ (Secret(secretOffset + 8) - seed));

    private static uint Combine3(ReadOnlySpan<byte> input) =>
        input[^1] | ((uint)input.Length << 8) | ((uint)input[0] << 16) | ((uint)input[input.Length >> 1] << 24);

    private static ulong Spread(ulong seed) => seed ^ ((ulong)BinaryPrimitives.ReverseEndianness((uint)seed) << 32);

    private static ulong Secret(int offset) => Word(DefaultSecret, offset);

    private static ulong Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private static uint Word32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
