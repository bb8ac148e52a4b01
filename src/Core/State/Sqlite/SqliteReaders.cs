namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>
/// The connections that read. A bounded number, each kept once it is open: opening one costs as much as twenty reads, and a
/// read takes microseconds, so that waiting for another to end costs less.
/// </summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    private readonly SemaphoreSlim places = new(Math.Max(4, 2 * Environment.ProcessorCount));
    private readonly Lock gate = new();
    private readonly Stack<SqliteReader> idle = [];
    private bool closed;

    /// <summary>A connection, to be given back soon and by the same thread: nothing may be awaited in between.</summary>
    public SqliteReader Rent()
    {
        places.Wait();
        try
        {
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(closed, typeof(SqliteStore));
                if (idle.TryPop(out var reader)) return reader;
            }
            return new(path);
        }
        catch
        {
            places.Release();
            throw;
        }
    }

    /// <summary>Takes a connection back.</summary>
    public void Return(SqliteReader reader)
    {
        lock (gate)
        {
            if (closed) reader.Dispose();
            else idle.Push(reader);
        }
        places.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            while (idle.TryPop(out var reader)) reader.Dispose();
        }
    }
}
