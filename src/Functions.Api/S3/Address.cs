using System.Text;

namespace ZenkoFunctions.Api.S3;

/// <summary>Bucket and key that a request is about, decoded.</summary>
/// <param name="Bucket">Empty on service level.</param>
/// <param name="Key">Empty unless the target is an object.</param>
public readonly record struct Address(string Bucket, string Key)
{
    /// <summary>The most UTF-8 bytes of a key.</summary>
    public const int MaxKeyBytes = 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What is addressed.</summary>
    public Target Target => Bucket.Length == 0 ? Target.Service : Key.Length == 0 ? Target.Bucket : Target.Object;

    /// <summary>
    /// Reads a raw path. Throws InvalidURI where it is no percent-encoded UTF-8, InvalidBucketName, and KeyTooLongError.
    /// </summary>
    /// <param name="hostBucket">The bucket that the Host header names, or null for path style.</param>
    /// <param name="rawPath">Starts with a slash.</param>
    public static Address Parse(string? hostBucket, string rawPath)
    {
        var path = rawPath.AsSpan(1);
        var bucket = hostBucket;
        if (bucket is null)
        {
            var slash = path.IndexOf('/');
            bucket = Decode(slash < 0 ? path : path[..slash]);
            // Clients of Ceph write a bucket of the namespace without a tenant like this; there is no other namespace here.
            if (bucket.Length > 1 && bucket[0] == ':') bucket = bucket[1..];
            path = slash < 0 ? [] : path[(slash + 1)..];
            if (bucket.Length == 0 && path.Length == 0) return new("", "");
        }
        if (BucketName.Fault(bucket) is { } fault)
            throw new S3Exception(S3Errors.InvalidBucketName, fault) { Fields = [new("BucketName", bucket)] };
        return new(bucket, DecodeKey(path));
    }

    /// <summary>Reads a percent-encoded key; throws InvalidURI and KeyTooLongError.</summary>
    public static string DecodeKey(ReadOnlySpan<char> raw)
    {
        return CheckKey(Decode(raw));
    }

    /// <summary>The key itself; throws KeyTooLongError.</summary>
    public static string CheckKey(string key)
    {
        if (key.Length > MaxKeyBytes / 3 && Encoding.UTF8.GetByteCount(key) is > MaxKeyBytes and var size)
            throw new S3Exception(S3Errors.KeyTooLongError)
            {
                Fields = [new("Size", $"{size}"), new("MaxSizeAllowed", $"{MaxKeyBytes}")],
            };
        return key;
    }

    // Stricter than Uri.UnescapeDataString, which leaves what it cannot decode as it stands: two paths would be one key.
    private static string Decode(ReadOnlySpan<char> raw)
    {
        var bytes = raw.Length <= 512 ? stackalloc byte[raw.Length] : new byte[raw.Length];
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '%')
            {
                bytes[length++] = char.IsAscii(raw[i]) ? (byte)raw[i] : throw new S3Exception(S3Errors.InvalidURI);
                continue;
            }
            if (i + 2 >= raw.Length || !char.IsAsciiHexDigit(raw[i + 1]) || !char.IsAsciiHexDigit(raw[i + 2]))
                throw new S3Exception(S3Errors.InvalidURI, "A percent sign in the path must be followed by two hex digits.");
            bytes[length++] = (byte)((HexValue(raw[i + 1]) << 4) | HexValue(raw[i + 2]));
            i += 2;
        }
        try
        {
            return Strict.GetString(bytes[..length]);
        }
        catch (DecoderFallbackException)
        {
            throw new S3Exception(S3Errors.InvalidURI, "The path is not UTF-8.");
        }
    }

    private static int HexValue(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
