using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Queues.Sqlite;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>
/// The state of one machine: tables and queues in one file. One process at a time may open it. What a returned task says
/// to be done has been synced to the disk.
/// </summary>
public sealed class SqliteStore : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, ITable> tables = new(StringComparer.Ordinal);
    private long rowsStepped;

    private SqliteStore(string path, SqliteConnection connection, TimeProvider clock, ILogger log)
    {
        Path = path;
        Readers = new(path);
        Writer = new(connection, log);
        Writer.Stopped += failure => Failed?.Invoke(failure);
        Queue = new(this, clock);
    }

    /// <summary>Raised once, on a failed sync or the like: nothing can be stored any more, and the process should stop.</summary>
    public event Action<SqliteException>? Failed;

    /// <summary>Why nothing can be stored any more, or null.</summary>
    public SqliteException? Failure => Writer.Failure;

    /// <summary>The file; SQLite keeps two more beside it.</summary>
    public string Path { get; }

    /// <summary>The queues.</summary>
    public SqliteQueue Queue { get; }

    /// <summary>
    /// Writes the state as it is at one moment into a new file. A server may be using the directory meanwhile: it is not kept from anything.
    /// </summary>
    /// <param name="directory">That of <c>state.db</c>.</param>
    /// <param name="file">The new file; it must not exist.</param>
    /// <exception cref="SqliteException">The state cannot be read, or the file not written.</exception>
    public static void Copy(string directory, string file)
    {
        SqliteLibrary.Load();
        using (var connection = SqliteConnection.Open(System.IO.Path.Combine(System.IO.Path.GetFullPath(directory), "state.db")))
            connection.Execute($"VACUUM INTO '{file.Replace("'", "''", StringComparison.Ordinal)}'");
        using var copy = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(copy);
    }

    internal SqliteReaders Readers { get; }

    internal SqliteWriter Writer { get; }

    /// <summary>Rows that scans have looked at, wanted or not.</summary>
    internal long RowsStepped => Interlocked.Read(ref rowsStepped);

    /// <summary>
    /// Opens <c>state.db</c> in a directory, which is made where it is missing. Throws <see cref="SqliteException"/> with a
    /// message for the operator; a file that is damaged, foreign or of a newer format is left as it was.
    /// </summary>
    public static SqliteStore Open(string directory, TimeProvider clock, ILogger log)
    {
        SqliteLibrary.Load();
        var path = System.IO.Path.Combine(System.IO.Path.GetFullPath(directory), "state.db");
        CreateFile(path);
        var connection = SqliteConnection.Open(path);
        try
        {
            SqliteSchema.Ensure(connection);
            return new(path, connection, clock, log);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A table, made at its first use.</summary>
    /// <param name="name">3 to 63 lower-case letters and digits, a letter first: a name that every engine accepts.</param>
    public ITable Table(string name)
    {
        TableLimits.CheckTable(name);
        lock (gate)
        {
            if (!tables.TryGetValue(name, out var table))
                tables[name] = table = new SqliteTable(this, Writer.Send(new TableWrite(name)).GetAwaiter().GetResult());
            return table;
        }
    }

    /// <summary>Finishes what was sent, and closes the file.</summary>
    public void Dispose()
    {
        Writer.Dispose();
        Readers.Dispose();
        Writer.Connection.Dispose();
    }

    internal void CountSteps(long steps) => Interlocked.Add(ref rowsStepped, steps);

    // Made by us rather than by SQLite, for its mode: the file holds objects and accounts, and is nobody else's to read.
    private static void CreateFile(string path)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            new FileStream(path, options).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SqliteException($"The state file {path} cannot be written: {exception.Message}");
        }
    }

    private sealed class TableWrite(string name) : Write<int>(CancellationToken.None)
    {
        protected override int Change(SqliteWriter writer) => writer.Rows.Table(name);
    }
}
