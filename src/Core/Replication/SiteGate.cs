using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Core.Replication;

/// <summary>
/// How many copies go to one site at once in this process, and whether any should: a site that did not answer several times in a
/// row is left alone for a while, then tried by one copy before the others come.
/// </summary>
/// <remarks>
/// What waits for a copy can wait, what waits for an answer cannot: copies take the places that requests leave free, of which each
/// takes two (its bytes, and their commit). So that they come to an end under requests that never do, one more goes on for each
/// <see cref="Step"/> that a copy has waited, up to half of all places. Where the location says how many, it is so many, whatever else there is to do.
/// </remarks>
/// <param name="options">How many places there are.</param>
/// <param name="requests">What copies make way for.</param>
/// <param name="clock">The time.</param>
internal sealed class SiteGate(ReplicationOptions options, RequestsUnderWay requests, TimeProvider clock)
{
    /// <summary>What a copy has to wait for one of them to go on beside many requests, and for each further one.</summary>
    internal static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    /// <summary>Copies in a row that got no answer, after which the site is left alone.</summary>
    private const int Strikes = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(15), LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>How long a copy waits for its place: where the site is quick, it takes no longer.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(2);

    /// <summary>A site none of whose copies ended for so long is slow: nobody waits for it.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly LinkedList<Turn> waiting = new();
    private int running;
    private int strikes;
    private bool isTried; // by a copy that came when it had been left alone
    private DateTimeOffset closedUntil;
    private DateTimeOffset ended;

    private int? told; // by the location

    /// <summary>What the site's bytes go through; null for no bound.</summary>
    public BandwidthLimit? Bandwidth { get; private set; }

    /// <summary>Takes over what the site's location says by now.</summary>
    public void Set(LocationConfig? location)
    {
        var (most, rate) = (location?.Concurrency, location?.BandwidthLimit);
        lock (gate)
        {
            told = most;
            if (rate != Bandwidth?.BytesPerSecond) Bandwidth = rate is { } bytes ? new(bytes, clock) : null;
        }
    }

    /// <summary>Takes a place, or tells how long to leave the site alone.</summary>
    /// <param name="since">Since when the copy is waited for.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async ValueTask<Entry> Enter(DateTimeOffset since, CancellationToken ct)
    {
        LinkedListNode<Turn> turn;
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (strikes >= Strikes && (now < closedUntil || isTried))
                return new(Spread(now < closedUntil ? closedUntil - now : FirstPause), IsClosed: true);
            if (waiting.Count == 0 && running < Places(since, now))
            {
                if (running++ == 0) ended = now;
                isTried = strikes >= Strikes;
                return new(IsTrial: isTried);
            }
            if (now - ended > Slow) return new(Spread(Slow));
            turn = waiting.AddLast(new Turn(since));
            if (strikes < Strikes) LetIn(now);
        }
        try
        {
            await turn.Value.Given.Task.WaitAsync(ShortWait, clock, ct);
            return default;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (gate)
            {
                if (turn.Value.Given.Task.IsCompleted) return default; // it was just given the place
                waiting.Remove(turn);
            }
            if (e is OperationCanceledException) throw;
            return new(Spread(Slow));
        }
    }

    /// <summary>Gives the place back.</summary>
    /// <param name="entry">What it was taken by.</param>
    /// <param name="answered">Whether the site answered, whatever it said; null where it was not asked.</param>
    public void Leave(Entry entry, bool? answered)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            ended = now;
            if (answered == true)
            {
                strikes = 0;
            }
            // What had begun before the site was left alone tells nothing new of it.
            else if (answered == false && (strikes < Strikes || entry.IsTrial) && ++strikes >= Strikes)
            {
                var pause = FirstPause.TotalSeconds * Math.Pow(2, Math.Min(strikes - Strikes, 10));
                closedUntil = now + TimeSpan.FromSeconds(Math.Min(pause, LongestPause.TotalSeconds));
            }
            if (entry.IsTrial) isTried = false;
            running--;
            if (strikes < Strikes) LetIn(now);
        }
    }

    // Those who wait, in their order, while there are places: also what requests have left free by now.
    private void LetIn(DateTimeOffset now)
    {
        while (waiting.First is { Value: var first } && running < Places(first.Since, now))
        {
            waiting.RemoveFirst();
            running++;
            first.Given.SetResult();
        }
    }

    private int Places(DateTimeOffset since, DateTimeOffset now)
    {
        if (told is { } most) return most;
        var waited = Math.Clamp((now - since) / Step, 0, Math.Max(options.Parallel / 2, 1));
        return Math.Max(options.Parallel - (2 * requests.Count), (int)waited);
    }

    /// <summary>A copy that waits for its place.</summary>
    private sealed record Turn(DateTimeOffset Since)
    {
        public TaskCompletionSource Given { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    // So that those who were sent away do not all come back at once.
    private static TimeSpan Spread(TimeSpan wait) => wait + (wait < FirstPause ? wait : FirstPause) * Random.Shared.NextDouble();

    /// <summary>What became of a copy that asked for a place.</summary>
    /// <param name="Wait">How long to leave the site alone; null where it has its place.</param>
    /// <param name="IsClosed">Whether it is to wait because the site does not answer.</param>
    /// <param name="IsTrial">Whether others wait for how it ends.</param>
    internal readonly record struct Entry(TimeSpan? Wait = null, bool IsClosed = false, bool IsTrial = false);
}
