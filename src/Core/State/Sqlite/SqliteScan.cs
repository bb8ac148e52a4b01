using System.Text;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>
/// A scan, page by page: no transaction is open while the consumer works. Written out rather than as an iterator
/// because nothing in it ever waits.
/// </summary>
internal sealed class SqliteScan(
    SqliteStore store, int table, KeyRange range, string prefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget,
    CancellationToken ct)
    : IAsyncEnumerable<Row>
{
    private const int FirstPage = 16;
    private const int LargestPage = 256;

    /// <inheritdoc/>
    public IAsyncEnumerator<Row> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Pages(store, table, range, prefix, limit, skip, budget, ct, cancellationToken);

    private sealed class Pages(
        SqliteStore store, int table, KeyRange range, string prefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget,
        CancellationToken ct, CancellationToken ct2)
        : IAsyncEnumerator<Row>
    {
        private readonly byte[] to = RowKey.Encode(range.To);
        private readonly byte[] prefix = Encoding.UTF8.GetBytes(prefix);
        private readonly List<Row> page = [];
        private byte[]? from = RowKey.Encode(range.From);
        private int left = limit ?? int.MaxValue;

        // A consumer that gave no limit may want one row only.
        private int size = limit is null ? FirstPage : LargestPage;
        private int at = -1;
        private TableKey? lookedAt;

        public Row Current => page[at];

        public ValueTask<bool> MoveNextAsync()
        {
            if (++at < page.Count) return new(true);
            page.Clear();
            at = 0;
            while (page.Count == 0)
            {
                if (left <= 0 || from is null) return new(false);
                if (lookedAt is { } here && budget is { IsSpent: true })
                {
                    budget.End(here);
                    return new(false);
                }
                ct.ThrowIfCancellationRequested();
                ct2.ThrowIfCancellationRequested();
                Read();
            }
            return new(true);
        }

        public ValueTask DisposeAsync() => default;

        private void Read()
        {
            var stepped = 0L;
            var reader = store.Readers.Rent();
            try
            {
                from = reader.Page(table, from!, to, prefix, skip, Math.Min(left, size), page, ref stepped);
            }
            finally
            {
                store.Readers.Return(reader);
                store.CountSteps(stepped);
            }
            budget?.Spend();
            // A page without rows has looked at as many as it may: see SqliteReader.
            lookedAt = page.Count > 0 ? page[^1].Key : from is null ? lookedAt : RowKey.Before(from);
            left -= page.Count;
            size = LargestPage;
        }
    }
}
