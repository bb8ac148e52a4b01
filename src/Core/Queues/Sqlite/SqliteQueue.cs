using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Core.Queues.Sqlite;

/// <summary>
/// Queues in the state file. The receiving side is for <see cref="JobPump"/>: a message is leased, and is delivered
/// again unless it is acknowledged before the lease runs out; the leases of an earlier process are void.
/// </summary>
public sealed class SqliteQueue : IQueue, IReceiver
{
    /// <summary>
    /// Deliveries of any end before a message is set aside unrun: it may be what kills the process each time, and then nobody
    /// is left to count a failure. Far above <see cref="JobRunner.Failures"/>, as a crash is not the fault of all that run meanwhile.
    /// </summary>
    public const int MostDeliveries = 20;

    private readonly SqliteStore store;
    private readonly TimeProvider clock;
    private int turn;

    internal SqliteQueue(SqliteStore store, TimeProvider clock) => (this.store, this.clock) = (store, clock);

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public int Deliveries => MostDeliveries;

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

    /// <inheritdoc/>
    public async ValueTask<Batch> Receive(IReadOnlyList<string> queues, int most, TimeSpan lease, CancellationToken ct)
    {
        DateTimeOffset? soonest = null;
        for (var i = 0; i < queues.Count; i++)
        {
            var name = queues[(turn + i) % queues.Count];
            if (Earliest(name) is not { } due) continue;
            if (due <= clock.GetUtcNow())
            {
                ct.ThrowIfCancellationRequested();
                var received = await Receive(name, most, lease, CancellationToken.None);
                turn = (turn + i + 1) % queues.Count;
                if (received.Count > 0) return new(received, null);
            }
            else if (soonest is null || due < soonest) soonest = due;
        }
        return new([], soonest);
    }

    /// <summary>Leases up to <paramref name="most"/> messages that are due, the longest due first.</summary>
    public Task<IReadOnlyList<SqliteDelivery>> Receive(string queue, int most, TimeSpan lease, CancellationToken ct)
    {
        var (now, until) = (After(TimeSpan.Zero), After(lease));
        return store.Writer.Send(
            new MessageWrite<IReadOnlyList<SqliteDelivery>>(writer => writer.Messages.Receive(writer, queue, most, now, until), null, ct));
    }

    /// <inheritdoc/>
    public Task<bool> Acknowledge(Delivery delivery, CancellationToken ct) =>
        store.Writer.Send(new MessageWrite<bool>(writer => writer.Messages.Acknowledge(delivery), null, ct));

    /// <inheritdoc/>
    public Task<bool> Return(Delivery delivery, TimeSpan delay, CancellationToken ct)
    {
        var due = After(delay);
        return Write(writer => writer.Messages.Release(delivery, due, failed: false), ct);
    }

    /// <inheritdoc/>
    public Task<bool> Fail(Delivery delivery, TimeSpan delay, CancellationToken ct)
    {
        var due = After(delay);
        return Write(writer => delivery.Failures + 1 >= JobRunner.Failures
            ? writer.Messages.Poison(delivery, JobRunner.PoisonOf(delivery.Queue))
            : writer.Messages.Release(delivery, due, failed: true), ct);
    }

    /// <inheritdoc/>
    public Task<bool> SetAside(Delivery delivery, CancellationToken ct) =>
        Write(writer => writer.Messages.Poison(delivery, JobRunner.PoisonOf(delivery.Queue)), ct);

    /// <inheritdoc/>
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
