namespace ZenkoFunctions.Core.Queues.AzureQueues;

/// <summary>When to look at a queue again: at once after a find, then ever less often, up to <paramref name="idle"/>.</summary>
internal sealed class Polling(TimeSpan idle)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private DateTimeOffset due = DateTimeOffset.MinValue;
    private TimeSpan pause;

    /// <summary>When.</summary>
    public DateTimeOffset Due
    {
        get
        {
            lock (gate) return due;
        }
    }

    /// <summary>Whether to look now; then <see cref="End"/> follows.</summary>
    public bool Begin(DateTimeOffset now)
    {
        lock (gate)
        {
            if (due > now) return false;
            due = DateTimeOffset.MaxValue; // what is sent meanwhile may have been missed: it moves this again
            return true;
        }
    }

    /// <summary>It was looked at.</summary>
    public void End(DateTimeOffset now, bool found)
    {
        lock (gate)
        {
            pause = found ? TimeSpan.Zero : Clamp(pause * 2);
            if (now + pause < due) due = now + pause;
        }
    }

    /// <summary>Something comes to be due then; where it is not seen at once, it is looked for again soon.</summary>
    public void Wake(DateTimeOffset at)
    {
        lock (gate)
        {
            pause = TimeSpan.Zero;
            if (at < due) due = at;
        }
    }

    private TimeSpan Clamp(TimeSpan next) => next > idle ? idle : next < Shortest ? Shortest : next;
}
