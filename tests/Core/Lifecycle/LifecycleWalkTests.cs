using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Tests.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Lifecycle;

/// <summary>Rules at work over a store in memory, with a clock that is moved.</summary>
public sealed class LifecycleWalkTests
{
    private readonly WalkWorld world = new();

    private static LifecycleSetting Rules(params LifecycleRule[] rules)
    {
        var setting = new LifecycleSetting();
        setting.Rules.AddRange(rules);
        return setting;
    }

    private static LifecycleRule Rule(string id, string prefix = "") => new() { Id = id, Prefix = prefix, Status = "Enabled" };

    private async Task<Bucket> Ruled(Bucket bucket, params LifecycleRule[] rules) => (await world.World.Buckets.Change<LifecycleSetting>(
        bucket, BucketSettings.Lifecycle, _ => Rules(rules), default)).Value;

    private static async Task<List<string>> All(WalkWorld world, Bucket bucket)
    {
        List<string> all = [];
        string? before = null;
        foreach (var (key, version) in await world.Versions(bucket))
        {
            all.Add($"{key}{(version.IsDeleteMarker ? " marker" : "")}{(key == before ? " older" : "")}");
            before = key;
        }
        return all;
    }

    [Fact]
    public async Task Objects_without_versions_are_removed_when_they_are_due_and_nothing_else_is()
    {
        var bucket = await Ruled(await world.World.Bucket(), Rule("logs", "logs/") with { Expiration = new() { Days = 3 } });
        await world.Put(bucket, "logs/old", "old");
        await world.Put(bucket, "kept", "kept");
        await world.Pass(TimeSpan.FromDays(3));
        await world.Put(bucket, "logs/new", "new");
        await world.Pass(TimeSpan.FromDays(1));

        var walk = await world.Walk(WalkPurpose.Lifecycle);
        Assert.Equal((WalkState.Done, 1, 3, 0, 3), (walk.State, walk.Counts.Removed, walk.Counts.RemovedBytes, walk.Counts.Hidden, walk.Counts.Versions));
        Assert.Equal(["kept", "logs/new"], await All(world, bucket));
    }

    [Fact]
    public async Task With_versions_an_object_is_hidden_then_older_versions_go_and_at_last_the_marker()
    {
        var bucket = await Ruled(
            await world.Versioned(await world.World.Bucket()),
            Rule("all") with { Expiration = new() { Days = 2 }, NoncurrentExpiration = new() { NoncurrentDays = 2, NewerNoncurrentVersions = 1 } },
            Rule("older", "a") with { NoncurrentExpiration = new() { NoncurrentDays = 9 } });
        foreach (var text in new[] { "one", "two", "three" }) await world.Put(bucket, "a", text);
        await world.Pass(TimeSpan.FromDays(3));
        Assert.Equal(1, (await world.Walk(WalkPurpose.Lifecycle)).Counts.Hidden);
        // "one" went at once: it was replaced three days ago, and one newer stays besides.
        Assert.Equal(["a marker", "a older", "a older"], await All(world, bucket));

        await world.Pass(TimeSpan.FromDays(3));
        Assert.Equal(1, (await world.Walk(WalkPurpose.Lifecycle)).Counts.Removed);
        Assert.Equal(["a marker", "a older"], await All(world, bucket));

        await world.Pass(TimeSpan.FromDays(9));
        Assert.Equal(1, (await world.Walk(WalkPurpose.Lifecycle)).Counts.Removed);
        Assert.Equal(["a marker"], await All(world, bucket));
        Assert.Equal(1, (await world.Walk(WalkPurpose.Lifecycle)).Counts.Removed);
        Assert.Empty(await All(world, bucket));
    }

    [Fact]
    public async Task What_is_retained_on_hold_or_owed_to_a_site_stays()
    {
        var bucket = await world.Replicated(await world.Versioned(await world.World.Bucket()), WalkWorld.Rule("owed"));
        bucket = await Ruled(bucket, Rule("all") with { NoncurrentExpiration = new() { NoncurrentDays = 1 } });
        var until = world.World.Clock.GetUtcNow().AddDays(60);
        await world.Put(bucket, "held", "1", description: new() { LegalHold = true });
        await world.Put(bucket, "retained", "1", description: new() { Retention = new(RetentionMode.Governance, until) });
        foreach (var key in new[] { "free", "owed" }) await world.Put(bucket, key, "1");
        foreach (var key in new[] { "free", "held", "owed", "retained" }) await world.Put(bucket, key, "2");
        await world.Pass(TimeSpan.FromDays(30));

        var walk = await world.Walk(WalkPurpose.Lifecycle);
        Assert.Equal((1, 3), (walk.Counts.Removed, walk.Counts.Kept));
        Assert.Equal(["free", "held", "held older", "owed", "owed older", "retained", "retained older"], await All(world, bucket));

        await world.CopyAll(bucket);
        await world.Pass(TimeSpan.FromDays(31));
        Assert.Equal((2, 1), (await world.Walk(WalkPurpose.Lifecycle)).Counts is var counts ? (counts.Removed, counts.Kept) : default);
        Assert.Equal(["free", "held", "held older", "owed", "retained"], await All(world, bucket));
    }

    [Theory]
    [InlineData(5)] // in the table, which counts as the location of the bucket
    [InlineData(500)]
    public async Task Where_rules_are_paused_nothing_happens(int bytes)
    {
        var bucket = await Ruled(await world.World.Bucket(), Rule("all") with { Expiration = new() { Days = 1 } });
        await world.Put(bucket, "object", new string('x', bytes));
        await world.Pass(TimeSpan.FromDays(3));
        var location = (await world.Versions(bucket))[0].Version.Body.Stored?.Location ?? "here";
        await world.States.Pause(SiteServices.Lifecycle, location, default);
        Assert.Equal((0, 1), (await world.Walk(WalkPurpose.Lifecycle)).Counts is var counts ? (counts.Removed, counts.Kept) : default);
        await world.States.Resume(SiteServices.Lifecycle, location, default);
        Assert.Equal(1, (await world.Walk(WalkPurpose.Lifecycle)).Counts.Removed);
    }

    [Fact]
    public async Task Uploads_that_were_forgotten_are_aborted()
    {
        var bucket = await Ruled(await world.World.Bucket(), Rule("uploads", "a/") with { AbortUploads = new() { DaysAfterInitiation = 2 } });
        foreach (var key in new[] { "a/old", "b/old" }) await world.World.Uploads.Create(bucket, key, World.By, new(), null, null, default);
        await world.Pass(TimeSpan.FromDays(3));
        await world.World.Uploads.Create(bucket, "a/new", World.By, new(), null, null, default);
        Assert.Equal(1, (await world.Walk(WalkPurpose.Lifecycle)).Counts.Aborted);
        Assert.Equal(["a/new", "b/old"], (await world.World.Uploads.List(bucket, new(), default)).Entries.Select(entry => entry.Name));
    }

    [Fact]
    public async Task A_large_bucket_is_walked_in_parts()
    {
        var large = new WalkWorld(options: new() { IsAlone = true, LargeBucket = 20, Shards = 4 });
        var bucket = (await large.World.Buckets.Change<LifecycleSetting>(
            await large.World.Bucket(), BucketSettings.Lifecycle,
            _ => Rules(Rule("due", "due/") with { Expiration = new() { Days = 1 } }, Rule("uploads") with { AbortUploads = new() { DaysAfterInitiation = 1 } }), default)).Value;
        for (var i = 0; i < 40; i++) await large.Put(bucket, (i % 2 == 0 ? "due/" : "kept/") + (char)('a' + (i % 10)) + i, "1");
        await large.World.Uploads.Create(bucket, "upload", World.By, new(), null, null, default);
        await large.Pass(TimeSpan.FromDays(3));
        var walk = await large.Walk(WalkPurpose.Lifecycle);
        Assert.Equal((WalkState.Done, 3, 40, 20, 1), (walk.State, walk.Shards, walk.Counts.Versions, walk.Counts.Removed, walk.Counts.Aborted));
        Assert.All(await large.Versions(bucket), each => Assert.StartsWith("kept/", each.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_version_that_is_replaced_after_it_was_seen_is_not_removed()
    {
        var bucket = await Ruled(await world.World.Bucket(), Rule("all") with { Expiration = new() { Days = 1 } });
        await world.Put(bucket, "object", "old");
        await world.Pass(TimeSpan.FromDays(3));
        var isReplaced = false;
        world.World.Table.Before = async row =>
        {
            if (isReplaced || row[0] != Rows.Current) return;
            isReplaced = true;
            await world.Put(bucket, "object", "new");
        };
        Assert.Equal(0, (await world.Walk(WalkPurpose.Lifecycle)).Counts.Removed);
        Assert.True(isReplaced);
        Assert.Equal("new", await world.World.Get(bucket, "object"));
    }

    [Fact]
    public async Task Every_hour_the_buckets_are_looked_through_and_each_is_walked_once_a_day()
    {
        var bucket = await Ruled(await world.World.Bucket(), Rule("all") with { Expiration = new() { Days = 1 } });
        await world.Timers.Lifecycle(LifecycleDay.Whole, default);
        await world.Put(bucket, "first", "1");
        for (var hour = 0; hour < 49; hour++) await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(await world.Versions(bucket));
        var since = (await world.Walks.Find("lifecycle.all.bucket", default))!.Since;
        Assert.Equal(world.World.Clock.GetUtcNow().UtcDateTime.Date, since.UtcDateTime.Date);
        // Once more a day only where rules were changed.
        for (var hour = 0; hour < 24 - since.Hour - 2; hour++) await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(since, (await world.Walks.Find("lifecycle.all.bucket", default))!.Since);
        await world.Put(bucket, "second", "2");
        await world.Walks.StartLifecycle(bucket, default);
        await world.Pass(TimeSpan.FromSeconds(1));
        Assert.True((await world.Walks.Find("lifecycle.all.bucket", default))!.Since > since);
    }

    /// <summary>Cut off at every step of the state, and begun again: the end is the same.</summary>
    [Fact]
    public async Task Wherever_it_is_cut_off_the_end_is_the_same()
    {
        for (var step = 1; ; step++)
        {
            foreach (var after in new[] { false, true })
            {
                var cut = new WalkWorld(options: new() { IsAlone = true, Checkpoint = TimeSpan.Zero });
                var bucket = await cut.Versioned(await cut.World.Bucket());
                bucket = (await cut.World.Buckets.Change<LifecycleSetting>(
                    bucket, BucketSettings.Lifecycle,
                    _ => Rules(Rule("all", "due") with { Expiration = new() { Days = 1 }, NoncurrentExpiration = new() { NoncurrentDays = 1 } }), default)).Value;
                for (var i = 0; i < 6; i++)
                    foreach (var text in new[] { "1", "2" }) await cut.Put(bucket, $"{(i % 2 == 0 ? "due" : "kept")}{i}", text);
                await cut.Pass(TimeSpan.FromDays(3));

                cut.World.Cut.Arm(step, after);
                var isCut = false;
                try
                {
                    await cut.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle, Bucket = "bucket" }, default);
                    await cut.Pass(TimeSpan.FromMinutes(1));
                }
                catch (Cut.CutOffException)
                {
                    isCut = true;
                }
                if (!isCut)
                {
                    Assert.InRange(step, 8, 80);
                    return;
                }
                cut.Start();
                await cut.Walks.Recover(default);
                await cut.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle, Bucket = "bucket" }, default);
                await cut.Pass(TimeSpan.FromMinutes(2));
                Assert.Equal(WalkState.Done, (await cut.Walks.Find("lifecycle.all.bucket", default))!.State);
                Assert.Equal(
                    ["due0 marker", "due0 older", "due2 marker", "due2 older", "due4 marker", "due4 older", "kept1", "kept1 older", "kept3", "kept3 older", "kept5", "kept5 older"],
                    await All(cut, bucket));
            }
        }
    }
}
