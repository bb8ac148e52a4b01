using System.Buffers.Text;
using System.Text;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>
/// RFC 2047 encoded words (<c>=?UTF-8?B?…?=</c>), by which S3 carries metadata that is not ASCII: decoded before it is
/// stored, encoded when it is answered.
/// </summary>
public static class EncodedWords
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private static readonly Encoding Latin1 =
        Encoding.GetEncoding("iso-8859-1", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    /// <summary>A value with its encoded words decoded. What is not one, or is in another charset, stays as it is.</summary>
    public static string Decode(string value)
    {
        if (!value.Contains("=?", StringComparison.Ordinal)) return value;
        var text = new StringBuilder();
        var wasWord = false;
        for (var at = 0; at < value.Length;)
        {
            var start = value.IndexOf("=?", at, StringComparison.Ordinal);
            var (word, end) = start < 0 ? (null, 0) : Word(value, start);
            if (word is null)
            {
                var stop = start < 0 ? value.Length : start + 2;
                text.Append(value, at, stop - at);
                (at, wasWord) = (stop, false);
                continue;
            }
            // Blanks between two encoded words only separate them.
            if (!wasWord || !string.IsNullOrWhiteSpace(value[at..start])) text.Append(value, at, start - at);
            text.Append(word);
            (at, wasWord) = (end, true);
        }
        return text.ToString();
    }

    /// <summary>A value as it can stand in a header: itself where it is printable ASCII, else one encoded word.</summary>
    public static string Encode(string value) =>
        !value.AsSpan().ContainsAnyExceptInRange(' ', '~') && value == value.Trim() && Decode(value) == value
            ? value
            : $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=";

    private static (string? Word, int End) Word(string value, int start)
    {
        var charsetEnd = value.IndexOf('?', start + 2);
        if (charsetEnd < 0 || charsetEnd + 2 >= value.Length || value[charsetEnd + 2] != '?') return default;
        var textStart = charsetEnd + 3;
        var end = value.IndexOf("?=", textStart, StringComparison.Ordinal);
        if (end < 0) return default;
        var charset = Charset(value.AsSpan(start + 2, charsetEnd - start - 2));
        var bytes = value[charsetEnd + 1] switch
        {
            'B' or 'b' => FromBase64(value.AsSpan(textStart, end - textStart)),
            'Q' or 'q' => FromQ(value.AsSpan(textStart, end - textStart)),
            _ => null,
        };
        if (charset is null || bytes is null) return default;
        try
        {
            return (charset.GetString(bytes), end + 2);
        }
        catch (DecoderFallbackException)
        {
            return default;
        }
    }

    private static Encoding? Charset(ReadOnlySpan<char> name)
    {
        var language = name.IndexOf('*'); // RFC 2231 may put a language behind it
        if (language >= 0) name = name[..language];
        if (name.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || name.Equals("us-ascii", StringComparison.OrdinalIgnoreCase))
            return Utf8;
        return name.Equals("iso-8859-1", StringComparison.OrdinalIgnoreCase) ? Latin1 : null;
    }

    private static byte[]? FromBase64(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length];
        return Base64.IsValid(text, out var length) && Convert.TryFromBase64Chars(text, bytes, out _) ? bytes[..length] : null;
    }

    private static byte[]? FromQ(ReadOnlySpan<char> text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '_')
            {
                bytes.Add((byte)' ');
            }
            else if (text[i] == '=')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return null;
                bytes.Add((byte)(Convert.ToByte(text[(i + 1)..(i + 3)].ToString(), 16)));
                i += 2;
            }
            else if (text[i] is > ' ' and <= '~')
            {
                bytes.Add((byte)text[i]);
            }
            else
            {
                return null;
            }
        }
        return [.. bytes];
    }
}
