using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Core.Tests.Replication;

public sealed class ParkedTests
{
    private readonly Room room = new();

    [Fact]
    public async Task What_is_parked_comes_again_after_weeks_each_message_once()
    {
        var states = room.States();
        var parked = room.Parked(states);
        await states.Pause(SiteServices.Crr, "wasabi", default);
        for (var i = 0; i < 250; i++) Assert.True(await parked.Park(Room.Message($"r.wasabi.{i:d3}"), default));
        Assert.True(await parked.Park(Room.Message("r.wasabi.000"), default));
        Assert.Equal(250, await parked.Count(SiteServices.Crr, "wasabi", 1000, default));
        await room.Pass(TimeSpan.FromDays(30), states);
        Assert.Empty(room.Came);
        await states.Resume(SiteServices.Crr, "wasabi", default);
        await room.Pass(TimeSpan.FromMinutes(1), states);
        Assert.Equal(Enumerable.Range(0, 250).Select(i => $"r.wasabi.{i:d3}"), room.Came.Order(StringComparer.Ordinal));
        Assert.Equal(0, await parked.Count(SiteServices.Crr, "wasabi", 1000, default));
    }

    [Fact]
    public async Task Other_sites_stay_parked()
    {
        var states = room.States();
        var parked = room.Parked(states);
        foreach (var site in new[] { "a", "ab" })
        {
            await states.Pause(SiteServices.Crr, site, default);
            Assert.True(await parked.Park(Room.Message("r.1", site), default));
        }
        await states.Resume(SiteServices.Crr, "a", default);
        await room.Pass(TimeSpan.FromMinutes(1), states);
        Assert.Single(room.Came);
        Assert.Equal(1, await parked.Count(SiteServices.Crr, "ab", 10, default));
    }

    [Fact]
    public async Task Who_has_not_heard_of_a_resume_yet_is_told_to_do_the_work()
    {
        var (here, there) = (room.States(Room.Shared), room.States(Room.Shared));
        await here.Pause(SiteServices.Crr, "wasabi", default);
        Assert.True(await there.IsPaused(SiteServices.Crr, "wasabi", default));
        await here.Resume(SiteServices.Crr, "wasabi", default);
        Assert.True(await there.IsPaused(SiteServices.Crr, "wasabi", default));
        Assert.False(await room.Parked(there).Park(Room.Message("r.wasabi.1"), default));
        Assert.Equal(0, await room.Parked(here).Count(SiteServices.Crr, "wasabi", 10, default));
        Assert.False(await there.IsPaused(SiteServices.Crr, "wasabi", default));
    }

    [Fact]
    public async Task A_resume_that_was_cut_off_after_its_change_is_finished_by_its_first_message()
    {
        var states = room.States();
        await states.Pause(SiteServices.Crr, "wasabi", default);
        Assert.True(await room.Parked(states).Park(Room.Message("r.wasabi.1"), default));
        room.Table.BeforeApply = _ => throw new IOException("gone");
        await Assert.ThrowsAsync<IOException>(async () => await states.Resume(SiteServices.Crr, "wasabi", default));
        room.Table.BeforeApply = null;
        // The first message comes though nothing was changed: nothing may be sent.
        await room.Pass(TimeSpan.FromMinutes(1), states);
        Assert.Empty(room.Came);
        await states.Resume(SiteServices.Crr, "wasabi", default);
        room.Queue.Take(); // the one that is sent after the change
        await room.Pass(TimeSpan.FromMinutes(1), states);
        Assert.Equal(["r.wasabi.1"], room.Came);
    }

    [Fact]
    public async Task What_is_paused_again_while_it_is_sent_stays()
    {
        var states = room.States();
        var parked = room.Parked(states);
        await states.Pause(SiteServices.Crr, "wasabi", default);
        for (var i = 0; i < 150; i++) await parked.Park(Room.Message($"r.wasabi.{i:d3}"), default);
        await states.Resume(SiteServices.Crr, "wasabi", default);
        var applied = 0;
        room.Table.BeforeApply = async partition =>
        {
            if (partition != "p.crr.wasabi" || applied++ > 0) return;
            await states.Pause(SiteServices.Crr, "wasabi", default);
        };
        await room.Pass(TimeSpan.FromMinutes(1), states, parked);
        Assert.Equal(100, room.Came.Count);
        Assert.Equal(50, await parked.Count(SiteServices.Crr, "wasabi", 1000, default));
    }
}
