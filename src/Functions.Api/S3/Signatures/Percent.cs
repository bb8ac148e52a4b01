using System.Buffers;
using System.Text;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>Percent-encoding as AWS signs it: everything but <c>A-Z a-z 0-9 - . _ ~</c>, upper-case hex.</summary>
internal static class Percent
{
    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private static readonly SearchValues<char> UnreservedAndSlash =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/");

    /// <summary>
    /// What a raw path or query item is, decoded and encoded anew. In a path slashes stay; in a query plus is a blank, as
    /// <see cref="QueryParameters"/> reads it. A percent sign that encodes nothing stands for itself.
    /// </summary>
    public static string Normalise(string raw, bool path)
    {
        var plain = path ? UnreservedAndSlash : Unreserved;
        if (!raw.AsSpan().ContainsAnyExcept(plain)) return raw;
        var bytes = Encoding.UTF8.GetBytes(raw);
        var text = new StringBuilder(raw.Length + 16);
        for (var i = 0; i < bytes.Length; i++)
        {
            var value = bytes[i];
            if (value == '%' && i + 2 < bytes.Length && Hex(bytes[i + 1]) is >= 0 and var high && Hex(bytes[i + 2]) is >= 0 and var low)
            {
                value = (byte)((high << 4) | low);
                i += 2;
            }
            else if (value == '+' && !path) value = (byte)' ';
            if (plain.Contains((char)value)) text.Append((char)value);
            else text.Append('%').Append("0123456789ABCDEF"[value >> 4]).Append("0123456789ABCDEF"[value & 15]);
        }
        return text.ToString();
    }

    private static int Hex(byte digit) => char.IsAsciiHexDigit((char)digit) ? Convert.ToInt32(((char)digit).ToString(), 16) : -1;
}
