using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace ZenkoFunctions.Core.Bytes;

/// <summary>A running CRC.</summary>
internal sealed class CrcDigest(Crc crc) : Digest
{
    private ulong state = crc.Start;

    internal override bool IsFast => true;

    public override void Append(ReadOnlySpan<byte> bytes) => state = crc.Update(state, bytes);

    public override byte[] Finish() => Crcs.Write(crc, crc.Finish(state));
}

/// <summary>A running hash of the XXH family.</summary>
internal sealed class XxhDigest(NonCryptographicHashAlgorithm hash) : Digest
{
    internal override bool IsFast => true;

    public override void Append(ReadOnlySpan<byte> bytes) => hash.Append(bytes);

    public override byte[] Finish() => hash.GetCurrentHash();
}

/// <summary>A running hash of the platform's cryptography.</summary>
internal sealed class CryptographicDigest(HashAlgorithmName name) : Digest
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(name);

    public override void Append(ReadOnlySpan<byte> bytes) => hash.AppendData(bytes);

    public override byte[] Finish() => hash.GetHashAndReset();

    public override void Dispose()
    {
        hash.Dispose();
        base.Dispose();
    }
}

/// <summary>The wire form of CRCs: big-endian.</summary>
internal static class Crcs
{
    internal static byte[] Write(Crc crc, ulong value)
    {
        var bytes = new byte[crc.Length];
        if (crc.Length == 4) BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)value);
        else BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    internal static ulong Read(Crc crc, ReadOnlySpan<byte> bytes) => crc.Length == 4
        ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
        : BinaryPrimitives.ReadUInt64BigEndian(bytes);
}
