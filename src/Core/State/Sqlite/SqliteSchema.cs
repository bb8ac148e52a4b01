namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>What stands in the state file. The format only grows; a file of a newer format is refused.</summary>
/// <remarks>
/// A row's key is its partition, a zero byte and its row name, all UTF-8: no name holds a control character, so memcmp
/// orders them as <see cref="TableKey"/> does. Small values stand in the tree that scans read; a larger one stands in
/// <c>big</c> under its stamp, and the row's own value is NULL, so that a listing does not read over bodies.
/// </remarks>
internal static class SqliteSchema
{
    private const int ApplicationId = 0x5a4b464e;
    private const int Version = 1;

    /// <summary>The longest value that stands beside its key.</summary>
    public const int SmallBytes = 1024;

    private const string Tables = """
        CREATE TABLE tables(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE rows(tab INTEGER NOT NULL, key BLOB NOT NULL, stamp INTEGER NOT NULL, value BLOB,
            PRIMARY KEY(tab, key)) WITHOUT ROWID;
        CREATE TABLE big(stamp INTEGER PRIMARY KEY, value BLOB NOT NULL);
        CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO counters VALUES('stamp', 0);
        CREATE TABLE messages(id INTEGER PRIMARY KEY, queue TEXT NOT NULL, due INTEGER NOT NULL, lease INTEGER,
            deliveries INTEGER NOT NULL, failures INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX messages_due ON messages(queue, due);
        CREATE INDEX messages_leased ON messages(id) WHERE lease IS NOT NULL;
        """;

    /// <summary>Creates the tables in an empty file, or checks that the file is ours. Changes nothing in a foreign one.</summary>
    public static void Ensure(SqliteConnection connection)
    {
        var application = connection.Number("PRAGMA application_id");
        var version = connection.Number("PRAGMA user_version");
        if (application == ApplicationId)
        {
            if (version > Version)
                throw new SqliteException($"The state file {connection.Path} has format {version}; this program knows formats up to "
                    + $"{Version}. Run the newer program that wrote it. The file was left as it is.");
            SetUp(connection);
            return;
        }
        if (application != 0 || version != 0 || connection.Number("SELECT count(*) FROM sqlite_master") != 0)
            throw new SqliteException($"{connection.Path} is a database of another program. It was left as it is.");
        connection.Execute($"PRAGMA page_size={PageBytes}");
        SetUp(connection);
        connection.Execute($"BEGIN IMMEDIATE; {Tables} PRAGMA application_id={ApplicationId}; PRAGMA user_version={Version}; COMMIT");
    }

    /// <summary>A body of 4 KiB fits one page; in pages of that size itself it takes two reads.</summary>
    public const int PageBytes = 8192;

    private static void SetUp(SqliteConnection connection)
    {
        connection.Execute("PRAGMA journal_mode=WAL");
        connection.Execute("PRAGMA synchronous=FULL");
        // The writer copies the log into the file itself, after it has answered.
        connection.Execute("PRAGMA wal_autocheckpoint=0");
        connection.Execute("PRAGMA journal_size_limit=67108864");
        connection.Execute("PRAGMA cache_size=-4096");
    }
}
