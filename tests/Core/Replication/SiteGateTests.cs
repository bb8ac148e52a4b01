using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Locations.Configured;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Core.Tests.Replication;

public sealed class SiteGateTests
{
    private readonly ManualClock clock = new();
    private readonly RequestsUnderWay requests = new();
    private readonly SiteGate gate;

    public SiteGateTests() => gate = new(new() { Parallel = 8 }, requests, clock);

    [Fact]
    public async Task Where_there_is_nothing_else_to_do_copies_take_all_places() => Assert.Equal(8, await Fill(TimeSpan.Zero));

    [Theory]
    [InlineData(1, 6)]
    [InlineData(3, 2)]
    [InlineData(4, 0)]
    [InlineData(100, 0)]
    public async Task They_take_what_requests_leave_each_of_which_takes_two(int underWay, int copies)
    {
        Begin(underWay);
        Assert.Equal(copies, await Fill(TimeSpan.Zero));
    }

    [Theory]
    [InlineData(9, 0)]
    [InlineData(11, 1)]
    [InlineData(21, 2)]
    [InlineData(46, 4)]
    [InlineData(1_000_000, 4)]
    public async Task The_longer_a_copy_has_waited_the_more_go_on_beside_requests_up_to_half_of_the_places(int seconds, int copies)
    {
        Begin(100);
        Assert.Equal(copies, await Fill(TimeSpan.FromSeconds(seconds)));
    }

    [Fact]
    public async Task What_a_location_says_holds_whatever_else_there_is_to_do()
    {
        gate.Set(new LocationConfig { Name = "site", Concurrency = 3 });
        Begin(100);
        Assert.Equal(3, await Fill(TimeSpan.Zero));
    }

    [Fact]
    public async Task Those_who_wait_come_in_their_order_and_several_at_once_where_requests_have_ended()
    {
        Begin(100);
        Assert.Null((await gate.Enter(Earlier, default)).Wait);
        var waiting = Enumerable.Range(0, 9).Select(_ => gate.Enter(Earlier, default).AsTask()).ToList();
        Assert.DoesNotContain(waiting, each => each.IsCompleted);

        gate.Leave(default, true);
        await waiting[0];
        Assert.DoesNotContain(waiting[1..], each => each.IsCompleted);

        for (var i = 0; i < 100; i++) requests.End();
        gate.Leave(default, true);
        await Task.WhenAll(waiting[1..]);
    }

    [Fact]
    public async Task Who_comes_later_does_not_go_before_those_who_wait()
    {
        Begin(100);
        await gate.Enter(Earlier, default);
        var first = gate.Enter(Earlier, default).AsTask();
        for (var i = 0; i < 97; i++) requests.End(); // two places
        var second = gate.Enter(Earlier, default).AsTask();
        await first;
        Assert.False(second.IsCompleted);
        gate.Leave(default, true);
        await second;
    }

    [Fact]
    public async Task What_had_begun_before_the_site_was_left_alone_does_not_make_that_longer()
    {
        var begun = new List<SiteGate.Entry>();
        for (var i = 0; i < 8; i++) begun.Add(await gate.Enter(clock.Now, default));
        foreach (var entry in begun) gate.Leave(entry, false);

        var sent = await gate.Enter(clock.Now, default);
        Assert.True(sent is { IsClosed: true, Wait.TotalSeconds: >= 15 and <= 30 });
        clock.Advance(sent.Wait.Value);
        Assert.True(await gate.Enter(clock.Now, default) is { Wait: null, IsTrial: true });
    }

    [Fact]
    public async Task One_tries_a_site_that_was_left_alone_and_its_failure_makes_that_longer()
    {
        for (var i = 0; i < 5; i++) gate.Leave(await gate.Enter(clock.Now, default), false);
        clock.Advance(TimeSpan.FromSeconds(15));
        var trial = await gate.Enter(clock.Now, default);
        Assert.True(trial.IsTrial);
        Assert.True((await gate.Enter(clock.Now, default)).IsClosed);

        gate.Leave(trial, false);
        Assert.True(await gate.Enter(clock.Now, default) is { IsClosed: true, Wait.TotalSeconds: >= 30 and <= 45 });
        clock.Advance(TimeSpan.FromSeconds(30));
        gate.Leave(await gate.Enter(clock.Now, default), true);
        Assert.True(await gate.Enter(clock.Now, default) is { Wait: null, IsTrial: false });
    }

    // Long enough for one to go on beside whatever requests there are.
    private DateTimeOffset Earlier => clock.Now - SiteGate.Step * 1.5;

    private void Begin(int underWay)
    {
        for (var i = 0; i < underWay; i++) requests.Begin();
    }

    /// <summary>How many get a place.</summary>
    private async Task<int> Fill(TimeSpan waited)
    {
        var since = clock.Now - waited;
        for (var count = 0; ; count++)
        {
            var place = gate.Enter(since, default).AsTask();
            if (place.IsCompleted && (await place).Wait is null) continue;
            clock.Advance(TimeSpan.FromSeconds(3));
            Assert.NotNull((await place).Wait); // sent away
            return count;
        }
    }
}
