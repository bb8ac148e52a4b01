using System.Diagnostics;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>A clock, with its timers, that runs so many times as fast, so that grace periods end within a test.</summary>
internal sealed class FastClock(double speed) : TimeProvider
{
    private readonly DateTimeOffset origin = System.GetUtcNow();
    private readonly long started = Stopwatch.GetTimestamp();
    private long jumped;

    public void Jump(TimeSpan time) => Interlocked.Add(ref jumped, time.Ticks);

    public override DateTimeOffset GetUtcNow() =>
        origin + Stopwatch.GetElapsedTime(started) * speed + new TimeSpan(Interlocked.Read(ref jumped));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Slow(dueTime), Slow(period)), this);

    private TimeSpan Slow(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / speed;

    private sealed class Timer(ITimer inner, FastClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(clock.Slow(dueTime), clock.Slow(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
