using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>
/// Spares requests the wait for a location that is down: after a few outages in a row, one request a second finds out whether it is
/// over, and the others are refused at once. What works once is up again. That the place refuses us is told with what to do, and not
/// again soon: it may refuse one call and do another.
/// </summary>
internal sealed class OutageWatch(string location, TimeProvider clock, ILogger log)
{
    /// <summary>Fewer may be the trouble of single requests.</summary>
    private const int Outages = 3;

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenDenials = TimeSpan.FromMinutes(15);

    private int outages;
    private long denied;
    private long last;

    public async ValueTask<T> Through<T>(Func<ValueTask<T>> call)
    {
        Enter();
        try
        {
            var done = await call();
            if (Interlocked.Exchange(ref outages, 0) >= Outages) Log.Up(log, location);
            return done;
        }
        catch (LocationUnavailableException e)
        {
            Interlocked.Exchange(ref last, clock.GetTimestamp());
            if (e.IsDenied) Denied(e);
            if (Interlocked.Increment(ref outages) == Outages && !e.IsDenied) Log.Down(log, location, e);
            throw;
        }
        catch (ReplicaRefusedException e) when (e.IsDenied)
        {
            Denied(e);
            throw;
        }
    }

    private void Denied(Exception e)
    {
        var told = Interlocked.Read(ref denied);
        if (told != 0 && clock.GetElapsedTime(told) < BetweenDenials) return;
        if (Interlocked.CompareExchange(ref denied, clock.GetTimestamp(), told) == told) Log.Denied(log, location, e.Message);
    }

    private void Enter()
    {
        if (Volatile.Read(ref outages) < Outages) return;
        var seen = Interlocked.Read(ref last);
        if (clock.GetElapsedTime(seen) >= Between && Interlocked.CompareExchange(ref last, clock.GetTimestamp(), seen) == seen) return;
        throw new LocationUnavailableException(location, $"The location {location} did not answer a moment ago; it is tried again every second.");
    }
}
