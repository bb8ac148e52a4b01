using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Walks the rows of a kind in key order, rolling keys up to common prefixes. Below a common prefix it reads on for a few
/// rows and then seeks behind all of it.
/// </summary>
internal static class KeyWalk
{
    /// <summary>A key with its row, or (Row null) a common prefix.</summary>
    public readonly record struct Step(string Name, Row? Row);

    public static async IAsyncEnumerable<Step> Walk(
        ITable table, string space, char kind, string prefix, string? delimiter, TableKey? from,
        [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyCodec.Prefix(space, kind, prefix);
        var rowPrefix = kind.ToString();
        if (from is { } start && start > range.From) range = range with { From = start };
        while (range.From < range.To)
        {
            string? common = null;
            var skipped = 0;
            TableKey? seek = null;
            await foreach (var row in table.Scan(range, rowPrefix, null, ct))
            {
                var key = KeyCodec.Key(space, row.Key.Partition, row.Key.Row);
                if (common is not null && key.StartsWith(common, StringComparison.Ordinal))
                {
                    if (++skipped < table.RowsPerSeek) continue;
                    seek = KeyCodec.AfterPrefix(space, kind, common);
                    break;
                }
                common = CommonPrefix(key, prefix, delimiter);
                skipped = 0;
                yield return common is null ? new(key, row) : new(common, null);
            }
            if (seek is null) yield break;
            range = range with { From = seek.Value };
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
