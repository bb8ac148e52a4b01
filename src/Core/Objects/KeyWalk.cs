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

    /// <summary>
    /// What a page of a listing may take: then it ends early, truncated. Clients wait longer than that, but not for ever, and in a
    /// service a page may take many requests: for common prefixes with a thousand keys each, or past many rows of another kind.
    /// </summary>
    public static ScanBudget Page(TimeProvider clock) => new(50, TimeSpan.FromSeconds(20), clock);

    /// <summary>The steps, at most <paramref name="limit"/> of them: no more rows are read than that takes.</summary>
    /// <remarks>Where the budget ends it, what there is of the keys up to <see cref="EndedAt"/> has been walked.</remarks>
    public static async IAsyncEnumerable<Step> Walk(
        ITable table, string space, char kind, string prefix, string? delimiter, TableKey? from, int? limit, ScanBudget? budget,
        [EnumeratorCancellation] CancellationToken ct, TableKey? to = null)
    {
        var range = KeyCodec.Prefix(space, kind, prefix);
        if (to is { } end && end < range.To) range = range with { To = end };
        if (from is { } start && start > range.From) range = range with { From = start };
        if (range.From >= range.To) yield break;
        var rollsUp = !string.IsNullOrEmpty(delimiter);

        TableKey? Behind(TableKey row) => CommonPrefix(KeyCodec.Key(space, row.Partition, row.Row), prefix, delimiter) is { } common
            ? KeyCodec.AfterPrefix(space, kind, common)
            : null;

        Step StepOf(Row row)
        {
            var key = KeyCodec.Key(space, row.Key.Partition, row.Key.Row);
            return rollsUp && CommonPrefix(key, prefix, delimiter) is { } common ? new(common, null) : new(key, row);
        }

        Step last = default;
        while (true)
        {
            await foreach (var row in table.Scan(range, kind.ToString(), limit, rollsUp ? Behind : null, budget, ct)) yield return last = StepOf(row);
            if (budget?.EndedAt is not { } at) yield break;
            if (at.Row[0] <= kind)
            {
                // In the middle of a partition: to its end, so that whole keys have been walked.
                var rest = new KeyRange(at with { Row = at.Row + "\0" }, new(at.Partition, (char)(kind + 1) + ""));
                if (rest.To > range.To) rest = rest with { To = range.To };
                await foreach (var row in table.Scan(rest, kind.ToString(), limit, ct))
                    if (StepOf(row) is var step && (step.Row is not null || step.Name != last.Name)) yield return last = step;
            }
            // Of long keys that share a partition none stands for all: on to one that does not.
            if (!KeyCodec.IsOfSeveral(at.Partition)) yield break;
            range = range with { From = at with { Row = "\uffff" } };
            budget.GoOn();
        }
    }

    /// <summary>The key up to which a walk has come that its budget ended; null where it came to its end.</summary>
    public static string? EndedAt(string space, ScanBudget budget) =>
        budget.EndedAt is { } at ? KeyCodec.Key(space, at.Partition, at.Row) : null;

    /// <summary>
    /// What a page that ended early says it has shown: the key up to which it came, but nothing before its last entry, nor anything
    /// below that where it is a common prefix.
    /// </summary>
    public static string Marker(string endedAt, string? lastEntry, bool isPrefix) =>
        lastEntry is null || (Utf8Order.Compare(endedAt, lastEntry) > 0 && !(isPrefix && endedAt.StartsWith(lastEntry, StringComparison.Ordinal)))
            ? endedAt
            : lastEntry;

    /// <summary>
    /// Where a listing goes on that has shown <paramref name="after"/>: behind the key, or behind everything below it
    /// where it is itself a common prefix of this listing.
    /// </summary>
    public static TableKey? Behind(string space, char kind, string prefix, string? delimiter, string? after) =>
        string.IsNullOrEmpty(after) ? null
        : CommonPrefix(after, prefix, delimiter) == after ? KeyCodec.AfterPrefix(space, kind, after)
        : KeyCodec.After(space, kind, after);

    /// <summary>The common prefix that a key is rolled up to; null where it stands for itself.</summary>
    public static string? CommonPrefix(string key, string prefix, string? delimiter)
    {
        if (string.IsNullOrEmpty(delimiter) || !key.StartsWith(prefix, StringComparison.Ordinal)) return null;
        var at = key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + delimiter.Length)];
    }
}
