using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Core;

/// <summary>
/// Names one request across the times that a host sends it. What a request makes carries its token, so that the same request,
/// sent again, finds that and repeats its answer. There is none where nobody sends a request again.
/// </summary>
/// <param name="Text">16 characters of a-z and 2-7.</param>
public sealed record RequestToken(string Text)
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The token of the request that the host knows by this id.</summary>
    public static RequestToken Of(string invocationId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(invocationId), hash);
        Span<char> text = stackalloc char[16];
        for (var i = 0; i < text.Length; i++) text[i] = Alphabet[hash[i] & 31];
        return new(text.ToString());
    }
}
