using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>
/// Keys as paths that people read: each segment between slashes is a directory, the last one a file, and nearly all characters stand for
/// themselves. No two keys have one path.
/// </summary>
/// <remarks>
/// <code>
/// %XX      a byte of UTF-8 that cannot be in a name: a control character, the percent sign, the dots of . and ..
/// %empty   a segment without characters
/// …%more   140 bytes of a longer segment; what follows them is in that directory
/// …%dir    a directory whose own name a file has (given by <see cref="DiskSite"/>)
/// …%file   a file whose own name a directory has
/// </code>
/// </remarks>
internal static class DiskNames
{
    public const string More = "%more", Directory = "%dir", File = "%file";

    private const string Empty = "%empty";
    private const int Piece = 140;    // of a segment, in UTF-8: with what is escaped of it usually far less than a name may have
    private const int Longest = 248;  // file systems take 255 bytes; a suffix of ours comes behind

    /// <summary>The names of directories, and at last that of the file; null where a name would be too long.</summary>
    public static List<string>? Of(string key)
    {
        List<string> names = [];
        foreach (var segment in key.Split('/'))
        {
            var rest = Encoding.UTF8.GetBytes(segment).AsSpan();
            for (; rest.Length >= Piece; rest = rest[Piece..]) names.Add(Escape(rest[..Piece]) + More);
            names.Add(rest.IsEmpty ? Empty : Escape(rest));
        }
        return names.TrueForAll(name => Encoding.UTF8.GetByteCount(name) <= Longest) ? names : null;
    }

    /// <summary>The bytes of a key that an entry of a directory stands for; null where it is none of ours.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isDirectory">Whether it is a directory: then with the slash behind, unless its segment goes on in it.</param>
    public static byte[]? Parse(string name, bool isDirectory)
    {
        var isMore = isDirectory && name.EndsWith(More, StringComparison.Ordinal);
        var suffix = isMore ? More : isDirectory ? Directory : File;
        if (name.EndsWith(suffix, StringComparison.Ordinal)) name = name[..^suffix.Length];
        var bytes = new List<byte>(name.Length + 1);
        if (name != Empty)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            for (var i = 0; i < utf8.Length; i++)
            {
                if (utf8[i] != '%') bytes.Add(utf8[i]);
                else if (i + 2 < utf8.Length && byte.TryParse(utf8.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                {
                    bytes.Add(value);
                    i += 2;
                }
                else return null;
            }
        }
        if (isDirectory && !isMore) bytes.Add((byte)'/');
        return [.. bytes];
    }

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        if (bytes.SequenceEqual("."u8)) return "%2E";
        if (bytes.SequenceEqual(".."u8)) return "%2E%2E";
        var name = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            // A piece may begin and end within a character.
            var isWhole = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            if (isWhole && rune.Value is not '%' && !Rune.IsControl(rune)) name.Append(rune);
            else foreach (var value in bytes[..length]) name.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
            bytes = bytes[length..];
        }
        return name.ToString();
    }
}
