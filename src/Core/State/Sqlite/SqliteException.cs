using SQLitePCL;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>The state file cannot be used, or a write of it failed. The message is meant for the operator.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="code">SQLite's extended result code; 0 where SQLite had no say.</param>
public sealed class SqliteException(string message, int code = 0) : IOException(message), IStorageFull
{
    /// <summary>SQLite's extended result code; 0 where SQLite had no say.</summary>
    public int Code => code;

    /// <inheritdoc/>
    public bool IsFull => (code & 0xff) == raw.SQLITE_FULL;

    /// <summary>
    /// Whether the store can go on: the transaction was rolled back for want of room, memory or a lock. Everything else
    /// (a failed fsync above all) leaves unknown what is on the disk.
    /// </summary>
    internal bool IsPassing => (code & 0xff) is raw.SQLITE_FULL or raw.SQLITE_NOMEM or raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    internal static SqliteException From(int code, string detail, string path) => new((code & 0xff) switch
    {
        raw.SQLITE_FULL => $"No room left for the state file {path}.",
        raw.SQLITE_NOTADB => $"{path} is not a state file, or its beginning is damaged. It was left as it is.",
        raw.SQLITE_CORRUPT => $"The state file {path} is damaged ({detail}).",
        raw.SQLITE_CANTOPEN => $"The state file {path} cannot be opened: check that its directory exists and may be written.",
        raw.SQLITE_READONLY => $"The state file {path} is read-only.",
        raw.SQLITE_BUSY => $"The state file {path} is locked by another process.",
        _ => $"The state file {path} failed: {detail} (SQLite code {code}).",
    }, code);
}
