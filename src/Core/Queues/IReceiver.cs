namespace ZenkoFunctions.Core.Queues;

/// <summary>
/// The receiving side of queues, for a <see cref="JobPump"/>: a message is leased, and is delivered again unless it is settled
/// before the lease runs out. What settles or renews answers false where the lease was lost by then. An
/// <see cref="IOException"/> is an outage.
/// </summary>
public interface IReceiver
{
    /// <summary>
    /// Raised where something comes to be due sooner than the last <see cref="Receive"/> could know. On any thread; handlers only
    /// signal.
    /// </summary>
    event Action? Changed;

    /// <summary>Deliveries of whatever end before a message is to be set aside unrun.</summary>
    int Deliveries { get; }

    /// <summary>
    /// Leases up to <paramref name="most"/> messages of one of the queues, in turn, so that none starves. Cancelled before it
    /// starts but not half-way: what was leased then would be nobody's.
    /// </summary>
    ValueTask<Batch> Receive(IReadOnlyList<string> queues, int most, TimeSpan lease, CancellationToken ct);

    /// <summary>Removes the message.</summary>
    Task<bool> Acknowledge(Delivery delivery, CancellationToken ct);

    /// <summary>Gives the message back, to be delivered again after the delay. That counts as no failure.</summary>
    Task<bool> Return(Delivery delivery, TimeSpan delay, CancellationToken ct);

    /// <summary>
    /// Gives the message back as failed, to be delivered again after the delay, or sets it aside at its last failure
    /// (<see cref="JobRunner.Failures"/>).
    /// </summary>
    Task<bool> Fail(Delivery delivery, TimeSpan delay, CancellationToken ct);

    /// <summary>Sets the message aside in <see cref="JobRunner.PoisonOf"/>, where nothing expires.</summary>
    Task<bool> SetAside(Delivery delivery, CancellationToken ct);

    /// <summary>Lets the lease run from now.</summary>
    Task<bool> Renew(Delivery delivery, TimeSpan lease, CancellationToken ct);
}

/// <summary>What was received.</summary>
/// <param name="Deliveries">Messages of one queue; none where nothing is due.</param>
/// <param name="Next">Then, when to look again; null to wait for <see cref="IReceiver.Changed"/>.</param>
public readonly record struct Batch(IReadOnlyList<Delivery> Deliveries, DateTimeOffset? Next);

/// <summary>A message that was received; its engine adds the lease.</summary>
/// <param name="Queue">Where it came from.</param>
/// <param name="MessageId">Names it in the log.</param>
/// <param name="Count">How often the message was delivered, this time included.</param>
/// <param name="Failures">How many deliveries before this one failed.</param>
/// <param name="Body">The message's bytes.</param>
public abstract record Delivery(string Queue, string MessageId, int Count, int Failures, ReadOnlyMemory<byte> Body);
