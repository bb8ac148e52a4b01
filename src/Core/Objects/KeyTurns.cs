namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Lets those who lost a race for a key go on one at a time, in the order in which they lost, so that none of them is left
/// behind for ever. Who finds nobody waiting does not wait, and pays for one look.
/// </summary>
/// <remarks>
/// Keys share turns by their hash; that only costs time. Between instances, which share no turns, it is left to chance: there
/// those whose turn it is wait for random times that grow.
/// </remarks>
internal sealed class KeyTurns(TimeProvider clock)
{
    private const int Stripes = 256;

    /// <summary>More than this many attempts, of which each failed by another's success, are not made: about ten seconds.</summary>
    private const int MostAttempts = 80;

    /// <summary>So many attempts follow each other at once: of this process, only those can be faster that began before the turn.</summary>
    private const int AtOnce = 8;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(2), LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly Stripe[] stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Stripe())];

    /// <summary>Begins to try; to be disposed when that is over.</summary>
    public Attempts Of(string partition) => new(stripes[(uint)string.GetHashCode(partition) % Stripes], clock);

    /// <summary>The attempts of one operation to change a key.</summary>
    public sealed class Attempts : IDisposable
    {
        private readonly Stripe stripe;
        private readonly TimeProvider clock;
        private int made;
        private bool hasTurn;

        internal Attempts(Stripe stripe, TimeProvider clock) => (this.stripe, this.clock) = (stripe, clock);

        /// <summary>Completes when the next attempt may be made; false where there have been too many.</summary>
        public async ValueTask<bool> Next(CancellationToken ct)
        {
            var attempt = made++;
            if (!hasTurn)
            {
                if (attempt == 0 && !stripe.IsTaken) return true;
                await stripe.Enter(ct);
                return hasTurn = true;
            }
            if (attempt >= MostAttempts) return false;
            if (attempt > AtOnce) await Task.Delay(Pause(attempt - AtOnce), clock, ct);
            return true;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (hasTurn) stripe.Leave();
            hasTurn = false;
        }

        private static TimeSpan Pause(int after)
        {
            var longest = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(after, 10)), LongestPause.TotalMilliseconds);
            return TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * longest);
        }
    }

    /// <summary>The turns of the keys of some hashes.</summary>
    internal sealed class Stripe
    {
        private readonly Queue<TaskCompletionSource> waiting = [];
        private bool isTaken;

        /// <summary>Whether anybody has the turn.</summary>
        public bool IsTaken => Volatile.Read(ref isTaken);

        /// <summary>Completes when it is the caller's turn, in the order of the calls.</summary>
        public async ValueTask Enter(CancellationToken ct)
        {
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (waiting)
            {
                if (!isTaken)
                {
                    Volatile.Write(ref isTaken, true);
                    return;
                }
                waiting.Enqueue(turn);
            }
            // Whichever comes first, the turn or the end of the wait, counts: who does not wait any more is passed over.
            await using var end = ct.UnsafeRegister(static (state, ct) => ((TaskCompletionSource)state!).TrySetCanceled(ct), turn);
            await turn.Task;
        }

        /// <summary>Passes the turn on.</summary>
        public void Leave()
        {
            lock (waiting)
            {
                while (waiting.TryDequeue(out var next))
                    if (next.TrySetResult()) return;
                Volatile.Write(ref isTaken, false);
            }
        }
    }
}
