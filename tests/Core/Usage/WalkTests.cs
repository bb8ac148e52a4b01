using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Tests.Usage;

/// <summary>How counters survive stops and crashes, and how a walk finds out the truth.</summary>
public sealed class WalkTests
{
    private readonly World world = new();

    [Fact]
    public async Task A_stop_in_order_leaves_nothing_to_find_out()
    {
        var bucket = await Filled();
        var before = await world.Counted(bucket);
        await world.Usage.DisposeAsync();
        world.Start();
        await world.Usage.Recover(default);
        Assert.Null(world.Queue.NextDue);
        Assert.Equal(before, await world.Counted(bucket));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_crash_a_walk_finds_out_what_was_not_flushed(bool waitsForTheFirstWrite)
    {
        var bucket = await Filled();
        var truth = await world.Counted(bucket);
        world.Start();
        if (waitsForTheFirstWrite)
        {
            await world.Put(bucket, "later", "12");
            truth += new Amount(2, 1, 0);
        }
        else
        {
            await world.Usage.Recover(default);
        }
        Assert.NotEqual(truth, await world.Counted(bucket));
        await world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(truth, await world.Counted(bucket));
        Assert.Equal(await world.Listed(bucket, parts: 21), await world.Counted(bucket));
    }

    [Fact]
    public async Task Setting_a_quota_has_a_bucket_walked_that_is_older_than_the_counters()
    {
        var bucket = await Filled();
        var truth = await world.Counted(bucket);
        world.UsageTable = new Contracts.InMemoryTable();
        world.Start();
        Assert.Equal(default, await world.Counted(bucket));
        bucket = await world.Limit(bucket, truth.Held);
        await world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(truth, await world.Counted(bucket));
        Assert.Equal(Refusal.QuotaExceeded, (await world.Put(bucket, "other", "1")).Refusal);
    }

    [Fact]
    public async Task A_walk_that_finds_nothing_wrong_changes_nothing_however_often_it_is_run()
    {
        var bucket = await Filled();
        var before = await world.Counted(bucket);
        for (var i = 0; i < 3; i++)
        {
            await world.Walk(bucket);
            Assert.Equal(before, await world.Counted(bucket));
        }
        await world.Usage.DisposeAsync();
        world.Start();
        Assert.Equal(before, await world.Counted(bucket));
    }

    [Fact]
    public async Task An_object_of_parts_that_is_gone_before_its_upload_was_tidied_up_is_counted_once()
    {
        var bucket = await world.Bucket();
        var (id, etag) = await world.Upload(bucket, "key", "123456");
        Assert.Null((await world.Uploads.Complete(bucket, "key", id, new() { Parts = [new(1, etag)] }, default)).Refusal);
        var stalled = world.Queue.Take();
        Assert.Null((await world.Objects.Delete(bucket, "key", new() { By = World.By }, default)).Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        await world.Walk(bucket);
        Assert.Equal(default, await world.Counted(bucket));

        world.Queue.Return(stalled.Queue, stalled.Message);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(default, await world.Counted(bucket));
        Assert.Empty(world.Place.Bodies);
    }

    [Fact]
    public async Task A_walk_of_a_bucket_that_is_gone_does_nothing_and_its_rows_are_gone_too()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "key", "1");
        await world.Usage.Flush(default);
        await world.Objects.Delete(bucket, "key", new(), default);
        Assert.Null((await world.Buckets.Delete(bucket, default)).Refusal);
        await world.Walk(bucket);
        Assert.Null(world.Queue.NextDue);
        await foreach (var row in world.UsageTable.Scan(new(new("", ""), TableKey.End), null, null, default)) Assert.Fail(row.Key.Row);
    }

    [Fact]
    public async Task A_walk_that_is_cut_off_by_its_time_goes_on_by_message()
    {
        world.UsageOptions = world.UsageOptions with { WalkTime = TimeSpan.Zero };
        world.Start();
        var bucket = await Filled();
        var truth = await world.Counted(bucket);
        world.UsageTable = new Contracts.InMemoryTable();
        world.Start();
        await world.Put(bucket, "a", "1");
        truth += new Amount(1, 1, 0);
        await world.Walk(bucket);
        var rounds = 1;
        while (world.Queue.NextDue is not null)
        {
            // Between two runs: behind where the walk stands, and before.
            await world.Put(bucket, $"0/{rounds:d3}", "12");
            await world.Put(bucket, $"zz/{rounds:d3}", "123");
            truth += new Amount(5, 2, 0);
            var (name, message) = world.Queue.Take();
            await world.Jobs.Run(name, message, default);
            Assert.True(++rounds < 200);
        }
        Assert.True(rounds > 5);
        Assert.Equal(truth, await world.Counted(bucket));
    }

    [Fact]
    public async Task A_walk_goes_on_after_a_stop_where_it_was_and_after_a_crash_begins_anew()
    {
        world.UsageOptions = world.UsageOptions with { WalkTime = TimeSpan.Zero };
        world.Start();
        var bucket = await Filled();
        var truth = await world.Counted(bucket);
        var whole = await Rounds(bucket);

        var (name, message) = await SomeRounds(bucket, 4);
        await world.Usage.DisposeAsync();
        world.Start();
        await world.Put(bucket, "0/behind", "12"); // before the walk goes on
        truth += new Amount(2, 1, 0);
        await world.Jobs.Run(name, message, default);
        Assert.True(await Rest() < whole - 2);
        Assert.Equal(truth, await world.Counted(bucket));

        (name, message) = await SomeRounds(bucket, 4);
        world.Start();
        await world.Jobs.Run(name, message, default);
        Assert.True(await Rest() >= whole - 1);
        Assert.Equal(truth, await world.Counted(bucket));
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_is_written_during_a_walk_it_is_exact(int seed)
    {
        var bucket = await Filled();
        world.UsageTable = new Contracts.InMemoryTable();
        world.Start();
        bucket = (await world.Buckets.Find(bucket.Name, default))!;
        var random = new Random(seed);
        async Task Stall()
        {
            int yields;
            lock (random) yields = random.Next(4);
            for (var i = 0; i < yields; i++) await Task.Yield();
        }
        world.Table.Before = world.Table.After = _ => Stall();
        world.Table.BeforeScan = Stall;

        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var mine = new Random((seed * 10) + writer);
            for (var i = 0; i < 150; i++)
            {
                var key = $"{(char)('a' + mine.Next(26))}{mine.Next(4)}";
                if (mine.Next(3) == 0)
                {
                    await world.Objects.Delete(bucket, key, new(), default);
                }
                else if (mine.Next(4) == 0)
                {
                    var (id, etag) = await world.Upload(bucket, key, new string('u', mine.Next(1, 50)));
                    Assert.Null((await world.Uploads.Complete(bucket, key, id, new() { Parts = [new(1, etag)] }, default)).Refusal);
                }
                else
                {
                    await world.Put(bucket, key, new string('x', mine.Next(200)));
                }
            }
        })).ToList();
        await world.Walk(bucket);
        while (!writers.TrueForAll(writer => writer.IsCompleted)) await world.Walk(bucket);
        await Task.WhenAll(writers);
        Assert.Equal(await world.Listed(bucket, parts: 21), await world.Counted(bucket));
        await world.Walk(bucket);
        Assert.Equal(await world.Listed(bucket, parts: 21), await world.Counted(bucket));
    }

    [Fact]
    public async Task Instances_see_what_others_write_once_both_have_flushed()
    {
        world.UsageOptions = world.UsageOptions with { IsAlone = false };
        world.Start();
        var bucket = await world.Limit(await world.Bucket(), 10);
        await world.Pass(TimeSpan.FromMinutes(1)); // the walk that the quota asked for
        await world.Put(bucket, "one", "1234");
        var first = (world.Usage, world.Objects);
        world.Start();
        await world.Put(bucket, "two", "12345");
        Assert.Equal(5, (await world.Counted(bucket)).Held);
        await first.Usage.Flush(default);
        await world.Usage.Flush(default);
        Assert.Equal(9, (await world.Counted(bucket)).Held);
        Assert.Equal(Refusal.QuotaExceeded, (await world.Put(bucket, "three", "12")).Refusal);
        await first.Usage.DisposeAsync();
        await world.Usage.Flush(default);
        Assert.Equal(new Amount(9, 2, 0), await world.Counted(bucket));
    }

    [Fact]
    public async Task An_instance_that_died_among_others_is_noticed_when_it_has_been_silent_for_long()
    {
        world.UsageOptions = world.UsageOptions with { IsAlone = false };
        world.Start();
        var bucket = await world.Bucket();
        await world.Put(bucket, "flushed", "1234");
        await world.Usage.Flush(default);
        await world.Put(bucket, "lost", "12345");
        var stalled = world.Usage;
        world.Start();
        await world.Put(bucket, "mine", "1");
        Assert.Equal(5, (await world.Counted(bucket)).Held);
        Assert.Null(world.Queue.NextDue);

        world.Start();
        world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(6));
        await world.Put(bucket, "other", "12");
        Assert.NotNull(world.Queue.NextDue);
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(await world.Listed(bucket), await world.Counted(bucket));

        // It was not dead: what it had written stands in the base, and only what it had not is added.
        await stalled.Flush(default);
        await world.Walk(bucket);
        await world.Pass(TimeSpan.FromMinutes(1));
        await world.Usage.Flush(default);
        Assert.Equal(await world.Listed(bucket), await world.Counted(bucket));
    }

    [Fact]
    public async Task A_walk_beside_other_instances_leaves_alone_what_their_writes_may_explain()
    {
        world.UsageOptions = world.UsageOptions with { IsAlone = false };
        world.Start();
        var bucket = await Filled();
        var other = (world.Usage, world.Objects);
        world.Start();
        var written = false;
        world.Table.BeforeScan = async () =>
        {
            if (written) return;
            written = true;
            await other.Objects.Put(bucket, "a", World.By, new(), World.Content(new string('x', 77)), Conditions.None, default);
            await other.Objects.Put(bucket, "zzz", World.By, new(), World.Content(new string('x', 55)), Conditions.None, default);
        };
        await world.Walk(bucket);
        await other.Usage.Flush(default);
        await world.Pass(TimeSpan.FromMinutes(1));
        await world.Usage.Flush(default);
        Assert.Equal(await world.Listed(bucket, parts: 21), await world.Counted(bucket));
    }

    [Fact]
    public async Task A_counter_without_changes_is_closed_and_opened_again_by_the_next()
    {
        var bucket = await Filled();
        var truth = await world.Counted(bucket);
        await world.Usage.Flush(default);
        world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(2));
        await world.Usage.Flush(default);
        Assert.Equal(["base", "hour"], await RowNames(bucket));
        Assert.Equal(truth, await world.Counted(bucket));
        await world.Put(bucket, "other", "12");
        Assert.Equal(truth + new Amount(2, 1, 0), await world.Counted(bucket));
        Assert.Equal(3, (await RowNames(bucket)).Count);
        Assert.Null(world.Queue.NextDue);
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 10)];

    private async Task<List<string>> RowNames(Bucket bucket)
    {
        var names = new List<string>();
        await foreach (var row in world.UsageTable.Scan(KeyRange.Partition(bucket.Id), null, null, default)) names.Add(row.Key.Row);
        return names;
    }

    /// <summary>A bucket with all kinds of rows, in many partitions and some that keys share, and 21 bytes of parts.</summary>
    private async Task<Bucket> Filled()
    {
        var bucket = await world.Bucket();
        for (var i = 0; i < 20; i++) await world.Put(bucket, $"{(char)('a' + i)}0", new('x', i * 10));
        var (done, etag) = await world.Upload(bucket, "complete", new('y', 300));
        Assert.Null((await world.Uploads.Complete(bucket, "complete", done, new() { Parts = [new(1, etag)] }, default)).Refusal);
        await world.Pass(TimeSpan.FromMinutes(2));
        while (world.Queue.NextDue is not null) world.Queue.Take(); // in seven days
        await world.Upload(bucket, "open", "12345678");
        await world.Upload(bucket, "open", "123456");
        await world.Upload(bucket, new string('k', 1000), "1234567");
        bucket = await world.Version(bucket);
        foreach (var key in new[] { "b0", "c0", new string('k', 900), new string('k', 900) + "x" })
            for (var i = 0; i < 7; i++) await world.Put(bucket, key, new('z', 30 + i));
        await world.Objects.Delete(bucket, "d0", new(), default);
        await world.Objects.Delete(bucket, "not there", new(), default);
        Assert.Equal(await world.Listed(bucket, parts: 21), await world.Counted(bucket));
        return bucket;
    }

    private async Task<int> Rounds(Bucket bucket)
    {
        await world.Walk(bucket);
        return 1 + await Rest();
    }

    private async Task<int> Rest()
    {
        var rounds = 0;
        for (; world.Queue.NextDue is not null; rounds++)
        {
            var (name, message) = world.Queue.Take();
            await world.Jobs.Run(name, message, default);
        }
        return rounds;
    }

    private async Task<(string Queue, ReadOnlyMemory<byte> Message)> SomeRounds(Bucket bucket, int count)
    {
        await world.Walk(bucket);
        for (var i = 1; i < count; i++)
        {
            var (name, message) = world.Queue.Take();
            await world.Jobs.Run(name, message, default);
        }
        return world.Queue.Take();
    }
}
