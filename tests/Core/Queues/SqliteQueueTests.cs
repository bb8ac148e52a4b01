using ZenkoFunctions.Contracts;
using ZenkoFunctions.Contracts.Queues;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Queues.Sqlite;
using ZenkoFunctions.Core.State.Sqlite;
using ZenkoFunctions.Core.Tests.State;

namespace ZenkoFunctions.Core.Tests.Queues;

public sealed class SqliteQueueTests : QueueContract, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly StateDirectory directory = new();
    private readonly ManualClock clock = new();
    private readonly SqliteStore store;

    public SqliteQueueTests() => store = directory.Open(clock);

    protected override IQueue Queue => store.Queue;

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Messages_and_their_failures_outlive_the_process_and_its_leases_do_not()
    {
        await store.Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        await store.Queue.Fail(await One(store), TimeSpan.Zero, None);
        await One(store);
        store.Dispose();
        var delivery = await One(directory.Open(clock));
        Assert.Equal(1, delivery.Failures);
        Assert.Equal(3, delivery.Count);
        Assert.Equal([1], delivery.Body.ToArray());
    }

    [Fact]
    public async Task The_fifth_failure_sets_a_message_aside_and_keeps_it()
    {
        await store.Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        for (var i = 0; i < JobRunner.Failures; i++)
        {
            Assert.Equal(0, store.Queue.Count(JobRunner.PoisonOf(Name)));
            Assert.True(await store.Queue.Fail(await One(store), TimeSpan.Zero, None));
        }
        Assert.Equal(0, store.Queue.Count(Name));
        Assert.Null(store.Queue.Earliest(Name));
        Assert.Equal(1, store.Queue.Count(JobRunner.PoisonOf(Name)));
        clock.Advance(TimeSpan.FromDays(365));
        Assert.Empty(await store.Queue.Receive(JobRunner.PoisonOf(Name), 1, Short, None));
    }

    [Fact]
    public async Task A_message_that_is_given_back_counts_no_failure()
    {
        await store.Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        for (var i = 0; i < 20; i++) Assert.True(await store.Queue.Return(await One(store), TimeSpan.Zero, None));
        Assert.Equal(0, (await One(store)).Failures);
    }

    [Fact]
    public async Task A_renewed_lease_runs_from_then_and_a_lost_one_can_settle_nothing()
    {
        await store.Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        var first = await One(store);
        clock.Advance(Short / 2);
        Assert.True(await store.Queue.Renew(first, Short, None));
        Assert.Equal(clock.GetUtcNow() + Short, store.Queue.Earliest(Name));
        clock.Advance(Short);
        var second = await One(store);
        Assert.False(await store.Queue.Renew(first, Short, None));
        Assert.False(await store.Queue.Return(first, TimeSpan.Zero, None));
        Assert.False(await store.Queue.Fail(first, TimeSpan.Zero, None));
        Assert.True(await store.Queue.Acknowledge(second, None));
    }

    protected override Task Pass(TimeSpan time)
    {
        clock.Advance(time);
        return Task.CompletedTask;
    }

    protected override async Task<Received?> Receive(string queue, TimeSpan lease) =>
        (await store.Queue.Receive(queue, 1, lease, None)).SingleOrDefault() is { } delivery
            ? new(delivery.Body.ToArray(), delivery.Count, delivery)
            : null;

    protected override Task<bool> Acknowledge(Received received) => store.Queue.Acknowledge((SqliteDelivery)received.Handle, None);

    private async Task<SqliteDelivery> One(SqliteStore from) => Assert.Single(await from.Queue.Receive(Name, 10, Short, None));
}
