using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Queues.Sqlite;

/// <summary>How the pump works.</summary>
public sealed record JobPumpOptions
{
    /// <summary>
    /// Jobs that run at once. As many messages are received by one transaction, and their own commits share theirs; jobs
    /// mostly wait for those.
    /// </summary>
    public int Parallel { get; init; } = 8;

    /// <summary>How long a message is out of sight for others; renewed at each third of it while its job runs.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>When a job is cut off (the rule of <see cref="IJob"/>).</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The pause after a first failure; four times as long after each further one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>
/// Hands the messages of this machine's queues to their jobs. It sleeps until something is sent or comes to be due.
/// </summary>
public sealed class JobPump : IAsyncDisposable
{
    /// <summary>It looks at the clock so often whatever is due: somebody may have set it, and a timer does not notice.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly SqliteQueue queue;
    private readonly JobRunner runner;
    private readonly JobPumpOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly SemaphoreSlim slots;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource cutting = new();
    private readonly ConcurrentDictionary<long, Task> running = new();
    private readonly ITimer timer;

    // Holds one token: whatever happens while the pump looks elsewhere makes it look once more.
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private Task loop = Task.CompletedTask;
    private int turn;
    private int disposed;

    /// <summary>A pump, to be started.</summary>
    public JobPump(SqliteQueue queue, JobRunner runner, JobPumpOptions options, TimeProvider clock, ILogger log)
    {
        (this.queue, this.runner, this.options, this.clock, this.log) = (queue, runner, options, clock, log);
        slots = new(options.Parallel);
        timer = clock.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins to deliver.</summary>
    public void Start()
    {
        queue.Changed += Wake;
        loop = Task.Run(Loop);
    }

    /// <summary>
    /// Takes no more messages and lets the running jobs end. Those that still run when <paramref name="ct"/> fires are
    /// cancelled, and their messages given back.
    /// </summary>
    public async Task Stop(CancellationToken ct)
    {
        queue.Changed -= Wake;
        await stopping.CancelAsync();
        await loop;
        var rest = Task.WhenAll(running.Values);
        await using (ct.Register(cutting.Cancel)) await rest;
    }

    /// <summary>Stops at once, giving messages back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await Stop(new CancellationToken(true));
        await timer.DisposeAsync();
        stopping.Dispose();
        cutting.Dispose();
        slots.Dispose();
    }

    private void Wake() => wake.Writer.TryWrite(true);

    private async Task Loop()
    {
        try
        {
            while (true)
            {
                await slots.WaitAsync(stopping.Token);
                var free = 1;
                while (slots.Wait(0, CancellationToken.None)) free++;
                var deliveries = await Next(free);
                foreach (var delivery in deliveries) Begin(delivery);
                if (free > deliveries.Count) slots.Release(free - deliveries.Count);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    // The next messages that are due, waiting for them.
    private async Task<IReadOnlyList<Delivery>> Next(int most)
    {
        var names = runner.Queues.ToArray();
        while (true)
        {
            try
            {
                DateTimeOffset? soonest = null;
                for (var i = 0; i < names.Length; i++)
                {
                    // Each time another queue has the first turn, so that none starves.
                    var name = names[(turn + i) % names.Length];
                    if (queue.Earliest(name) is not { } due) continue;
                    if (due <= clock.GetUtcNow())
                    {
                        // Not cancelled half-way: what the transaction leased would be nobody's.
                        stopping.Token.ThrowIfCancellationRequested();
                        var received = await queue.Receive(name, most, options.Lease, CancellationToken.None);
                        turn = (turn + i + 1) % names.Length;
                        if (received.Count > 0) return received;
                    }
                    else if (soonest is null || due < soonest) soonest = due;
                }
                if (soonest is { } then) Set(then - clock.GetUtcNow());
            }
            catch (IOException exception)
            {
                Log.QueueFailed(log, exception);
                Set(options.Pause);
            }
            await wake.Reader.ReadAsync(stopping.Token);
        }
    }

    private void Set(TimeSpan due) => timer.Change(
        due < TimeSpan.Zero ? TimeSpan.Zero : due > LongestSleep ? LongestSleep : due, Timeout.InfiniteTimeSpan);

    private void Begin(Delivery delivery)
    {
        var started = new TaskCompletionSource();
        running[delivery.Lease] = started.Task;
        _ = Task.Run(async () =>
        {
            try
            {
                await Handle(delivery);
            }
            finally
            {
                // Whatever happened: a stop waits for it.
                running.TryRemove(delivery.Lease, out _);
                started.SetResult();
            }
        });
    }

    private async Task Handle(Delivery delivery)
    {
        Exception? failure = null;
        try
        {
            if (delivery.Count <= SqliteQueue.Deliveries) await Run(delivery);
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        finally
        {
            // Before the message is settled: the next job need not wait for that sync.
            slots.Release();
        }
        try
        {
            await Settle(delivery, failure);
        }
        catch (IOException exception)
        {
            Log.NotSettled(log, exception, delivery.Queue, delivery.Id);
        }
    }

    private async Task Run(Delivery delivery)
    {
        using var limit = new CancellationTokenSource(options.Limit, clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cutting.Token);
        using var done = new CancellationTokenSource();
        var renewing = Renew(delivery, ended, done.Token);
        try
        {
            await runner.Run(delivery.Queue, delivery.Body, ended.Token);
        }
        finally
        {
            await done.CancelAsync();
            await renewing;
        }
    }

    private async Task Renew(Delivery delivery, CancellationTokenSource job, CancellationToken done)
    {
        using var period = new PeriodicTimer(options.Lease / 3, clock);
        try
        {
            while (await period.WaitForNextTickAsync(done))
            {
                if (await queue.Renew(delivery, options.Lease, CancellationToken.None)) continue;
                Log.LeaseLost(log, delivery.Queue, delivery.Id);
                await job.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
        }
        catch (IOException exception)
        {
            Log.QueueFailed(log, exception);
        }
    }

    private async Task Settle(Delivery delivery, Exception? failure)
    {
        if (delivery.Count > SqliteQueue.Deliveries)
        {
            await queue.SetAside(delivery, CancellationToken.None);
            Log.SetAside(log, delivery.Id, delivery.Queue, SqliteQueue.PoisonOf(delivery.Queue));
            return;
        }
        if (failure is null)
        {
            await queue.Acknowledge(delivery, CancellationToken.None);
            return;
        }
        if (cutting.IsCancellationRequested)
        {
            await queue.Return(delivery, TimeSpan.Zero, CancellationToken.None);
            return;
        }
        Log.JobFailed(log, failure, delivery.Queue, delivery.Id, delivery.Failures + 1, SqliteQueue.Failures);
        await queue.Fail(delivery, options.Pause * Math.Pow(4, delivery.Failures), CancellationToken.None);
        if (delivery.Failures + 1 >= SqliteQueue.Failures)
            Log.SetAside(log, delivery.Id, delivery.Queue, SqliteQueue.PoisonOf(delivery.Queue));
    }
}
