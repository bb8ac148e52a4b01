using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Instances;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Tests.Usage;

/// <summary>Quotas of accounts, and those that hold where a bucket has none of its own.</summary>
public sealed class AccountQuotaTests
{
    private readonly World world = new();

    private static Refusal? Outcome<T>(Result<T> result) => result.Refusal;

    [Theory]
    [InlineData(10)]
    [InlineData(150)] // too large to be kept beside its row
    public async Task Many_at_once_in_many_buckets_never_pass_it_together_and_use_it_up(int size)
    {
        var buckets = new List<Bucket>();
        for (var i = 0; i < 4; i++) buckets.Add(await world.Bucket($"bucket{i}"));
        await world.Put(buckets[0], "before", new('x', size));
        await world.Usage.DisposeAsync();
        world.Start(); // this one's counter is not open
        world.OtherQuotas = (null, (15 * size) + 5);
        world.Table.Before = async _ => await Task.Yield();
        var puts = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => world.Put(buckets[1 + (i % 3)], $"key{i}", new('x', size)))));
        Assert.Equal(14, puts.Count(put => put.Refusal is null));
        Assert.Equal(26, puts.Count(put => put.Refusal is Refusal.QuotaExceeded));
        var held = 0L;
        foreach (var bucket in buckets) held += (await world.Counted(bucket)).Held;
        Assert.Equal(15 * size, held);
    }

    [Fact]
    public async Task What_is_removed_anywhere_makes_room_and_another_accounts_buckets_do_not_count()
    {
        var (one, two) = (await world.Bucket("one"), await world.Bucket("two"));
        var others = (await world.Buckets.Create("others", World.Other, "", default)).Value;
        await world.Put(others, "key", new('x', 90));
        world.OtherQuotas = (null, 100);
        await world.Put(one, "key", new('x', 60));
        var refused = await world.Put(two, "key", new('x', 41));
        Assert.Equal(Refusal.QuotaExceeded, Outcome(refused));
        Assert.Contains("100 bytes", refused.Detail, StringComparison.Ordinal);
        Assert.Null(Outcome(await world.Put(two, "key", new('x', 40))));
        Assert.Null(Outcome(await world.Put(two, "key", new('x', 39)))); // what it replaces makes room
        Assert.Null(Outcome(await world.Objects.Delete(one, "key", new(), default)));
        Assert.Null(Outcome(await world.Put(two, "more", new('x', 61))));
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await world.Put(one, "key", "1")));
        Assert.Null(Outcome(await world.Objects.Delete(two, "more", new(), default)));
        Assert.Null(Outcome(await world.Objects.Delete(two, "key", new(), default)));
        Assert.Null(Outcome(await world.Buckets.Delete(two, default)));
        Assert.Null(Outcome(await world.Put(one, "key", new('x', 100))));
    }

    [Fact]
    public async Task Parts_count_and_completing_needs_no_room_but_is_refused_beyond_it()
    {
        var (one, two) = (await world.Bucket("one"), await world.Bucket("two"));
        var (id, etag) = await world.Upload(one, "key", "1234567890");
        world.OtherQuotas = (null, 9);
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await world.Uploads.Complete(one, "key", id, new() { Parts = [new(1, etag)] }, default)));
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await world.PutPart(one, "key", id, 2, "1")));
        world.OtherQuotas = (null, 10);
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await world.Put(two, "key", "1")));
        Assert.Null(Outcome(await world.Uploads.Complete(one, "key", id, new() { Parts = [new(1, etag)] }, default)));
        Assert.Equal(10, (await world.Counted(one)).Held);
    }

    [Fact]
    public async Task A_quota_of_all_buckets_holds_where_a_bucket_has_none_of_its_own()
    {
        world.OtherQuotas = (10, null);
        var (usual, own) = (await world.Bucket("usual"), await world.Limit(await world.Bucket("own"), 20));
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await world.Put(usual, "key", new('x', 11))));
        Assert.Null(Outcome(await world.Put(usual, "key", new('x', 10))));
        Assert.Null(Outcome(await world.Put(own, "key", new('x', 20))));
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await world.Put(own, "more", "1")));
        // Both hold.
        world.OtherQuotas = (25, 35);
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await world.Put(usual, "more", new('x', 6))));
        Assert.Null(Outcome(await world.Put(usual, "more", new('x', 5))));
    }

    [Fact]
    public async Task One_that_comes_while_a_body_is_read_is_looked_at_by_the_commit()
    {
        var bucket = await world.Limit(await world.Bucket(), 1000);
        await world.Put(await world.Bucket("other"), "key", new('x', 200));
        var pipe = new System.IO.Pipelines.Pipe();
        var put = world.Objects.Put(bucket, "key", World.By, new(), new(pipe.Reader, 300), Conditions.None, default).AsTask();
        world.OtherQuotas = (null, 499);
        await pipe.Writer.WriteAsync(new byte[300]);
        await pipe.Writer.CompleteAsync();
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await put));
        Assert.Equal(default, await world.Counted(bucket));
    }

    [Fact]
    public async Task Without_it_no_row_is_read_more_and_with_it_each_bucket_once()
    {
        world.OtherQuotas = (null, 1000);
        var (one, two) = (await world.Bucket("one"), await world.Bucket("two"));
        await world.Put(two, "key", "12");
        await world.Usage.DisposeAsync();
        var counting = new CountingTable(world.UsageTable);
        world.UsageTable = counting;
        world.Start();
        await world.Put(one, "first", "1");
        var calls = counting.Calls;
        Assert.InRange(calls, 3, 6); // the counter that is opened, and what the other bucket holds
        for (var i = 0; i < 10; i++) await world.Put(one, $"key{i}", "123");
        Assert.Equal(calls, counting.Calls);
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await world.Put(one, "last", new('x', 1000 - 33 + 1))));
        Assert.Null(Outcome(await world.Put(one, "last", new('x', 1000 - 33))));
    }

    [Fact]
    public async Task Instances_pass_it_by_no_more_than_the_others_wrote_in_two_flushes()
    {
        var state = new SharedState();
        var (here, there) = (new Instance(state) { AccountQuota = 100 }, new Instance(state) { AccountQuota = 100 });
        Assert.Null(Outcome(await here.Buckets.Create("one", World.Owner, "", default)));
        Assert.Null(Outcome(await here.Buckets.Create("two", World.Owner, "", default)));
        var (one, two) = (await here.Bucket("one"), await there.Bucket("two"));
        Assert.Null(Outcome(await there.Put(two, "first", "1")));
        Assert.Null(Outcome(await here.Put(one, "key", new('x', 99))));
        // The other has not seen it yet.
        Assert.Null(Outcome(await there.Put(two, "key", new('x', 50))));
        foreach (var each in new[] { here, there })
        {
            each.Clock.Advance(TimeSpan.FromSeconds(5));
            await each.Usage.Flush(default);
        }
        foreach (var each in new[] { here, there }) each.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await there.Put(two, "more", "1")));
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await here.Put(one, "more", "1")));
        Assert.Null(Outcome(await here.Delete(one, "key")));
        await here.Usage.Flush(default);
        there.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(Outcome(await there.Put(two, "more", new('x', 49))));
        Assert.Equal(Refusal.QuotaExceeded, Outcome(await there.Put(two, "most", "1")));
    }
}
