namespace ZenkoFunctions.Core.Limits;

/// <summary>Slows down what is sent: all answers to one sender, and all from one bucket, share what may be sent in a second.</summary>
public sealed class Pace
{
    /// <summary>What is not worth a wait.</summary>
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(20);

    private readonly RequestThrottle throttle;
    private readonly Limited sender;
    private readonly Limited bucket;

    internal Pace(RequestThrottle throttle, Limited sender, Limited bucket, double perSecond)
    {
        (this.throttle, this.sender, this.bucket) = (throttle, sender, bucket);
        Piece = (int)Math.Clamp(perSecond / 4, 64, 64 * 1024);
    }

    /// <summary>How many bytes to send at a time, so that they flow.</summary>
    public int Piece { get; }

    /// <summary>Waits until so many bytes may be sent.</summary>
    public ValueTask Take(long bytes, CancellationToken ct)
    {
        var wait = throttle.Pay(sender, bucket, bytes);
        return wait < Instant ? ValueTask.CompletedTask : new(throttle.Wait(wait, ct));
    }
}
