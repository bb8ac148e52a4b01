using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Core.Tests.Replication;

public sealed class SiteStatesTests
{
    private readonly Room room = new();

    [Fact]
    public async Task A_site_is_paused_until_it_is_resumed_and_a_restart_changes_nothing()
    {
        var states = room.States();
        Assert.False(await states.IsPaused(SiteServices.Crr, "wasabi", default));
        await states.Pause(SiteServices.Crr, "wasabi", default);
        Assert.True(await states.IsPaused(SiteServices.Crr, "wasabi", default));
        Assert.False(await states.IsPaused(SiteServices.Crr, "azure", default));
        Assert.False(await states.IsPaused(SiteServices.Lifecycle, "wasabi", default));
        var restarted = room.States();
        Assert.True(await restarted.IsPaused(SiteServices.Crr, "wasabi", default));
        await restarted.Resume(SiteServices.Crr, "wasabi", default);
        Assert.False(await restarted.IsPaused(SiteServices.Crr, "wasabi", default));
    }

    [Fact]
    public async Task Another_instance_obeys_within_the_age_of_its_cache()
    {
        var (here, there) = (room.States(Room.Shared), room.States(Room.Shared));
        Assert.False(await there.IsPaused(SiteServices.Crr, "wasabi", default));
        await here.Pause(SiteServices.Crr, "wasabi", default);
        Assert.False(await there.IsPaused(SiteServices.Crr, "wasabi", default));
        room.Clock.MoveTo(room.Clock.GetUtcNow() + Room.Shared.CacheAge);
        Assert.True(await there.IsPaused(SiteServices.Crr, "wasabi", default));
    }

    [Fact]
    public async Task Pausing_what_is_paused_keeps_its_schedule_and_resuming_what_runs_sends_nothing()
    {
        var states = room.States();
        await states.Pause(SiteServices.Crr, "wasabi", default);
        await states.Schedule(SiteServices.Crr, "wasabi", 6, default);
        await states.Pause(SiteServices.Crr, "wasabi", default);
        Assert.NotNull((await states.All(SiteServices.Crr, default))["wasabi"].ResumeAt);
        await room.Pass(TimeSpan.FromHours(7), states);
        await states.Resume(SiteServices.Crr, "wasabi", default);
        Assert.Null(room.Queue.NextDue);
    }

    [Fact]
    public async Task A_schedule_of_a_site_that_runs_is_none()
    {
        var states = room.States();
        await states.Schedule(SiteServices.Crr, "wasabi", 6, default);
        Assert.Empty(await states.All(SiteServices.Crr, default));
        Assert.Null(room.Queue.NextDue);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(24 * 30)]
    public async Task A_site_goes_on_when_its_schedule_is_due_however_far_that_is(int hours)
    {
        var states = room.States();
        await states.Pause(SiteServices.Crr, "wasabi", default);
        await states.Schedule(SiteServices.Crr, "wasabi", hours, default);
        Assert.True(room.Queue.NextDue <= room.Clock.GetUtcNow() + QueueLimits.Delay);
        await room.Pass(TimeSpan.FromHours(hours) - TimeSpan.FromSeconds(1), states);
        Assert.True(await states.IsPaused(SiteServices.Crr, "wasabi", default));
        await room.Pass(TimeSpan.FromSeconds(1), states);
        Assert.Equal(new SiteWork(false, null), (await states.All(SiteServices.Crr, default))["wasabi"]);
    }

    [Fact]
    public async Task A_new_schedule_takes_the_place_of_the_old_one()
    {
        var states = room.States();
        await states.Pause(SiteServices.Crr, "wasabi", default);
        await states.Schedule(SiteServices.Crr, "wasabi", 2, default);
        await states.Schedule(SiteServices.Crr, "wasabi", 5, default);
        await room.Pass(TimeSpan.FromHours(3), states);
        Assert.True(await states.IsPaused(SiteServices.Crr, "wasabi", default));
        await room.Pass(TimeSpan.FromHours(2), states);
        Assert.False(await states.IsPaused(SiteServices.Crr, "wasabi", default));
    }

    [Fact]
    public async Task What_was_scheduled_can_be_taken_back_and_ends_with_a_resume()
    {
        var states = room.States();
        await states.Pause(SiteServices.Crr, "wasabi", default);
        await states.Schedule(SiteServices.Crr, "wasabi", 1, default);
        await states.Cancel(SiteServices.Crr, "wasabi", default);
        await room.Pass(TimeSpan.FromHours(2), states);
        Assert.Equal(new SiteWork(true, null), (await states.All(SiteServices.Crr, default))["wasabi"]);

        await states.Schedule(SiteServices.Crr, "wasabi", 1, default);
        await states.Resume(SiteServices.Crr, "wasabi", default);
        await states.Pause(SiteServices.Crr, "wasabi", default);
        await room.Pass(TimeSpan.FromHours(2), states);
        Assert.True(await states.IsPaused(SiteServices.Crr, "wasabi", default));
    }
}
