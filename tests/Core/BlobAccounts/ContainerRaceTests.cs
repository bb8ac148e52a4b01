using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.BlobAccounts;

/// <summary>Several who make a container of one name at once, or a bucket of it: one wins, and nothing else stays.</summary>
public sealed class ContainerRaceTests
{
    private static readonly BlobAccount Mine = new() { Name = "mine", OwnerId = World.Owner.Id, Location = "", Created = default };

    private readonly World world = new();
    private readonly CuttableTable table;

    public ContainerRaceTests() => table = new(new InMemoryTable(), world.Cut);

    [Fact]
    public async Task A_bucket_that_its_owner_makes_meanwhile_is_the_container_and_there_is_no_second_one()
    {
        Once(table, "data", 1, async () => await world.Bucket("data"));
        var refused = await Make();
        Assert.Equal((Refusal.BucketOwned, "data"), (refused.Refusal, refused.Carried?.Name));
        Assert.Equal(["data"], await Buckets());
    }

    [Fact]
    public async Task Who_finds_the_name_taken_and_comes_second_does_not_make_another_bucket()
    {
        var (rival, first) = (await Taken(), default(Result<Bucket>));
        Once(table, "data", 2, async () =>
        {
            await world.Buckets.Delete(rival, default);
            first = await Make();
        });
        var second = await Make();
        Assert.Equal((null, "data"), (first.Refusal, first.Value.Name));
        Assert.Equal((Refusal.BucketOwned, "data"), (second.Refusal, second.Carried?.Name));
        Assert.Equal(["data"], await Buckets());
    }

    [Fact]
    public async Task Of_two_buckets_that_were_made_for_one_name_the_one_stays_that_it_leads_to()
    {
        var (rival, first) = (await Taken(), default(Result<Bucket>));
        // The second attempt at a bucket, under the name with the hash.
        Once(world.BucketTable, "b", 1, async () =>
        {
            await world.Buckets.Delete(rival, default);
            first = await Make();
        });
        var second = await Make();
        Assert.Equal((null, "data"), (first.Refusal, first.Value.Name));
        Assert.Equal((Refusal.BucketOwned, "data"), (second.Refusal, second.Carried?.Name));
        Assert.Equal(["data"], await Buckets());
        Assert.Equal(first.Value.Id, (await Containers().Find(Mine, "data", default))?.Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_one_wins(bool isTaken)
    {
        if (isTaken) await Taken();
        table.Before = world.BucketTable.Before = async _ => await Task.Yield();
        var made = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () => await Make())));
        var winner = Assert.Single(made, each => each.Refusal is null).Value;
        Assert.All(made.Where(each => each.Refusal is not null), each => Assert.Equal(Refusal.BucketOwned, each.Refusal));
        Assert.Equal([winner.Name], await Buckets());
        Assert.Equal(winner.Id, (await Containers().Find(Mine, "data", default))?.Id);
    }

    [Fact]
    public async Task A_removal_that_comes_late_does_not_make_a_new_container_of_the_name_disappear()
    {
        var made = (await Make()).Value;
        await Containers().Forget(Mine, "data", default);
        Assert.Equal(made.Id, (await Containers().Find(Mine, "data", default))?.Id);
    }

    private Containers Containers() => new(table, world.Buckets, world.Queue, Timeout.InfiniteTimeSpan, world.Clock);

    private async Task<Result<Bucket>> Make() => await Containers().Create(Mine, World.Owner, "data", new(), default);

    private async Task<Bucket> Taken() => (await world.Buckets.Create("data", World.Other, "", default)).Value;

    private async Task<List<string>> Buckets()
    {
        var (page, _) = await world.Buckets.List(World.Owner, "", null, 100, default);
        return [.. page.Select(bucket => bucket.Name)];
    }

    /// <summary>Does something right before the n-th change of a row.</summary>
    private static void Once(CuttableTable of, string row, int n, Func<Task> act) => of.Before = async changed =>
    {
        if (changed != row || --n != 0) return;
        of.Before = null;
        await act();
    };
}
