using ZenkoFunctions.Core.Lifecycle;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Tests.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Lifecycle;

/// <summary>What becomes of what rules say is counted by location, over restarts.</summary>
public sealed class LifecycleCountsTests
{
    private readonly WalkWorld world = new();

    private async Task<Bucket> Ruled(LifecycleRule rule)
    {
        var setting = new LifecycleSetting { MinimumVariesByStorageClass = true };
        setting.Rules.Add(rule);
        return (await world.World.Buckets.Change<LifecycleSetting>(await world.World.Bucket(), BucketSettings.Lifecycle, _ => setting, default)).Value;
    }

    private async Task<Bucket> Moving()
    {
        var rule = new LifecycleRule { Id = "move", Prefix = "", Status = "Enabled" };
        rule.Transitions.Add(new() { Days = 1, StorageClass = "cold" });
        return await Ruled(rule);
    }

    private async Task<(Volume Pending, Volume Completed, Volume Failed)> Counts(string site)
    {
        var counts = await world.Aged.Read(site, default);
        return (counts.Pending, counts.Completed, counts.Failed);
    }

    [Fact]
    public async Task What_expires_is_done_at_once_where_it_was()
    {
        var bucket = await Ruled(new() { Id = "rule", Prefix = "", Status = "Enabled", Expiration = new() { Days = 1 }, AbortUploads = new() { DaysAfterInitiation = 1 } });
        await world.Put(bucket, "large", new string('x', 500));
        await world.Put(bucket, "far", "12345", description: new() { Location = "cold" });
        await world.World.Uploads.Create(bucket, "upload", World.By, new() { Location = "cold" }, null, null, default);
        await world.Pass(TimeSpan.FromDays(3));
        await world.Walk(WalkPurpose.Lifecycle);
        Assert.Equal((default, new(1, 500), default), await Counts("here"));
        Assert.Equal((default, new(2, 5), default), await Counts("cold"));

        await world.Aged.DisposeAsync();
        world.Start();
        Assert.Equal((default, new(1, 500), default), await Counts("here"));
        // A version that is hidden takes no bytes with it.
        bucket = await world.Versioned(bucket);
        await world.Put(bucket, "hidden", new string('x', 300));
        await world.Pass(TimeSpan.FromDays(3));
        await world.Walk(WalkPurpose.Lifecycle);
        Assert.Equal((default, new(1, 0), default), await Counts("here"));
        Assert.Equal(new(2, 500), (await world.Aged.Read("here", default)).CompletedEver);
    }

    [Fact]
    public async Task What_is_to_move_is_pending_until_it_has()
    {
        var bucket = await Moving();
        var versions = new[] { await world.Put(bucket, "a", new string('x', 500)), await world.Put(bucket, "b", "12345") };
        await world.Put(bucket, "replaced", new string('x', 200));
        await world.Pass(TimeSpan.FromDays(3));
        await world.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle, Bucket = "bucket" }, default);
        while (world.World.Queue.Take() is var (name, message) && name != MoveVersion.QueueName) await world.Jobs.Run(name, message, default);
        Assert.Equal((new(3, 705), default, default), await Counts("cold"));
        await world.Put(bucket, "replaced", "now");
        await world.Aged.Flush(default);
        world.Start();
        Assert.Equal((new(3, 705), default, default), await Counts("cold"));

        // The first message, too, is delivered in the end.
        foreach (var version in versions.Append(null))
        {
            var sent = new MoveMessage
            {
                Bucket = "bucket", BucketId = bucket.Id, Key = version is null ? "replaced" : version == versions[0] ? "a" : "b", VersionId = "null", Id = version?.Id ?? "gone",
                StorageClass = "cold", ToLocation = true, Run = "run", CountedAt = "cold", Since = world.World.Clock.GetUtcNow(), Bytes = version?.Size ?? 200,
            };
            await world.Jobs.Run(MoveVersion.QueueName, Core.State.StoredJson.Write(sent, LifecycleJson.Default.MoveMessage), default);
        }
        // What was replaced meanwhile is not wanted there any more.
        Assert.Equal((default, new(3, 705), default), await Counts("cold"));
        Assert.Equal(2, world.World.Cold.Bodies.Count);
    }

    [Fact]
    public async Task A_location_that_does_not_answer_for_a_day_has_failed_and_the_next_walk_tries_anew()
    {
        var bucket = await Moving();
        await world.Put(bucket, "a", new string('x', 500));
        await world.Pass(TimeSpan.FromDays(3));
        world.World.Cold.Writing = () => throw new LocationUnavailableException("cold", "It is down.");
        await world.Walk(WalkPurpose.Lifecycle);
        Assert.Equal((new(1, 500), default, default), await Counts("cold"));
        await world.Pass(TimeSpan.FromDays(1.5));
        Assert.Equal((default, default, new(1, 500)), await Counts("cold"));
        Assert.DoesNotContain(MoveVersion.QueueName, Queued());

        world.World.Cold.Writing = null;
        await world.Walk(WalkPurpose.Lifecycle);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal((default, new(1, 500), new(1, 500)), await Counts("cold"));
    }

    [Fact]
    public async Task What_a_process_that_died_lost_sight_of_is_not_pending_for_ever()
    {
        var bucket = await Moving();
        world.Aged.Queued("cold", 700);
        await world.Aged.Flush(default);
        world.Start(); // whoever was to say that it is done is gone
        await world.Pass(TimeSpan.FromDays(1));
        await Begin();
        Assert.Equal(new(1, 700), (await Counts("cold")).Pending);
        await world.Pass(TimeSpan.FromDays(2));
        await world.Put(bucket, "a", new string('x', 500));
        world.Aged.Queued("cold", 30);
        await Begin();
        Assert.Equal(new(1, 30), (await Counts("cold")).Pending);

        async Task Begin()
        {
            await world.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle }, default);
            await world.Pass(TimeSpan.FromMinutes(1));
        }
    }

    private List<string> Queued()
    {
        List<string> names = [];
        while (world.World.Queue.NextDue is not null) names.Add(world.World.Queue.Take().Queue);
        return names;
    }
}
