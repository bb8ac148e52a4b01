using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Contracts.Queues;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Queues.Sqlite;
using ZenkoFunctions.Core.State.Sqlite;
using ZenkoFunctions.Core.Tests.State;

namespace ZenkoFunctions.Core.Tests.Queues;

public sealed class JobPumpTests : JobContract, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly StateDirectory directory = new();
    private readonly ManualClock clock = new();
    private readonly SqliteStore store;

    public JobPumpTests() => store = directory.Open(clock);

    protected override IQueue Queue => store.Queue;

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task No_more_jobs_run_at_once_than_the_setting_says()
    {
        var (now, most, left) = (0, 0, 40);
        var job = new Job(async ct =>
        {
            var inside = Interlocked.Increment(ref now);
            InterlockedMax(ref most, inside);
            await Task.Yield();
            Interlocked.Decrement(ref now);
            Interlocked.Decrement(ref left);
        });
        for (var i = 0; i < 40; i++) await store.Queue.Send(job.Queue, new byte[1], TimeSpan.Zero, None);
        await using var pump = Pump(job, new() { Parallel = 3 });
        await Until(() => Task.FromResult(Volatile.Read(ref left) == 0));
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task A_queue_whose_jobs_wait_leaves_room_for_the_others()
    {
        var (waiting, most, done, leave) = (0, 0, 0, new TaskCompletionSource());
        var slow = new Job(async ct =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref waiting));
            await leave.Task.WaitAsync(ct);
            Interlocked.Decrement(ref waiting);
            Interlocked.Increment(ref done);
        }, "slow");
        var quick = new Job(_ =>
        {
            Interlocked.Increment(ref done);
            return Task.CompletedTask;
        }, "quick");
        for (var i = 0; i < 20; i++) await store.Queue.Send(slow.Queue, new byte[1], TimeSpan.Zero, None);
        await using var pump = Pump(new JobRunner([slow, quick], store.Queue, NullLogger.Instance), new() { Parallel = 4, MostOfOne = 3 });
        await Until(() => Task.FromResult(Volatile.Read(ref waiting) == 3));
        for (var i = 0; i < 20; i++) await store.Queue.Send(quick.Queue, new byte[1], TimeSpan.Zero, None);
        await Until(() => Task.FromResult(Volatile.Read(ref done) == 20));
        leave.SetResult();
        await Until(() => Task.FromResult(Volatile.Read(ref done) == 40));
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task A_long_job_keeps_its_lease_and_runs_once()
    {
        var (runs, leave) = (0, new TaskCompletionSource());
        var job = new Job(ct =>
        {
            Interlocked.Increment(ref runs);
            return leave.Task;
        });
        await store.Queue.Send(job.Queue, new byte[1], TimeSpan.Zero, None);
        await using var pump = Pump(job, new() { Lease = TimeSpan.FromSeconds(30) });
        try
        {
            await Until(() => Task.FromResult(Volatile.Read(ref runs) == 1));
            for (var i = 0; i < 12; i++)
            {
                var due = store.Queue.Earliest(job.Queue);
                clock.Advance(TimeSpan.FromSeconds(10));
                // Where the pump began to wait for the next time after the clock was moved, it has 20 seconds of its 30 left.
                if (!await IsSoon(() => store.Queue.Earliest(job.Queue) > due)) clock.Advance(TimeSpan.FromSeconds(10));
                await Real(() => store.Queue.Earliest(job.Queue) > due);
            }
        }
        finally
        {
            // The pump waits for it when it is stopped.
            leave.SetResult();
        }
        await Until(async () => await Left(job.Queue) == 0);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_job_beyond_its_limit_is_cut_off_and_counts_as_failed()
    {
        var runs = 0;
        var job = new Job(async ct =>
        {
            if (Interlocked.Increment(ref runs) == 1) await Task.Delay(Timeout.Infinite, ct);
        });
        await store.Queue.Send(job.Queue, new byte[1], TimeSpan.Zero, None);
        await using var pump = Pump(job, new() { Limit = TimeSpan.FromMinutes(2) });
        await Until(async () => await Left(job.Queue) == 0);
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task A_message_that_was_delivered_over_and_over_and_never_settled_is_set_aside_unrun()
    {
        var runs = 0;
        var job = new Job(_ =>
        {
            Interlocked.Increment(ref runs);
            return Task.CompletedTask;
        });
        await store.Queue.Send(job.Queue, new byte[] { 1 }, TimeSpan.Zero, None);
        // As by processes that its job kills before they can say anything.
        for (var i = 0; i < SqliteQueue.MostDeliveries; i++)
        {
            Assert.Single(await store.Queue.Receive(job.Queue, 1, TimeSpan.FromMinutes(1), None));
            clock.Advance(TimeSpan.FromMinutes(1));
        }
        await store.Queue.Send(job.Queue, new byte[] { 2 }, TimeSpan.Zero, None);
        await using var pump = Pump(job, new());
        await Until(() => Task.FromResult(store.Queue.Count(job.Queue) == 0));
        Assert.Equal(1, runs);
        Assert.Equal(1, store.Queue.Count(JobRunner.PoisonOf(job.Queue)));
    }

    [Fact]
    public async Task A_pump_with_nothing_due_looks_at_nothing()
    {
        var job = new Job(_ => Task.CompletedTask);
        await using var pump = Pump(job, new());
        await store.Queue.Send(job.Queue, new byte[1], TimeSpan.FromHours(1), None);
        await store.Queue.Send(job.Queue, new byte[1], TimeSpan.Zero, None);
        await Real(() => store.Queue.Count(job.Queue) == 1);
        var transactions = store.Writer.Transactions;
        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(transactions, store.Writer.Transactions);
        Assert.Equal(1, store.Queue.Count(job.Queue));
        clock.Advance(TimeSpan.FromMinutes(2));
        await Real(() => store.Queue.Count(job.Queue) == 0);
    }

    // The clock flies: on a busy machine, minutes of it pass before a thread has had its turn.
    protected override Task<IDelivering> Start(JobRunner runner) =>
        Task.FromResult<IDelivering>(new Delivering(Pump(runner, new() { Lease = TimeSpan.FromDays(1), Limit = TimeSpan.FromDays(1) })));

    protected override Task<long> SetAside(string queue) => Task.FromResult(store.Queue.Count(JobRunner.PoisonOf(queue)));

    protected override Task<long> Left(string queue) => Task.FromResult(store.Queue.Count(queue));

    protected override async Task Until(Func<Task<bool>> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "It did not come about.");
            clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(1);
        }
    }

    private static async Task<bool> IsSoon(Func<bool> holds)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(2);)
        {
            if (holds()) return true;
            await Task.Delay(1);
        }
        return false;
    }

    // As Until, the clock standing still.
    private static async Task Real(Func<bool> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "It did not come about.");
            await Task.Delay(1);
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen; (seen = Volatile.Read(ref most)) < value;) Interlocked.CompareExchange(ref most, value, seen);
    }

    private JobPump Pump(IJob job, JobPumpOptions options) => Pump(new JobRunner([job], store.Queue, NullLogger.Instance), options);

    private JobPump Pump(JobRunner runner, JobPumpOptions options)
    {
        var pump = new JobPump(store.Queue, runner, options, clock, NullLogger.Instance);
        pump.Start();
        return pump;
    }

    private sealed class Delivering(JobPump pump) : IDelivering
    {
        public Task Stop() => pump.Stop(None);

        // The message goes back at once, as it does when the next process opens the file.
        public Task Kill() => pump.DisposeAsync().AsTask();

        public ValueTask DisposeAsync() => pump.DisposeAsync();
    }

    private sealed class Job(Func<CancellationToken, Task> run, string queue = "pumped") : IJob
    {
        public string Queue => queue;

        public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
        {
            await run(ct);
            return JobOutcome.Done;
        }
    }
}
