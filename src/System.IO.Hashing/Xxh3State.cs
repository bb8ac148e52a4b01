using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static System.IO.Hashing.Primes;

namespace System.IO.Hashing;

/// <summary>
/// The streaming state of XXH3 for both widths. The last block stays in the buffer until more bytes follow it, for the
/// specification treats it apart; in front of it lie the 64 bytes before it, which the last stripe may reach into.
/// </summary>
internal sealed class Xxh3State
{
    private const int Stripe = 64;
    private const int Block = 1024;
    private const int StripesOfBlock = Block / Stripe;

    private readonly ulong seed;
    private readonly byte[] secret;
    private readonly ulong[] accumulators = new ulong[8];
    private readonly byte[] buffer = new byte[Stripe + Block];
    private int held;
    private ulong length;

    internal Xxh3State(ulong seed)
    {
        this.seed = seed;
        secret = seed == 0 ? Xxh3Short.DefaultSecret.ToArray() : Derive(seed);
        Reset();
    }

    internal void Reset()
    {
        ReadOnlySpan<ulong> start = [Prime32C, Prime64A, Prime64B, Prime64C, Prime64D, Prime32B, Prime64E, Prime32A];
        start.CopyTo(accumulators);
        held = 0;
        length = 0;
    }

    internal void Append(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty) return;
        length += (ulong)source.Length;
        if (held + source.Length > Block)
        {
            var fill = Block - held;
            if (held > 0)
            {
                source[..fill].CopyTo(buffer.AsSpan(Stripe + held));
                source = source[fill..];
                ConsumeBlock(buffer.AsSpan(Stripe));
                buffer.AsSpan(Block).CopyTo(buffer);
                held = 0;
            }
            if (source.Length > Block)
            {
                var whole = (source.Length - 1) / Block * Block;
                for (var at = 0; at < whole; at += Block)
                    ConsumeBlock(source.Slice(at, Block));
                source.Slice(whole - Stripe, Stripe).CopyTo(buffer);
                source = source[whole..];
            }
        }
        source.CopyTo(buffer.AsSpan(Stripe + held));
        held += source.Length;
    }

    internal ulong Finish64()
    {
        if (length <= Xxh3Short.MaxLength) return Xxh3Short.Hash64(buffer.AsSpan(Stripe, held), seed);
        Span<ulong> last = stackalloc ulong[8];
        ConsumeLast(last);
        return Merge(last, length * Prime64A, 11);
    }

    internal UInt128 Finish128()
    {
        if (length <= Xxh3Short.MaxLength) return Xxh3Short.Hash128(buffer.AsSpan(Stripe, held), seed);
        Span<ulong> last = stackalloc ulong[8];
        ConsumeLast(last);
        return new UInt128(Merge(last, ~(length * Prime64B), secret.Length - 75), Merge(last, length * Prime64A, 11));
    }

    private void ConsumeBlock(ReadOnlySpan<byte> block)
    {
        Accumulate(accumulators, block, secret, StripesOfBlock);
        Scramble(accumulators, secret.AsSpan(secret.Length - Stripe));
    }

    /// <summary>The rest of the buffer, into a copy of the accumulators, so that more can be appended afterwards.</summary>
    private void ConsumeLast(Span<ulong> copy)
    {
        accumulators.CopyTo(copy);
        Accumulate(copy, buffer.AsSpan(Stripe, held), secret, (held - 1) / Stripe);
        Accumulate(copy, buffer.AsSpan(held, Stripe), secret.AsSpan(secret.Length - Stripe - 7), 1);
    }

    private static void Accumulate(Span<ulong> acc, ReadOnlySpan<byte> stripes, ReadOnlySpan<byte> key, int count)
    {
        if (Avx2.IsSupported) AccumulateAvx2(acc, stripes[..(count * Stripe)], key[..(count * 8 + Stripe - 8)], count);
        else AccumulateScalar(acc, stripes, key, count);
    }

    private static void AccumulateAvx2(Span<ulong> acc, ReadOnlySpan<byte> stripes, ReadOnlySpan<byte> key, int count)
    {
        ref var data = ref MemoryMarshal.GetReference(stripes);
        ref var keys = ref MemoryMarshal.GetReference(key);
        var low = Vector256.Create<ulong>(acc[..4]);
        var high = Vector256.Create<ulong>(acc[4..8]);
        for (var n = 0; n < count; n++)
        {
            low = Lanes(low, ref Unsafe.Add(ref data, n * Stripe), ref Unsafe.Add(ref keys, n * 8));
            high = Lanes(high, ref Unsafe.Add(ref data, n * Stripe + 32), ref Unsafe.Add(ref keys, n * 8 + 32));
        }
        low.CopyTo(acc);
        high.CopyTo(acc[4..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Lanes(Vector256<ulong> acc, ref byte data, ref byte key)
    {
        var lanes = Vector256.LoadUnsafe(ref data).AsUInt64();
        var value = lanes ^ Vector256.LoadUnsafe(ref key).AsUInt64();
        var product = Avx2.Multiply(value.AsUInt32(), (value >>> 32).AsUInt32());
        return acc + product + Vector256.Shuffle(lanes, Vector256.Create(1ul, 0, 3, 2));
    }

    private static void AccumulateScalar(Span<ulong> acc, ReadOnlySpan<byte> stripes, ReadOnlySpan<byte> key, int count)
    {
        for (var n = 0; n < count; n++)
        {
            for (var i = 0; i < 8; i++)
            {
                var lane = BinaryPrimitives.ReadUInt64LittleEndian(stripes[(n * Stripe + i * 8)..]);
                var value = lane ^ BinaryPrimitives.ReadUInt64LittleEndian(key[(n * 8 + i * 8)..]);
                acc[i ^ 1] += lane;
                acc[i] += (value & uint.MaxValue) * (value >> 32);
            }
        }
    }

    private static void Scramble(Span<ulong> acc, ReadOnlySpan<byte> key)
    {
        for (var i = 0; i < 8; i++)
            acc[i] = (acc[i] ^ (acc[i] >> 47) ^ BinaryPrimitives.ReadUInt64LittleEndian(key[(i * 8)..])) * Prime32A;
    }

    private ulong Merge(ReadOnlySpan<ulong> acc, ulong start, int keyOffset)
    {
        var key = secret.AsSpan(keyOffset);
        var result = start;
        for (var i = 0; i < 8; i += 2)
        {
            result += Xxh3Short.FoldedProduct(
                acc[i] ^ BinaryPrimitives.ReadUInt64LittleEndian(key[(i * 8)..]),
                acc[i + 1] ^ BinaryPrimitives.ReadUInt64LittleEndian(key[(i * 8 + 8)..]));
        }
        return Avalanche3(result);
    }

    private static byte[] Derive(ulong seed)
    {
        var secret = Xxh3Short.DefaultSecret.ToArray();
        for (var i = 0; i < secret.Length; i += 8)
        {
            var word = secret.AsSpan(i);
            var value = BinaryPrimitives.ReadUInt64LittleEndian(word);
            BinaryPrimitives.WriteUInt64LittleEndian(word, i % 16 == 0 ? value + seed : value - seed);
        }
        return secret;
    }
}
