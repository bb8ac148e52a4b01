using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Core.Tests.Replication;

public sealed class ReplicationCountersTests
{
    private readonly Room room = new();

    private DateTimeOffset Now => room.Clock.GetUtcNow();

    [Fact]
    public async Task What_is_queued_is_pending_until_it_is_done_or_given_up()
    {
        await using var counters = room.Counters();
        var at = Now;
        for (var i = 0; i < 3; i++) counters.Queued("wasabi", 100);
        Assert.Equal(new(3, 300), (await counters.Read("wasabi", default)).Pending);
        room.Clock.MoveTo(at.AddSeconds(90));
        counters.Completed("wasabi", 100, at);
        counters.Failed("wasabi", 100, at);
        var read = await counters.Read("wasabi", default);
        Assert.Equal((new(1, 100), new(1, 100), new(1, 100), at), (read.Pending, read.Completed, read.Failed, read.OldestPending));
        Assert.Equal(new(0, 0), (await counters.Read("azure", default)).Pending);
    }

    [Fact]
    public async Task What_one_instance_queues_another_finishes()
    {
        await using var api = room.Counters(isAlone: false);
        await using var worker = room.Counters(isAlone: false);
        var at = Now;
        api.Queued("wasabi", 10);
        api.Queued("wasabi", 20);
        worker.Completed("wasabi", 10, at);
        // The worker wrote first: what is not known to have been queued is nothing, not less.
        await worker.Flush(default);
        Assert.Equal(new(0, 0), (await worker.Read("wasabi", default)).Pending);
        await api.Flush(default);
        foreach (var each in new[] { api, worker })
            Assert.Equal((new Volume(1, 20), new Volume(1, 10)), ((await each.Read("wasabi", default)).Pending, (await each.Read("wasabi", default)).Completed));
    }

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_when_writing_fails()
    {
        await using var counters = room.Counters();
        counters.Queued("wasabi", 10);
        await counters.Flush(default);
        counters.Queued("wasabi", 10);
        room.Table.BeforeApply = _ => throw new IOException("gone");
        await counters.Flush(default);
        Assert.Equal(new(2, 20), (await counters.Read("wasabi", default)).Pending);
        room.Table.BeforeApply = null;
        await counters.Flush(default);
        await counters.Flush(default);
        Assert.Equal(new(2, 20), (await counters.Read("wasabi", default)).Pending);
        Assert.Equal(new(2, 20), (await room.Counters().Read("wasabi", default)).Pending);
    }

    [Fact]
    public async Task Slots_that_are_over_are_merged_and_days_make_no_more_rows()
    {
        await using var counters = room.Counters();
        var first = Now;
        counters.Queued("wasabi", 5);
        for (var i = 0; i < 12 * 24 * 3; i++)
        {
            counters.Queued("wasabi", 1);
            counters.Completed("wasabi", 1, Now);
            await counters.Flush(default);
            room.Clock.MoveTo(Now.AddMinutes(5));
        }
        var read = await counters.Read("wasabi", default);
        Assert.Equal(new(1, 5), read.Pending);
        Assert.InRange((read.OldestPending!.Value - first).TotalHours, -1, 0);
        Assert.InRange(read.Completed.Operations, 287, 289);
        Assert.Equal((12 * 24 * 3 + 1, 12 * 24 * 3), (read.QueuedEver.Operations, read.CompletedEver.Operations));
        Assert.InRange(room.Table.Rows.Count, 280, 300);
        Assert.InRange(room.Table.Rows.Single(row => row.Key.Row == "base").Value.Length, 1, 1000);
    }

    [Fact]
    public async Task The_rate_is_that_of_the_last_quarter_of_an_hour()
    {
        await using var counters = room.Counters();
        for (var minute = 0; minute < 60; minute++)
        {
            for (var i = 0; i < 30; i++) counters.Completed("wasabi", 1000, Now);
            await counters.Flush(default);
            room.Clock.MoveTo(Now.AddMinutes(1));
        }
        var read = await counters.Read("wasabi", default);
        Assert.Equal(0.5, read.OperationsPerSecond, 0.01);
        Assert.Equal(500, read.BytesPerSecond, 10.0);
        room.Clock.MoveTo(Now.AddMinutes(21));
        Assert.Equal(0, (await counters.Read("wasabi", default)).OperationsPerSecond);
    }

    [Fact]
    public async Task Lag_is_told_within_a_fifth()
    {
        await using var counters = room.Counters();
        for (var i = 1; i <= 1000; i++) counters.Completed("wasabi", 1, Now.AddSeconds(-i));
        var read = await counters.Read("wasabi", default);
        Assert.InRange(read.LagP50!.Value, 400, 600);
        Assert.InRange(read.LagP99!.Value, 800, 1200);
        Assert.Equal(500_500, read.SecondsEver, 1.0);
        Assert.True(read.LatencyEver.Zip(read.LatencyEver.Skip(1)).All(pair => pair.First.Seconds < pair.Second.Seconds && pair.First.Count <= pair.Second.Count));
        Assert.Null((await counters.Read("azure", default)).LagP50);
    }

    [Fact]
    public async Task A_backlog_of_months_stays_a_small_row_and_empties_to_nothing()
    {
        await using var counters = room.Counters();
        var queued = new List<DateTimeOffset>();
        for (var day = 0; day < 40; day++)
        {
            for (var i = 0; i < 50; i++, room.Clock.MoveTo(Now.AddMinutes(28.8)))
            {
                counters.Queued("wasabi", 1);
                queued.Add(Now);
                await counters.Flush(default);
            }
        }
        Assert.Equal(new(2000, 2000), (await counters.Read("wasabi", default)).Pending);
        Assert.InRange(room.Table.Rows.Single(row => row.Key.Row == "base").Value.Length, 1, 60_000);
        foreach (var at in queued) counters.Completed("wasabi", 1, at);
        await counters.Flush(default);
        Assert.Equal((default, null), ((await counters.Read("wasabi", default)).Pending, (await counters.Read("wasabi", default)).OldestPending));
    }

    [Fact]
    public async Task What_a_process_that_died_had_not_written_is_put_right_by_a_walk()
    {
        var died = room.Counters();
        var at = Now;
        died.Queued("wasabi", 10);
        await died.Flush(default);
        died.Queued("wasabi", 20); // and is killed
        room.Clock.MoveTo(Now.AddMinutes(5));

        await using var counters = room.Counters();
        Assert.True(await counters.WasCutOff(default));
        var before = await counters.Snapshot("wasabi", default);
        // Something is queued and something done while the walk is under way.
        counters.Queued("wasabi", 40);
        counters.Completed("wasabi", 10, at);
        var found = new Dictionary<long, Volume> { [ReplicationCounters.MinuteOf(at)] = new(2, 30) };
        await counters.Correct("wasabi", before, found, default);
        // Whether the walk has seen what was done meanwhile cannot be known: what is said lies in between.
        Assert.InRange((await counters.Read("wasabi", default)).Pending.Operations, 2, 3);

        before = await counters.Snapshot("wasabi", default);
        await counters.Correct("wasabi", before, new Dictionary<long, Volume> { [ReplicationCounters.MinuteOf(at)] = new(1, 20) }, default);
        Assert.Equal(new(2, 60), (await counters.Read("wasabi", default)).Pending);
        // Nothing is left for another to do.
        var rows = room.Table.Rows;
        await counters.Correct("wasabi", before, new Dictionary<long, Volume> { [ReplicationCounters.MinuteOf(at)] = new(1, 20) }, default);
        Assert.Equal(rows.Select(row => row.Stamp), room.Table.Rows.Select(row => row.Stamp));
    }

    [Fact]
    public async Task What_is_counted_but_not_owed_goes_with_a_walk()
    {
        await using var counters = room.Counters();
        counters.Queued("wasabi", 10);
        room.Clock.MoveTo(Now.AddMinutes(5));
        await counters.Flush(default);
        await counters.Correct("wasabi", await counters.Snapshot("wasabi", default), new Dictionary<long, Volume>(), default);
        var read = await counters.Read("wasabi", default);
        Assert.Equal((default, new Volume(1, 10)), (read.Pending, read.QueuedEver));
    }

    [Fact]
    public async Task A_server_that_was_stopped_in_order_was_not_cut_off()
    {
        var first = room.Counters();
        Assert.False(await first.WasCutOff(default)); // nothing was ever counted
        first.Queued("wasabi", 1);
        await first.DisposeAsync();
        var second = room.Counters();
        Assert.False(await second.WasCutOff(default));
        second.Queued("wasabi", 1);
        await second.Flush(default); // and is killed
        Assert.True(await room.Counters().WasCutOff(default));
    }

    [Fact]
    public async Task Many_count_at_once()
    {
        await using var counters = room.Counters();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), async (i, ct) =>
        {
            counters.Queued("wasabi", 1);
            if (i % 100 == 0) await counters.Flush(ct);
        });
        Assert.Equal(new(1000, 1000), (await counters.Read("wasabi", default)).Pending);
        await counters.Flush(default);
        Assert.Equal(new(1000, 1000), (await room.Counters().Read("wasabi", default)).Pending);
    }
}
