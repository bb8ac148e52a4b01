using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Core.Queues;

namespace ZenkoFunctions.Contracts.Queues;

/// <summary>What whoever delivers messages to <see cref="JobRunner"/> does: the pump of one machine, or the Functions host.</summary>
public abstract class JobContract
{
    private const string Name = "test-jobs";
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>The engine that is sent to; the same before and after a kill.</summary>
    protected abstract IQueue Queue { get; }

    /// <summary>Starts to deliver to the runner's jobs.</summary>
    protected abstract Task<IDelivering> Start(JobRunner runner);

    /// <summary>How many messages of a queue were set aside as poison.</summary>
    protected abstract Task<long> SetAside(string queue);

    /// <summary>How many messages of a queue are left, leased ones included.</summary>
    protected abstract Task<long> Left(string queue);

    /// <summary>Lets time pass for whoever delivers, until the condition holds. Fails after a bound of real time.</summary>
    protected abstract Task Until(Func<Task<bool>> holds);

    [Fact]
    public async Task A_message_runs_its_job_and_is_gone_when_that_is_done()
    {
        var job = new Recorded(_ => JobOutcome.Done);
        await using var delivering = await Start(Runner(job));
        await Queue.Send(Name, new byte[] { 1, 0, 255 }, TimeSpan.Zero, None);
        await Until(async () => await Left(Name) == 0);
        Assert.Equal([1, 0, 255], Assert.Single(job.Messages));
    }

    [Fact]
    public async Task What_was_sent_before_the_start_is_delivered()
    {
        for (var i = 0; i < 10; i++) await Queue.Send(Name, new[] { (byte)i }, TimeSpan.Zero, None);
        var job = new Recorded(_ => JobOutcome.Done);
        await using var delivering = await Start(Runner(job));
        await Until(async () => await Left(Name) == 0);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (byte)i), job.Messages.Select(message => message[0]).Order());
    }

    [Fact]
    public async Task A_job_that_asks_to_run_again_does_so_after_the_delay_and_never_becomes_poison()
    {
        var job = new Recorded(message => message[0] < 9 ? JobOutcome.After(TimeSpan.FromSeconds(1), new[] { (byte)(message[0] + 1) }) : JobOutcome.Done);
        await using var delivering = await Start(Runner(job));
        await Queue.Send(Name, new byte[] { 0 }, TimeSpan.Zero, None);
        await Until(async () => await Left(Name) == 0 && job.Messages.Any(message => message[0] == 9));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (byte)i), job.Messages.Select(message => message[0]).Distinct().Order());
        Assert.Equal(0, await SetAside(Name));
    }

    [Fact]
    public async Task A_job_that_fails_is_run_again_until_it_succeeds()
    {
        var runs = 0;
        var job = new Recorded(_ => Interlocked.Increment(ref runs) < 4 ? throw new InvalidOperationException("not yet") : JobOutcome.Done);
        await using var delivering = await Start(Runner(job));
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        await Until(async () => await Left(Name) == 0);
        Assert.Equal(4, runs);
        Assert.Equal(0, await SetAside(Name));
    }

    [Fact]
    public async Task A_job_that_meets_a_long_outage_is_run_again_and_never_becomes_poison()
    {
        var runs = 0;
        var job = new Recorded(_ => Interlocked.Increment(ref runs) < 12 ? throw new IOException("out of reach") : JobOutcome.Done);
        await using var delivering = await Start(Runner(job));
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        await Until(async () => await Left(Name) == 0 && Volatile.Read(ref runs) >= 12);
        Assert.Equal(0, await SetAside(Name));
    }

    [Fact]
    public async Task A_message_whose_job_fails_five_times_is_set_aside_and_others_go_on()
    {
        var job = new Recorded(message => message[0] == 66 ? throw new InvalidOperationException("never") : JobOutcome.Done);
        await using var delivering = await Start(Runner(job));
        await Queue.Send(Name, new byte[] { 66 }, TimeSpan.Zero, None);
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        await Until(async () => await SetAside(Name) == 1 && await Left(Name) == 0);
        Assert.Equal(5, job.Messages.Count(message => message[0] == 66));
        Assert.Single(job.Messages, message => message[0] == 1);
    }

    [Fact]
    public async Task A_job_that_is_killed_midway_is_delivered_again()
    {
        var entered = new TaskCompletionSource();
        var killed = new Recorded(_ => JobOutcome.Done, async ct =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.Infinite, ct);
        });
        var first = await Start(Runner(killed));
        await Queue.Send(Name, new byte[] { 7 }, TimeSpan.Zero, None);
        await Until(() => Task.FromResult(entered.Task.IsCompleted));
        await first.Kill();
        Assert.Equal(1, await Left(Name));
        var job = new Recorded(_ => JobOutcome.Done);
        await using var second = await Start(Runner(job));
        await Until(async () => await Left(Name) == 0);
        Assert.Equal([7], Assert.Single(job.Messages));
        Assert.Equal(0, await SetAside(Name));
    }

    [Fact]
    public async Task A_message_that_is_delivered_twice_runs_an_idempotent_job_to_the_same_end()
    {
        var state = new ConcurrentDictionary<byte, int>();
        var job = new Recorded(message =>
        {
            state[message[0]] = message[1];
            return JobOutcome.Done;
        });
        await using var delivering = await Start(Runner(job));
        for (var i = 0; i < 2; i++) await Queue.Send(Name, new byte[] { 3, 9 }, TimeSpan.Zero, None);
        await Until(async () => await Left(Name) == 0);
        Assert.Equal(2, job.Messages.Count);
        Assert.Equal(9, Assert.Single(state).Value);
    }

    [Fact]
    public async Task A_graceful_stop_lets_the_running_job_end_and_takes_no_other()
    {
        var (entered, leave) = (new TaskCompletionSource(), new TaskCompletionSource());
        var job = new Recorded(_ => JobOutcome.Done, async ct =>
        {
            entered.TrySetResult();
            await leave.Task.WaitAsync(ct);
        });
        var delivering = await Start(Runner(job));
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        await Until(() => Task.FromResult(entered.Task.IsCompleted));
        var stopping = delivering.Stop();
        Assert.False(stopping.IsCompleted);
        leave.SetResult();
        await stopping;
        Assert.Equal(0, await Left(Name));
        await Queue.Send(Name, new byte[] { 2 }, TimeSpan.Zero, None);
        Assert.Equal(1, await Left(Name));
        Assert.Single(job.Messages);
    }

    private JobRunner Runner(IJob job) => new([job], Queue, NullLogger.Instance);

    /// <summary>Something that delivers.</summary>
    protected interface IDelivering : IAsyncDisposable
    {
        /// <summary>Lets running jobs end, and delivers no more.</summary>
        Task Stop();

        /// <summary>Ends as a killed process does, as far as that can be done within one: nothing more is acknowledged.</summary>
        Task Kill();
    }

    private sealed class Recorded(Func<byte[], JobOutcome> answer, Func<CancellationToken, Task>? wait = null) : IJob
    {
        public ConcurrentQueue<byte[]> Messages { get; } = [];

        public string Queue => Name;

        public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
        {
            Messages.Enqueue(message.ToArray());
            if (wait is not null) await wait(ct);
            return answer(message.ToArray());
        }
    }
}
