using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace ZenkoFunctions.Core.Bytes;

/// <summary>A line of the table in <see cref="Checksums"/>.</summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Name">Its name in x-amz-checksum-algorithm and in XML, such as <c>CRC64NVME</c>.</param>
/// <param name="Length">The digest's length in bytes.</param>
/// <param name="FullObject">Whether a multipart object may have one over all its bytes.</param>
/// <param name="Composite">Whether a multipart object may have one over its parts' digests.</param>
/// <param name="Crc">The CRC by which two full-object checksums are combined; null where that cannot be done.</param>
/// <param name="Start">Begins a digest.</param>
public sealed record ChecksumSpec(
    ChecksumAlgorithm Algorithm, string Name, int Length, bool FullObject, bool Composite, Crc? Crc, Func<Digest> Start)
{
    /// <summary>The header that carries a value: <c>x-amz-checksum-crc64nvme</c>.</summary>
    public string Header { get; } = "x-amz-checksum-" + Name.ToLowerInvariant();

    /// <summary>The XML element that carries a value: <c>ChecksumCRC64NVME</c>.</summary>
    public string Element { get; } = "Checksum" + Name;

    /// <summary>Whether a multipart upload may ask for this type.</summary>
    public bool Allows(ChecksumType type) => type == ChecksumType.FullObject ? FullObject : Composite;

    /// <summary>What a multipart upload gets that names only the algorithm: composite where that is allowed.</summary>
    public ChecksumType DefaultType => Composite ? ChecksumType.Composite : ChecksumType.FullObject;
}

/// <summary>
/// The table of checksum algorithms. An object of one PUT always has a full-object checksum. For multipart objects AWS
/// ("Checking object integrity for data uploads" in the S3 user guide) allows: CRC64NVME only over the full object,
/// CRC32 and CRC32C both, all others (SHA1, SHA256, and since 2026 SHA512, MD5, XXHASH64, XXHASH3, XXHASH128) only
/// composite, because only CRCs can be combined from those of the parts.
/// </summary>
public static class Checksums
{
    /// <summary>All algorithms, in the order of <see cref="ChecksumAlgorithm"/>.</summary>
    public static readonly IReadOnlyList<ChecksumSpec> All =
    [
        Combinable(ChecksumAlgorithm.Crc32, "CRC32", Crc.Crc32, composite: true),
        Combinable(ChecksumAlgorithm.Crc32C, "CRC32C", Crc.Crc32C, composite: true),
        Combinable(ChecksumAlgorithm.Crc64Nvme, "CRC64NVME", Crc.Crc64Nvme, composite: false),
        CompositeOnly(ChecksumAlgorithm.Sha1, "SHA1", 20, () => new CryptographicDigest(HashAlgorithmName.SHA1)),
        CompositeOnly(ChecksumAlgorithm.Sha256, "SHA256", 32, () => new CryptographicDigest(HashAlgorithmName.SHA256)),
        CompositeOnly(ChecksumAlgorithm.Sha512, "SHA512", 64, () => new CryptographicDigest(HashAlgorithmName.SHA512)),
        CompositeOnly(ChecksumAlgorithm.Md5, "MD5", 16, () => new CryptographicDigest(HashAlgorithmName.MD5)),
        CompositeOnly(ChecksumAlgorithm.XxHash64, "XXHASH64", 8, () => new XxhDigest(new XxHash64())),
        CompositeOnly(ChecksumAlgorithm.XxHash3, "XXHASH3", 8, () => new XxhDigest(new XxHash3())),
        CompositeOnly(ChecksumAlgorithm.XxHash128, "XXHASH128", 16, () => new XxhDigest(new XxHash128())),
    ];

    /// <summary>The algorithm's line of the table.</summary>
    public static ChecksumSpec Of(ChecksumAlgorithm algorithm) => All[(int)algorithm];

    /// <summary>Begins a digest.</summary>
    public static Digest Start(ChecksumAlgorithm algorithm) => Of(algorithm).Start();

    /// <summary>Finds the algorithm of a wire name, in any case.</summary>
    public static bool TryParse(string? name, out ChecksumAlgorithm algorithm)
    {
        foreach (var spec in All)
        {
            if (!spec.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            algorithm = spec.Algorithm;
            return true;
        }
        algorithm = default;
        return false;
    }

    /// <summary>Finds the type of a wire name (<c>FULL_OBJECT</c>, <c>COMPOSITE</c>), in any case.</summary>
    public static bool TryParse(string? name, out ChecksumType type)
    {
        type = ChecksumType.FullObject;
        if (Name(ChecksumType.FullObject).Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        type = ChecksumType.Composite;
        return Name(ChecksumType.Composite).Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The type's wire name.</summary>
    public static string Name(ChecksumType type) => type == ChecksumType.FullObject ? "FULL_OBJECT" : "COMPOSITE";

    /// <summary>Decodes a base64 value as clients send it; false where it is not one of this algorithm's length.</summary>
    public static bool TryDecode(ChecksumAlgorithm algorithm, string? base64, [NotNullWhen(true)] out byte[]? digest)
    {
        var length = Of(algorithm).Length;
        digest = new byte[length];
        if (base64?.Length == (length + 2) / 3 * 4 && Convert.TryFromBase64String(base64, digest, out var written)
            && written == length) return true;
        digest = null;
        return false;
    }

    /// <summary>The checksum of a body of one PUT.</summary>
    public static Checksum FullObject(ChecksumAlgorithm algorithm, byte[] digest) =>
        new(algorithm, ChecksumType.FullObject, Convert.ToBase64String(digest));

    /// <summary>
    /// The full-object checksum of parts in their order, from their digests and lengths. Throws where the algorithm is
    /// not a CRC.
    /// </summary>
    public static Checksum Combine(ChecksumAlgorithm algorithm, IEnumerable<(byte[] Digest, long Length)> parts)
    {
        var crc = Of(algorithm).Crc
            ?? throw new ArgumentException($"Checksums of {algorithm} cannot be combined.", nameof(algorithm));
        var whole = 0ul; // of no bytes
        foreach (var (digest, length) in parts)
            whole = crc.Combine(whole, Crcs.Read(crc, digest), length);
        return FullObject(algorithm, Crcs.Write(crc, whole));
    }

    /// <summary>The checksum over the parts' digests in their order: base64 of the digest, then <c>-N</c>.</summary>
    public static Checksum Composite(ChecksumAlgorithm algorithm, IReadOnlyCollection<byte[]> parts)
    {
        using var digest = Start(algorithm);
        foreach (var part in parts) digest.Append(part);
        var value = Convert.ToBase64String(digest.Finish()) + "-" + parts.Count.ToString(CultureInfo.InvariantCulture);
        return new Checksum(algorithm, ChecksumType.Composite, value);
    }

    private static ChecksumSpec Combinable(ChecksumAlgorithm algorithm, string name, Crc crc, bool composite) =>
        new(algorithm, name, crc.Length, FullObject: true, composite, crc, () => new CrcDigest(crc));

    private static ChecksumSpec CompositeOnly(ChecksumAlgorithm algorithm, string name, int length, Func<Digest> start) =>
        new(algorithm, name, length, FullObject: false, Composite: true, Crc: null, start);
}
