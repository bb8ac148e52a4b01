namespace ZenkoFunctions.HostDouble;

/// <summary>
/// One timer function: one call at a time, never repeated after a failure; past due at the start means one call at once. Where the schedule
/// comes more than once a minute, or useMonitor is false, no status is kept.
/// </summary>
internal sealed class TimerListener
{
    // Timers of the runtime end at 49 days.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Cron cron;
    private readonly TimeProvider clock;
    private readonly TimerStatuses? statuses;
    private readonly Invocations invocations;
    private readonly HostLog log;
    private readonly SemaphoreSlim turn = new(1, 1);

    public TimerListener(TimerFunction function, TimeProvider clock, TimerStatuses statuses, Invocations invocations, HostLog log)
    {
        (Function, this.clock, this.invocations, this.log) = (function, clock, invocations, log);
        cron = Cron.Parse(function.Schedule, out _)!;
        this.statuses = function.UseMonitor && !cron.OftenerThanMinutes ? statuses : null;
    }

    public TimerFunction Function { get; }

    public async Task Run(CancellationToken stopping)
    {
        try
        {
            if (PastDue()) await Call(clock.GetUtcNow(), pastDue: true, stopping);
            else if (Function.RunOnStartup) await Call(clock.GetUtcNow(), pastDue: false, stopping);
            while (Next(clock.GetUtcNow()) is { } due)
            {
                for (var first = true; clock.GetUtcNow() is var now && now < due; first = false)
                {
                    var wait = Task.Delay(due - now < LongestWait ? due - now : LongestWait, clock, stopping);
                    if (first) log.Information(Function.Name, $"The next call is due at {due:u}.");
                    await wait;
                }
                await Call(due, pastDue: false, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>A call out of turn: it waits for one that runs, and leaves the status alone.</summary>
    public async Task<InvocationResult> Fire(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            return await Invoke("This function was programmatically called.", pastDue: false, cancellation);
        }
        finally
        {
            turn.Release();
        }
    }

    private DateTimeOffset? Next(DateTimeOffset after) => cron.Next(after);

    /// <summary>Whether a call was missed; a timer seen for the first time gets a status, so that from now on none is.</summary>
    private bool PastDue()
    {
        if (statuses is null) return false;
        var now = clock.GetUtcNow();
        if (statuses[Function.Name] is not { } status)
        {
            if (Next(now) is { } next) statuses.Set(Function.Name, new(default, next, now));
            return false;
        }
        // The schedule may have changed since: what counts is when it would have been due by today's.
        var due = Next(status.Last == default ? status.LastUpdated : status.Last) ?? status.Next;
        if (due != status.Next) statuses.Set(Function.Name, status with { Next = due });
        return now > due;
    }

    private async Task Call(DateTimeOffset due, bool pastDue, CancellationToken stopping)
    {
        await turn.WaitAsync(stopping);
        try
        {
            // A call that has begun is waited for, also while the host stops.
            await Invoke(pastDue ? "Past due on startup." : "Timer fired.", pastDue, CancellationToken.None);
            var now = clock.GetUtcNow();
            var last = now > due ? now : due;
            if (statuses is not null && Next(last) is { } next) statuses.Set(Function.Name, new(last, next, last));
        }
        finally
        {
            turn.Release();
        }
    }

    private Task<InvocationResult> Invoke(string reason, bool pastDue, CancellationToken cancellation) => invocations.Call(
        Function, Function.Parameter, Envelope.OfTimer(statuses?[Function.Name], pastDue), [], reason, clock.GetUtcNow(), cancellation);
}
