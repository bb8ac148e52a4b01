using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Replication.Walks;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Tests.Expiry;

/// <summary>Rows whose life is over go, all others stay, and the walk may be cut off anywhere.</summary>
public sealed class ExpireWalkTests
{
    private static readonly SignInGrant Grant = new("client") { AccessKeyId = "key", Owner = "owner" };

    private WalkWorld world = new();

    /// <summary>Something of every kind, of what is there and of what is gone.</summary>
    private async Task<Bucket> Fill()
    {
        var bucket = await world.World.Bucket();
        await world.Put(bucket, "object", "12345");
        await world.World.Usage.Flush(default);
        await world.World.UsageTable.Apply("gonebucketgonebu", [Change.Put("base", Condition.Any, """{"format":1,"bucket":"gone","at":"2026-01-01T00:00:00+00:00"}"""u8.ToArray())], default);
        await world.World.UsageTable.Apply("gonebucketgonebu", [Change.Put("walk", Condition.Any, """{"format":1,"id":"w"}"""u8.ToArray())], default);
        foreach (var (site, bucketId) in new[] { ("site", bucket.Id), ("gone", bucket.Id), ("site", "gonebucketgonebu") })
        {
            var failed = new FailedReplication { Site = site, Bucket = bucketId == bucket.Id ? "bucket" : "gone", BucketId = bucketId, Key = "key", VersionId = "v", Size = 1, Modified = default };
            await new FailedList(world.Work, world.World.Clock).Add(failed, default);
            world.Counters.Queued(site, 7);
            await world.States.Pause(SiteServices.Crr, site, default);
            Assert.True(await new Parked(world.Work, world.World.Queue, world.States).Park(SiteServices.Crr, site, "message", "queue", "text"u8.ToArray(), default));
            var progress = new CopyProgress(world.Work);
            await progress.Begin(site, "version", new() { PartBytes = 5, Generation = 1, At = world.World.Clock.GetUtcNow() }, default);
            await progress.Add(site, "version", [new(new(1, "etag", 5), null)], default);
        }
        await world.Counters.Flush(default);
        foreach (var (name, id) in new[] { ("bucket", bucket.Id), ("gone", "gonebucketgonebu") })
        {
            var now = world.World.Clock.GetUtcNow();
            var verified = new Walk { Id = "verify", Run = "runrunrun", Request = new() { Purpose = WalkPurpose.Verify, Bucket = name, Site = "site" }, BucketId = id, State = WalkState.Done, Since = now, At = now };
            await world.Reports.Keep(verified, world.Site.ReplicaTraits, "", default);
        }
        await world.Walk(WalkPurpose.Recount);
        await world.Grants.AddRefresh(Grant, default);
        await world.Grants.AddDevice(Grant, default);
        await world.Grants.TakeCode(await world.Grants.AddCode(Grant, default), default);
        return bucket;
    }

    private async Task<List<string>> Names()
    {
        List<string> names = [];
        foreach (var (table, rows) in new[] { ("work", await world.Work.All()), ("identity", await world.Identity.All()) })
            names.AddRange(rows.Select(row => $"{table} {row.Key.Partition} {row.Key.Row}"));
        await foreach (var row in world.World.UsageTable.Scan(new(new("", ""), TableKey.End), null, null, default)) names.Add($"usage {row.Key.Partition} {row.Key.Row}");
        return names;
    }

    [Fact]
    public async Task What_is_over_goes_and_what_is_not_stays()
    {
        var bucket = await Fill();
        var before = await Names();
        Assert.Equal(0, (await world.Walk(WalkPurpose.Expire)).Counts.Removed);
        Assert.Equal(4, (await world.Identity.All()).Count);

        // The codes of a device are over after a quarter of an hour, refresh tokens after two weeks.
        await world.Pass(TimeSpan.FromHours(3));
        await world.Walk(WalkPurpose.Expire);
        Assert.Single(await world.Identity.All());
        var refresh = await world.Grants.AddRefresh(Grant, default);
        for (var day = 0; day < 20; day++)
        {
            await world.Pass(TimeSpan.FromDays(1));
            if (day == 10) Assert.NotNull(await world.Grants.TakeRefresh(refresh, default));
            await world.Walk(WalkPurpose.Expire);
        }
        Assert.Empty(await world.Identity.All());
        var left = await Names();
        Assert.DoesNotContain(left, name => name.Contains("c.crr.gone", StringComparison.Ordinal) || name.Contains("u.gone", StringComparison.Ordinal) || name.Contains("crr.gone", StringComparison.Ordinal) && name.StartsWith("work states", StringComparison.Ordinal));
        Assert.DoesNotContain(left, name => name.StartsWith("usage gone", StringComparison.Ordinal));
        Assert.Contains(left, name => name.StartsWith("work l.gone", StringComparison.Ordinal)); // for thirty days

        await world.Pass(TimeSpan.FromDays(400));
        for (var i = 0; i < 3; i++) await world.Walk(WalkPurpose.Expire);
        left = await Names();
        Assert.DoesNotContain(left, name => name.Contains("recount", StringComparison.Ordinal));
        Assert.Equal(
            before.Where(name => !name.StartsWith("identity", StringComparison.Ordinal) && !name.Contains("gone", StringComparison.Ordinal) && !name.Contains("recount", StringComparison.Ordinal) && !name.StartsWith("work l.site", StringComparison.Ordinal)),
            left.Where(name => !name.Contains("expire", StringComparison.Ordinal) && !name.StartsWith("work p.crr.gone", StringComparison.Ordinal) && !name.StartsWith("work l.site", StringComparison.Ordinal)));
        Assert.Single(left, name => name.StartsWith("work l.site", StringComparison.Ordinal));
        Assert.Equal("12345", await world.World.Get(bucket, "object"));
    }

    [Fact]
    public async Task What_was_kept_back_for_a_location_that_is_gone_goes_on()
    {
        await Fill();
        await world.Walk(WalkPurpose.Expire);
        Assert.False(await world.States.IsPaused(SiteServices.Crr, "gone", default));
        Assert.True(await world.States.IsPaused(SiteServices.Crr, "site", default));
    }

    [Fact]
    public async Task Cut_off_at_every_step_it_comes_to_the_same_end()
    {
        await Fill();
        await world.Pass(TimeSpan.FromDays(500));
        await world.Walk(WalkPurpose.Expire);
        var whole = (await Names()).Count;
        world = new(options: new() { IsAlone = true, StepTime = TimeSpan.Zero, Checkpoint = TimeSpan.Zero });
        await Fill();
        await world.Pass(TimeSpan.FromDays(500));
        await world.Walks.Start(new() { Purpose = WalkPurpose.Expire }, default);
        var steps = 0;
        for (; (await world.Walks.Find("expire.all", default))!.State == WalkState.Running; steps++)
        {
            Assert.True(steps < 1000);
            world.World.Cut.Arm(1 + steps % 5, steps % 2 == 0);
            try
            {
                await world.Pass(TimeSpan.FromSeconds(1));
            }
            catch (Objects.Cut.CutOffException)
            {
                // goes on with its message, which is delivered again
            }
            world.Start();
        }
        Assert.True(steps > 5);
        Assert.Equal(whole, (await Names()).Count);
    }

    [Fact]
    public async Task A_row_that_came_back_to_life_since_it_was_read_stays()
    {
        await Fill();
        await world.Pass(TimeSpan.FromDays(100));
        var again = false;
        world.Work.Before = async row =>
        {
            if (row != "recount.all" || again) return;
            again = true;
            await world.Walks.Start(new() { Purpose = WalkPurpose.Recount }, default);
        };
        await world.Walk(WalkPurpose.Expire);
        Assert.True(again);
        Assert.NotNull(await world.Walks.Find("recount.all", default));
    }
}
