using System.Buffers;
using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Core.Locations;

/// <summary>
/// Text in headers that hold ASCII alone, as RFC 2047 has it (<c>=?UTF-8?B?…?=</c>) and S3 does for metadata. What needs none stays as
/// it is; what only looks encoded is encoded too, so that decoding gives back whatever was encoded.
/// </summary>
internal static class MailWords
{
    private const string Start = "=?UTF-8?B?";
    private const string End = "?=";
    private const int WordBytes = 45; // 60 characters of Base64: a word has 75 at most

    private static readonly SearchValues<char> Plain = SearchValues.Create(Enumerable.Range(0x20, 0x5f).Select(c => (char)c).ToArray());

    /// <summary>The text in ASCII, without spaces at its ends.</summary>
    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain) && !text.Contains("=?", StringComparison.Ordinal) && text.Trim() == text) return text;
        var encoded = new StringBuilder();
        Span<byte> word = stackalloc byte[WordBytes];
        var filled = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (filled + rune.Utf8SequenceLength > WordBytes) filled = Flush(word[..filled], encoded);
            filled += rune.EncodeToUtf8(word[filled..]);
        }
        Flush(word[..filled], encoded);
        return encoded.ToString();
    }

    /// <summary>The text that was encoded, by us or by a service; what is not encoded, or badly, stays as it is.</summary>
    public static string Decode(string header)
    {
        if (!header.StartsWith("=?", StringComparison.Ordinal)) return header;
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var word in header.Split(' '))
        {
            var parts = word.Split('?');
            if (parts is not ["=", var charset, ['B' or 'b' or 'Q' or 'q'] encoding, var content, "="]
                || !charset.Equals("UTF-8", StringComparison.OrdinalIgnoreCase)
                || !(encoding is "B" or "b" ? Base64(content, bytes) : Quoted(content, bytes)))
                return header;
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static int Flush(ReadOnlySpan<byte> word, StringBuilder encoded)
    {
        if (encoded.Length > 0) encoded.Append(' ');
        encoded.Append(Start).Append(Convert.ToBase64String(word)).Append(End);
        return 0;
    }

    private static bool Base64(string content, ArrayBufferWriter<byte> bytes)
    {
        if (!Convert.TryFromBase64String(content, bytes.GetSpan(content.Length + 1), out var count)) return false;
        bytes.Advance(count);
        return true;
    }

    private static bool Quoted(string content, ArrayBufferWriter<byte> bytes)
    {
        for (var i = 0; i < content.Length; i++)
        {
            byte value;
            if (content[i] == '=')
            {
                if (i + 2 >= content.Length || !byte.TryParse(content.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)) return false;
                i += 2;
            }
            else if (content[i] > 0x7e) return false;
            else value = content[i] == '_' ? (byte)' ' : (byte)content[i];
            bytes.Write([value]);
        }
        return true;
    }
}
