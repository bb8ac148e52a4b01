namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>What the writer does with rows.</summary>
internal sealed class RowStatements(SqliteConnection connection)
{
    private readonly SqliteStatement look =
        connection.Prepare("SELECT stamp, value IS NULL FROM rows WHERE tab = ?1 AND key = ?2");
    private readonly SqliteStatement put = connection.Prepare("REPLACE INTO rows(tab, key, stamp, value) VALUES(?1, ?2, ?3, ?4)");
    private readonly SqliteStatement delete = connection.Prepare("DELETE FROM rows WHERE tab = ?1 AND key = ?2");
    private readonly SqliteStatement putBig = connection.Prepare("INSERT INTO big(stamp, value) VALUES(?1, ?2)");
    private readonly SqliteStatement deleteBig = connection.Prepare("DELETE FROM big WHERE stamp = ?1");

    private readonly SqliteStatement table = connection.Prepare(
        "INSERT INTO tables(name) VALUES(?1) ON CONFLICT(name) DO UPDATE SET name = name RETURNING id");

    /// <summary>The number of a table, which is made where it is missing.</summary>
    public int Table(string name)
    {
        table.Bind(1, name).Step();
        var id = (int)table.Number(0);
        table.Reset();
        return id;
    }

    /// <summary>The row's stamp, and whether its value is a big one; null where there is no row.</summary>
    public (long Stamp, bool Big)? Look(int table, byte[] key)
    {
        (long, bool)? found = null;
        if (look.Bind(1, table).Bind(2, key).Step()) found = (look.Number(0), look.Number(1) != 0);
        look.Reset();
        return found;
    }

    /// <summary>Writes the row.</summary>
    public void Put(int table, byte[] key, long stamp, ReadOnlySpan<byte> value, (long Stamp, bool Big)? old)
    {
        if (old is { Big: true }) deleteBig.Bind(1, old.Value.Stamp).Run();
        put.Bind(1, table).Bind(2, key).Bind(3, stamp);
        if (value.Length <= SqliteSchema.SmallBytes)
        {
            put.Bind(4, value).Run();
            return;
        }
        put.BindNull(4).Run();
        putBig.Bind(1, stamp).Bind(2, value).Run();
    }

    /// <summary>Removes the row.</summary>
    public void Delete(int table, byte[] key, (long Stamp, bool Big) old)
    {
        if (old.Big) deleteBig.Bind(1, old.Stamp).Run();
        delete.Bind(1, table).Bind(2, key).Run();
    }
}
