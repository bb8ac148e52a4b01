namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>A table of the state file. Reads are synchronous: they take microseconds.</summary>
internal sealed class SqliteTable(SqliteStore store, int table) : ITable
{
    /// <inheritdoc/>
    public ValueTask<Row?> Get(TableKey key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var reader = store.Readers.Rent();
        try
        {
            return new(reader.Get(table, key));
        }
        finally
        {
            store.Readers.Return(reader);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<Row> Scan(
        KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget, CancellationToken ct) =>
        new SqliteScan(store, table, range, rowPrefix ?? "", limit, skip, budget, ct);

    /// <inheritdoc/>
    public ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        TableLimits.Check(partition, changes);
        ct.ThrowIfCancellationRequested();
        return new(store.Writer.Send(new ApplyWrite(table, partition, changes, ct)));
    }
}
