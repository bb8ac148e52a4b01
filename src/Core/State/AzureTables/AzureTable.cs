using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>A table of a storage account. A point read, a page of a scan and a commit are one storage transaction each.</summary>
internal sealed class AzureTable(TableService service, string name, ILogger log) : ITable
{
    /// <summary>Rows of the largest page that the service gives.</summary>
    public const int PageRows = 1000;

    // Rows of the first page of a scan that may skip most of what it reads.
    private const int SkippingRows = 100;

    /// <inheritdoc/>
    public async ValueTask<Row?> Get(TableKey key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return TableLimits.CanBe(key) ? (await service.Get(name, key, ct))?.Row : null;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A request costs the same whether it goes on where the last page ended or jumps: so rows to be skipped are read past
    /// within a page, and at its end the scan jumps to where the last of them told it to.
    /// </remarks>
    public async IAsyncEnumerable<Row> Scan(
        KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget,
        [EnumeratorCancellation] CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var prefix = rowPrefix ?? "";
        var left = limit ?? int.MaxValue;
        var size = Math.Min(skip is null ? left : Math.Max(left, SkippingRows), PageRows);
        var from = range.From;
        while (left > 0 && ScanStep.First(range with { From = from }, prefix) is { } step)
        {
            Continuation? next = null;
            do
            {
                var page = await service.Query(name, step.Filter, size, next, ct);
                budget?.Spend();
                foreach (var row in page.Rows)
                {
                    if (row.Key >= range.To) yield break;
                    if (row.Key < from || !row.Key.Row.StartsWith(prefix, StringComparison.Ordinal)) continue;
                    if (skip?.Invoke(row.Key) is { } target && target > from) from = target;
                    yield return row;
                    if (--left == 0) yield break;
                }
                next = page.Next;
                if (budget is { IsSpent: true } && (next is not null || step.Rest is not null))
                {
                    var last = page.Rows.Count > 0 ? page.Rows[^1] : await FirstOfAny(range with { From = from }, next, ct);
                    if (last is not null && last.Key < range.To)
                    {
                        if (page.Rows.Count == 0 && last.Key >= from && last.Key.Row.StartsWith(prefix, StringComparison.Ordinal)) yield return last;
                        budget.End(last.Key);
                        yield break;
                    }
                }
                size = skip is null ? Math.Min(left, PageRows) : PageRows;
                if (next is not null && page.Rows.Count > 0 && from > page.Rows[^1].Key) break;
            }
            while (next is not null);
            if (next is not null) continue;
            if (step.Rest is not { } rest) yield break;
            if (rest.From > from) from = rest.From;
        }
    }

    /// <summary>The row of whatever name at which a query has stopped that found nothing: its continuation is opaque to us.</summary>
    private async ValueTask<Row?> FirstOfAny(KeyRange range, Continuation? at, CancellationToken ct) =>
        at is not null && ScanStep.First(range, "") is { } step && await service.Query(name, step.Filter, 1, at, ct) is { Rows: [var row, ..] } ? row : null;

    /// <inheritdoc/>
    public async ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        TableLimits.Check(partition, changes);
        ct.ThrowIfCancellationRequested();
        return await new TableWrite(service, name, partition, log).Run(changes);
    }
}
