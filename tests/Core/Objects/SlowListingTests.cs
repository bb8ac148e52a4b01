using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class SlowListingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_listing_that_takes_long_ends_its_page_early_and_the_next_page_goes_on(bool versions)
    {
        var clock = new Contracts.ManualClock();
        var slow = new SlowTable(clock);
        var others = new Dictionary<string, ITable> { ["objects"] = slow };
        var engines = new Engines
        {
            Table = name => others.TryGetValue(name, out var table) ? table : others[name] = new InMemoryTable(),
            Queue = new MemoryQueue(new(), new ManualClock()),
            Locations = new("here", new Dictionary<string, ILocation> { ["here"] = new MemoryLocation(new()) }),
        };
        var site = new Installation(
            engines, new MasterKey(new byte[MasterKey.Length]), new(), new Dictionary<string, IEventTarget>(), clock, NullLoggerFactory.Instance);
        var bucket = (await site.Buckets.Create("bucket", World.Owner, "", default)).Value;
        for (var i = 0; i < 10; i++) await site.Objects.Put(bucket, $"key{i}", World.By, new(), World.Content("x"), Conditions.None, default);

        slow.ARow = TimeSpan.FromSeconds(6);
        var pages = new List<int>();
        var names = new List<string>();
        string? next = null, id = null;
        do
        {
            IReadOnlyList<string> page;
            if (versions)
            {
                var listed = await site.Objects.ListVersions(bucket, new() { KeyMarker = next, VersionIdMarker = id }, default);
                (page, next, id) = ([.. listed.Entries.Select(entry => entry.Name)], listed.NextKey, listed.NextVersionId);
            }
            else
            {
                var listed = await site.Objects.List(bucket, new() { After = next }, default);
                (page, next) = ([.. listed.Entries.Select(entry => entry.Name)], listed.Next);
            }
            pages.Add(page.Count);
            names.AddRange(page);
        }
        while (next is not null);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"key{i}"), names);
        Assert.All(pages, count => Assert.InRange(count, 1, 4));
    }

    /// <summary>Takes a time for each row that it reads.</summary>
    private sealed class SlowTable(Contracts.ManualClock clock) : ITable
    {
        private readonly InMemoryTable inner = new();

        public TimeSpan ARow { get; set; }

        public ValueTask<Row?> Get(TableKey key, CancellationToken ct) => inner.Get(key, ct);

        public async IAsyncEnumerable<Row> Scan(
            KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget, [EnumeratorCancellation] CancellationToken ct)
        {
            await foreach (var row in inner.Scan(range, rowPrefix, limit, skip, budget, ct))
            {
                clock.Advance(ARow);
                yield return row;
            }
        }

        public ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct) => inner.Apply(partition, changes, ct);
    }
}
