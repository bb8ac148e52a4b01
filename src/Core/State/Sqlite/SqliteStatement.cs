using SQLitePCL;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>A compiled statement. Parameters count from 1, columns from 0.</summary>
internal sealed class SqliteStatement(SqliteConnection connection, sqlite3_stmt statement) : IDisposable
{
    /// <summary>Sets a number.</summary>
    public SqliteStatement Bind(int parameter, long value)
    {
        connection.Check(raw.sqlite3_bind_int64(statement, parameter, value));
        return this;
    }

    /// <summary>Sets bytes; they are copied.</summary>
    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        // A pointer to nothing would bind NULL.
        connection.Check(value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(statement, parameter, 0)
            : raw.sqlite3_bind_blob(statement, parameter, value));
        return this;
    }

    /// <summary>Sets text.</summary>
    public SqliteStatement Bind(int parameter, string value)
    {
        connection.Check(raw.sqlite3_bind_text(statement, parameter, value));
        return this;
    }

    /// <summary>Sets NULL.</summary>
    public SqliteStatement BindNull(int parameter)
    {
        connection.Check(raw.sqlite3_bind_null(statement, parameter));
        return this;
    }

    /// <summary>Goes to the next row; false at the end. Throws after a reset, so that the connection is usable again.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;
        var failure = connection.Failure(code);
        Reset();
        throw failure;
    }

    /// <summary>Runs to the end, without looking at rows, and makes it ready to run again.</summary>
    public void Run()
    {
        while (Step()) { }
        Reset();
    }

    /// <summary>Makes it ready to run again. What it returns repeats an error that <see cref="Step"/> threw already.</summary>
    public void Reset() => _ = raw.sqlite3_reset(statement);

    /// <summary>A column's number.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(statement, column);

    /// <summary>A column's bytes, valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(statement, column);

    /// <summary>Whether a column is NULL.</summary>
    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    /// <inheritdoc/>
    public void Dispose() => statement.Dispose();
}
