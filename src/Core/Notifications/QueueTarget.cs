using ZenkoFunctions.Core.Queues;

namespace ZenkoFunctions.Core.Notifications;

/// <summary>A target that is a storage queue, for readers outside of this program: no job serves it.</summary>
/// <param name="queue">The engine.</param>
/// <param name="name">The queue's name.</param>
public sealed class QueueTarget(IQueue queue, string name) : IEventTarget
{
    /// <inheritdoc/>
    public ValueTask Deliver(ReadOnlyMemory<byte> document, CancellationToken ct) => queue.Send(name, document, TimeSpan.Zero, ct);
}
