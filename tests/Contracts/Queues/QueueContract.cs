using ZenkoFunctions.Core.Queues;

namespace ZenkoFunctions.Contracts.Queues;

/// <summary>
/// What every engine of <see cref="IQueue"/> does, and what its receiving side does, whoever owns that: the pump of one
/// machine, or the Functions host, for which the subclass stands in.
/// </summary>
public abstract class QueueContract
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>The engine.</summary>
    protected abstract IQueue Queue { get; }

    /// <summary>A queue name that no other test uses.</summary>
    protected string Name { get; } = $"q-{Guid.NewGuid():n}";

    /// <summary>A span that is long enough to be told from none: a minute where the clock is moved, a second or two where it runs.</summary>
    protected virtual TimeSpan Short => TimeSpan.FromMinutes(1);

    /// <summary>Lets that much time pass for the engine, and a little more.</summary>
    protected abstract Task Pass(TimeSpan time);

    /// <summary>Receives one message, out of sight for others during the lease; null where none is due.</summary>
    protected abstract Task<Received?> Receive(string queue, TimeSpan lease);

    /// <summary>Removes a received message; false where its lease was lost to another.</summary>
    protected abstract Task<bool> Acknowledge(Received received);

    [Fact]
    public async Task A_message_arrives_as_it_was_sent_and_is_gone_when_acknowledged()
    {
        foreach (var size in new[] { 0, 1, 1000, QueueLimits.MessageBytes })
        {
            var body = new byte[size];
            new Random(size).NextBytes(body);
            await Queue.Send(Name, body, TimeSpan.Zero, None);
            var received = await Receive(Name, Short);
            Assert.Equal(body, received!.Body);
            Assert.Equal(1, received.Count);
            Assert.True(await Acknowledge(received));
            await Pass(Short);
            Assert.Null(await Receive(Name, Short));
        }
    }

    [Fact]
    public async Task Queues_do_not_mix()
    {
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        await Queue.Send(Name + "-b", new byte[] { 2 }, TimeSpan.Zero, None);
        Assert.Equal([2], (await Receive(Name + "-b", Short))!.Body);
        Assert.Equal([1], (await Receive(Name, Short))!.Body);
    }

    [Fact]
    public async Task Nothing_arrives_before_its_delay_has_passed()
    {
        await Queue.Send(Name, new byte[] { 1 }, Short, None);
        Assert.Null(await Receive(Name, Short));
        await Pass(Short);
        Assert.Equal([1], (await Receive(Name, Short))!.Body);
    }

    [Fact]
    public async Task A_leased_message_is_out_of_sight_until_the_lease_runs_out_and_then_counts_once_more()
    {
        await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, None);
        var first = await Receive(Name, Short);
        Assert.Null(await Receive(Name, Short));
        await Pass(Short);
        var second = await Receive(Name, Short);
        Assert.Equal([1], second!.Body);
        Assert.Equal(2, second.Count);
        Assert.False(await Acknowledge(first!));
        Assert.True(await Acknowledge(second));
    }

    [Fact]
    public async Task Every_message_of_many_senders_arrives()
    {
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Queue.Send(Name, new[] { (byte)i }, TimeSpan.Zero, None).AsTask()));
        var bodies = new List<byte>();
        while (await Receive(Name, Short * 30) is { } received)
        {
            bodies.Add(received.Body[0]);
            await Acknowledge(received);
        }
        Assert.Equal(Enumerable.Range(0, 60).Select(i => (byte)i), bodies.Order());
    }

    [Fact]
    public async Task Messages_beyond_the_bounds_are_the_callers_error()
    {
        async Task Refused(string queue, int size, TimeSpan delay) => await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await Queue.Send(queue, new byte[size], delay, None));
        await Refused(Name, QueueLimits.MessageBytes + 1, TimeSpan.Zero);
        await Refused(Name, 1, TimeSpan.FromSeconds(-1));
        await Refused(Name, 1, QueueLimits.Delay + TimeSpan.FromSeconds(1));
        foreach (var name in new[] { "", "ab", "Upper", "under_score", new string('a', 64) }) await Refused(name, 1, TimeSpan.Zero);
        Assert.Null(await Receive(Name, Short));
    }

    [Fact]
    public async Task What_is_cancelled_before_it_starts_is_not_sent()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Queue.Send(Name, new byte[] { 1 }, TimeSpan.Zero, new CancellationToken(true)));
        Assert.Null(await Receive(Name, Short));
    }

    /// <summary>A received message.</summary>
    /// <param name="Body">Its bytes.</param>
    /// <param name="Count">How often it was delivered.</param>
    /// <param name="Handle">What the engine acknowledges it by.</param>
    protected sealed record Received(byte[] Body, int Count, object Handle);
}
