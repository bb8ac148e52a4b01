using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Usage;

/// <summary>Counts what is asked of a table.</summary>
internal sealed class CountingTable(ITable inner) : ITable
{
    private int calls;

    public int Calls => calls;

    public ValueTask<Row?> Get(TableKey key, CancellationToken ct)
    {
        Interlocked.Increment(ref calls);
        return inner.Get(key, ct);
    }

    public IAsyncEnumerable<Row> Scan(KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget, CancellationToken ct)
    {
        Interlocked.Increment(ref calls);
        return inner.Scan(range, rowPrefix, limit, skip, budget, ct);
    }

    public ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        Interlocked.Increment(ref calls);
        return inner.Apply(partition, changes, ct);
    }
}
