using System.Text;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Tests.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Collection;

/// <summary>Bytes that are nobody's, over a store in memory, with a clock that is moved.</summary>
public sealed class CollectWalkTests
{
    private static readonly TimeSpan Age = new ObjectOptions().UnreferencedAge;
    private static readonly string Large = new('l', 300);

    private WalkWorld world = new();

    private Task<Walk> Collect(bool reportOnly = false) => world.Walk(WalkPurpose.Collect, reportOnly: reportOnly);

    /// <summary>Bytes of a write that was cut off before its commit.</summary>
    private async Task<string> Leave(Bucket bucket, string key)
    {
        var before = world.World.Place.Bodies.Keys.ToHashSet();
        world.World.Cut.Arm(1, afterIt: false);
        await Assert.ThrowsAsync<Cut.CutOffException>(async () => await world.World.Put(bucket, key, Large));
        world.Start();
        return Assert.Single(world.World.Place.Bodies.Keys.Except(before));
    }

    [Fact]
    public async Task What_a_crash_left_is_removed_when_it_is_old_and_nothing_else_is()
    {
        var bucket = await world.World.Bucket();
        await world.Put(bucket, "kept", Large);
        var upload = (await world.World.Uploads.Create(bucket, "parts", World.By, new(), null, null, default)).Value;
        var part = (await world.World.PutPart(bucket, "parts", upload.Id, 1, Large)).Value;
        string[] left = [await Leave(bucket, "kept"), await Leave(bucket, "other"), await Leave(bucket, new string('k', 1000))];
        var kept = world.World.Place.Bodies.Keys.Except(left).Order().ToList();

        await world.Pass(Age - TimeSpan.FromHours(1));
        Assert.Equal((WalkState.Done, 0), (await Collect()) is var young ? (young.State, young.Counts.Removed) : default);
        await world.Pass(TimeSpan.FromHours(2));
        Assert.Equal(3, (await Collect(reportOnly: true)).Counts.Removed);
        Assert.Equal(kept.Concat(left).Order(), world.World.Place.Bodies.Keys.Order());

        var walk = await Collect();
        Assert.Equal((WalkState.Done, 3, 900, 5), (walk.State, walk.Counts.Removed, walk.Counts.RemovedBytes, walk.Counts.Bodies));
        Assert.Equal(kept, world.World.Place.Bodies.Keys.Order());
        Assert.Equal(0, (await Collect()).Counts.Removed);
        Assert.Equal(Large, await world.World.Get(bucket, "kept"));
        await world.World.Uploads.Complete(bucket, "parts", upload.Id, new() { Parts = [new(1, part.ETag)] }, default);
        Assert.Equal(Large, await world.World.Get(bucket, "parts"));
        Assert.DoesNotContain(await world.Work.All(), row => row.Key.Partition == "collect");
    }

    [Fact]
    public async Task What_belongs_to_no_bucket_of_this_installation_is_left_alone_and_what_a_removed_bucket_left_is_not()
    {
        var (gone, stays) = (await world.World.Bucket("gone"), await world.World.Bucket("stays"));
        var left = await Leave(gone, "key");
        Assert.Null((await world.World.Buckets.Delete((await world.World.Buckets.Find("gone", default))!, default)).Refusal);
        await world.Put(stays, "key", Large);
        foreach (var name in new[] { "zzzzzzzzzzzzzzzz/0123456789abcdef/1", "check/1", $"{stays.Id}/short", $"{stays.Id}/0123456789abcdef/a/b" })
            await world.World.Place.Put(new(name, 1), System.IO.Pipelines.PipeReader.Create(new MemoryStream([1])), default);
        await world.Pass(Age * 2);
        var walk = await Collect();
        Assert.Equal((1, 4), (walk.Counts.Removed, walk.Counts.Foreign));
        Assert.DoesNotContain(left, world.World.Place.Bodies.Keys);
        Assert.Equal(5, world.World.Place.Bodies.Count);
    }

    [Fact]
    public async Task Bytes_that_were_under_way_for_too_long_are_not_committed()
    {
        var bucket = await world.World.Bucket();
        var late = Age / 2 + TimeSpan.FromMinutes(1);
        world.World.Place.Writing = () =>
        {
            world.World.Clock.MoveTo(world.World.Clock.GetUtcNow() + late);
            return Task.CompletedTask;
        };
        Assert.Equal(Refusal.Unavailable, (await world.World.Put(bucket, "key", Large)).Refusal);
        var upload = (await world.World.Uploads.Create(bucket, "parts", World.By, new(), null, null, default)).Value;
        Assert.Equal(Refusal.Unavailable, (await world.World.PutPart(bucket, "parts", upload.Id, 1, Large)).Refusal);
        Assert.Empty(world.World.Place.Bodies);
        late = Age / 2 - TimeSpan.FromMinutes(1);
        Assert.Null((await world.World.Put(bucket, "key", Large)).Refusal);
    }

    /// <summary>A commit that stands still between its last look at the clock and the table is waited for.</summary>
    [Fact]
    public async Task What_is_being_committed_is_not_collected()
    {
        var bucket = await world.World.Bucket();
        Task<Walk>? collecting = null;
        world.World.Table.Before = async row =>
        {
            if (row[0] != Rows.Current || collecting is not null) return;
            world.World.Clock.MoveTo(world.World.Clock.GetUtcNow() + 2 * Age);
            collecting = Collect();
            // It has come to the bucket, and goes no further.
            for (var i = 0; i < 60_000 && (await world.Walks.Find("collect.all", default))?.Cursor?.Stage != "find"; i++) await Task.Delay(1);
            Assert.Equal("find", (await world.Walks.Find("collect.all", default))!.Cursor!.Stage);
            await Task.Delay(20);
            Assert.False(collecting.IsCompleted);
        };
        Assert.Null((await world.World.Put(bucket, "key", Large)).Refusal);
        Assert.Equal((1, 0), (await collecting!) is var walk ? (walk.Counts.Kept, walk.Counts.Removed) : default);
        Assert.Equal(Large, await world.World.Get(bucket, "key"));
    }

    /// <summary>Cut off before and after each of its durable steps, and started again, it comes to the same end.</summary>
    [Fact]
    public async Task Cut_off_anywhere_it_comes_to_the_same_end()
    {
        for (var step = 1; ; step++)
        {
            foreach (var after in new[] { false, true })
            {
                world = new(options: new() { IsAlone = true, StepTime = TimeSpan.Zero, Checkpoint = TimeSpan.Zero });
                var bucket = await world.Versioned(await world.World.Bucket());
                for (var i = 0; i < 3; i++) await world.Put(bucket, $"kept{i}", Large);
                for (var i = 0; i < 3; i++) await Leave(bucket, $"kept{i}");
                await Leave(bucket, "nothing else");
                await world.Pass(Age * 2);
                Assert.Null((await world.Walks.Start(new() { Purpose = WalkPurpose.Collect }, default)).Refusal);
                world.World.Cut.Arm(step, after);
                var wasCut = false;
                try
                {
                    await world.Pass(TimeSpan.FromMinutes(10));
                }
                catch (Cut.CutOffException)
                {
                    wasCut = true;
                    world.Start();
                    await world.Walks.Recover(default);
                    await world.Pass(TimeSpan.FromMinutes(10));
                }
                Assert.Equal(WalkState.Done, (await world.Walks.Find("collect.all", default))!.State);
                Assert.Equal(3, world.World.Place.Bodies.Count);
                for (var i = 0; i < 3; i++) Assert.Equal(Large, await world.World.Get(bucket, $"kept{i}"));
                if (!wasCut) return;
            }
        }
    }

    [Fact]
    public async Task A_location_that_cannot_be_listed_is_told_of_and_the_others_are_looked_at()
    {
        var bucket = await world.World.Bucket();
        var left = await Leave(bucket, "key");
        world.World.Cold.Listing = () => throw new LocationUnavailableException("cold", "It is down.");
        await world.Pass(Age * 2);
        var walk = await Collect();
        Assert.Equal((WalkState.Done, 1), (walk.State, walk.Counts.Removed));
        Assert.Equal(("cold", Reasons.Unlisted), Assert.Single(walk.Differences) is var told ? (told.Key, told.Reason) : default);
        Assert.DoesNotContain(left, world.World.Place.Bodies.Keys);
    }

    /// <summary>The names of bytes are mentioned as they are in the stored form of every row that has some.</summary>
    [Fact]
    public async Task Rows_mention_the_names_of_their_bytes()
    {
        var bucket = await world.World.Bucket();
        await world.Put(bucket, "one", Large);
        var upload = (await world.World.Uploads.Create(bucket, "parts", World.By, new(), null, null, default)).Value;
        foreach (var number in new[] { 1, 2 }) await world.World.PutPart(bucket, "parts", upload.Id, number, Large);
        List<string> mentioned = [];
        foreach (var row in await world.World.Table.All())
            Core.Collection.ByteNames.Mentioned(row.Value.Span, Core.Collection.ByteNames.Prefix(bucket.Id), name => mentioned.Add(Encoding.ASCII.GetString(name)));
        Assert.Equal(world.World.Place.Bodies.Keys.Order(), mentioned.Order());
    }
}
