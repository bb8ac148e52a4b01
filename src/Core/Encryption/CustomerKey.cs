using System.Security.Cryptography;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Core.Encryption;

/// <summary>A key of SSE-C. Only the request that carries it knows it; what is stored is a salted HMAC that recognises it.</summary>
public sealed class CustomerKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = 32;

    /// <summary>What a read without the key is told.</summary>
    public const string Missing =
        "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.";

    /// <summary>What a read with another key is told.</summary>
    public const string Wrong = "The provided encryption parameters did not match the ones used originally.";

    /// <summary>What a read with a key is told where the object was stored without one.</summary>
    public const string NotApplicable = "The encryption parameters are not applicable to this object.";

    private const int SaltLength = 16;

    /// <summary>Takes the key over.</summary>
    public CustomerKey(byte[] key)
    {
        if (key.Length != Length) throw new ArgumentException($"A customer's key has {Length} bytes, not {key.Length}.", nameof(key));
        Bytes = key;
    }

    /// <summary>The base64 of its MD5, by which client and server make sure that they have the same.</summary>
    public string Md5
    {
        get
        {
            using var md5 = Checksums.Start(ChecksumAlgorithm.Md5);
            md5.Append(Bytes);
            return Convert.ToBase64String(md5.Finish());
        }
    }

    /// <summary>The key itself.</summary>
    internal byte[] Bytes { get; }

    /// <summary>Why a reader who sends this key (null: none) may not have a body that is encrypted so; null where it may.</summary>
    public static Declined? Refuse(Sse? stored, CustomerKey? sent) =>
        stored is not { Kind: SseKind.Customer }
            ? sent is null ? null : Refusal.InvalidRequest.Because(NotApplicable)
            : sent is null ? Refusal.InvalidRequest.Because(Missing)
            : sent.Matches(stored.Check) ? null
            : Refusal.InvalidRequest.Because(Wrong);

    /// <summary>Salt and HMAC, by which the key is recognised later.</summary>
    internal byte[] NewCheck()
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return [.. salt, .. Mac(salt)];
    }

    /// <summary>Whether the check was made of this key. Takes the same time whatever differs.</summary>
    internal bool Matches(byte[]? check) =>
        check is { Length: > SaltLength } && CryptographicOperations.FixedTimeEquals(Mac(check.AsSpan(0, SaltLength)), check.AsSpan(SaltLength));

    private byte[] Mac(ReadOnlySpan<byte> salt) => HMACSHA256.HashData(Bytes, (byte[])[.. "zenkofunctions customer key"u8, .. salt]);
}
