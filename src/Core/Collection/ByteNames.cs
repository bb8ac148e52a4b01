using System.Buffers;
using System.Text;

namespace ZenkoFunctions.Core.Collection;

/// <summary>
/// The names of stored bytes, <c>BUCKETID/KEYHASH/UNIQUE</c>, wherever they stand in the stored form of a row. Every mention counts: so
/// no kind of row needs to be understood, and none that is to come can be forgotten.
/// </summary>
internal static class ByteNames
{
    private const int HashDigits = 16;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<byte> InUnique = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._"u8);

    /// <summary>What precedes the hash in all names of a bucket.</summary>
    public static byte[] Prefix(string bucketId) => Encoding.ASCII.GetBytes(bucketId + "/");

    /// <summary>Adds every name of a bucket that the bytes mention.</summary>
    public static void Mentioned(ReadOnlySpan<byte> row, ReadOnlySpan<byte> prefix, NameAction found)
    {
        while (row.IndexOf(prefix) is >= 0 and var at)
        {
            var name = row[at..];
            row = name[prefix.Length..];
            if (row.Length <= HashDigits || row[HashDigits] != '/') continue;
            var unique = row[(HashDigits + 1)..];
            var length = unique.IndexOfAnyExcept(InUnique) is >= 0 and var end ? end : unique.Length;
            if (length == 0) continue;
            found(name[..(prefix.Length + HashDigits + 1 + length)]);
        }
    }

    /// <summary>What is in a name; null where it is none of ours.</summary>
    public static (string BucketId, string Hash)? Parse(string name)
    {
        if (name.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var first) || name.Length <= first + HashDigits + 2 || name[first + HashDigits + 1] != '/') return null;
        var hash = name.AsSpan(first + 1, HashDigits);
        return hash.ContainsAnyExcept(HexDigits) || name.AsSpan(first + HashDigits + 2).Contains('/') ? null : (name[..first], hash.ToString());
    }

    /// <summary>Takes a name.</summary>
    public delegate void NameAction(ReadOnlySpan<byte> name);
}
