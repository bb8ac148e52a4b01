using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Api.S3;

/// <summary>Writes pieces of an XML document as UTF-8, without a string or an object in between.</summary>
internal ref struct XmlOutput(IBufferWriter<byte> writer)
{
    // 4 KiB are what Kestrel's pool hands out; a longer text is written in several steps.
    private const int Chunk = 4096;

    // What is not itself in XML text. " as AWS writes it; CR would be normalised away by parsers. Control characters,
    // U+FFFE and U+FFFF are not XML 1.0 at all: AWS writes references to them, and clients that fear them ask for
    // encoding-type=url. Surrogates are looked at because half of one has no UTF-8.
    private static readonly SearchValues<char> Special = SearchValues.Create(
        [.. "&<>\"\r\ufffe\uffff", .. Enumerable.Range(0, 0x20).Select(c => (char)c).Where(c => c is not '\t' and not '\n')]);

    // What stays itself in encoding-type=url. A blank becomes %20, which every decoder understands; AWS writes +, which those
    // that are no form decoders leave alone.
    private static readonly SearchValues<char> Unreserved = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*/");

    private Span<byte> span;
    private int used;

    /// <summary>Bytes that need no escaping.</summary>
    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        Room(bytes.Length);
        bytes.CopyTo(span[used..]);
        used += bytes.Length;
    }

    /// <summary>Text, escaped.</summary>
    public void Text(scoped ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var special = text.IndexOfAny(Special);
            Utf8(special < 0 ? text : text[..special]);
            if (special < 0) return;
            Reference(text[special]);
            text = text[(special + 1)..];
        }
    }

    /// <summary>The UTF-8 bytes of a text, percent-encoded as for <c>encoding-type=url</c>.</summary>
    public void PercentEncoded(scoped ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAnyExcept(Unreserved);
            Utf8(plain < 0 ? text : text[..plain]);
            if (plain < 0) return;
            Rune.DecodeFromUtf16(text[plain..], out var rune, out var units);
            text = text[(plain + units)..];
            Room(12);
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                span[used++] = (byte)'%';
                span[used++] = (byte)"0123456789ABCDEF"[b >> 4];
                span[used++] = (byte)"0123456789ABCDEF"[b & 15];
            }
        }
    }

    /// <summary>A whole number.</summary>
    public void Integer(long number)
    {
        Room(20);
        Utf8Formatter.TryFormat(number, span[used..], out var written);
        used += written;
    }

    /// <summary><c>yyyy-MM-ddTHH:mm:ss.fffZ</c>.</summary>
    public void Date(DateTimeOffset date)
    {
        // The round-trip format is several times faster than a custom one; its last four digits are cut off.
        Room(28);
        date.UtcDateTime.TryFormat(span[used..], out _, "O", CultureInfo.InvariantCulture);
        used += "yyyy-MM-ddTHH:mm:ss.fff".Length;
        span[used++] = (byte)'Z';
    }

    /// <summary>Hands over what was written.</summary>
    public void Flush()
    {
        writer.Advance(used);
        span = [];
        used = 0;
    }

    private void Utf8(scoped ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            // A unit needs at most three bytes. Half a surrogate pair becomes U+FFFD, but a pair is never cut in two.
            var take = Math.Min(text.Length, Chunk / 3);
            if (take < text.Length && char.IsHighSurrogate(text[take - 1])) take--;
            Room(take * 3);
            used += Encoding.UTF8.GetBytes(text[..take], span[used..]);
            text = text[take..];
        }
    }

    private void Reference(char c)
    {
        switch (c)
        {
            case '&': Raw("&amp;"u8); break;
            case '<': Raw("&lt;"u8); break;
            case '>': Raw("&gt;"u8); break;
            case '"': Raw("&quot;"u8); break;
            default:
                Raw("&#"u8);
                Integer(c);
                Raw(";"u8);
                break;
        }
    }

    private void Room(int bytes)
    {
        if (span.Length - used >= bytes) return;
        if (used > 0) writer.Advance(used);
        span = writer.GetSpan(Math.Max(bytes, Chunk));
        used = 0;
    }
}
