using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Deletions of a bucket that meet other requests at the worst moment.</summary>
public sealed class BucketRaceTests
{
    private readonly World world = new();

    [Fact]
    public async Task A_deletion_whose_mark_was_taken_back_loses_no_write_that_came_since()
    {
        var bucket = await world.Bucket();
        var found = false;
        world.BucketTable.After = async _ =>
        {
            // The mark stands. The deletion stalls, and is thought dead.
            world.BucketTable.After = null;
            await world.Pass(TimeSpan.FromMinutes(3));
            found = await world.Buckets.Find("bucket", default) is not null;
            world.BucketTable.Before = async _ =>
            {
                world.BucketTable.Before = null;
                Assert.Null((await world.Put(bucket, "key", "body")).Refusal);
            };
        };
        Assert.Equal(Refusal.Conflict, (await world.Buckets.Delete(bucket, default)).Refusal);
        Assert.True(found);
        Assert.NotNull(await world.Buckets.Find("bucket", default));
    }

    [Fact]
    public async Task A_deletion_whose_client_hangs_up_leaves_the_bucket_as_it_was()
    {
        var bucket = await world.Bucket();
        using var client = new CancellationTokenSource();
        world.BucketTable.After = _ => client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await world.Buckets.Delete(bucket, client.Token));
        Assert.NotNull(await world.Buckets.Find("bucket", default));
        Assert.Null((await world.Put(bucket, "key", "body")).Refusal);
    }

    [Fact]
    public async Task A_bucket_that_is_made_again_while_the_old_one_goes_is_listed()
    {
        var bucket = await world.Bucket();
        var changes = 0;
        world.BucketTable.After = async _ =>
        {
            if (++changes != 3) return; // marked, noted among those that are gone, then removed
            world.BucketTable.After = null;
            Assert.Null((await world.Buckets.Create("bucket", World.Owner, "", default)).Refusal);
        };
        Assert.Null((await world.Buckets.Delete(bucket, default)).Refusal);
        Assert.Equal(["bucket"], (await world.Buckets.List(World.Owner, "", null, 10, default)).Buckets.Select(b => b.Name));
    }

    [Fact]
    public async Task Making_a_bucket_finds_that_the_deletion_of_its_namesake_died()
    {
        var bucket = await world.Bucket();
        world.Cut.Arm(1, afterIt: true);
        await Assert.ThrowsAsync<Cut.CutOffException>(async () => await world.Buckets.Delete(bucket, default));
        world.Start();
        Assert.Equal(Refusal.Conflict, (await world.Buckets.Create("bucket", World.Owner, "", default)).Refusal);
        await world.Pass(TimeSpan.FromMinutes(3));
        Assert.Equal(Refusal.BucketOwned, (await world.Buckets.Create("bucket", World.Owner, "", default)).Refusal);
    }
}
