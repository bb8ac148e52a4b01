using System.Globalization;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>A connection that reads, with its statements. Used by one thread at a time; see <see cref="SqliteReaders"/>.</summary>
internal sealed class SqliteReader : IDisposable
{
    // Stepping over a row costs a third of a microsecond, seeking past it about three.
    private const int StepsBeforeSeek = 8;

    // The cache of a connection has to hold what a listing of 1,000 common prefixes touches, a page of the file each: where
    // it did not, it took twice as long. Mapping the file would be as fast, but looks like memory in use.
    private const int CacheKiB = 16 * 1024;

    // A page may not hold its read transaction, or the memory of large values, for long.
    private const int PageSteps = 20_000;
    private const int PageBytes = 1 << 20;

    private readonly SqliteConnection connection;
    private readonly SqliteStatement get;
    private readonly SqliteStatement scan;
    private readonly SqliteStatement big;

    public SqliteReader(string path)
    {
        connection = SqliteConnection.Open(path);
        connection.Execute("PRAGMA query_only=ON");
        connection.Execute($"PRAGMA cache_size=-{CacheKiB}");
        get = connection.Prepare("SELECT stamp, value FROM rows WHERE tab = ?1 AND key = ?2");
        scan = connection.Prepare("SELECT key, stamp, value FROM rows WHERE tab = ?1 AND key >= ?2 ORDER BY key");
        big = connection.Prepare("SELECT value FROM big WHERE stamp = ?1");
        Messages = new(connection);
    }

    /// <summary>What is read about messages.</summary>
    public Queues.Sqlite.MessageQueries Messages { get; }

    /// <summary>One row, or null.</summary>
    public Row? Get(int table, TableKey key)
    {
        try
        {
            if (!get.Bind(1, table).Bind(2, RowKey.Encode(key)).Step()) return null;
            return new(key, Value(get, 1, get.Number(0)), StampOf(get.Number(0)));
        }
        finally
        {
            get.Reset();
        }
    }

    /// <summary>
    /// Adds the next rows to <paramref name="rows"/>, at most <paramref name="most"/>, and counts the rows it looked at.
    /// Gives the key to go on from, or null at the end.
    /// </summary>
    public byte[]? Page(
        int table, byte[] from, byte[] to, byte[] prefix, Func<TableKey, TableKey?>? skip, int most, List<Row> rows, ref long stepped)
    {
        var isHeld = false;
        try
        {
            var (misses, steps, bytes) = (0, 0, 0);
            byte[]? wantedFrom = null;
            scan.Bind(1, table).Bind(2, from);
            while (scan.Step())
            {
                stepped++;
                var key = scan.Bytes(0);
                if (key.SequenceCompareTo(to) >= 0) return null;
                if (wantedFrom is not null)
                {
                    if (key.SequenceCompareTo(wantedFrom) < 0)
                    {
                        // Whoever skips mostly skips far: one more step would be wasted.
                        Seek(wantedFrom, ref isHeld);
                        wantedFrom = null;
                        continue;
                    }
                    wantedFrom = null;
                }
                var zero = key.IndexOf((byte)0);
                var name = key[(zero + 1)..];
                if (!name.StartsWith(prefix))
                {
                    if (++steps >= PageSteps) return RowKey.After(key);
                    if (++misses < StepsBeforeSeek) continue;
                    var target = name.SequenceCompareTo(prefix) < 0
                        ? RowKey.InPartition(key[..zero], prefix)
                        : RowKey.NextPartition(key[..zero]);
                    Seek(target, ref isHeld);
                    misses = 0;
                    continue;
                }
                misses = 0;
                var stamp = scan.Number(1);
                var value = Value(scan, 2, stamp);
                bytes += value.Length;
                var row = new Row(RowKey.Decode(key, zero), value, StampOf(stamp));
                rows.Add(row);
                if (skip?.Invoke(row.Key) is { } behind) wantedFrom = RowKey.Encode(behind);
                if (rows.Count >= most || bytes >= PageBytes)
                    return wantedFrom is not null && key.SequenceCompareTo(wantedFrom) < 0 ? wantedFrom : RowKey.After(key);
            }
            return null;
        }
        finally
        {
            scan.Reset();
            if (isHeld) connection.Commit.Run();
        }
    }

    /// <summary>Goes on from another key, in the same snapshot: without a lock to take and give back at each seek.</summary>
    private void Seek(byte[] key, ref bool isHeld)
    {
        if (!isHeld) connection.Begin.Run();
        isHeld = true;
        scan.Reset();
        scan.Bind(2, key);
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    // The statement is still open, and so is its snapshot: a big value that the row names is there.
    private byte[] Value(SqliteStatement statement, int column, long stamp)
    {
        if (!statement.IsNull(column)) return statement.Bytes(column).ToArray();
        try
        {
            if (!big.Bind(1, stamp).Step()) throw new SqliteException($"The state file {connection.Path} is damaged: a value is missing.");
            return big.Bytes(0).ToArray();
        }
        finally
        {
            big.Reset();
        }
    }

    private static Stamp StampOf(long stamp) => new(stamp.ToString(CultureInfo.InvariantCulture));
}
