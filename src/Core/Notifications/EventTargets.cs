using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Notifications;

/// <summary>Where events are delivered to.</summary>
public interface IEventTarget
{
    /// <summary>
    /// Delivers a document. Returns when the target has taken it; throws <see cref="DeliveryException"/> where it did not, be it
    /// that it did after all: it comes again then.
    /// </summary>
    /// <param name="document">UTF-8 JSON.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask Deliver(ReadOnlyMemory<byte> document, CancellationToken ct);
}

/// <summary>A target that did not take an event; its message says why.</summary>
public sealed class DeliveryException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The targets that this server knows, by the names that ARNs end with: lower-case letters, digits and dashes.</summary>
/// <param name="targets">The targets.</param>
/// <param name="queue">Takes what is to be delivered.</param>
/// <param name="clock">The time.</param>
public sealed class EventTargets(IReadOnlyDictionary<string, IEventTarget> targets, IQueue queue, TimeProvider clock)
{
    /// <summary>Their names.</summary>
    public IReadOnlySet<string> Names { get; } = targets.Keys.ToHashSet(StringComparer.Ordinal);

    /// <summary>A target, or null.</summary>
    public IEventTarget? Find(string name) => targets.GetValueOrDefault(name);

    /// <summary>Sends the test event of a new configuration on its way.</summary>
    public ValueTask SendTest(string target, string bucket, string requestId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var message = new EventMessage { Target = target, Document = EventJson.Test(bucket, requestId, now), Sent = now };
        return queue.Send(FollowUps.EventQueue, StoredJson.Write(message, StateJson.Default.EventMessage), TimeSpan.Zero, ct);
    }
}
