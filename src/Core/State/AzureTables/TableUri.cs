using System.Buffers;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>Names in URLs.</summary>
internal static class TableUri
{
    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>A string literal of OData, percent-encoded: in quotes, quotes within it doubled.</summary>
    public static string Literal(string value) => $"'{Escaped(value)}'";

    /// <summary>The characters that a name takes in a URL, without the quotes around it.</summary>
    public static int Length(ReadOnlySpan<char> value)
    {
        var length = 0;
        foreach (var unit in value) length += Length(unit);
        return length;
    }

    /// <summary>The characters that one UTF-16 unit takes there.</summary>
    public static int Length(char unit) => unit switch
    {
        '\'' => 6,
        < '\x80' => Unreserved.Contains(unit) ? 1 : 3,
        < '\x800' => 6,
        _ => 9,
    };

    /// <summary>The path of a row behind the table's name.</summary>
    public static string Entity(TableKey key) => $"(PartitionKey={Literal(key.Partition)},RowKey={Literal(key.Row)})";

    private static string Escaped(string value)
    {
        if (!value.AsSpan().ContainsAnyExcept(Unreserved)) return value;
        return Uri.EscapeDataString(value.Contains('\'', StringComparison.Ordinal) ? value.Replace("'", "''", StringComparison.Ordinal) : value);
    }
}
