namespace ZenkoFunctions.Contracts;

/// <summary>A clock that stands still until a test moves it; its timers fire on the thread that does.</summary>
public sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private DateTimeOffset now = now;

    /// <summary>A clock that shows some day.</summary>
    public ManualClock() : this(new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
    {
    }

    /// <summary>What it shows. Set back, it fires nothing.</summary>
    public DateTimeOffset Now
    {
        get => GetUtcNow();
        set
        {
            if (value > GetUtcNow())
            {
                Advance(value - GetUtcNow());
                return;
            }
            lock (gate) now = value;
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Moves the clock and fires what comes to be due, in its order.</summary>
    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (true)
        {
            ManualTimer? next;
            lock (gate)
            {
                next = timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
                if (next is null)
                {
                    now = end;
                    return;
                }
                if (next.Due > now) now = next.Due.Value;
                next.Due = next.Period > TimeSpan.Zero ? now + next.Period : null;
            }
            next.Fire();
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        lock (gate) timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualClock clock, Action fire) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                Due = dueTime < TimeSpan.Zero ? null : clock.now + dueTime;
                Period = period;
            }
            // As the system's timers do: what is due at once fires without the clock being moved.
            if (dueTime == TimeSpan.Zero) _ = Task.Run(() => clock.Advance(TimeSpan.Zero));
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate) clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
