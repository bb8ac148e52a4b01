namespace ZenkoFunctions.Core.Bytes;

/// <summary>The checksum algorithms of S3. The names' spelling on the wire is in <see cref="Checksums"/>.</summary>
public enum ChecksumAlgorithm
{
    /// <summary>CRC-32 (ISO-HDLC).</summary>
    Crc32,

    /// <summary>CRC-32C (Castagnoli).</summary>
    Crc32C,

    /// <summary>CRC-64/NVME.</summary>
    Crc64Nvme,

    /// <summary>SHA-1.</summary>
    Sha1,

    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-512.</summary>
    Sha512,

    /// <summary>MD5.</summary>
    Md5,

    /// <summary>XXH64, seed 0.</summary>
    XxHash64,

    /// <summary>XXH3, 64 bits, seed 0.</summary>
    XxHash3,

    /// <summary>XXH3, 128 bits, seed 0.</summary>
    XxHash128,
}

/// <summary>Whether a multipart object's checksum is over its bytes, or over its parts' checksums.</summary>
public enum ChecksumType
{
    /// <summary>Over all bytes.</summary>
    FullObject,

    /// <summary>Over the concatenated checksums of the parts; written with <c>-N</c> behind it, N the number of parts.</summary>
    Composite,
}

/// <summary>A checksum as it is stored and as it goes over the wire.</summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Type">Over what it is taken.</param>
/// <param name="Value">Base64 of the big-endian digest; <c>-N</c> follows where it is composite.</param>
public sealed record Checksum(ChecksumAlgorithm Algorithm, ChecksumType Type, string Value);
