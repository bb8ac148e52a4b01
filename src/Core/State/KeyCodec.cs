using System.Text;

namespace ZenkoFunctions.Core.State;

/// <summary>
/// Where the rows of one object key live. Rows are named <c>kind + Rest + tail</c>, kind being one ASCII letter:
/// so all rows of a kind in a shared partition stand together, in key order.
/// </summary>
/// <param name="Partition">The space (bucket) followed by the encoded head of the key.</param>
/// <param name="Rest">The encoded remainder of a long key; empty for a key that fits the partition name.</param>
public readonly record struct KeyAddress(string Partition, string Rest)
{
    /// <summary>The row of this key with that kind and tail.</summary>
    public TableKey Row(char kind, string tail = "") => new(Partition, RowName(kind, tail));

    /// <summary>The name of that row inside the partition.</summary>
    public string RowName(char kind, string tail = "") => string.Concat(new ReadOnlySpan<char>(in kind), Rest, tail);
}

/// <summary>
/// Object keys as names of partitions and rows. For the rows of one kind the ordinal order of (partition, row) is the
/// order of the keys' UTF-8 bytes, which is S3's; UTF-16 would put U+E000 to U+FFFF after the supplementary planes.
/// </summary>
/// <remarks>
/// Seven bytes become four characters of U+4E00 to U+8DFF, 14 bits each, the most significant first. The last group is
/// padded with zeros, and one terminator, <c>1</c> to <c>7</c>, tells how many of its bytes count: it is below every
/// packed character, so that a key stands before its extensions. Keys of more than <see cref="HeadBytes"/> end
/// their partition name with <c>8</c> instead and continue in the row name. A space is a short ASCII prefix; no space may be
/// the beginning of another, and tails start with an ASCII character, so that both ends of the packing are certain.
/// </remarks>
public static class KeyCodec
{
    /// <summary>Bytes of the longest legal key (S3's limit).</summary>
    public const int KeyBytes = 1024;

    /// <summary>Bytes of a key that the partition name holds: 120 groups of seven, 481 characters.</summary>
    public const int HeadBytes = 120 * GroupBytes;

    /// <summary>Characters of the longest space.</summary>
    public const int SpaceUnits = TableLimits.NameUnits - HeadBytes / GroupBytes * GroupUnits - 1;

    /// <summary>Characters of the longest tail.</summary>
    public const int TailUnits =
        TableLimits.NameUnits - 2 - (KeyBytes - HeadBytes + GroupBytes - 1) / GroupBytes * GroupUnits;

    private const int GroupBytes = 7;
    private const int GroupUnits = 4;
    private const int UnitBits = 14;
    private const char First = '\u4e00';
    private const char AfterLast = (char)(First + (1 << UnitBits));
    private const char Continued = '8';

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Where the key's rows live. Throws <see cref="ArgumentException"/> where it is empty or no UTF-16.</summary>
    public static KeyAddress Address(string space, string key) => Address(space, Utf8.GetBytes(key));

    /// <summary>Where the rows of a key, given as UTF-8, live.</summary>
    public static KeyAddress Address(string space, ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty || key.Length > KeyBytes)
            throw new ArgumentException($"A key has 1 to {KeyBytes} bytes, not {key.Length}.", nameof(key));
        return Pack(space, key);
    }

    /// <summary>The key that a row belongs to.</summary>
    public static string Key(string space, string partition, string row)
    {
        var head = partition.AsSpan(space.Length);
        Span<byte> key = stackalloc byte[KeyBytes + GroupBytes];
        var length = Unpack(head, key);
        if (head[^1] == Continued) length += Unpack(row.AsSpan(1, RestUnits(row)), key[length..]);
        return Utf8.GetString(key[..length]);
    }

    /// <summary>Whether the rows of several keys may be in that partition: of keys that are so long that they are told apart by rows.</summary>
    public static bool IsOfSeveral(string partition) => partition[^1] == Continued;

    /// <summary>What follows kind and Rest in a row's name.</summary>
    public static string Tail(string row) => row[(1 + RestUnits(row))..];

    /// <summary>The first position of a kind that belongs to this key or to one after it. An empty key is the first.</summary>
    public static TableKey From(string space, char kind, string key) => Bound(space, kind, Utf8.GetBytes(key));

    /// <summary>The first position of a kind that belongs to a key after this one.</summary>
    public static TableKey After(string space, char kind, string key) => Bound(space, kind, [.. Utf8.GetBytes(key), 0]);

    /// <summary>The first position of a kind after all keys that start with <paramref name="prefix"/>.</summary>
    public static TableKey AfterPrefix(string space, char kind, string prefix)
    {
        // No UTF-8 byte is 0xFF, so the last one can always be counted up.
        var next = Utf8.GetBytes(prefix);
        if (next.Length == 0) return new(space + AfterLast, "");
        next[^1]++;
        return Bound(space, kind, next);
    }

    /// <summary>All keys that start with <paramref name="prefix"/>, for a scan of that kind of rows.</summary>
    public static KeyRange Prefix(string space, char kind, string prefix) =>
        new(From(space, kind, prefix), AfterPrefix(space, kind, prefix));

    // Longer than any key: what differs only behind that is after the same keys.
    private static TableKey Bound(string space, char kind, ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return new(space + First, "");
        var address = Pack(space, key.Length > KeyBytes + 1 ? key[..(KeyBytes + 1)] : key);
        return address.Rest.Length == 0 ? new(address.Partition, "") : address.Row(kind);
    }

    private static KeyAddress Pack(string space, ReadOnlySpan<byte> key)
    {
        if (space.Length > SpaceUnits) throw new ArgumentException($"A space has at most {SpaceUnits} characters.", nameof(space));
        return key.Length <= HeadBytes
            ? new(Pack(space, key, (char)('0' + LastGroup(key.Length))), "")
            : new(Pack(space, key[..HeadBytes], Continued),
                Pack("", key[HeadBytes..], (char)('0' + LastGroup(key.Length - HeadBytes))));
    }

    private static string Pack(string before, ReadOnlySpan<byte> bytes, char terminator)
    {
        var groups = (bytes.Length + GroupBytes - 1) / GroupBytes;
        Span<char> text = stackalloc char[TableLimits.NameUnits];
        before.CopyTo(text);
        var at = before.Length;
        for (var group = 0; group < groups; group++)
        {
            var bits = 0UL;
            for (var i = group * GroupBytes; i < (group + 1) * GroupBytes; i++)
                bits = bits << 8 | (i < bytes.Length ? bytes[i] : (byte)0);
            for (var shift = (GroupUnits - 1) * UnitBits; shift >= 0; shift -= UnitBits)
                text[at++] = (char)(First + (int)(bits >> shift & (1 << UnitBits) - 1));
        }
        text[at++] = terminator;
        return new(text[..at]);
    }

    private static int Unpack(ReadOnlySpan<char> packed, Span<byte> bytes)
    {
        var groups = (packed.Length - 1) / GroupUnits;
        for (var group = 0; group < groups; group++)
        {
            var bits = 0UL;
            foreach (var unit in packed.Slice(group * GroupUnits, GroupUnits)) bits = bits << UnitBits | (uint)(unit - First);
            for (var i = (group + 1) * GroupBytes - 1; i >= group * GroupBytes; i--, bits >>= 8) bytes[i] = (byte)bits;
        }
        var last = packed[^1] == Continued ? GroupBytes : packed[^1] - '0';
        return (groups - 1) * GroupBytes + last;
    }

    // Packed characters behind the kind, and the terminator that ends them.
    private static int RestUnits(string row)
    {
        var end = 1;
        while (end < row.Length && row[end] is >= First and < AfterLast) end++;
        return end == 1 ? 0 : end;
    }

    private static int LastGroup(int length) => (length - 1) % GroupBytes + 1;
}
