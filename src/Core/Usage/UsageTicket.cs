using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Usage;

/// <summary>A change under way.</summary>
/// <param name="counter">The bucket's counter.</param>
/// <param name="turn">What its beginning gave.</param>
/// <param name="partition">Where its rows are.</param>
internal readonly struct UsageTicket(BucketUsage counter, int turn, string partition)
{
    /// <summary>It is over. To be called once.</summary>
    /// <param name="outcome">What became of it; null where it was not sent.</param>
    /// <param name="change">What it came to, if it was committed.</param>
    /// <param name="room">What was set aside for it, and is its own if it was committed.</param>
    public void End(Outcome? outcome, UsageChange change, Reservation? room)
    {
        if (outcome == Outcome.Unknown) counter.Doubt();
        if (outcome == Outcome.Committed) counter.End(turn, partition, change, room);
        else counter.End(turn, partition, default, null);
    }
}
