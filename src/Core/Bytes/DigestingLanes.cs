using System.Buffers;
using System.Threading.Tasks.Sources;

namespace ZenkoFunctions.Core.Bytes;

/// <summary>
/// Takes bytes into several digests, on the thread pool. Each slow digest has a lane of its own, which runs beside the
/// others; the fast ones share the first. One piece at a time: start, wait until settled, start the next.
/// </summary>
internal sealed class DigestingLanes : IValueTaskSource
{
    private readonly Lane[] lanes;
    private ManualResetValueTaskSourceCore<bool> settled = new() { RunContinuationsAsynchronously = false };
    private ReadOnlySequence<byte> piece;
    private int running;
    private bool started;
    private Exception? failure;

    internal DigestingLanes(IReadOnlyList<Digest> digests)
    {
        var fast = digests.Where(digest => digest.IsFast);
        var slow = digests.Where(digest => !digest.IsFast).Select(digest => new[] { digest }).ToArray();
        lanes = slow.Length == 0
            ? [new Lane(this, [.. fast])]
            : [new Lane(this, [.. fast, .. slow[0]]), .. slow.Skip(1).Select(digest => new Lane(this, digest))];
    }

    /// <summary>Whether waiting would return at once.</summary>
    internal bool AreSettled => !started || settled.GetStatus(settled.Version) != ValueTaskSourceStatus.Pending;

    /// <summary>Digests on the caller's thread.</summary>
    internal void Run(in ReadOnlySequence<byte> bytes)
    {
        foreach (var lane in lanes) lane.Append(bytes);
    }

    /// <summary>Digests on other threads; the bytes must not move until it is settled.</summary>
    internal void Start(in ReadOnlySequence<byte> bytes)
    {
        piece = bytes;
        started = true;
        running = lanes.Length;
        settled.Reset();
        foreach (var lane in lanes) ThreadPool.UnsafeQueueUserWorkItem(lane, preferLocal: false);
    }

    /// <summary>Returns when nothing is running; throws what a digest threw, then and ever after.</summary>
    internal ValueTask Settled()
    {
        if (started)
        {
            started = false;
            return new ValueTask(this, settled.Version);
        }
        return failure is null ? ValueTask.CompletedTask : ValueTask.FromException(failure);
    }

    /// <summary>As <see cref="Settled"/>, blocking.</summary>
    internal void Wait()
    {
        var waiting = Settled();
        if (waiting.IsCompleted) waiting.GetAwaiter().GetResult();
        else waiting.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>As <see cref="Settled"/>, where a failure no longer matters.</summary>
    internal async ValueTask SettledQuietly()
    {
        if (!started) return;
        started = false;
        await new ValueTask(this, settled.Version).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>As <see cref="Wait"/>, where a failure no longer matters.</summary>
    internal void WaitQuietly() => SettledQuietly().AsTask().GetAwaiter().GetResult();

    void IValueTaskSource.GetResult(short token) => settled.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => settled.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        settled.OnCompleted(continuation, state, token, flags);

    private void Finished()
    {
        if (Interlocked.Decrement(ref running) > 0) return;
        piece = default;
        if (failure is null) settled.SetResult(true);
        else settled.SetException(failure);
    }

    private sealed class Lane(DigestingLanes owner, Digest[] digests) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            try
            {
                Append(owner.piece);
            }
            catch (Exception e)
            {
                // Rethrown to whoever waits.
                owner.failure = e;
            }
            owner.Finished();
        }

        internal void Append(in ReadOnlySequence<byte> bytes)
        {
            foreach (var digest in digests)
                foreach (var segment in bytes)
                    digest.Append(segment.Span);
        }
    }
}
