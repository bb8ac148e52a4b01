using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Walks the rows of a kind in key order, rolling keys up to common prefixes: of what stands below one, only the first row
/// is read.
/// </summary>
internal static class KeyWalk
{
    /// <summary>A key with its row, or (Row null) a common prefix.</summary>
    public readonly record struct Step(string Name, Row? Row);

    /// <summary>The steps, at most <paramref name="limit"/> of them: no more rows are read than that takes.</summary>
    public static async IAsyncEnumerable<Step> Walk(
        ITable table, string space, char kind, string prefix, string? delimiter, TableKey? from, int? limit,
        [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyCodec.Prefix(space, kind, prefix);
        if (from is { } start && start > range.From) range = range with { From = start };
        if (range.From >= range.To) yield break;
        var rollsUp = !string.IsNullOrEmpty(delimiter);

        TableKey? Behind(TableKey row) => CommonPrefix(KeyCodec.Key(space, row.Partition, row.Row), prefix, delimiter) is { } common
            ? KeyCodec.AfterPrefix(space, kind, common)
            : null;

        await foreach (var row in table.Scan(range, kind.ToString(), limit, rollsUp ? Behind : null, ct))
        {
            var key = KeyCodec.Key(space, row.Key.Partition, row.Key.Row);
            yield return rollsUp && CommonPrefix(key, prefix, delimiter) is { } common ? new(common, null) : new(key, row);
        }
    }

    /// <summary>
    /// Where a listing goes on that has shown <paramref name="after"/>: behind the key, or behind everything below it
    /// where it is itself a common prefix of this listing.
    /// </summary>
    public static TableKey? Behind(string space, char kind, string prefix, string? delimiter, string? after) =>
        string.IsNullOrEmpty(after) ? null
        : CommonPrefix(after, prefix, delimiter) == after ? KeyCodec.AfterPrefix(space, kind, after)
        : KeyCodec.After(space, kind, after);

    private static string? CommonPrefix(string key, string prefix, string? delimiter)
    {
        if (string.IsNullOrEmpty(delimiter) || !key.StartsWith(prefix, StringComparison.Ordinal)) return null;
        var at = key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + delimiter.Length)];
    }
}
