using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.BlobAccounts;

namespace ZenkoFunctions.Api.Blob.Signatures;

/// <summary>An Authorization header of the form <c>SharedKey ACCOUNT:SIGNATURE</c>, or SharedKeyLite.</summary>
internal readonly record struct SharedKeySignature(string Account, string Signature, bool IsLite)
{
    private const string Full = "SharedKey ", Lite = "SharedKeyLite ";
    private const int MaxHeader = 512;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? text;

    /// <summary>Reads a header; null where it is of another scheme. Throws InvalidAuthenticationInfo.</summary>
    public static SharedKeySignature? Parse(string header)
    {
        var isLite = header.StartsWith(Lite, StringComparison.Ordinal);
        if (!isLite && !header.StartsWith(Full, StringComparison.Ordinal)) return null;
        var credential = header.AsSpan(isLite ? Lite.Length : Full.Length).Trim();
        var colon = credential.IndexOf(':');
        if (header.Length > MaxHeader || colon <= 0 || colon == credential.Length - 1) BlobFault.Malformed("The Authorization header must have the form \"SharedKey ACCOUNT:SIGNATURE\".");
        return new(credential[..colon].ToString(), credential[(colon + 1)..].ToString(), isLite);
    }

    /// <summary>The key that signed the request. Throws AuthenticationFailed where none did.</summary>
    public BlobAccountKey Check(WireRequest request, IReadOnlyList<BlobAccountKey> keys)
    {
        Span<byte> provided = stackalloc byte[HMACSHA256.HashSizeInBytes + 4], computed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var isBase64 = Convert.TryFromBase64String(Signature, provided, out var length);
        var output = text ??= new(1024);
        foreach (var order in (ReadOnlySpan<IComparer<string>>)[StringComparer.Ordinal, HeaderOrder.Words])
        {
            output.ResetWrittenCount();
            SharedKeyText.Write(output, request, Account, IsLite, order);
            foreach (var key in keys)
            {
                HMACSHA256.HashData(key.Value, output.WrittenSpan, computed);
                if (isBase64 && CryptographicOperations.FixedTimeEquals(provided[..length], computed)) return key;
            }
        }
        throw BlobFault.Mismatch(Signature, Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
