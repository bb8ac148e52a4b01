using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Encryption;

/// <summary>
/// Makes and opens the data keys of bodies. Wrapped form: version (1), salt (16), encrypted data key (32), tag (16). It is
/// encrypted by AES-256-GCM under a key of its own, HMAC-SHA-256 of the salt under the wrapping key, and bound to the key's
/// name, the encryption context, and the bucket and key of the object.
/// </summary>
/// <param name="ring">The wrapping keys that are not customers'.</param>
/// <param name="region">The region in the ARN of accounts' default keys.</param>
public sealed class DataKeys(KeyRing ring, string region)
{
    private const byte Version = 1;
    private const int SaltLength = 16, KeyLength = 32;
    private const int WrappedLength = 1 + SaltLength + KeyLength + Frames.Tag;

    /// <summary>
    /// How something new is to be encrypted: as it asks for, else by the bucket's default; null where neither says anything.
    /// <see cref="Refusal.NoSuchEncryptionKey"/> where the key is unknown.
    /// </summary>
    /// <param name="asked">What the request says.</param>
    /// <param name="fallback">What the bucket says.</param>
    /// <param name="accountId">Whose default key it is that needs no name.</param>
    /// <param name="ct">Ends it.</param>
    public async ValueTask<Result<Sse?>> Plan(SseRequest? asked, SseDefault? fallback, string accountId, CancellationToken ct)
    {
        switch (asked?.Kind ?? fallback?.Kind)
        {
            case null:
                return (Sse?)null;
            case SseKind.Customer:
                return new Sse { Kind = SseKind.Customer, Check = asked!.Customer!.NewCheck() };
            case SseKind.S3:
                return new Sse { Kind = SseKind.S3, Ring = KeyRing.OfInstallation };
        }
        var byDefault = asked?.Kind is null;
        var named = byDefault ? fallback!.KmsKey : asked!.KmsKey;
        if (KmsKeyName.Resolve(named, accountId) is not { } name || (name != KeyRing.OfAccount(accountId) && !await ring.Has(name, ct)))
            return Refusal.NoSuchEncryptionKey.Because($"There is no encryption key {named}.");
        return new Sse
        {
            Kind = SseKind.Kms,
            Ring = name,
            KmsKey = string.IsNullOrEmpty(named) ? KmsKeyName.OfDefault(accountId, region) : named,
            Context = asked?.Context,
            BucketKey = asked?.BucketKey ?? (byDefault && fallback!.BucketKey == true),
        };
    }

    /// <summary>A new data key for a body.</summary>
    /// <param name="how">How it is encrypted.</param>
    /// <param name="customer">The customer's key where it is that; it was found to match.</param>
    /// <param name="owner">Bucket and key that the body belongs to.</param>
    /// <param name="ct">Ends it.</param>
    internal async ValueTask<DataKey> New(Sse how, CustomerKey? customer, string owner, CancellationToken ct)
    {
        var (generation, material) = how.Kind == SseKind.Customer ? new RingKey(0, customer!.Bytes) : await ring.Current(how.Ring!, ct);
        var plain = RandomNumberGenerator.GetBytes(KeyLength);
        var wrapped = new byte[WrappedLength];
        wrapped[0] = Version;
        RandomNumberGenerator.Fill(wrapped.AsSpan(1, SaltLength));
        Span<byte> nonce = stackalloc byte[12];
        nonce.Clear(); // no key but this one is ever wrapped under that salt
        using (var aes = Wrapping(material, wrapped))
        {
            aes.Encrypt(
                nonce, plain, wrapped.AsSpan(1 + SaltLength, KeyLength), wrapped.AsSpan(1 + SaltLength + KeyLength),
                Associated(how, generation, owner));
        }
        var etag = how.Kind == SseKind.S3 ? null : HMACSHA256.HashData(material, Encoding.UTF8.GetBytes("etag\n" + owner));
        return new(new(generation, wrapped), Cipher(plain), etag);
    }

    /// <summary>The plaintext of a body that is encrypted so; null where <paramref name="open"/> finds no bytes.</summary>
    /// <param name="how">How it is encrypted.</param>
    /// <param name="key">Its data key.</param>
    /// <param name="customer">The customer's key where it is that; it was found to match.</param>
    /// <param name="owner">As it was given when it was written.</param>
    /// <param name="range">What is wanted of the plaintext.</param>
    /// <param name="size">The size of the plaintext.</param>
    /// <param name="open">Opens a range of the encrypted form.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="InvalidDataException">The data key is damaged, or another object's.</exception>
    internal async ValueTask<IObjectBody?> Open(
        Sse how, SealedKey key, CustomerKey? customer, string owner, ByteRange range, long size,
        Func<ByteRange, ValueTask<IObjectBody?>> open, CancellationToken ct)
    {
        if (range.Length == 0) return new MemoryBody(ReadOnlyMemory<byte>.Empty);
        var material = how.Kind == SseKind.Customer ? customer!.Bytes : (await ring.Get(how.Ring!, key.Generation, ct)).Material;
        var cipher = Unwrap(how, key, material, owner);
        try
        {
            if (await open(DecryptingBody.Covering(range, size)) is { } frames) return new DecryptingBody(frames, cipher, range, size);
        }
        catch
        {
            cipher.Dispose();
            throw;
        }
        cipher.Dispose();
        return null;
    }

    private static AesGcm Unwrap(Sse how, SealedKey key, byte[] material, string owner)
    {
        var wrapped = key.Wrapped;
        if (wrapped.Length != WrappedLength || wrapped[0] != Version) throw new InvalidDataException("A wrapped data key has no known format.");
        var plain = new byte[KeyLength];
        Span<byte> nonce = stackalloc byte[12];
        nonce.Clear();
        try
        {
            using var aes = Wrapping(material, wrapped);
            aes.Decrypt(
                nonce, wrapped.AsSpan(1 + SaltLength, KeyLength), wrapped.AsSpan(1 + SaltLength + KeyLength), plain,
                Associated(how, key.Generation, owner));
        }
        catch (AuthenticationTagMismatchException wrong)
        {
            throw new InvalidDataException("A wrapped data key is damaged, or belongs to another object.", wrong);
        }
        return Cipher(plain);
    }

    private static AesGcm Wrapping(byte[] material, byte[] wrapped)
    {
        Span<byte> key = stackalloc byte[KeyLength];
        HMACSHA256.HashData(material, [.. "zenkofunctions data key"u8, .. wrapped.AsSpan(0, 1 + SaltLength)], key);
        return new AesGcm(key, Frames.Tag);
    }

    private static AesGcm Cipher(byte[] plain)
    {
        var aes = new AesGcm(plain, Frames.Tag);
        CryptographicOperations.ZeroMemory(plain);
        return aes;
    }

    // The object's key comes last: it alone may hold a line break.
    private static byte[] Associated(Sse how, int generation, string owner) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{how.Kind}\n{how.Ring}\n{generation}\n{how.Context}\n{owner}"));
}

/// <summary>A data key in use.</summary>
internal sealed class DataKey(SealedKey stored, AesGcm cipher, byte[]? etagKey) : IDisposable
{
    /// <summary>What is stored of it.</summary>
    public SealedKey Stored => stored;

    /// <summary>Encrypts the body.</summary>
    public AesGcm Cipher => cipher;

    /// <summary>
    /// The ETag of a plaintext. That of SSE-S3 is its MD5; the others tell nothing of it, but are the same for the same bytes
    /// under the same key, as clients that send a part again rely on.
    /// </summary>
    public string ETagOf(byte[] md5) =>
        Convert.ToHexStringLower(etagKey is null ? md5 : HMACSHA256.HashData(etagKey, md5).AsSpan(0, md5.Length));

    /// <inheritdoc/>
    public void Dispose() => cipher.Dispose();
}
