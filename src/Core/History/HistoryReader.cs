using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.History;

/// <summary>The numbers of a step of time.</summary>
/// <param name="Start">When it begins.</param>
/// <param name="Requests">What was asked for in it, by protocol.</param>
/// <param name="Stored">What was stored when that was looked at last; null where it was not.</param>
/// <param name="Sites">How far replication was at its end; null where that was not looked at.</param>
public sealed record HistoryPoint(DateTimeOffset Start, IReadOnlyList<RequestNumbers> Requests, IReadOnlyList<StoredNumbers>? Stored, IReadOnlyList<SiteNumbers>? Sites);

/// <summary>Reads what was written of an installation's numbers.</summary>
/// <param name="table">The table <c>statistics</c>.</param>
public sealed class HistoryReader(ITable table)
{
    /// <summary>
    /// The steps of which anything is known, in order. Of whole quarters of an hour a month is known, of minutes a day.
    /// </summary>
    /// <param name="from">The beginning.</param>
    /// <param name="to">The end, exclusive.</param>
    /// <param name="step">How long each step is: whole minutes. They begin at multiples of it.</param>
    /// <param name="ct">Ends it.</param>
    public async ValueTask<IReadOnlyList<HistoryPoint>> Read(DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken ct)
    {
        var (first, end, length) = (from.ToUnixTimeSeconds(), to.ToUnixTimeSeconds(), (long)step.TotalSeconds);
        first -= first % length;
        var steps = new SortedDictionary<long, List<HistoryRow>>();
        var next = first;
        if (length % HistoryRows.Quarter == 0)
        {
            await foreach (var row in table.Scan(HistoryRows.Between(HistoryRows.Quarter, first, end), null, null, ct))
            {
                Add(row);
                next = HistoryRows.StartOf(row) + HistoryRows.Quarter;
            }
        }
        // The newest are not added up yet.
        await foreach (var row in table.Scan(HistoryRows.Between(HistoryRows.Minute, next, end), null, null, ct)) Add(row);
        return [.. steps.Select(each => Point(each.Key, HistoryRow.Of(each.Value)))];

        void Add(Row row)
        {
            var start = HistoryRows.StartOf(row);
            start -= start % length;
            if (!steps.TryGetValue(start, out var rows)) steps[start] = rows = [];
            rows.Add(StoredJson.Read(row.Value, HistoryJson.Default.HistoryRow));
        }
    }

    private static HistoryPoint Point(long start, HistoryRow row) => new(DateTimeOffset.FromUnixTimeSeconds(start), row.Requests ?? [], row.Stored, row.Sites);
}
