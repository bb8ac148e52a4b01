using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Core.Queues.Sqlite;

/// <summary>What the writer does with messages. Times are UTC ticks; a lease is a number that is never used again.</summary>
internal sealed class MessageStatements
{
    private readonly SqliteStatement send;
    private readonly SqliteStatement receive;
    private readonly SqliteStatement lease;
    private readonly SqliteStatement acknowledge;
    private readonly SqliteStatement release;
    private readonly SqliteStatement renew;
    private readonly SqliteStatement poison;

    public MessageStatements(SqliteConnection connection)
    {
        // The process that held them is gone: only one at a time opens the file.
        connection.Execute("UPDATE messages SET lease = NULL, due = 0 WHERE lease IS NOT NULL");
        send = connection.Prepare(
            "INSERT INTO messages(id, queue, due, deliveries, failures, body) VALUES(?1, ?2, ?3, 0, 0, ?4)");
        receive = connection.Prepare(
            "SELECT id, deliveries, failures, body FROM messages WHERE queue = ?1 AND due <= ?2 ORDER BY due LIMIT ?3");
        lease = connection.Prepare("UPDATE messages SET lease = ?2, due = ?3, deliveries = deliveries + 1 WHERE id = ?1");
        acknowledge = connection.Prepare("DELETE FROM messages WHERE id = ?1 AND lease = ?2 RETURNING 1");
        release = connection.Prepare(
            "UPDATE messages SET lease = NULL, due = ?3, failures = failures + ?4 WHERE id = ?1 AND lease = ?2 RETURNING 1");
        renew = connection.Prepare("UPDATE messages SET due = ?3 WHERE id = ?1 AND lease = ?2 RETURNING 1");
        poison = connection.Prepare(
            "UPDATE messages SET lease = NULL, due = ?3, failures = failures + 1, queue = ?4 WHERE id = ?1 AND lease = ?2 RETURNING 1");
    }

    public void Send(long id, string queue, long due, ReadOnlySpan<byte> body) =>
        send.Bind(1, id).Bind(2, queue).Bind(3, due).Bind(4, body).Run();

    public IReadOnlyList<SqliteDelivery> Receive(SqliteWriter writer, string queue, int most, long now, long until)
    {
        var found = new List<SqliteDelivery>();
        receive.Bind(1, queue).Bind(2, now).Bind(3, most);
        while (receive.Step())
            found.Add(new(queue, receive.Number(0), 0, (int)receive.Number(1) + 1, (int)receive.Number(2), receive.Bytes(3).ToArray()));
        receive.Reset();
        for (var i = 0; i < found.Count; i++)
        {
            found[i] = found[i] with { Lease = writer.NextStamp() };
            lease.Bind(1, found[i].Id).Bind(2, found[i].Lease).Bind(3, until).Run();
        }
        return found;
    }

    public bool Acknowledge(Delivery delivery) => Did(acknowledge, delivery);

    public bool Release(Delivery delivery, long due, bool failed) =>
        Did(release.Bind(3, due).Bind(4, failed ? 1 : 0), delivery);

    public bool Renew(Delivery delivery, long until) => Did(renew.Bind(3, until), delivery);

    public bool Poison(Delivery delivery, string into) => Did(poison.Bind(3, DateTimeOffset.MaxValue.UtcTicks).Bind(4, into), delivery);

    private static bool Did(SqliteStatement statement, Delivery delivery)
    {
        var leased = (SqliteDelivery)delivery;
        var did = statement.Bind(1, leased.Id).Bind(2, leased.Lease).Step();
        statement.Reset();
        return did;
    }
}

/// <summary>What is read about messages.</summary>
internal sealed class MessageQueries(SqliteConnection connection)
{
    private readonly SqliteStatement count = connection.Prepare("SELECT count(*) FROM messages WHERE queue = ?1");
    private readonly SqliteStatement earliest = connection.Prepare("SELECT due FROM messages WHERE queue = ?1 ORDER BY due LIMIT 1");

    public long Count(string queue)
    {
        count.Bind(1, queue).Step();
        var messages = count.Number(0);
        count.Reset();
        return messages;
    }

    public long? Earliest(string queue)
    {
        long? due = earliest.Bind(1, queue).Step() ? earliest.Number(0) : null;
        earliest.Reset();
        return due;
    }
}
