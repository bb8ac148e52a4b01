namespace ZenkoFunctions.Core;

/// <summary>
/// How many requests this process has under way: work that can wait makes way for them. One count for the whole process; where none
/// are served (an app of its own for jobs), it stays at 0.
/// </summary>
public sealed class RequestsUnderWay
{
    private int count;

    /// <summary>How many there are right now.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>One begins. Whoever says so says <see cref="End"/> of it, too.</summary>
    public void Begin() => Interlocked.Increment(ref count);

    /// <summary>One has been answered, or was cut off.</summary>
    public void End() => Interlocked.Decrement(ref count);
}
