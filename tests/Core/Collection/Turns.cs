using System.Collections.Concurrent;

namespace ZenkoFunctions.Core.Tests.Collection;

/// <summary>
/// Lets several tasks go on one at a time, each up to its next turn; whose it is chance says. All of them run on one thread, so that the same
/// seed gives the same play.
/// </summary>
internal sealed class Turns(Random random) : SynchronizationContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly BlockingCollection<(SendOrPostCallback, object?)> posted = [];
    private readonly List<(TaskCompletionSource Turn, long NotBefore)> waiting = [];
    private long given;

    /// <summary>Completes when it is one's turn: by chance, but not before so many others have had theirs, while there are others.</summary>
    public Task Next(int stalls = 0)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (waiting) waiting.Add((turn, given + stalls));
        return turn.Task;
    }

    /// <summary>Runs the play to its end on this thread.</summary>
    public void Run(Func<Task> play, string name)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            var end = play();
            while (!end.IsCompleted)
            {
                if (posted.TryTake(out var next) || (!Give() && posted.TryTake(out next, Patience))) next.Item1?.Invoke(next.Item2);
                else if (!end.IsCompleted && posted.Count == 0 && !HasWaiting()) throw new InvalidOperationException($"Nobody goes on in {name}.");
            }
            end.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => posted.Add((d, state));

    private bool HasWaiting()
    {
        lock (waiting) return waiting.Count > 0;
    }

    private bool Give()
    {
        TaskCompletionSource turn;
        lock (waiting)
        {
            if (waiting.Count == 0) return false;
            var ready = waiting.FindAll(one => one.NotBefore <= given);
            var next = ready.Count > 0 ? ready[random.Next(ready.Count)] : waiting.MinBy(one => one.NotBefore);
            waiting.Remove(next);
            given++;
            turn = next.Turn;
        }
        turn.SetResult();
        return true;
    }
}
