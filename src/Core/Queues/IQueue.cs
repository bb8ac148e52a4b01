using System.Buffers;

namespace ZenkoFunctions.Core.Queues;

/// <summary>
/// Sends messages for jobs. Receiving is not here: on Azure the Functions host owns it, on one machine the pump does;
/// both hand the message to <see cref="JobRunner"/>.
/// </summary>
public interface IQueue
{
    /// <summary>
    /// Durable when it returns; delivered at least once, not before <paramref name="delay"/> has passed, never expired.
    /// </summary>
    /// <param name="queue">A name from <see cref="JobRunner.Queues"/>: lower-case letters, digits and dashes, 3 to 63.</param>
    /// <param name="message">At most <see cref="QueueLimits.MessageBytes"/>.</param>
    /// <param name="delay">From zero to seven days.</param>
    /// <param name="ct">Gives up before it is durable.</param>
    ValueTask Send(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken ct);
}

/// <summary>The bounds that every engine keeps: those of Azure Queue storage.</summary>
public static class QueueLimits
{
    /// <summary>Bytes of a message before Base64 (64 KiB after it).</summary>
    public const int MessageBytes = 48 * 1024;

    /// <summary>The longest delay (Azure's visibility time-out).</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromDays(7);

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Throws <see cref="ArgumentException"/> where a message breaks a bound.</summary>
    public static void Check(string queue, ReadOnlyMemory<byte> message, TimeSpan delay)
    {
        if (queue.Length is < 3 or > 63 || queue.AsSpan().ContainsAnyExcept(Letters))
            throw new ArgumentException($"'{queue}' cannot name a queue.", nameof(queue));
        if (message.Length > MessageBytes)
            throw new ArgumentException($"A message of {message.Length} bytes; {MessageBytes} is the most.", nameof(message));
        if (delay < TimeSpan.Zero || delay > Delay)
            throw new ArgumentException($"A delay of {delay}; zero to {Delay} is allowed.", nameof(delay));
    }
}
