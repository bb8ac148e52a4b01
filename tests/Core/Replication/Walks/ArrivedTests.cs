using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Replication.Walks;

/// <summary>A walk that ends when the sites have what was there, and says what they will not get.</summary>
public sealed class ArrivedTests
{
    [Theory]
    [InlineData(120)]
    [InlineData(0)]
    public async Task It_ends_when_all_that_was_there_has_arrived_and_not_before(int seconds)
    {
        var world = new WalkWorld(options: new() { IsAlone = true, StepTime = TimeSpan.FromSeconds(seconds) });
        var bucket = await world.Bucket();
        await world.Put(bucket, "a", "one");
        await world.CopyAll(bucket);
        await world.Put(bucket, "b", "first");
        await world.Put(bucket, "b", "second");
        await world.Delete(bucket, "c");
        var started = (await world.Walks.Start(new() { Purpose = WalkPurpose.Arrived, Bucket = "bucket", Site = "site" }, default)).Value;
        await world.Pass(TimeSpan.FromHours(1));
        var waiting = (await world.Walks.Find(started.Id, default))!;
        Assert.Equal((WalkState.Running, 1), (waiting.State, waiting.Counts.Same));
        Assert.Contains("'b' to site is pending", waiting.Waiting, StringComparison.Ordinal);

        await world.CopyAll(bucket);
        // What comes later does not hold it up.
        await world.Put(bucket, "a", "later");
        await world.Put(bucket, "z", "later");
        await world.Pass(TimeSpan.FromMinutes(2));
        var done = (await world.Walks.Find(started.Id, default))!;
        Assert.Equal((WalkState.Done, 4, 0, null), (done.State, done.Counts.Same, done.Counts.Different, done.Waiting));
    }

    [Fact]
    public async Task What_was_given_up_is_told_one_by_one()
    {
        var world = new WalkWorld();
        var bucket = await world.Bucket();
        foreach (var key in new[] { "a", "b" }) await world.Put(bucket, key, "body");
        await world.CopyAll(bucket);
        await world.Say(bucket, "b", new("site", ReplicationStatus.Failed));
        var walk = await world.Walk(WalkPurpose.Arrived);
        Assert.Equal((WalkState.Done, 1, 1, 1), (walk.State, walk.Counts.Same, walk.Counts.Different, walk.Reasons["failed"]));
        Assert.Equal(("b", (await world.Versions(bucket))[1].Version.PublicId), (walk.Differences[0].Key, walk.Differences[0].VersionId));
    }
}
