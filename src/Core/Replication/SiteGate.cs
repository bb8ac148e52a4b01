using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Core.Replication;

/// <summary>
/// How many copies go to one site at once in this process, and whether any should: a site that did not answer several times in a
/// row is left alone for a while, then tried by one copy before the others come.
/// </summary>
internal sealed class SiteGate(ReplicationOptions options, TimeProvider clock)
{
    /// <summary>Copies in a row that got no answer, after which the site is left alone.</summary>
    private const int Strikes = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(15), LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>How long a copy waits for its place: where the site is quick, it takes no longer.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(2);

    /// <summary>A site none of whose copies ended for so long is slow: nobody waits for it.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource> waiting = new();
    private int running;
    private int strikes;
    private bool isTried;
    private DateTimeOffset closedUntil;
    private DateTimeOffset ended;

    private int parallel = options.Parallel;

    /// <summary>What the site's bytes go through; null for no bound.</summary>
    public BandwidthLimit? Bandwidth { get; private set; }

    /// <summary>Takes over what the site's location says by now.</summary>
    public void Set(LocationConfig? location)
    {
        var (most, rate) = (location?.Concurrency ?? options.Parallel, location?.BandwidthLimit);
        if (most == Volatile.Read(ref parallel) && rate == Bandwidth?.BytesPerSecond) return;
        lock (gate)
        {
            parallel = most;
            if (rate != Bandwidth?.BytesPerSecond) Bandwidth = rate is { } bytes ? new(bytes, clock) : null;
        }
    }

    /// <summary>Takes a place; or how long to leave the site alone, and whether that is because it does not answer.</summary>
    public async ValueTask<(TimeSpan? Wait, bool IsClosed)> Enter(CancellationToken ct)
    {
        LinkedListNode<TaskCompletionSource> turn;
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (strikes >= Strikes && (now < closedUntil || isTried))
                return (Spread(now < closedUntil ? closedUntil - now : FirstPause), true);
            if (running < parallel)
            {
                if (running++ == 0) ended = now;
                isTried = strikes >= Strikes;
                return default;
            }
            if (now - ended > Slow) return (Spread(Slow), false);
            turn = waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        try
        {
            await turn.Value.Task.WaitAsync(ShortWait, clock, ct);
            return default;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (gate)
            {
                if (turn.Value.Task.IsCompleted) return default; // it was just given the place
                waiting.Remove(turn);
            }
            if (e is OperationCanceledException) throw;
            return (Spread(Slow), false);
        }
    }

    /// <summary>Gives the place back.</summary>
    /// <param name="answered">Whether the site answered, whatever it said; null where it was not asked.</param>
    public void Leave(bool? answered)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            ended = now;
            if (answered == true)
            {
                strikes = 0;
            }
            else if (answered == false && ++strikes >= Strikes)
            {
                var pause = FirstPause.TotalSeconds * Math.Pow(2, Math.Min(strikes - Strikes, 10));
                closedUntil = now + TimeSpan.FromSeconds(Math.Min(pause, LongestPause.TotalSeconds));
            }
            isTried = false;
            if (strikes < Strikes && running <= parallel && waiting.First is { } next)
            {
                waiting.RemoveFirst();
                next.Value.SetResult();
                return;
            }
            running--;
        }
    }

    // So that those who were sent away do not all come back at once.
    private static TimeSpan Spread(TimeSpan wait) => wait * (1 + Random.Shared.NextDouble());
}
