using SQLitePCL;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>One connection to the state file; used by one thread at a time.</summary>
internal sealed class SqliteConnection : IDisposable
{
    // SQLITE_DBSTATUS_CACHE_WRITE
    private const int CacheWrites = 9;

    private const int BusyMilliseconds = 10_000;
    private const int RestartMilliseconds = 250;

    private readonly sqlite3 db;
    private readonly List<SqliteStatement> statements = [];

    private SqliteConnection(sqlite3 db, string path) => (this.db, Path, Begin, Commit, Rollback) =
        (db, path, null!, null!, null!);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens a transaction that takes its lock when it first needs it.</summary>
    public SqliteStatement Begin { get; private set; }

    /// <summary>Ends a transaction.</summary>
    public SqliteStatement Commit { get; private set; }

    /// <summary>Takes a transaction back.</summary>
    public SqliteStatement Rollback { get; private set; }

    /// <summary>Whether a transaction is open: SQLite ends it by itself after some errors.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(db) == 0;

    /// <summary>Opens an existing file, for reading and writing.</summary>
    public static SqliteConnection Open(string path)
    {
        // No mutex: the store never uses a connection from two threads at once.
        var code = raw.sqlite3_open_v2(path, out var db, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX, null);
        if (code != raw.SQLITE_OK)
        {
            var failure = SqliteException.From(code, db is null ? "" : raw.sqlite3_errmsg(db).utf8_to_string(), path);
            db?.Dispose();
            throw failure;
        }
        var connection = new SqliteConnection(db, path);
        raw.sqlite3_extended_result_codes(db, 1);
        raw.sqlite3_busy_timeout(db, BusyMilliseconds);
        connection.Begin = connection.Prepare("BEGIN");
        connection.Commit = connection.Prepare("COMMIT");
        connection.Rollback = connection.Prepare("ROLLBACK");
        return connection;
    }

    /// <summary>Compiles a statement that lives as long as the connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(db, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        var prepared = new SqliteStatement(this, statement);
        statements.Add(prepared);
        return prepared;
    }

    /// <summary>Runs SQL that answers nothing.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(db, sql));

    /// <summary>The first column of the first row.</summary>
    public long Number(string sql)
    {
        Check(raw.sqlite3_prepare_v2(db, sql, out var statement));
        using (statement)
        {
            var code = raw.sqlite3_step(statement);
            if (code != raw.SQLITE_ROW) throw Failure(code);
            return raw.sqlite3_column_int64(statement, 0);
        }
    }

    /// <summary>Pages that this connection has written into the log since the last <see cref="Checkpoint"/>.</summary>
    public int PagesWritten
    {
        get
        {
            Check(raw.sqlite3_db_status(db, CacheWrites, out var pages, out _, resetFlg: 0));
            return pages;
        }
    }

    /// <summary>Copies what the log holds into the file, as far as that goes without waiting for readers.</summary>
    /// <returns>The length of the log in pages.</returns>
    public int Checkpoint()
    {
        var pages = Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE);
        _ = raw.sqlite3_db_status(db, CacheWrites, out _, out _, resetFlg: 1);
        return pages;
    }

    /// <summary>
    /// Copies all of the log into the file and lets the next transaction begin the log anew. Waits a little for readers:
    /// ours take milliseconds, another program's may take minutes.
    /// </summary>
    public void RestartLog()
    {
        _ = raw.sqlite3_busy_timeout(db, RestartMilliseconds);
        try
        {
            _ = Checkpoint(raw.SQLITE_CHECKPOINT_RESTART);
        }
        finally
        {
            _ = raw.sqlite3_busy_timeout(db, BusyMilliseconds);
        }
    }

    private int Checkpoint(int mode)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(db, "main", mode, out var pages, out _);
        // Busy: somebody reads the log; the next one will do.
        if (code != raw.SQLITE_OK && (code & 0xff) != raw.SQLITE_BUSY) throw Failure(code);
        return pages;
    }

    /// <summary>The error that SQLite reports.</summary>
    public SqliteException Failure(int code) => SqliteException.From(code, raw.sqlite3_errmsg(db).utf8_to_string(), Path);

    /// <summary>Throws unless the code says that all is well.</summary>
    public void Check(int code)
    {
        if (code != raw.SQLITE_OK) throw Failure(code);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in statements) statement.Dispose();
        db.Dispose();
    }
}
