using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Replication.Walks;

/// <summary>What was there before the rules is queued, once, whatever comes between.</summary>
public sealed class ExistingTests
{
    private static async Task<(WalkWorld World, Bucket Bucket)> OldBucket(bool keepsVersions = true, WalkOptions? options = null)
    {
        var world = new WalkWorld(keepsVersions, options);
        var bucket = await world.World.Bucket();
        await world.Put(bucket, "a", "null version");
        bucket = await world.Versioned(bucket);
        await world.Put(bucket, "a", "second");
        await world.Put(bucket, "b/one", "only");
        await world.Put(bucket, "c", "gone");
        await world.Delete(bucket, "c");
        await world.Put(bucket, new string('k', 1000), "long");
        return (world, await world.Replicated(bucket));
    }

    [Fact]
    public async Task Every_version_is_queued_in_the_order_of_age_null_versions_and_markers_too()
    {
        var (world, bucket) = await OldBucket();
        var walk = await world.Walk(WalkPurpose.Existing);
        Assert.Equal((WalkState.Done, null), (walk.State, walk.Trouble));
        Assert.Equal((4, 6, 6), (walk.Counts.Keys, walk.Counts.Versions, walk.Counts.Queued));
        Assert.Equal(await Sizes(world, bucket), walk.Counts.QueuedBytes);
        Assert.Equal(6, (await world.Counters.Read("site", default)).Pending.Operations);
        var versions = await world.Versions(bucket);
        Assert.All(versions, each => Assert.Equal(ReplicationStatus.Pending, each.Version.Replication!.Of("site")!.Status));
        Assert.Equal(
            versions.Select(each => (each.Key, each.Version.Sequence)).OrderBy(each => each.Key, StringComparer.Ordinal).ThenBy(each => each.Sequence),
            (await world.Owed()).Select(each => (each.Key, each.Intent.Sequence)));
        await world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(6, world.Announced.Count);

        await world.CopyAll(bucket);
        Assert.Equal(0, (await world.Counters.Read("site", default)).Pending.Operations);
        Assert.Null(await world.Site.Find("bucket/c", null, default));
        Assert.Equal(6, (await world.Site.Find("bucket/a", null, default))!.Size);
    }

    [Fact]
    public async Task What_was_queued_is_not_queued_again()
    {
        var (world, bucket) = await OldBucket();
        await world.Walk(WalkPurpose.Existing);
        Assert.Equal(0, (await world.Walk(WalkPurpose.Existing)).Counts.Queued);
        await world.CopyAll(bucket);
        Assert.Equal(0, (await world.Walk(WalkPurpose.Existing)).Counts.Queued);
        Assert.Empty(await world.Owed());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_snapshot_of_Azures_protocol_is_no_version_that_goes_to_a_site(bool keepsVersions)
    {
        var (world, bucket) = await OldBucket(keepsVersions);
        await world.Put(bucket, "snapped", "one");
        Assert.Null((await world.World.Objects.Snapshot(bucket, "snapped", Conditions.None, null, default)).Refusal);
        await world.Put(bucket, "snapped", "second");
        var snapshot = (await world.World.Objects.Snapshot(bucket, "snapped", Conditions.None, null, default)).Value;
        var tagged = await world.World.Objects.Amend(
            bucket, "snapped", snapshot.PublicId, new Cause(EventNames.TaggingPut, "who", null, "1"), version => version with { Tags = new Dictionary<string, string> { ["a"] = "b" } }, default);
        Assert.Null(tagged.Refusal);
        Assert.DoesNotContain(await world.Owed(), each => each.Intent.VersionId == snapshot.Id);
        await world.CopyAll(bucket);
        await world.Walk(WalkPurpose.Existing);
        Assert.DoesNotContain(await world.Owed(), each => each.Key == "snapped");
        await world.CopyAll(bucket);
        Assert.Equal(6, (await world.Site.Find("bucket/snapped", null, default))!.Size);
        Assert.Empty((await world.Walk(WalkPurpose.Verify)).Differences);
    }

    [Fact]
    public async Task Only_what_the_rules_name_is_queued()
    {
        var (world, bucket) = await OldBucket();
        bucket = await world.Replicated(bucket, WalkWorld.Rule("b/"), WalkWorld.Rule("c", markers: false));
        await world.Walk(WalkPurpose.Existing);
        Assert.Equal(["b/one", "c"], (await world.Owed()).Select(each => each.Key));
        Assert.Equal(4, (await world.Owed())[1].Intent.Size);
    }

    [Fact]
    public async Task A_version_older_than_one_that_is_there_brings_the_newer_one_along()
    {
        var (world, bucket) = await OldBucket();
        await world.Put(bucket, "a", "newest, after the rules");
        await world.CopyAll(bucket);
        await world.Walk(WalkPurpose.Existing);
        Assert.Equal(3, (await world.Owed()).Count(each => each.Key == "a"));
        await world.CopyAll(bucket);
        Assert.Equal(23, (await world.Site.Find("bucket/a", null, default))!.Size);
    }

    [Fact]
    public async Task A_site_without_versions_gets_the_newest_of_each_key()
    {
        var (world, bucket) = await OldBucket(keepsVersions: false);
        var walk = await world.Walk(WalkPurpose.Existing);
        Assert.Equal((4, 2), (walk.Counts.Queued, walk.Counts.Superseded));
        await world.CopyAll(bucket);
        Assert.Equal(6, (await world.Site.Find("bucket/a", null, default))!.Size);
    }

    [Fact]
    public async Task A_long_history_is_queued_in_several_commits()
    {
        var world = new WalkWorld();
        var bucket = await world.Versioned(await world.World.Bucket());
        for (var i = 0; i < 150; i++) await world.Put(bucket, "a", $"version {i}");
        bucket = await world.Replicated(bucket);
        await world.Put(bucket, "a", "newest");
        await world.CopyAll(bucket);
        await world.Walk(WalkPurpose.Existing);
        Assert.Equal(151, (await world.Owed()).Count);
        await world.CopyAll(bucket);
        Assert.Equal(6, (await world.Site.Find("bucket/a", null, default))!.Size);
        // Each of the older ones once, and the newest a second time behind them.
        Assert.Equal(152, world.Site.Inner.Calls.Count(call => call == "Put bucket/a"));
    }

    [Fact]
    public async Task Nothing_is_queued_while_much_is_pending()
    {
        var (world, bucket) = await OldBucket(options: new() { IsAlone = true, MostPending = 3, Width = 1 });
        var started = await world.Walks.Start(new() { Purpose = WalkPurpose.Existing, Bucket = "bucket" }, default);
        await world.Pass(TimeSpan.FromMinutes(1));
        var waiting = (await world.Walks.Find(started.Value.Id, default))!;
        Assert.Equal(WalkState.Running, waiting.State);
        Assert.Contains("more than 3", waiting.Waiting, StringComparison.Ordinal);
        Assert.Equal(3, (await world.Owed()).Count);

        await world.CopyAll(bucket);
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(3, (await world.Owed()).Count);
        await world.CopyAll(bucket);
        await world.Pass(TimeSpan.FromMinutes(1));
        var done = (await world.Walks.Find(started.Value.Id, default))!;
        Assert.Equal((WalkState.Done, 6, null), (done.State, done.Counts.Queued, done.Waiting));
    }

    [Fact]
    public async Task Killed_at_any_step_every_version_is_queued_once()
    {
        for (var step = 1; ; step++)
        {
            foreach (var after in new[] { false, true })
            {
                var (world, bucket) = await OldBucket();
                world.World.Cut.Arm(step, after);
                var isCut = false;
                try
                {
                    await world.Walks.Start(new() { Purpose = WalkPurpose.Existing, Bucket = "bucket" }, default);
                    await world.Pass(TimeSpan.FromMinutes(1));
                }
                catch (Cut.CutOffException)
                {
                    isCut = true;
                }
                if (!isCut)
                {
                    Assert.InRange(step, 8, 40);
                    return;
                }
                world.Start();
                await world.Walks.Recover(default);
                await world.Walks.Start(new() { Purpose = WalkPurpose.Existing, Bucket = "bucket" }, default);
                await world.Pass(TimeSpan.FromMinutes(2));
                Assert.Equal(WalkState.Done, (await world.Walks.Find("existing.all.bucket", default))!.State);
                Assert.Equal(6, (await world.Owed()).Count);
                Assert.Equal(6, (await world.Owed()).Select(each => (each.Key, each.Intent.Sequence)).Distinct().Count());
            }
        }
    }

    [Fact]
    public async Task Started_again_while_it_runs_it_is_the_same_walk()
    {
        var (world, _) = await OldBucket();
        var first = await world.Walks.Start(new() { Purpose = WalkPurpose.Existing, Bucket = "bucket" }, default);
        var second = await world.Walks.Start(new() { Purpose = WalkPurpose.Existing, Bucket = "bucket" }, default);
        Assert.Equal(first.Value.Run, second.Value.Run);
        await world.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(6, (await world.Owed()).Count);
        var third = await world.Walks.Start(new() { Purpose = WalkPurpose.Existing, Bucket = "bucket" }, default);
        Assert.NotEqual(first.Value.Run, third.Value.Run);
    }

    [Fact]
    public async Task A_rule_that_asks_for_it_has_what_was_there_before_queued_and_other_rules_do_not()
    {
        var (world, bucket) = await OldBucket();
        await world.Walks.StartAsked(bucket, default);
        Assert.Null(await world.Walks.Find("asked.all.bucket", default));

        bucket = await world.Replicated(bucket, WalkWorld.Rule("a"), WalkWorld.Rule("b/") with { ExistingObjects = true });
        await world.Walks.StartAsked(bucket, default);
        var first = (await world.Walks.Find("asked.all.bucket", default))!;
        // Rules that come while it runs count.
        bucket = await world.Replicated(bucket, WalkWorld.Rule("a"), WalkWorld.Rule("b/") with { ExistingObjects = true }, WalkWorld.Rule("c") with { ExistingObjects = true });
        await world.Walks.StartAsked(bucket, default);
        await world.Pass(TimeSpan.FromMinutes(1));
        var walk = (await world.Walks.Find("asked.all.bucket", default))!;
        Assert.NotEqual(first.Run, walk.Run);
        Assert.Equal((WalkState.Done, 3), (walk.State, walk.Counts.Queued));
        Assert.Equal(["b/one", "c", "c"], (await world.Owed()).Select(each => each.Key));
    }

    [Fact]
    public async Task Cancelled_it_goes_no_further()
    {
        var (world, _) = await OldBucket();
        var walk = (await world.Walks.Start(new() { Purpose = WalkPurpose.Existing, Bucket = "bucket" }, default)).Value;
        Assert.Equal(WalkState.Cancelled, (await world.Walks.Cancel(walk.Id, default))!.State);
        await world.Pass(TimeSpan.FromMinutes(5));
        Assert.Empty(await world.Owed());
        Assert.Equal(WalkState.Cancelled, (await world.Walks.Find(walk.Id, default))!.State);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_with_what_to_do()
    {
        var world = new WalkWorld();
        await world.World.Bucket();
        Assert.Equal(Refusal.NoSuchBucket, (await world.Walks.Start(new() { Purpose = WalkPurpose.Existing, Bucket = "nothing" }, default)).Refusal);
        Assert.Equal(Refusal.NoSuchLocation, (await world.Walks.Start(new() { Purpose = WalkPurpose.Verify, Bucket = "bucket", Site = "nowhere" }, default)).Refusal);
        Assert.Equal(Refusal.InvalidRequest, (await world.Walks.Start(new() { Purpose = WalkPurpose.Verify, Bucket = "bucket" }, default)).Refusal);
        Assert.Contains("here", (await world.Walks.Start(new() { Purpose = WalkPurpose.Verify, Bucket = "bucket", Site = "here" }, default)).Detail, StringComparison.Ordinal);
        Assert.Contains("PutBucketReplication", (await world.Walks.Start(new() { Purpose = WalkPurpose.Existing, Bucket = "bucket" }, default)).Detail, StringComparison.Ordinal);
        Assert.Null(await world.Walks.Find("a/b", default));
    }

    private static async Task<long> Sizes(WalkWorld world, Bucket bucket) => (await world.Versions(bucket)).Sum(each => each.Version.Size);
}
