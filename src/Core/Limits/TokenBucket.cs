namespace ZenkoFunctions.Core.Limits;

/// <summary>What may be taken.</summary>
/// <param name="PerSecond">So many tokens flow in; 0 for no limit.</param>
/// <param name="Burst">So many are there at most.</param>
internal readonly record struct Allowance(double PerSecond, double Burst)
{
    /// <summary>Whether there is a limit.</summary>
    public bool IsLimit => PerSecond > 0;
}

/// <summary>
/// A bucket of tokens: full at first. What flows in is said each time, so that a limit that is changed holds from then on. Times are
/// seconds of one clock. Not for two threads at once.
/// </summary>
internal sealed class TokenBucket
{
    // What many small amounts that flow in may lack of a token.
    private const double Dust = 1e-6;

    private double? level;
    private double at;

    /// <summary>Taken, and not yet told to others.</summary>
    public double Untold { get; private set; }

    /// <summary>How many are there; less than none where more was taken than there was.</summary>
    public double Level(Allowance allowance, double now)
    {
        level = level is { } before ? Math.Min(allowance.Burst, before + (Math.Max(0, now - at) * allowance.PerSecond)) : allowance.Burst;
        at = Math.Max(at, now);
        return level.Value;
    }

    /// <summary>How long until there are so many; zero where they are there, or where there is no limit.</summary>
    public TimeSpan Wait(double tokens, Allowance allowance, double now)
    {
        if (!allowance.IsLimit) return TimeSpan.Zero;
        var missing = tokens - Level(allowance, now);
        return missing <= Dust ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(missing / allowance.PerSecond, TimeSpan.FromDays(1).TotalSeconds));
    }

    /// <summary>Takes tokens, be it that they are not there yet.</summary>
    public void Take(double tokens, Allowance allowance, double now)
    {
        if (!allowance.IsLimit) return;
        level = Level(allowance, now) - tokens;
        Untold += tokens;
    }

    /// <summary>Others were told of so many, and with that there are so many in all.</summary>
    public void Told(double told, double left, double now)
    {
        Untold -= told;
        level = left - Untold;
        at = now;
    }
}
