using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Core.Identity;

/// <summary>
/// The key under which secrets are kept at rest: AES-256-GCM, bound to what the secret belongs to.
/// Sealed form: version (1), key id (8), nonce (12), tag (16), ciphertext.
/// </summary>
public sealed class MasterKey
{
    /// <summary>Bytes of the key.</summary>
    public const int Length = 32;

    private const byte Version = 1;
    private const int IdLength = 8, NonceLength = 12, TagLength = 16;
    private const int HeadLength = 1 + IdLength + NonceLength + TagLength;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly byte[] key;
    private readonly byte[] id;

    /// <summary>A key that comes from elsewhere (a vault, a secure setting).</summary>
    public MasterKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != Length) throw new ArgumentException($"A master key has {Length} bytes, not {key.Length}.", nameof(key));
        this.key = key.ToArray();
        // Names the key without telling anything about it; the label keeps it apart from every other use of the hash.
        id = HMACSHA256.HashData(this.key, "zenkofunctions master key id"u8)[..IdLength];
    }

    /// <summary>
    /// The key in that file, which is made with mode 0600 where there is none. Of several processes that start at once, one
    /// makes it and all get the same.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is readable by others, or no key.</exception>
    public static MasterKey OpenOrCreate(string path)
    {
        if (!File.Exists(path)) Create(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~Owner) is not 0 and var excess)
            throw new InvalidDataException(
                $"The master key {path} is open to others ({excess}). Keep it to its owner: chmod 600 {path}");
        var bytes = File.ReadAllBytes(path);
        try
        {
            return bytes.Length == Length
                ? new MasterKey(bytes)
                : throw new InvalidDataException($"The master key {path} has {bytes.Length} bytes instead of {Length}. Restore it from a copy.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Encrypts a secret. It opens only with the same <paramref name="context"/>.</summary>
    public byte[] Seal(string secret, string context)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var stored = new byte[HeadLength + plain.Length];
        stored[0] = Version;
        id.CopyTo(stored, 1);
        RandomNumberGenerator.Fill(Nonce(stored));
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(Nonce(stored), plain, stored.AsSpan(HeadLength), Tag(stored), Associated(stored, context));
        CryptographicOperations.ZeroMemory(plain);
        return stored;
    }

    /// <summary>32 bytes that only this key gives for a context, the same ones each time.</summary>
    public byte[] Derive(string context) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, Length, info: Encoding.UTF8.GetBytes("zenkofunctions derived key\n" + context));

    /// <summary>The secret that was sealed with that context.</summary>
    /// <exception cref="InvalidDataException">Sealed under another key or version, for another context, or damaged.</exception>
    public string Open(byte[] stored, string context)
    {
        if (stored.Length < HeadLength || stored[0] != Version)
            throw new InvalidDataException($"The stored secret of {context} has no known format.");
        if (!stored.AsSpan(1, IdLength).SequenceEqual(id))
            throw new InvalidDataException($"The secret of {context} was stored under another master key. Restore that key's file.");
        var plain = new byte[stored.Length - HeadLength];
        try
        {
            using var aes = new AesGcm(key, TagLength);
            aes.Decrypt(Nonce(stored), stored.AsSpan(HeadLength), Tag(stored), plain, Associated(stored, context));
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException wrong)
        {
            throw new InvalidDataException($"The stored secret of {context} is damaged.", wrong);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static Span<byte> Nonce(byte[] stored) => stored.AsSpan(1 + IdLength, NonceLength);

    private static Span<byte> Tag(byte[] stored) => stored.AsSpan(1 + IdLength + NonceLength, TagLength);

    private static byte[] Associated(byte[] stored, string context) =>
        [.. stored.AsSpan(0, 1 + IdLength), .. Encoding.UTF8.GetBytes(context)];

    // Written whole under another name first: whoever sees the file sees all of it, even after a crash.
    private static void Create(string path)
    {
        var draft = $"{path}.{Guid.NewGuid():N}";
        var bytes = RandomNumberGenerator.GetBytes(Length);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Owner;
            using (var file = new FileStream(draft, options))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key holds.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            File.Delete(draft);
        }
    }
}
