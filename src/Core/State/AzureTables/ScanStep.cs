using System.Text;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>One query of a scan, with its continuations.</summary>
/// <param name="Filter">OData, percent-encoded. It may let more rows through than are wanted, never fewer.</param>
/// <param name="Rest">What is left to scan when the query has been read to its end; null where nothing is.</param>
/// <remarks>
/// A filter never says <c>or</c>: the service reads a whole table for it, while <c>and</c> of bounds becomes a range. So a
/// scan that begins in the middle of a partition is two queries: the remainder of that partition, and what is behind it.
/// The partition's lower bound is always whole (scans make progress); the other bounds share what is left of
/// <see cref="FilterUnits"/>, and one that is too long is cut to a looser one: the reader drops the few rows that came too much.
/// </remarks>
internal sealed record ScanStep(string Filter, KeyRange? Rest)
{
    /// <summary>
    /// Characters of the encoded bounds. The request line must stay below 12 KiB; beside the bounds it holds two continuation
    /// tokens (names of 512 CJK characters are 1,536 bytes of UTF-8, 2,048 characters of Base64 and some escapes: 2,300 each)
    /// and some 500 characters of path, operators and parameters.
    /// </summary>
    public const int FilterUnits = 12 * 1024 - 2 * 2_300 - 500;

    /// <summary>The first query of a scan, or null where nothing can be in the range.</summary>
    public static ScanStep? First(KeyRange range, string prefix)
    {
        var (from, to) = (range.From, range.To);
        if (from >= to) return null;
        var onePartition = from.Partition == to.Partition;
        if (!onePartition && from.Row.Length == 0) return Across(from.Partition, "ge", to, prefix);

        var behind = onePartition ? (KeyRange?)null : range with { From = new(from.Partition, Behind) };
        // Nothing of this partition is left, or nothing with that prefix.
        if (from.Row[..Math.Min(1, from.Row.Length)] == Behind) return onePartition ? null : Across(from.Partition, "gt", to, prefix);
        if (prefix.Length > 0 && string.CompareOrdinal(from.Row, prefix) > 0 && !from.Row.StartsWith(prefix, StringComparison.Ordinal))
            return behind is { } next ? First(next, prefix) : null;

        var first = string.CompareOrdinal(from.Row, prefix) > 0 ? from.Row : prefix;
        var last = prefix.Length > 0 ? prefix + Behind : Behind;
        if (onePartition && string.CompareOrdinal(to.Row, last) < 0) last = to.Row;
        var room = FilterUnits - TableUri.Length(from.Partition);
        var filter = new StringBuilder($"PartitionKey%20eq%20{TableUri.Literal(from.Partition)}");
        Lower(filter, "RowKey", first, room / 2);
        Upper(filter, "RowKey", "lt", last, room / 2);
        return new(filter.ToString(), behind);
    }

    // After every legal row name.
    private const string Behind = "\uffff";

    private static ScanStep Across(string partition, string comparison, TableKey to, string prefix)
    {
        var room = FilterUnits - TableUri.Length(partition);
        var share = prefix.Length == 0 ? room : room / 3;
        var filter = new StringBuilder();
        if (partition.Length > 0) filter.Append("PartitionKey%20").Append(comparison).Append("%20").Append(TableUri.Literal(partition));
        Upper(filter, "PartitionKey", to.Row.Length == 0 ? "lt" : "le", to.Partition, share);
        if (prefix.Length > 0)
        {
            Lower(filter, "RowKey", prefix, share);
            Upper(filter, "RowKey", "lt", prefix + Behind, share);
        }
        return new(filter.ToString(), null);
    }

    private static void Lower(StringBuilder filter, string property, string bound, int room)
    {
        var cut = bound[..Fitting(bound, room)];
        if (cut.Length > 0) Append(filter, property, "ge", cut);
    }

    // A bound that is cut becomes the next name of its length: what starts with the part that is left is still below it.
    private static void Upper(StringBuilder filter, string property, string comparison, string bound, int room)
    {
        var length = Fitting(bound, room);
        if (length == bound.Length) Append(filter, property, comparison, bound);
        else if (After(bound.AsSpan(0, length)) is { } after) Append(filter, property, "lt", after);
    }

    private static void Append(StringBuilder filter, string property, string comparison, string bound)
    {
        if (filter.Length > 0) filter.Append("%20and%20");
        filter.Append(property).Append("%20").Append(comparison).Append("%20").Append(TableUri.Literal(bound));
    }

    // How many units of a bound have room, and may stand in a name: the service may refuse the others.
    private static int Fitting(string bound, int room)
    {
        var legal = bound.AsSpan().IndexOfAny(TableLimits.Forbidden);
        var length = legal < 0 ? bound.Length : legal;
        var used = TableUri.Length(bound.AsSpan(0, length));
        while (used > room) used -= TableUri.Length(bound[--length]);
        return length;
    }

    // The shortest name after all that start with this one; null where there is none.
    private static string? After(ReadOnlySpan<char> prefix)
    {
        while (prefix.Length > 0)
        {
            var last = prefix[^1];
            while (last < '\ufffe')
                if (!TableLimits.Forbidden.Contains(++last)) return string.Concat(prefix[..^1], new ReadOnlySpan<char>(in last));
            prefix = prefix[..^1];
        }
        return null;
    }
}
