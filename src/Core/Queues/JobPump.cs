using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Queues;

/// <summary>How the pump works.</summary>
public sealed record JobPumpOptions
{
    /// <summary>
    /// Jobs that run at once. As many messages are received by one transaction, and their own commits share theirs; jobs
    /// mostly wait for those.
    /// </summary>
    public int Parallel { get; init; } = 16;

    /// <summary>The most of them of one queue, so that none whose jobs take long, because they wait for others, holds up the rest.</summary>
    public int MostOfOne { get; init; } = 12;

    /// <summary>How long a message is out of sight for others; renewed at each third of it while its job runs.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>When a job is cut off (the rule of <see cref="IJob"/>).</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The pause after a first failure; four times as long after each further one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>
/// Hands the messages of queues to their jobs, in this process. It sleeps until something is sent or comes to be due, or until
/// its receiver wants to look again.
/// </summary>
public sealed class JobPump : IAsyncDisposable
{
    /// <summary>It looks at the clock so often whatever is due: somebody may have set it, and a timer does not notice.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly IReceiver receiver;
    private readonly JobRunner runner;
    private readonly JobPumpOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly SemaphoreSlim slots;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource cutting = new();
    private readonly ConcurrentDictionary<Delivery, Task> running = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> jobs = new(StringComparer.Ordinal); // that run, by queue; its own lock
    private readonly ITimer timer;

    // Holds one token: whatever happens while the pump looks elsewhere makes it look once more.
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private Task loop = Task.CompletedTask;
    private int disposed;

    /// <summary>A pump, to be started.</summary>
    public JobPump(IReceiver receiver, JobRunner runner, JobPumpOptions options, TimeProvider clock, ILogger log)
    {
        (this.receiver, this.runner, this.options, this.clock, this.log) = (receiver, runner, options, clock, log);
        slots = new(options.Parallel);
        timer = clock.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins to deliver.</summary>
    public void Start()
    {
        receiver.Changed += Wake;
        loop = Task.Run(Loop);
    }

    /// <summary>
    /// Takes no more messages and lets the running jobs end. Those that still run when <paramref name="ct"/> fires are
    /// cancelled, and their messages given back.
    /// </summary>
    public async Task Stop(CancellationToken ct)
    {
        receiver.Changed -= Wake;
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
        var names = new List<string>(runner.Queues.Count);
        while (true)
        {
            try
            {
                var batch = await receiver.Receive(names, Room(names, most), options.Lease, stopping.Token);
                if (batch.Deliveries.Count > 0) return batch.Deliveries;
                if (batch.Next is { } then) Set(then - clock.GetUtcNow());
            }
            catch (IOException exception)
            {
                Log.QueueFailed(log, exception);
                Set(options.Pause);
            }
            await wake.Reader.ReadAsync(stopping.Token);
        }
    }

    // Puts in the queues that may have more jobs; how many each of them may have.
    private int Room(List<string> names, int most)
    {
        names.Clear();
        lock (jobs)
        {
            foreach (var name in runner.Queues)
            {
                var room = options.MostOfOne - jobs.GetValueOrDefault(name);
                if (room <= 0) continue;
                names.Add(name);
                most = Math.Min(most, room);
            }
        }
        return most;
    }

    private void Set(TimeSpan due) => timer.Change(
        due < TimeSpan.Zero ? TimeSpan.Zero : due > LongestSleep ? LongestSleep : due, Timeout.InfiniteTimeSpan);

    private void Begin(Delivery delivery)
    {
        var started = new TaskCompletionSource();
        running[delivery] = started.Task;
        lock (jobs) jobs[delivery.Queue] = jobs.GetValueOrDefault(delivery.Queue) + 1;
        _ = Task.Run(async () =>
        {
            try
            {
                await Handle(delivery);
            }
            finally
            {
                // Whatever happened: a stop waits for it.
                running.TryRemove(delivery, out _);
                started.SetResult();
            }
        });
    }

    private async Task Handle(Delivery delivery)
    {
        Exception? failure = null;
        try
        {
            if (delivery.Count <= receiver.Deliveries) await Run(delivery);
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        finally
        {
            // Before the message is settled: the next job need not wait for that sync.
            bool wasFull;
            lock (jobs) wasFull = jobs[delivery.Queue]-- == options.MostOfOne;
            slots.Release();
            if (wasFull) Wake(); // of that queue nothing was asked for
        }
        try
        {
            await Settle(delivery, failure);
        }
        catch (IOException exception)
        {
            Log.NotSettled(log, exception, delivery.Queue, delivery.MessageId);
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
                if (await receiver.Renew(delivery, options.Lease, CancellationToken.None)) continue;
                Log.LeaseLost(log, delivery.Queue, delivery.MessageId);
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
        if (delivery.Count > receiver.Deliveries)
        {
            await receiver.SetAside(delivery, CancellationToken.None);
            Log.SetAside(log, delivery.MessageId, delivery.Queue, JobRunner.PoisonOf(delivery.Queue));
            return;
        }
        if (failure is null)
        {
            await receiver.Acknowledge(delivery, CancellationToken.None);
            return;
        }
        if (cutting.IsCancellationRequested)
        {
            await receiver.Return(delivery, TimeSpan.Zero, CancellationToken.None);
            return;
        }
        Log.JobFailed(log, failure, delivery.Queue, delivery.MessageId, delivery.Failures + 1, JobRunner.Failures);
        await receiver.Fail(delivery, options.Pause * Math.Pow(4, delivery.Failures), CancellationToken.None);
        if (delivery.Failures + 1 >= JobRunner.Failures)
            Log.SetAside(log, delivery.MessageId, delivery.Queue, JobRunner.PoisonOf(delivery.Queue));
    }
}
