using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Core.Queues.Sqlite;

/// <summary>
/// Queues in the state file. The receiving side is for <see cref="JobPump"/>: a message is leased, and is delivered
/// again unless it is acknowledged before the lease runs out; the leases of an earlier process are void.
/// </summary>
public sealed class SqliteQueue : IQueue
{
    /// <summary>Deliveries that may fail before a message is set aside.</summary>
    public const int Failures = 5;

    /// <summary>
    /// Deliveries of any end before a message is set aside unrun: it may be what kills the process each time, and then nobody
    /// is left to count a failure. Far above <see cref="Failures"/>, as a crash is not the fault of all that run meanwhile.
    /// </summary>
    public const int Deliveries = 20;

    private readonly SqliteStore store;
    private readonly TimeProvider clock;

    internal SqliteQueue(SqliteStore store, TimeProvider clock) => (this.store, this.clock) = (store, clock);

    /// <summary>Raised after something came to be due at another time; on the writer's thread, so handlers only signal.</summary>
    public event Action? Changed;

    /// <inheritdoc/>
    public async ValueTask Send(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken ct)
    {
        QueueLimits.Check(queue, message, delay);
        ct.ThrowIfCancellationRequested();
        var due = After(delay);
        await Write(writer =>
        {
            writer.Messages.Send(writer.NextStamp(), queue, due, message.Span);
            return true;
        }, ct);
    }

    /// <summary>Leases up to <paramref name="most"/> messages that are due, the longest due first.</summary>
    public Task<IReadOnlyList<Delivery>> Receive(string queue, int most, TimeSpan lease, CancellationToken ct)
    {
        var (now, until) = (After(TimeSpan.Zero), After(lease));
        return store.Writer.Send(
            new MessageWrite<IReadOnlyList<Delivery>>(writer => writer.Messages.Receive(writer, queue, most, now, until), null, ct));
    }

    /// <summary>Removes the message. False where its lease had run out and it was delivered again.</summary>
    public Task<bool> Acknowledge(Delivery delivery, CancellationToken ct) =>
        store.Writer.Send(new MessageWrite<bool>(writer => writer.Messages.Acknowledge(delivery), null, ct));

    /// <summary>Gives the message back, to be delivered again after the delay. That counts as no failure.</summary>
    public Task<bool> Return(Delivery delivery, TimeSpan delay, CancellationToken ct)
    {
        var due = After(delay);
        return Write(writer => writer.Messages.Release(delivery, due, failed: false), ct);
    }

    /// <summary>
    /// Gives the message back as failed, to be delivered again after the delay, or sets it aside in
    /// <see cref="PoisonOf"/> at its fifth failure. Nothing expires there.
    /// </summary>
    public Task<bool> Fail(Delivery delivery, TimeSpan delay, CancellationToken ct)
    {
        var due = After(delay);
        return Write(writer => delivery.Failures + 1 >= Failures
            ? writer.Messages.Poison(delivery, PoisonOf(delivery.Queue))
            : writer.Messages.Release(delivery, due, failed: true), ct);
    }

    /// <summary>Sets the message aside in <see cref="PoisonOf"/>.</summary>
    public Task<bool> SetAside(Delivery delivery, CancellationToken ct) =>
        Write(writer => writer.Messages.Poison(delivery, PoisonOf(delivery.Queue)), ct);

    /// <summary>Lets the lease run from now.</summary>
    public Task<bool> Renew(Delivery delivery, TimeSpan lease, CancellationToken ct)
    {
        var until = After(lease);
        return Write(writer => writer.Messages.Renew(delivery, until), ct);
    }

    /// <summary>How many messages there are, due or not, leased or not.</summary>
    public long Count(string queue) => Read(queries => queries.Count(queue));

    /// <summary>When the next message is due or the next lease runs out; null where the queue is empty.</summary>
    public DateTimeOffset? Earliest(string queue) =>
        Read(queries => queries.Earliest(queue)) is { } due ? new DateTimeOffset(due, TimeSpan.Zero) : null;

    /// <summary>The queue of the messages that failed too often; the Functions host calls it the same.</summary>
    public static string PoisonOf(string queue) => queue + "-poison";

    private long After(TimeSpan delay) => clock.GetUtcNow().UtcTicks + delay.Ticks;

    private Task<bool> Write(Func<SqliteWriter, bool> change, CancellationToken ct) =>
        store.Writer.Send(new MessageWrite<bool>(change, Signal, ct));

    private T Read<T>(Func<MessageQueries, T> query)
    {
        var reader = store.Readers.Rent();
        try
        {
            return query(reader.Messages);
        }
        finally
        {
            store.Readers.Return(reader);
        }
    }

    private void Signal() => Changed?.Invoke();

    private sealed class MessageWrite<T>(Func<SqliteWriter, T> change, Action? committed, CancellationToken ct) : Write<T>(ct)
    {
        public override void Committed()
        {
            base.Committed();
            committed?.Invoke();
        }

        protected override T Change(SqliteWriter writer) => change(writer);
    }
}
