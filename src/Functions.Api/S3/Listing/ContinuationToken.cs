using System.Buffers.Text;
using System.Text;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3.Listing;

/// <summary>Where the next page starts, in a form that says nothing to clients: a version letter and the name in base64url.</summary>
public static class ContinuationToken
{
    private const char Version = 'a';

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The token of a name.</summary>
    public static string Write(string after) => Version + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(after));

    /// <summary>The name in a token; null for no token or an empty one, as clients send for the first page. Throws InvalidArgument.</summary>
    public static string? Read(string? token)
    {
        if (string.IsNullOrEmpty(token)) return null;
        if (token[0] == Version && token.Length <= 2048 && Base64Url.IsValid(token.AsSpan(1)))
        {
            try
            {
                var name = Base64Url.DecodeFromChars(token.AsSpan(1));
                if (name.Length is > 0 and <= Address.MaxKeyBytes) return Strict.GetString(name);
            }
            catch (DecoderFallbackException)
            {
                // No token of ours.
            }
        }
        throw Invalid.Argument("continuation-token", null, "The continuation token is not one that this server gave; start the listing anew.");
    }
}
