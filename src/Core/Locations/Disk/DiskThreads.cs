namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>
/// Threads for calls that wait for the disk, first come, first served. An fsync may take a second; on the thread pool, a
/// few dozen of them would stop everything else. Threads start as they are needed and end after the last call when disposed.
/// </summary>
internal sealed class DiskThreads(string name, int most) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Queue<Action> waiting = new();
    private readonly SemaphoreSlim work = new(0);
    private int threads;
    private int idle;
    private bool disposed;

    /// <summary>Runs the call on one of the threads; its exception is the task's.</summary>
    internal Task Run(Action call)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            waiting.Enqueue(() => Complete(call, done));
            if (idle >= waiting.Count || threads == most)
            {
                work.Release();
                return done.Task;
            }
            threads++;
            idle++;
        }
        new Thread(Loop, maxStackSize: 256 * 1024) { IsBackground = true, Name = name }.Start();
        work.Release();
        return done.Task;
    }

    /// <summary>Lets the threads end once nothing waits.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            if (threads > 0) work.Release(threads);
        }
    }

    private static void Complete(Action call, TaskCompletionSource done)
    {
        try
        {
            call();
            done.SetResult();
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private void Loop()
    {
        while (true)
        {
            work.Wait();
            Action call;
            lock (gate)
            {
                if (!waiting.TryDequeue(out call!)) return; // released by Dispose
                idle--;
            }
            call();
            lock (gate) idle++;
        }
    }
}
