using System.Collections.Concurrent;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Counts the commits that are under way in each bucket, so that a deletion can wait for those that passed their last
/// look at the bucket before it was marked, and whoever builds an index for those that do not know of it.
/// </summary>
internal sealed class CommitGate
{
    private readonly ConcurrentDictionary<string, Count> counts = new(StringComparer.Ordinal);

    /// <summary>A commit begins. To be called before the bucket is looked at for the last time.</summary>
    public Lease Enter(string bucketId)
    {
        while (true)
        {
            var count = counts.GetOrAdd(bucketId, static _ => new Count());
            lock (count)
            {
                if (count.Retired) continue;
                count.Running++;
                return new Lease(this, bucketId, count);
            }
        }
    }

    /// <summary>Completes when every commit that has entered by now is over, once none enters any more.</summary>
    public Task Drained(string bucketId)
    {
        while (counts.TryGetValue(bucketId, out var count))
        {
            lock (count)
                if (!count.Retired) return count.Over();
        }
        return Task.CompletedTask;
    }

    /// <summary>Completes when every commit that has entered by now is over, whatever enters meanwhile.</summary>
    public async Task Passed(string bucketId)
    {
        while (counts.TryGetValue(bucketId, out var count))
        {
            Task over;
            Count next;
            lock (count)
            {
                if (count.Retired) continue;
                // Who enters from now on is counted apart.
                next = new Count { Earlier = over = count.Over() };
                counts[bucketId] = next;
                count.Retired = true;
            }
            await over;
            lock (next) Retire(bucketId, next);
            return;
        }
    }

    private void Leave(string bucketId, Count count)
    {
        lock (count)
        {
            if (--count.Running > 0) return;
            count.Empty?.SetResult();
            count.Empty = null;
            Retire(bucketId, count);
        }
    }

    /// <summary>Forgets a count that counts nothing any more.</summary>
    private void Retire(string bucketId, Count count)
    {
        if (count.Retired || count.Running > 0 || !count.Earlier.IsCompleted) return;
        count.Retired = true;
        counts.TryRemove(bucketId, out _);
    }

    /// <summary>A commit under way.</summary>
    public readonly struct Lease : IDisposable
    {
        private readonly CommitGate gate;
        private readonly string bucketId;
        private readonly Count count;

        internal Lease(CommitGate gate, string bucketId, Count count) => (this.gate, this.bucketId, this.count) = (gate, bucketId, count);

        /// <summary>The commit is over, whatever came of it.</summary>
        public void Dispose() => gate.Leave(bucketId, count);
    }

    internal sealed class Count
    {
        public int Running;
        public bool Retired;
        public TaskCompletionSource? Empty;

        /// <summary>Ends with those that were counted before this began to count.</summary>
        public Task Earlier = Task.CompletedTask;

        /// <summary>Ends with all that are counted now, here and before; where some enter meanwhile, maybe with those. To be called under the lock.</summary>
        public Task Over()
        {
            if (Running == 0) return Earlier;
            Empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return Earlier.IsCompleted ? Empty.Task : Task.WhenAll(Earlier, Empty.Task);
        }
    }
}
