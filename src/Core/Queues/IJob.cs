namespace ZenkoFunctions.Core.Queues;

/// <summary>
/// Work that follows a commit. A message may come twice, and a run may be cut off anywhere: jobs are idempotent, end
/// within five minutes and continue long work by another message.
/// </summary>
public interface IJob
{
    /// <summary>The queue it serves; one job a queue.</summary>
    string Queue { get; }

    /// <summary>Does the work of one message, or says when to try again. Throws for what is unexpected.</summary>
    ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct);
}

/// <summary>
/// Done, or (<paramref name="Again"/> set) to be run again after that delay with <paramref name="Message"/>, or with the
/// same message where that is null. Trying again is acknowledge-and-send-again: it never consumes the queue's own count
/// of deliveries.
/// </summary>
public readonly record struct JobOutcome(TimeSpan? Again, ReadOnlyMemory<byte>? Message = null)
{
    /// <summary>The message needs no more work.</summary>
    public static readonly JobOutcome Done;

    /// <summary>Run it again after the delay.</summary>
    public static JobOutcome After(TimeSpan delay, ReadOnlyMemory<byte>? message = null) => new(delay, message);
}
