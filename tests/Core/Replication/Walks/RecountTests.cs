using System.Text;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Replication.Walks;

/// <summary>After an unclean end, what is pending is counted from what is owed, and what lost its message gets another; and walks are started from time to time.</summary>
public sealed class RecountTests
{
    [Theory]
    [InlineData(120)]
    [InlineData(0)]
    public async Task What_is_pending_is_set_right_and_overdue_messages_are_sent_again(int seconds)
    {
        var world = new WalkWorld(options: new() { IsAlone = true, StepTime = TimeSpan.FromSeconds(seconds) });
        var bucket = await world.Bucket();
        await world.Put(bucket, "a", "one");
        await world.Put(bucket, "a", "second");
        await world.Put(bucket, new string('k', 1000), "long");
        // Of what was counted, nothing was written; of what was written, something was never committed.
        world.Counters.Queued("site", 100, world.World.Clock.GetUtcNow());
        await world.Counters.Flush(default);
        world.World.Clock.MoveTo(world.World.Clock.GetUtcNow().AddMinutes(10));
        await world.Pass();
        world.Announced.Clear();
        await world.Put(bucket, "b", "young");
        var young = world.World.Clock.GetUtcNow();

        var walk = await world.Walk(WalkPurpose.Recount);
        Assert.Equal((WalkState.Done, null, 4, 3), (walk.State, walk.Trouble, walk.Counts.Pending, walk.Counts.Resent));
        await world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(4, world.Announced.Count);
        var counts = await world.Counters.Read("site", default);
        // What is queued under the walk counts itself: the young one was not counted here.
        Assert.Equal((3, 3 + 6 + 4), (counts.Pending.Operations, counts.Pending.Bytes));
        Assert.True(counts.OldestPending < young);
        Assert.DoesNotContain(await world.Work.All(), row => row.Key.Row.StartsWith('~'));
        if (seconds == 0) Assert.True(walk.Steps >= 4);
    }

    [Fact]
    public async Task What_is_sent_again_goes_on_counting_the_attempts_that_failed()
    {
        var world = new WalkWorld();
        var bucket = await world.Bucket();
        await world.Put(bucket, "a", "one");
        var (_, _, row) = Assert.Single(await world.Owed());
        var since = world.World.Clock.GetUtcNow();
        await new CopyRows(world.World.Table, world.World.Clock).Note(
            KeyCodec.Address(Rows.ObjectSpace(bucket), "a"), KeyCodec.Tail(row.Key.Row), 3, since, default);
        world.World.Clock.MoveTo(since.AddMinutes(10));
        await world.Pass();
        world.Announced.Clear();
        await world.Walk(WalkPurpose.Recount);
        await world.Pass(TimeSpan.FromSeconds(1));
        var again = StoredJson.Read(Encoding.UTF8.GetBytes(Assert.Single(world.Announced)), StateJson.Default.ReplicationMessage);
        Assert.Equal((3, since), (again.Failures, again.FailingSince));
    }

    [Fact]
    public async Task It_runs_by_itself_where_the_last_end_was_unclean_and_only_there()
    {
        var world = new WalkWorld();
        await world.Walks.Recover(default);
        Assert.Null(await world.Walks.Find("recount.all", default));
        world.Counters.Queued("site", 1);
        await world.Counters.Flush(default);

        world.Start();
        await world.Walks.Recover(default);
        var first = (await world.Walks.Find("recount.all", default))!;
        // Only when what was lost is old enough.
        await world.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(WalkState.Running, (await world.Walks.Find("recount.all", default))!.State);
        Assert.Equal(1, (await world.Counters.Read("site", default)).Pending.Operations);
        await world.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(0, (await world.Counters.Read("site", default)).Pending.Operations);
        Assert.Equal(WalkState.Done, (await world.Walks.Find("recount.all", default))!.State);

        await world.Counters.DisposeAsync();
        world.Start();
        await world.Walks.Recover(default);
        Assert.Equal(first.Run, (await world.Walks.Find("recount.all", default))!.Run);
    }

    [Fact]
    public async Task It_begins_anew_where_the_server_was_cut_off_once_more_before_it_ran()
    {
        var world = new WalkWorld();
        world.Counters.Queued("site", 1);
        await world.Counters.Flush(default);
        world.Start();
        await world.Walks.Recover(default);
        await world.Pass(TimeSpan.FromMinutes(2));

        world.Counters.Queued("site", 1);
        await world.Counters.Flush(default);
        world.Start();
        await world.Walks.Recover(default);
        await world.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(2, (await world.Counters.Read("site", default)).Pending.Operations);
        await world.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(0, (await world.Counters.Read("site", default)).Pending.Operations);
    }

    [Fact]
    public async Task A_timer_starts_its_walk_again_and_again_until_it_is_cancelled()
    {
        var world = new WalkWorld();
        await world.Bucket();
        var set = (await world.Timers.Set(new() { Purpose = WalkPurpose.Verify, Bucket = "bucket", Site = "site" }, 200, default)).Value;
        await world.Pass(TimeSpan.FromHours(199));
        Assert.Null(await world.Walks.Find("verify.site.bucket", default));
        await world.Pass(TimeSpan.FromHours(2));
        var first = (await world.Walks.Find("verify.site.bucket", default))!;
        Assert.Equal(WalkState.Done, first.State);
        await world.Pass(TimeSpan.FromHours(200));
        Assert.NotEqual(first.Run, (await world.Walks.Find("verify.site.bucket", default))!.Run);
        Assert.Equal(2, (await world.Timers.Find(set.Id, default))!.Tick);

        // Set anew, it counts from now on; the old message is nothing any more.
        await world.Timers.Set(set.Request, 1, default);
        Assert.True(await world.Timers.Cancel(set.Id, default));
        Assert.False(await world.Timers.Cancel(set.Id, default));
        var last = (await world.Walks.Find("verify.site.bucket", default))!.Run;
        await world.Pass(TimeSpan.FromHours(500));
        Assert.Equal(last, (await world.Walks.Find("verify.site.bucket", default))!.Run);
        Assert.Null(world.World.Queue.NextDue);
    }

    [Fact]
    public async Task A_timer_of_a_bucket_that_is_gone_ends_and_one_that_makes_no_sense_is_refused()
    {
        var world = new WalkWorld();
        var bucket = await world.Bucket();
        await world.Timers.Set(new() { Purpose = WalkPurpose.Verify, Bucket = "bucket", Site = "site" }, 1, default);
        await world.World.Buckets.Delete(bucket, default);
        await world.Pass(TimeSpan.FromHours(2));
        Assert.Null(await world.Timers.Find("verify.site.bucket", default));
        Assert.Equal(Refusal.InvalidRequest, (await world.Timers.Set(new() { Purpose = WalkPurpose.Recount }, 0, default)).Refusal);
        Assert.Equal(Refusal.NoSuchBucket, (await world.Timers.Set(new() { Purpose = WalkPurpose.Existing, Bucket = "bucket" }, 1, default)).Refusal);
    }
}
