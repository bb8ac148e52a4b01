using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>The arithmetic of version 4.</summary>
internal static class V4Signing
{
    // Setting up a digest costs several times what digesting a request does, so each thread keeps its own; the one with a key
    // serves as long as the same key signs.
    [ThreadStatic]
    private static IncrementalHash? digest;

    [ThreadStatic]
    private static (byte[] Key, IncrementalHash Hash) keyed;

    public static string Text(ReadOnlyMemory<byte> canonicalRequest) => Encoding.UTF8.GetString(canonicalRequest.Span);

    public static string StringToSign(string timestamp, string scope, string canonicalRequest) =>
        $"{V4Signature.Algorithm}\n{timestamp}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)))}";

    /// <summary>Computes the signature, 32 bytes.</summary>
    public static void Sign(byte[] key, string timestamp, string scope, ReadOnlyMemory<byte> canonicalRequest, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        digest ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(canonicalRequest.Span);
        digest.GetHashAndReset(hash);
        Span<char> hex = stackalloc char[64];
        Convert.TryToHexStringLower(hash, hex, out _);
        Sign(key, $"{V4Signature.Algorithm}\n{timestamp}\n{scope}\n{hex}", signature);
    }

    public static void Sign(byte[] key, string text, Span<byte> signature)
    {
        // ASCII but for a region's name: at most three bytes a character.
        Span<byte> bytes = text.Length <= 512 ? stackalloc byte[text.Length * 3] : new byte[text.Length * 3];
        var hash = Keyed(key);
        hash.AppendData(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        hash.GetHashAndReset(signature);
    }

    private static IncrementalHash Keyed(byte[] key)
    {
        if (ReferenceEquals(keyed.Key, key)) return keyed.Hash;
        keyed.Hash?.Dispose();
        keyed = (key, IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key));
        return keyed.Hash;
    }
}

/// <summary>Signing keys, which hold for a day; four HMACs are saved a request.</summary>
internal sealed class SigningKeys
{
    private const int Most = 4096;

    // The secret is part of the name, so that a key whose secret was replaced signs with the new one at once.
    private readonly ConcurrentDictionary<(string Id, string Secret, string Day, string Region, string Service), byte[]> keys = new();

    public byte[] Get(AccessKey key, string day, string region, string service)
    {
        var name = (key.Id, key.Secret, day, region, service);
        if (keys.TryGetValue(name, out var found)) return found;
        if (keys.Count >= Most) keys.Clear();
        var derived = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + key.Secret), Encoding.UTF8.GetBytes(day));
        derived = HMACSHA256.HashData(derived, Encoding.UTF8.GetBytes(region));
        derived = HMACSHA256.HashData(derived, Encoding.UTF8.GetBytes(service));
        return keys[name] = HMACSHA256.HashData(derived, "aws4_request"u8);
    }
}
