using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Tests.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Lifecycle;

/// <summary>What is left of a bucket that is emptied.</summary>
public sealed class EmptyWalkTests
{
    private readonly WalkWorld world = new();

    private async Task<List<string>> Left(Bucket bucket) => [.. (await world.Versions(bucket)).Select(each => each.Key).Distinct()];

    [Fact]
    public async Task Every_version_marker_and_upload_goes_and_what_is_on_hold_stays()
    {
        var bucket = await world.Versioned(await world.World.Bucket());
        for (var i = 0; i < 600; i++) await world.Put(bucket, $"many/{i:000}", "x");
        for (var i = 0; i < 300; i++) await world.Put(bucket, "often", "12345");
        await world.World.Objects.Delete(bucket, "often", new(), default);
        await world.Put(bucket, "held", "held", description: new() { LegalHold = true });
        await world.World.Uploads.Create(bucket, "upload", World.By, new(), null, null, default);

        var walk = await world.Walk(WalkPurpose.Empty);
        Assert.Equal((WalkState.Done, 902, 901, 2100, 1, 1), (walk.State, walk.Counts.Versions, walk.Counts.Removed, walk.Counts.RemovedBytes, walk.Counts.Aborted, walk.Counts.Kept));
        Assert.Equal(["held"], await Left(bucket));
    }

    [Fact]
    public async Task Below_a_prefix_nothing_else_goes()
    {
        var bucket = await world.World.Bucket();
        foreach (var key in new[] { "a", "logs/1", "logs/2", "logt" }) await world.Put(bucket, key, "x");
        var walk = await world.Walk(new WalkRequest() { Purpose = WalkPurpose.Empty, Bucket = bucket.Name, Prefix = "logs/" });
        Assert.Equal(2, walk.Counts.Removed);
        Assert.Equal(["a", "logt"], await Left(bucket));
    }

    [Fact]
    public async Task A_walk_that_is_cut_off_goes_on_where_it_was()
    {
        world.Options = world.Options with { StepTime = TimeSpan.Zero };
        world.Start();
        var bucket = await world.World.Bucket();
        for (var i = 0; i < 20; i++) await world.Put(bucket, $"{i:00}", "x");
        var walk = await world.Walk(WalkPurpose.Empty);
        Assert.True(walk.Steps > 10, $"{walk.Steps}");
        Assert.Equal(20, walk.Counts.Removed);
        Assert.Empty(await Left(bucket));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_removed_around_an_outage_is_counted_once(bool isAnswerLost)
    {
        var bucket = await world.Versioned(await world.World.Bucket());
        for (var i = 0; i < 600; i++) await world.Put(bucket, $"{i % 200:000}", "x");
        await world.Put(bucket, "held", "held", description: new() { LegalHold = true });
        var (step, outages) = (0, 0);
        Task Trouble(string row)
        {
            if (Interlocked.Increment(ref step) % 150 != 75) return Task.CompletedTask;
            outages++;
            throw isAnswerLost ? new UnknownOutcomeException() : new IOException("The disk does not answer.");
        }
        if (isAnswerLost) world.World.Table.After = Trouble;
        else world.World.Table.Before = Trouble;

        var walk = await world.Walk(WalkPurpose.Empty);
        Assert.Equal((WalkState.Done, 601, 600, 600, 1), (walk.State, walk.Counts.Versions, walk.Counts.Removed, walk.Counts.RemovedBytes, walk.Counts.Kept));
        Assert.True(outages > 3, $"{outages}");
        world.World.Table.Before = world.World.Table.After = null;
        Assert.Equal(["held"], await Left(bucket));
    }

    [Fact]
    public async Task While_one_prefix_is_emptied_another_is_refused()
    {
        var bucket = await world.World.Bucket();
        Assert.Null((await world.Walks.Start(new() { Purpose = WalkPurpose.Empty, Bucket = bucket.Name, Prefix = "a/" }, default)).Refusal);
        Assert.Equal(Refusal.Conflict, (await world.Walks.Start(new() { Purpose = WalkPurpose.Empty, Bucket = bucket.Name }, default)).Refusal);
    }
}
