using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Search;

/// <summary>Reads the keys of a plan from the index.</summary>
/// <param name="table">The table of objects.</param>
/// <param name="prefix">Only keys that start with it.</param>
/// <param name="from">Only keys that are not before it; null for all.</param>
internal sealed class FoundKeys(ITable table, string prefix, string? from)
{
    /// <summary>So many entries are read, and keys held in memory; where there are more, it is better to go through all objects in order.</summary>
    public const int Most = 10_000;

    /// <summary>With so few, no other way is tried.</summary>
    private const int Few = 64;

    private readonly List<Row> read = [];

    /// <summary>The entries that were read, by their key.</summary>
    public ILookup<string, Row> ByKey => read.ToLookup(SearchRows.KeyIn, StringComparer.Ordinal);

    /// <summary>The keys; null where there are more than that.</summary>
    public async ValueTask<HashSet<string>?> Of(SearchPlan plan, int most, CancellationToken ct)
    {
        switch (plan)
        {
            case AllOf(var one, var other):
            {
                if (await Of(one, most, ct) is not { } first || await Of(other, most, ct) is not { } second) return null;
                first.UnionWith(second);
                return first.Count <= most ? first : null;
            }
            case LeastOf(var plans):
            {
                HashSet<string>? least = null;
                foreach (var each in plans)
                {
                    // Not worth reading what has more.
                    if (await Of(each, least is null ? most : least.Count - 1, ct) is { } fewer) least = fewer;
                    if (least is { Count: <= Few }) break;
                }
                return least;
            }
            default:
                return await Entries((EntryRange)plan, most, ct);
        }
    }

    private async ValueTask<HashSet<string>?> Entries(EntryRange plan, int most, CancellationToken ct)
    {
        HashSet<string> keys = new(StringComparer.Ordinal);
        var range = plan.Range;
        if (range.From >= range.To) return keys;
        if (plan.IsOne)
        {
            var (first, end) = SearchRows.RowsOf(prefix, from);
            range = new(range.From with { Row = first }, range.From with { Row = end });
            if (range.From >= range.To) return keys;
        }
        var count = 0;
        await foreach (var row in table.Scan(range, null, most + 1, ct))
        {
            if (++count > most) return null;
            var key = SearchRows.KeyIn(row);
            if (!key.StartsWith(prefix, StringComparison.Ordinal) || (from is not null && Utf8Order.Compare(key, from) < 0)) continue;
            keys.Add(key);
            read.Add(row);
        }
        return keys;
    }
}
