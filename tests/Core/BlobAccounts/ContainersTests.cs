using System.Text;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.BlobAccounts;

/// <summary>Which bucket a container is, and what listings of them hold.</summary>
public sealed class ContainersTests
{
    private static readonly BlobAccount
        Mine = new() { Name = "mine", OwnerId = World.Owner.Id, Location = "", Created = default },
        Second = new() { Name = "second", OwnerId = World.Owner.Id, Location = "", Created = default },
        Theirs = new() { Name = "theirs", OwnerId = World.Other.Id, Location = "", Created = default };

    private readonly World world = new();
    private readonly CountingTable table = new(new InMemoryTable());
    private readonly Containers containers;

    public ContainersTests() => containers = new(table, world.Buckets, world.Queue, Timeout.InfiniteTimeSpan, world.Clock);

    [Fact]
    public async Task A_container_is_the_bucket_of_its_name_where_that_is_free_and_another_one_where_not()
    {
        Assert.Equal("data", (await Make(Mine, "data")).Name);
        Assert.StartsWith("data-", (await containers.Create(Theirs, World.Other, "data", new(), default)).Value.Name, StringComparison.Ordinal);
        Assert.StartsWith("data-", (await Make(Second, "data")).Name, StringComparison.Ordinal);
        Assert.StartsWith("root-", (await Make(Mine, "$root")).Name, StringComparison.Ordinal);
        Assert.Equal(3, new[] { await Find(Mine), await Find(Second), await Find(Theirs) }.Distinct().Count());
        Assert.Equal(Refusal.BucketOwned, (await containers.Create(Mine, World.Owner, "data", new(), default)).Refusal);
        Assert.Null(await containers.Find(Mine, "Data", default));

        async Task<string?> Find(BlobAccount account) => (await containers.Find(account, "data", default))?.Name;
    }

    [Fact]
    public async Task A_bucket_of_S3_is_a_container_of_each_account_of_its_owner()
    {
        await world.Bucket("from-s3");
        Assert.Equal("from-s3", (await containers.Find(Mine, "from-s3", default))?.Name);
        Assert.Equal("from-s3", (await containers.Find(Second, "from-s3", default))?.Name);
        Assert.Null(await containers.Find(Theirs, "from-s3", default));
        Assert.Equal(Refusal.BucketOwned, (await containers.Create(Mine, World.Owner, "from-s3", new(), default)).Refusal);
    }

    [Fact]
    public async Task A_container_that_was_found_is_found_without_another_look_at_the_table_and_one_that_is_gone_is_not()
    {
        await Make(Mine, "data");
        await world.Bucket("from-s3");
        foreach (var name in new[] { "data", "from-s3" })
        {
            await containers.Find(Mine, name, default);
            table.Gets = 0;
            Assert.NotNull(await containers.Find(Mine, name, default));
            Assert.Equal(0, table.Gets);
        }
        Assert.Null((await world.Buckets.Delete((await containers.Find(Mine, "data", default))!, default)).Refusal);
        Assert.Null(await containers.Find(Mine, "data", default));
        await world.Bucket("data");
        Assert.Equal("data", (await containers.Find(Second, "data", default))?.Name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(100)]
    public async Task Pages_of_any_length_hold_every_container_once_and_in_order(int limit)
    {
        List<string> expected = [];
        foreach (var i in Enumerable.Range(10, 12))
        {
            if (i % 3 == 0) await world.Bucket($"c{i}");
            else if (i % 3 == 1) await Make(Mine, $"c{i}");
            else await Dead($"c{i}");
            if (i % 3 != 2) expected.Add($"c{i}");
        }
        // One of another account, and one that S3 made under a name that a container has elsewhere.
        await Make(Second, "c30");
        await Make(Second, "c31");
        await Make(Mine, "c31");
        expected.Add("c31");
        var found = new List<string>();
        var pages = 0;
        string? after = null;
        do
        {
            var (page, next) = await containers.List(Mine, World.Owner, "c", after, limit, default);
            Assert.True(page.Count == limit || next is null);
            Assert.True(++pages <= expected.Count);
            found.AddRange(page.Select(each => each.Name));
            after = next;
        }
        while (after is not null);
        Assert.Equal(expected, found);
        var (last, none) = await containers.List(Mine, World.Owner, "c3", "c", limit, default);
        Assert.Equal("c31", Assert.Single(last).Name);
        Assert.Null(none);
    }

    private async Task<Bucket> Make(BlobAccount account, string name) => (await containers.Create(account, World.Owner, name, new(), default)).Value;

    private async Task Dead(string name) =>
        await table.Apply("c." + Mine.Id, [Change.Put(name, Condition.Any, Encoding.UTF8.GetBytes("""{"format":1,"bucket":"nowhere"}"""))], default);

    private sealed class CountingTable(ITable inner) : ITable
    {
        public int Gets { get; set; }

        public ValueTask<Row?> Get(TableKey key, CancellationToken ct)
        {
            Gets++;
            return inner.Get(key, ct);
        }

        public IAsyncEnumerable<Row> Scan(KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget, CancellationToken ct) =>
            inner.Scan(range, rowPrefix, limit, skip, budget, ct);

        public ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct) => inner.Apply(partition, changes, ct);
    }
}
