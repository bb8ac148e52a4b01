using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>
/// The one thread that writes. Whatever waits when it gets to it becomes one transaction, and one fsync: so the more
/// write at once, the less each of them costs.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    // 16 MiB of log before it is copied into the file: seldom enough to cost little, small enough to read quickly.
    private const int CheckpointPages = (16 << 20) / SqliteSchema.PageBytes;
    // 64 MiB: readers that always overlap never let the log begin anew by itself.
    private const int LongLogPages = (64 << 20) / SqliteSchema.PageBytes;
    private const int StampReservation = 1 << 20;

    private readonly Lock gate = new();
    private readonly SemaphoreSlim work = new(0);
    private readonly ILogger log;
    private readonly Thread thread;
    private readonly SqliteStatement begin;
    private readonly SqliteStatement reserve;
    private List<Write> waiting = [];
    private List<Write> batch = [];
    private bool closing;
    private long stamp;
    private long reserved;
    private long transactions;
    private volatile SqliteException? failure;

    public SqliteWriter(SqliteConnection connection, ILogger log)
    {
        (Connection, this.log) = (connection, log);
        begin = connection.Prepare("BEGIN IMMEDIATE");
        reserve = connection.Prepare("UPDATE counters SET value = max(value, ?1) + ?2 WHERE name = 'stamp' RETURNING value");
        reserved = stamp = connection.Number("SELECT value FROM counters WHERE name = 'stamp'");
        Rows = new(connection);
        Messages = new(connection);
        thread = new(Loop) { IsBackground = true, Name = "state writer" };
        thread.Start();
    }

    /// <summary>Raised once, when no further write can be durable; the process should stop.</summary>
    public event Action<SqliteException>? Stopped;

    /// <summary>The connection that writes; for the writer's thread.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>The statements for rows; for the writer's thread.</summary>
    public RowStatements Rows { get; }

    /// <summary>The statements for messages; for the writer's thread.</summary>
    public Queues.Sqlite.MessageStatements Messages { get; }

    /// <summary>Why nothing can be written any more, or null.</summary>
    public SqliteException? Failure => failure;

    /// <summary>Transactions committed so far.</summary>
    public long Transactions => Interlocked.Read(ref transactions);

    /// <summary>A number that was never given before and never will be, even if this transaction is taken back.</summary>
    public long NextStamp()
    {
        // Written in the very transaction that uses the first number of the reservation. Where that is taken back, so
        // is the reservation, and Run forgets it.
        if (stamp == reserved)
        {
            reserve.Bind(1, stamp).Bind(2, StampReservation).Step();
            reserved = reserve.Number(0);
            stamp = reserved - StampReservation;
            reserve.Reset();
        }
        return ++stamp;
    }

    /// <summary>Puts a write into the next transaction. Throws where none will ever come.</summary>
    public Task<T> Send<T>(Write<T> write)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closing, typeof(SqliteStore));
            waiting.Add(write);
            if (waiting.Count == 1) work.Release();
        }
        return write.Answer;
    }

    /// <summary>Does what waits, then ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (closing) return;
            closing = true;
            work.Release();
        }
        thread.Join();
        work.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            work.Wait();
            lock (gate)
            {
                (batch, waiting) = (waiting, batch);
                if (batch.Count == 0)
                {
                    if (closing) return;
                    continue;
                }
            }
            Run();
            batch.Clear();
        }
    }

    private void Run()
    {
        if (failure is { } earlier)
        {
            foreach (var write in batch) write.Failed(earlier);
            return;
        }
        var committing = false;
        var unreserved = reserved;
        try
        {
            batch.RemoveAll(static write =>
            {
                if (!write.IsCancelled) return false;
                write.Failed(new OperationCanceledException());
                return true;
            });
            if (batch.Count == 0) return;
            begin.Run();
            foreach (var write in batch) write.Execute(this);
            committing = true;
            Connection.Commit.Run();
            Interlocked.Increment(ref transactions);
        }
        catch (Exception exception)
        {
            // A reservation that was taken back with the transaction must be made again.
            if (reserved != unreserved) reserved = stamp;
            TakeBack(exception, committing);
            return;
        }
        foreach (var write in batch) write.Committed();
        Checkpoint();
    }

    private void TakeBack(Exception exception, bool committing)
    {
        // At the commit itself, only want of room is certain to have left no whole transaction in the log.
        var passing = exception is not SqliteException sqlite
            || sqlite.IsPassing && (!committing || (sqlite.Code & 0xff) == raw.SQLITE_FULL);
        try
        {
            if (Connection.InTransaction) Connection.Rollback.Run();
        }
        catch (SqliteException second)
        {
            (exception, passing) = (second, false);
        }
        if (passing) Log.WriteFailed(log, exception);
        foreach (var write in batch)
            if (!passing && committing) write.Doubtful(exception);
            else write.Failed(exception);
        if (!passing) Stop((SqliteException)exception);
    }

    private void Checkpoint()
    {
        try
        {
            if (Connection.PagesWritten < CheckpointPages) return;
            if (Connection.Checkpoint() >= LongLogPages) Connection.RestartLog();
        }
        catch (SqliteException exception) when (exception.IsPassing)
        {
            // The log keeps everything; there will be room or time later.
            Log.CheckpointFailed(log, exception);
        }
        catch (SqliteException exception)
        {
            Stop(exception);
        }
    }

    private void Stop(SqliteException exception)
    {
        failure = new SqliteException(
            $"{exception.Message} Nothing can be stored until the program is started again.", exception.Code);
        Log.Stopped(log, exception);
        Stopped?.Invoke(failure);
    }
}
