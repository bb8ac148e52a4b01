using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// The rows of search indexes, in the table of objects. The partition is <c>s</c>, the bucket's id, the field's, and the value in a
/// form that keeps its order: <c>t</c> and the beginning of a text, packed as keys are; <c>n</c> and sixteen hex digits of a number. The row is
/// <c>e</c> and the packed key; of a long one the beginning, and a hash. There is one for each value and key, however many versions have it.
/// </summary>
internal static class SearchRows
{
    /// <summary>Search space: an entry.</summary>
    private const char Entry = 'e';

    /// <summary>Bytes of a text that its partition names. Longer ones that begin the same share it.</summary>
    private const int TextBytes = 224;

    /// <summary>Bytes of the hash that tells long keys apart.</summary>
    private const int HashBytes = 12;

    /// <summary>All entries of a bucket, or of one of its fields.</summary>
    public static KeyRange All(string bucketId, string fieldId = "") => new(new($"s{bucketId}{fieldId}", ""), new($"s{bucketId}{fieldId}\uffff", ""));

    /// <summary>Where the entries of a value are; null where it has none: nothing, an empty text, or what is neither text nor number.</summary>
    public static string? Partition(string bucketId, string fieldId, SearchValue value) => value.Kind switch
    {
        SearchKind.Number => $"s{bucketId}{fieldId}n{Ordered(value.Number)}",
        SearchKind.Text when value.Text.Length > 0 => KeyCodec.Address($"s{bucketId}{fieldId}t", Head(value.Text)).Partition,
        _ => null,
    };

    /// <summary>The entries of all values between two that are alike in kind, and of some that are not; null for no bound.</summary>
    public static KeyRange Between(string bucketId, string fieldId, SearchKind kind, SearchValue? low, SearchValue? high)
    {
        var space = $"s{bucketId}{fieldId}{(kind == SearchKind.Number ? 'n' : 't')}";
        var from = low is { } first ? Partition(bucketId, fieldId, first) ?? space : space;
        // What ends a partition's name is followed by nothing, so that no other stands between it and the next.
        var to = high is not { } last ? space + "\uffff" : Partition(bucketId, fieldId, last) is { } end ? end[..^1] + (char)(end[^1] + 1) : space;
        return new(new(from, ""), new(to, ""));
    }

    /// <summary>The entries of all texts that begin so.</summary>
    public static KeyRange Beginning(string bucketId, string fieldId, string prefix)
    {
        var space = $"s{bucketId}{fieldId}t";
        var head = Head(prefix);
        var from = KeyCodec.Address(space, head).Partition;
        // No byte of UTF-8 is 0xFF.
        head[^1]++;
        // The terminator of the shorter text is no lower than that of the bound, which is as long as the prefix.
        return new(new(from[..^1], ""), new(KeyCodec.Address(space, head).Partition[..^1], ""));
    }

    /// <summary>The name of a key's entry.</summary>
    public static string RowOf(string key)
    {
        var address = KeyCodec.Address("", key);
        return address.Rest.Length == 0
            ? Entry + address.Partition
            : $"{Entry}{address.Partition}{Hex.Of(SHA256.HashData(Encoding.UTF8.GetBytes(address.Rest)).AsSpan(0, HashBytes))}";
    }

    /// <summary>Between which rows of a partition the entries of keys are that begin so and are not before the other; of some more, too.</summary>
    public static (string From, string To) RowsOf(string prefix, string? from)
    {
        var last = Packed(prefix, isEnd: true);
        var first = from is not null && Utf8Order.Compare(from, prefix) > 0 ? from : prefix;
        return (Packed(first, isEnd: false), last);
    }

    /// <summary>The key of an entry.</summary>
    public static string KeyIn(Row row) => Read(row).Key;

    /// <summary>An entry.</summary>
    public static SearchEntry Read(Row row) => StoredJson.Read(row.Value, StateJson.Default.SearchEntry);

    private static string Packed(string key, bool isEnd)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        if (bytes.Length > KeyCodec.HeadBytes) bytes = bytes[..KeyCodec.HeadBytes];
        if (bytes.Length == 0) return isEnd ? ((char)(Entry + 1)).ToString() : Entry.ToString();
        if (isEnd) bytes[^1]++;
        return Entry + KeyCodec.Address("", bytes).Partition[..^1];
    }

    private static byte[] Head(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= TextBytes ? bytes : bytes[..TextBytes];
    }

    private static string Ordered(double number)
    {
        var bits = BitConverter.DoubleToInt64Bits(number == 0 ? 0 : number);
        return (bits < 0 ? ~bits : bits ^ long.MinValue).ToString("x16", CultureInfo.InvariantCulture);
    }
}
