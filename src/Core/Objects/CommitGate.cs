using System.Collections.Concurrent;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Counts the commits that are under way in each bucket, so that a deletion can wait for those that passed their last
/// look at the bucket before it was marked.
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

    /// <summary>Completes when every commit that has entered by now is over.</summary>
    public Task Drained(string bucketId)
    {
        if (!counts.TryGetValue(bucketId, out var count)) return Task.CompletedTask;
        lock (count)
        {
            if (count.Retired) return Task.CompletedTask;
            count.Empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return count.Empty.Task;
        }
    }

    private void Leave(string bucketId, Count count)
    {
        lock (count)
        {
            if (--count.Running > 0) return;
            count.Retired = true;
            counts.TryRemove(bucketId, out _);
            count.Empty?.SetResult();
        }
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
    }
}
