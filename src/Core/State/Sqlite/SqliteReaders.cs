namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>The connections that read: as many as are in use at once, a few kept for the next.</summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    private static readonly int Kept = Math.Max(2, Environment.ProcessorCount);

    private readonly Lock gate = new();
    private readonly Stack<SqliteReader> idle = [];
    private bool closed;

    /// <summary>A connection, to be given back.</summary>
    public SqliteReader Rent()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, typeof(SqliteStore));
            if (idle.TryPop(out var reader)) return reader;
        }
        return new(path);
    }

    /// <summary>Takes a connection back.</summary>
    public void Return(SqliteReader reader)
    {
        lock (gate)
        {
            if (!closed && idle.Count < Kept)
            {
                idle.Push(reader);
                return;
            }
        }
        reader.Dispose();
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
