using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>Paths of objects, made without allocating; none has a character that needs encoding.</summary>
internal static class Names
{
    /// <summary>Enough for every path that is made here.</summary>
    public const int Most = 64;

    /// <summary><c>/bucket/w-t</c>: the object that worker w wrote in its turn t.</summary>
    public static ReadOnlySpan<byte> Object(Span<byte> buffer, ReadOnlySpan<byte> bucket, int worker, int turn)
    {
        buffer[0] = (byte)'/';
        bucket.CopyTo(buffer[1..]);
        var at = bucket.Length + 1;
        buffer[at++] = (byte)'/';
        Utf8Formatter.TryFormat(worker, buffer[at..], out var written);
        at += written;
        buffer[at++] = (byte)'-';
        Utf8Formatter.TryFormat(turn, buffer[at..], out written);
        return buffer[..(at + written)];
    }

    /// <summary><c>/bucket/dir-ddd/object-nnn</c>: a thousand directories with the same number of objects each.</summary>
    public static byte[] Listed(string bucket, int number) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/{bucket}/dir-{number % 1000:000}/object-{number / 1000:000}"));
}
