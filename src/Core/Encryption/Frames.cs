using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ZenkoFunctions.Core.Encryption;

/// <summary>
/// The encrypted form of a body: frames of 64 KiB, each a piece of the plaintext under AES-256-GCM and its tag, so that a
/// range is read without the rest. The nonce is the frame's number, and whether it is the last: a frame that is moved,
/// repeated, left out or cut off does not open. Each body has a data key of its own, so that no nonce is used twice and no
/// frame of another body opens. An empty body has no frames.
/// </summary>
internal static class Frames
{
    /// <summary>Bytes of a tag.</summary>
    public const int Tag = 16;

    /// <summary>Bytes of a frame; a power of two, so that buffers and pages hold whole ones.</summary>
    public const int Sealed = 64 * 1024;

    /// <summary>Bytes of plaintext in a frame.</summary>
    public const int Plain = Sealed - Tag;

    private const int NonceLength = 12;

    /// <summary>How many frames a body of so many bytes has.</summary>
    public static long Count(long plain) => (plain + Plain - 1) / Plain;

    /// <summary>The encrypted length of so many bytes.</summary>
    public static long SealedLength(long plain) => plain + Tag * Count(plain);

    /// <summary>The length of the plaintext of so many encrypted bytes.</summary>
    public static long PlainLength(long encrypted) => encrypted - Tag * ((encrypted + Sealed - 1) / Sealed);

    /// <summary>Encrypts a frame into as many bytes and a tag.</summary>
    public static void Seal(AesGcm key, long index, bool isLast, ReadOnlySpan<byte> plain, Span<byte> to)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Write(nonce, index, isLast);
        key.Encrypt(nonce, plain, to[..plain.Length], to.Slice(plain.Length, Tag));
    }

    /// <summary>Decrypts a frame; nothing of it is in <paramref name="to"/> where it throws.</summary>
    /// <exception cref="IOException">It is not this frame of this body as it was written.</exception>
    public static void Open(AesGcm key, long index, bool isLast, ReadOnlySpan<byte> frame, Span<byte> to)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Write(nonce, index, isLast);
        try
        {
            key.Decrypt(nonce, frame[..^Tag], frame[^Tag..], to);
        }
        catch (AuthenticationTagMismatchException wrong)
        {
            throw new IOException($"Frame {index} of an encrypted body is damaged, or not where it belongs.", wrong);
        }
    }

    /// <summary>A small body, encrypted.</summary>
    public static byte[] SealAll(AesGcm key, ReadOnlySpan<byte> plain)
    {
        var encrypted = new byte[SealedLength(plain.Length)];
        var count = Count(plain.Length);
        for (var i = 0; i < count; i++)
        {
            var piece = plain[(i * Plain)..Math.Min((i + 1) * Plain, plain.Length)];
            Seal(key, i, i == count - 1, piece, encrypted.AsSpan(i * Sealed));
        }
        return encrypted;
    }

    private static void Write(Span<byte> nonce, long index, bool isLast)
    {
        nonce.Clear();
        nonce[0] = isLast ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(nonce[4..], index);
    }
}
