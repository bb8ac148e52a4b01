using System.Diagnostics;
using Azure;
using Azure.Core;
using Azure.Storage.Queues;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Contracts.Queues;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Queues.AzureQueues;

namespace ZenkoFunctions.Core.Tests.Queues;

[Collection(nameof(WithAzurite))]
public sealed class AzureJobTests(AzuriteFixture azurite) : JobContract, IAsyncLifetime
{
    private const string Pumped = "pumped";
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly FaultyTransport network = new();
    private AzureQueue engine = null!;

    /// <summary>Nobody can move the service's clock: delays of minutes are a second here.</summary>
    protected override IQueue Queue => new Hurried(engine);

    public async Task InitializeAsync()
    {
        engine = new(azurite.Account, network);
        await foreach (var queue in new QueueServiceClient(azurite.ConnectionString).GetQueuesAsync()) await Client(queue.Name).ClearMessagesAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_long_job_keeps_its_lease_and_runs_once()
    {
        var (runs, leave) = (0, new TaskCompletionSource());
        await using var pump = Pump(_ =>
        {
            Interlocked.Increment(ref runs);
            return leave.Task;
        }, new() { Lease = TimeSpan.FromSeconds(3) }, TimeProvider.System);
        await engine.Send(Pumped, new byte[1], TimeSpan.Zero, None);
        // Renewed each second: by the seventh the first lease has run out twice.
        await Until(() => Task.FromResult(network.Seen.Count(request => request.StartsWith("PUT", StringComparison.Ordinal) && request.Contains("popreceipt", StringComparison.Ordinal)) >= 7));
        leave.SetResult();
        await Until(async () => await Left(Pumped) == 0);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task What_this_process_sends_is_delivered_at_once_however_long_the_queue_was_idle()
    {
        var (runs, clock) = (0, new ManualClock()); // stands still: nothing is looked at by the clock
        await using var pump = Pump(_ => Task.FromResult(Interlocked.Increment(ref runs)), new(), clock);
        for (var i = 1; i <= 3; i++)
        {
            await Until(() => Task.FromResult(LooksAtNothing()));
            await engine.Send(Pumped, new byte[1], TimeSpan.Zero, None);
            await Until(() => Task.FromResult(Volatile.Read(ref runs) == i));
        }
    }

    [Fact]
    public async Task What_another_process_sends_is_delivered_when_the_queue_is_looked_at_again()
    {
        var (runs, clock) = (0, new ManualClock());
        await using var pump = Pump(_ => Task.FromResult(Interlocked.Increment(ref runs)), new(), clock);
        await Until(() => Task.FromResult(LooksAtNothing()));
        await new AzureQueue(azurite.Account).Send(Pumped, new byte[1], TimeSpan.Zero, None);
        Assert.Equal(0, Volatile.Read(ref runs));
        clock.Advance(AzureReceiver.DefaultIdle);
        await Until(() => Task.FromResult(Volatile.Read(ref runs) == 1));
    }

    [Fact]
    public async Task An_outage_of_the_queues_passes()
    {
        var (runs, clock) = (0, new ManualClock());
        var down = true;
        network.IsLost = _ => Volatile.Read(ref down);
        await using var pump = Pump(_ => Task.FromResult(Interlocked.Increment(ref runs)), new() { Pause = TimeSpan.FromSeconds(1) }, clock);
        await new AzureQueue(azurite.Account).Send(Pumped, new byte[1], TimeSpan.Zero, None);
        await Until(() => Task.FromResult(network.Seen.Count >= 2));
        Volatile.Write(ref down, false);
        await Until(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(Volatile.Read(ref runs) == 1);
        });
    }

    protected override Task<IDelivering> Start(JobRunner runner) =>
        Task.FromResult<IDelivering>(new Delivering(Pump(runner, new() { Pause = TimeSpan.Zero }, TimeProvider.System)));

    protected override Task<long> SetAside(string queue) => Left(JobRunner.PoisonOf(queue));

    protected override async Task<long> Left(string queue)
    {
        try
        {
            return (await Client(queue).GetPropertiesAsync()).Value.ApproximateMessagesCount;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return 0;
        }
    }

    protected override async Task Until(Func<Task<bool>> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(3), "It did not come about.");
            await Task.Delay(20);
        }
    }

    // It looked at the queue, and nothing is under way.
    private bool LooksAtNothing() => !network.Seen.IsEmpty && network.Answered == network.Seen.Count;

    private JobPump Pump(Func<CancellationToken, Task> run, JobPumpOptions options, TimeProvider clock) =>
        Pump(new JobRunner([new Job(run)], engine, NullLogger.Instance), options, clock);

    private JobPump Pump(JobRunner runner, JobPumpOptions options, TimeProvider clock)
    {
        var pump = new JobPump(new AzureReceiver(engine, null, clock, NullLogger.Instance), runner, options, clock, NullLogger.Instance);
        pump.Start();
        return pump;
    }

    private QueueClient Client(string name) => new QueueServiceClient(azurite.ConnectionString).GetQueueClient(name);

    private sealed class Hurried(IQueue queue) : IQueue
    {
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

        public ValueTask Send(string name, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken ct) =>
            queue.Send(name, message, delay > Longest ? Longest : delay, ct);
    }

    private sealed class Delivering(JobPump pump) : IDelivering
    {
        public Task Stop() => pump.Stop(None);

        // The message goes back at once; a killed process's would when its lease runs out.
        public Task Kill() => pump.DisposeAsync().AsTask();

        public ValueTask DisposeAsync() => pump.DisposeAsync();
    }

    private sealed class Job(Func<CancellationToken, Task> run) : IJob
    {
        public string Queue => Pumped;

        public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
        {
            await run(ct);
            return JobOutcome.Done;
        }
    }
}
