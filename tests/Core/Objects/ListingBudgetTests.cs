using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Pages that end early because they cost enough, over a table whose reads give few rows.</summary>
public sealed class ListingBudgetTests
{
    private readonly InMemoryTable table = new();
    private readonly Installation site;

    public ListingBudgetTests()
    {
        var others = new Dictionary<string, ITable> { ["objects"] = table };
        var engines = new Engines
        {
            Table = name => others.TryGetValue(name, out var found) ? found : others[name] = new InMemoryTable(),
            Queue = new MemoryQueue(new(), new ManualClock()),
            Locations = new("here", new Dictionary<string, ILocation> { ["here"] = new MemoryLocation(new()) }),
        };
        site = new(engines, new MasterKey(new byte[MasterKey.Length]), new(), new Dictionary<string, IEventTarget>(), new Contracts.ManualClock(), NullLoggerFactory.Instance);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(null, 2)]
    [InlineData("/", 1)]
    [InlineData("/", 3)]
    public async Task However_little_a_page_may_read_the_pages_together_have_everything_once(string? delimiter, int rowsARead)
    {
        var bucket = await Bucket();
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        var long1 = new string('l', 1000);
        for (var i = 0; i < 240; i++)
        {
            var key = (i % 4) switch { 0 => $"dir{i / 40}/{i:d3}", 1 => $"k{i:d3}", 2 => $"{long1}{i:d3}", _ => $"gone/{i:d3}" };
            await site.Objects.Put(bucket, key, World.By, new(), World.Content("x"), Conditions.None, default);
            if (i % 3 == 0) await site.Objects.Put(bucket, key, World.By, new(), World.Content("y"), Conditions.None, default);
            if (i % 4 == 3 || i % 10 == 0) await site.Objects.Delete(bucket, key, new(), default);
            else keys.Add(key);
        }
        var names = Rolled(keys, delimiter);
        table.RowsARead = rowsARead;

        var listed = new List<string>();
        var pages = 0;
        for (string? next = null; ;)
        {
            var page = await site.Objects.List(bucket, new() { After = next, Delimiter = delimiter }, default);
            listed.AddRange(page.Entries.Select(entry => entry.Name));
            Assert.True(++pages < 2000);
            if (page.Next is null) break;
            Assert.NotEqual(next, page.Next);
            next = page.Next;
        }
        Assert.Equal(names, listed);
        Assert.True(pages > 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/")]
    public async Task Pages_of_versions_that_end_early_have_every_version_once_and_in_order(string? delimiter)
    {
        var bucket = await Bucket();
        for (var i = 0; i < 120; i++)
        {
            var key = i % 3 == 0 ? $"dir{i / 30}/{i:d3}" : $"k{i:d3}";
            for (var n = 0; n <= i % 4; n++) await site.Objects.Put(bucket, key, World.By, new(), World.Content("x"), Conditions.None, default);
            if (i % 5 == 0) await site.Objects.Delete(bucket, key, new(), default);
        }
        var whole = await Versions(bucket, delimiter);
        table.RowsARead = 1;
        var parts = await Versions(bucket, delimiter);
        Assert.Equal(whole.Entries, parts.Entries);
        Assert.Equal(1, whole.Pages);
        Assert.True(parts.Pages > 3);
    }

    [Fact]
    public async Task A_page_without_any_entry_is_truncated_with_a_marker()
    {
        var bucket = await Bucket();
        for (var i = 0; i < 100; i++) await site.Objects.Delete(bucket, $"k{i:d3}", new(), default);
        await site.Objects.Put(bucket, "z", World.By, new(), World.Content("x"), Conditions.None, default);
        table.RowsARead = 1;
        var first = await site.Objects.List(bucket, new(), default);
        Assert.Empty(first.Entries);
        Assert.StartsWith("k0", first.Next, StringComparison.Ordinal);
        string? next = first.Next;
        for (var pages = 0; pages < 10 && next is not null; pages++)
        {
            var page = await site.Objects.List(bucket, new() { After = next }, default);
            next = page.Next;
            if (page.Entries.Count > 0) Assert.Equal("z", page.Entries.Single().Name);
        }
        Assert.Null(next);
    }

    private async Task<Bucket> Bucket()
    {
        var bucket = (await site.Buckets.Create("bucket", World.Owner, "", default)).Value;
        return (await site.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
    }

    private async Task<(List<(string, string?, bool)> Entries, int Pages)> Versions(Bucket bucket, string? delimiter)
    {
        var entries = new List<(string, string?, bool)>();
        string? key = null, id = null;
        for (var pages = 1; ; pages++)
        {
            var page = await site.Objects.ListVersions(bucket, new() { KeyMarker = key, VersionIdMarker = id, Delimiter = delimiter }, default);
            entries.AddRange(page.Entries.Select(entry => (entry.Name, entry.Version?.Id, entry.IsLatest)));
            if (page.NextKey is null) return (entries, pages);
            Assert.NotEqual((key, id), (page.NextKey, page.NextVersionId));
            (key, id) = (page.NextKey, page.NextVersionId);
            Assert.True(pages < 2000);
        }
    }

    private static List<string> Rolled(IEnumerable<string> keys, string? delimiter) => delimiter is null
        ? [.. keys]
        : [.. keys.Select(key => key.IndexOf(delimiter, StringComparison.Ordinal) is >= 0 and var at ? key[..(at + 1)] : key).Distinct()];
}
