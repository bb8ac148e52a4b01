using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Limits;

/// <summary>What limits let in, in one process and in several.</summary>
public sealed class RequestThrottleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Minute = TimeSpan.FromMinutes(1);

    private readonly InMemoryTable rows = new();
    private readonly CountingTable table;
    private readonly ManualClock clock = new();

    public RequestThrottleTests() => table = new(rows);

    private RequestThrottle Throttle(bool isShared = false) => new(table, isShared, clock, NullLogger.Instance);

    private static Limited Account(RequestLimits? limits) => Limited.Account("123456789012", limits);

    private static Limited Bucket(RequestLimits? limits) => Limited.Bucket("abcdefghijklmnop", limits);

    /// <summary>How many of so many requests are let in.</summary>
    private static async Task<int> Send(RequestThrottle to, int requests, RequestLimits? sender, RequestLimits? bucket = null, RequestKind kind = RequestKind.Get)
    {
        var admitted = 0;
        for (var i = 0; i < requests; i++)
            if ((await to.Admit(kind, Account(sender), Bucket(bucket), default)).Wait == TimeSpan.Zero) admitted++;
        return admitted;
    }

    [Fact]
    public async Task A_minutes_requests_are_let_in_at_once_and_then_as_they_flow()
    {
        var (throttle, limits) = (Throttle(), new RequestLimits { Get = 60 });
        Assert.Equal(60, await Send(throttle, 100, limits));
        Assert.Equal(Second, (await throttle.Admit(RequestKind.Get, Account(limits), default, default)).Wait);
        for (var i = 0; i < 100; i++)
        {
            clock.Advance(Second);
            Assert.Equal(1, await Send(throttle, 5, limits));
        }
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(60, await Send(throttle, 100, limits));
        // Other kinds are not limited, and another kind's limit is its own.
        Assert.Equal(1000, await Send(throttle, 1000, limits, kind: RequestKind.Put));
        Assert.Equal(7, await Send(throttle, 10, limits with { List = 7 }, kind: RequestKind.List));
    }

    [Fact]
    public async Task Many_at_once_get_what_there_is_and_no_more()
    {
        var (throttle, limits) = (Throttle(), new RequestLimits { Put = 100 });
        var sent = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Send(throttle, 50, limits, kind: RequestKind.Put))));
        Assert.Equal(100, sent.Sum());
    }

    [Fact]
    public async Task The_limits_of_sender_and_bucket_hold_both_and_one_that_is_refused_costs_nothing()
    {
        var (throttle, sender, bucket) = (Throttle(), new RequestLimits { Get = 10 }, new RequestLimits { Get = 6 });
        Assert.Equal(6, await Send(throttle, 20, sender, bucket));
        Assert.Equal(4, await Send(throttle, 20, sender));
        // Nobody is limited as a sender, but by the bucket.
        clock.Advance(Minute);
        Assert.Equal(6, (await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => throttle.Admit(RequestKind.Get, default, Bucket(bucket), default).AsTask()))).Count(each => each.Wait == TimeSpan.Zero));
    }

    [Fact]
    public async Task Less_than_one_a_minute_is_one_at_a_time_and_a_new_limit_holds_at_once()
    {
        var (throttle, limits) = (Throttle(), new RequestLimits { Delete = 0.5m });
        Assert.Equal(1, await Send(throttle, 5, limits, kind: RequestKind.Delete));
        clock.Advance(Minute);
        Assert.Equal(0, await Send(throttle, 5, limits, kind: RequestKind.Delete));
        clock.Advance(Minute);
        Assert.Equal(1, await Send(throttle, 5, limits, kind: RequestKind.Delete));
        clock.Advance(Second);
        Assert.Equal(1, await Send(throttle, 5, limits with { Delete = 60 }, kind: RequestKind.Delete));
        Assert.Equal(5, await Send(throttle, 5, limits with { Delete = 0 }, kind: RequestKind.Delete));
    }

    [Fact]
    public async Task No_row_is_read_where_nothing_is_limited_or_nobody_shares_and_what_is_full_is_forgotten()
    {
        var shared = Throttle(isShared: true);
        Assert.Equal(100, await Send(shared, 100, new RequestLimits(), null));
        var alone = Throttle();
        for (var i = 0; i < 5000; i++)
        {
            await alone.Admit(RequestKind.Get, Limited.Account($"{i}", new RequestLimits { Get = 60 }), default, default);
            clock.Advance(Second);
        }
        Assert.Equal(0, table.Calls);
        Assert.InRange(alone.Known, 1, 1100);
        await shared.DisposeAsync();
    }

    [Theory]
    [InlineData(2, 60, 5)]
    [InlineData(4, 600, 40)]
    public async Task Instances_share_a_limit_but_for_what_the_others_took_in_two_seconds(int instances, int limit, int aSecond)
    {
        const int Seconds = 240;
        var limits = new RequestLimits { Get = limit };
        var all = Enumerable.Range(0, instances).Select(_ => Throttle(isShared: true)).ToList();
        var admitted = 0;
        for (var second = 0; second < Seconds; second++)
        {
            foreach (var each in all) admitted += await Send(each, aSecond, limits);
            clock.Advance(Second);
            foreach (var each in all) await each.Sync(default);
        }
        var exact = limit + (limit * Seconds / 60);
        Assert.InRange(admitted, exact - limit, exact + (2 * aSecond * (instances - 1)));
        foreach (var each in all) await each.DisposeAsync();
    }

    [Fact]
    public async Task What_was_taken_too_much_is_paid_back_and_one_who_comes_later_knows_of_it()
    {
        var limits = new RequestLimits { Get = 60 };
        var (here, there) = (Throttle(isShared: true), Throttle(isShared: true));
        // Both at once, before either could tell.
        Assert.Equal(1, await Send(there, 1, limits));
        Assert.Equal((60, 59), (await Send(here, 100, limits), await Send(there, 100, limits)));
        await here.Sync(default);
        await there.Sync(default);
        await here.Sync(default);
        Assert.Equal(TimeSpan.FromSeconds(61), (await here.Admit(RequestKind.Get, Account(limits), default, default)).Wait);
        var later = Throttle(isShared: true);
        Assert.Equal(0, await Send(later, 10, limits));
        clock.Advance(TimeSpan.FromSeconds(65));
        Assert.InRange(await Send(later, 10, limits), 4, 5);
        foreach (var each in new[] { here, there, later }) await each.DisposeAsync();
        var row = Assert.Single(rows.Rows);
        Assert.Equal(new TableKey("limits", "u.123456789012"), row.Key);
    }

    [Fact]
    public async Task What_was_taken_is_told_every_second_by_itself_until_nothing_is_missing()
    {
        var limits = new RequestLimits { Get = 60 };
        var (here, there) = (Throttle(isShared: true), Throttle(isShared: true));
        Assert.Equal(1, await Send(there, 1, limits));
        Assert.Equal(60, await Send(here, 60, limits));
        await Until(async () => (await there.Admit(RequestKind.Get, Account(limits), default, default)).Wait > TimeSpan.Zero);
        for (var i = 0; i < 200 && here.Known + there.Known > 0; i++) await Tick();
        Assert.Equal(0, here.Known + there.Known);
        var calls = table.Calls;
        for (var i = 0; i < 5; i++) await Tick();
        Assert.Equal(calls, table.Calls);
        foreach (var each in new[] { here, there }) await each.DisposeAsync();
    }

    [Fact]
    public async Task Where_the_table_cannot_be_reached_each_keeps_the_limit_for_itself_and_tells_later()
    {
        var limits = new RequestLimits { Get = 60 };
        rows.BeforeApply = _ => throw new IOException("away");
        var (here, there) = (Throttle(isShared: true), Throttle(isShared: true));
        Assert.Equal(60, await Send(here, 100, limits));
        await here.Sync(default);
        Assert.Equal(0, await Send(here, 100, limits));
        rows.BeforeApply = null;
        await here.Sync(default);
        Assert.Equal(0, await Send(there, 1, limits));
        foreach (var each in new[] { here, there }) await each.DisposeAsync();
    }

    [Fact]
    public async Task Bytes_are_paced_by_the_slower_limit_and_by_all_who_share_it()
    {
        var throttle = Throttle();
        var (sender, bucket) = (new RequestLimits { Out = 10 }, new RequestLimits { Out = 2 });
        Assert.Null((await throttle.Admit(RequestKind.Get, Account(new RequestLimits { Get = 5 }), default, default)).Pace);
        var pace = (await throttle.Admit(RequestKind.Get, Account(sender), Bucket(bucket), default)).Pace!;
        var other = (await throttle.Admit(RequestKind.Get, default, Bucket(bucket), default)).Pace!;
        Assert.Equal(512, pace.Piece);
        Assert.True(pace.Take(2048, default).AsTask().IsCompletedSuccessfully); // a second's bytes are there
        var (first, second) = (pace.Take(1024, default).AsTask(), other.Take(1024, default).AsTask());
        clock.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(first.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await first.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.False(second.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(500));
        await second.WaitAsync(TimeSpan.FromMinutes(2));
        using var stop = new CancellationTokenSource();
        var cut = pace.Take(1 << 20, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut);
    }

    private async Task Until(Func<Task<bool>> isSo)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await isSo()) return;
            await Tick();
        }
        Assert.Fail("It never came to be so.");
    }

    // The loops go on by themselves: they are given the time for it.
    private async Task Tick()
    {
        clock.Advance(Second);
        await Task.Delay(5);
    }
}
