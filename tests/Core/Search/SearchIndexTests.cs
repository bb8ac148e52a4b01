using System.Text;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Search;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Tests.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Search;

/// <summary>An index finds what going through everything finds, whatever was written before, meanwhile and since.</summary>
public sealed class SearchIndexTests
{
    private static readonly string[] Fields = ["x-amz-meta-color", "tags.type", "content-length", "content-type"];
    private static readonly string[] Colors = ["blue", "green", "red", "re", "", "rédé"];

    private readonly WalkWorld world = new();

    private ValueTask<Result<SearchIndexStatus>> Index(params string[] fields) => world.Indexes.Set("bucket", fields, false, default);

    private async Task<Bucket> Fresh() => (await world.World.Buckets.Find("bucket", default))!;

    private static Description Describe(string? color, string? type = null) => new()
    {
        Headers = new Dictionary<string, string> { ["Content-Type"] = "text/plain" },
        Metadata = color is null ? new Dictionary<string, string>() : new() { ["color"] = color },
        Tags = type is null ? null : new Dictionary<string, string> { ["type"] = type },
    };

    private async Task Put(Bucket bucket, string key, string? color, string? type = null, string body = "") =>
        Assert.Null((await world.World.Objects.Put(bucket, key, World.By, Describe(color, type), World.Content(body), Conditions.None, default)).Refusal);

    private Task<string> Find(Bucket bucket, string text, ListRequest? request = null) => Find(world.Search, bucket, text, request);

    private static async Task<string> Find(ObjectSearch search, Bucket bucket, string text, ListRequest? request = null)
    {
        var found = new StringBuilder();
        request ??= new();
        while (true)
        {
            var page = (await search.List(bucket, SearchExpression.Parse(text).Value, request, default)).Value;
            foreach (var entry in page.Entries) found.Append(entry.Name).Append(' ');
            if (page.Next is null) return found.ToString();
            request = request with { After = page.Next };
        }
    }

    private static async Task<string> FindVersions(ObjectSearch search, Bucket bucket, string text, ListVersionsRequest? request = null)
    {
        var found = new StringBuilder();
        request ??= new();
        while (true)
        {
            var page = (await search.ListVersions(bucket, SearchExpression.Parse(text).Value, request, default)).Value;
            foreach (var entry in page.Entries) found.Append(entry.Name).Append(entry.IsLatest ? "! " : $".{entry.Version?.Sequence} ");
            if (page.NextKey is null) return found.ToString();
            request = request with { KeyMarker = page.NextKey, VersionIdMarker = page.NextVersionId };
        }
    }

    private async Task<List<Row>> Entries() => [.. (await world.World.Table.All()).Where(row => row.Key.Partition[0] == 's')];

    private static bool IsPlanned(Bucket bucket, string text) =>
        bucket.Get(BucketSettings.SearchIndex) is { } index && SearchPlan.Of(SearchExpression.Parse(text).Value.Root, bucket, index) is not null;

    [Fact]
    public async Task What_was_there_before_is_found_when_the_walk_is_done_and_not_looked_for_sooner()
    {
        var bucket = await world.World.Bucket();
        await Put(bucket, "old", "blue");
        var set = await Index("x-amz-meta-color");
        Assert.False(Assert.Single(set.Value.Index!.Fields).IsReady);
        Assert.Equal(WalkState.Running, set.Value.Walk!.State);
        await Put(bucket, "new", "blue");
        Assert.False(IsPlanned(bucket = await Fresh(), "x-amz-meta-color=blue"));
        Assert.Equal("new old ", await Find(bucket, "x-amz-meta-color=blue"));

        await world.Pass(TimeSpan.FromSeconds(1));
        var status = (await world.Indexes.Find("bucket", default)).Value;
        Assert.Equal((WalkState.Done, true, 2, 0), (status.Walk!.State, status.Index!.Fields[0].IsReady, status.Walk.Counts.Entered, status.Walk.Counts.Stale));
        Assert.True(IsPlanned(bucket = await Fresh(), "x-amz-meta-color=blue"));
        Assert.Equal("new old ", await Find(bucket, "x-amz-meta-color=blue"));
        Assert.Equal("", await Find(bucket, "x-amz-meta-color=red"));
    }

    [Fact]
    public async Task Where_there_are_other_processes_it_is_not_built_before_all_of_them_know_of_it()
    {
        var several = new WalkWorld(options: new() { IsAlone = false });
        await several.World.Bucket();
        await several.Indexes.Set("bucket", ["x-amz-meta-color"], false, default);
        // A process that starts sends the messages of walks at once.
        await several.Walks.Recover(default);
        await several.Pass(TimeSpan.FromSeconds(25));
        Assert.False((await several.Indexes.Find("bucket", default)).Value.Index!.Fields[0].IsReady);
        await several.Pass(TimeSpan.FromSeconds(60));
        Assert.True((await several.Indexes.Find("bucket", default)).Value.Index!.Fields[0].IsReady);
    }

    [Fact]
    public async Task Overwritten_removed_and_amended_objects_are_found_as_they_are()
    {
        var bucket = await world.World.Bucket();
        await Index(Fields);
        await world.Pass(TimeSpan.FromSeconds(1));
        await Put(bucket, "a", "blue", "one");
        await Put(bucket, "b", "blue", "one");
        await Put(bucket, "c", "blue", "two", "12345");
        await Put(bucket, "a", "red", "one");
        await world.Delete(bucket, "b");
        await world.World.Objects.Amend(bucket, "c", null, version => version with { Tags = new Dictionary<string, string> { ["type"] = "three" } }, default);
        bucket = await Fresh();
        Assert.Equal("c ", await Find(bucket, "x-amz-meta-color=blue"));
        Assert.Equal("a ", await Find(bucket, "tags.type=one"));
        Assert.Equal("", await Find(bucket, "tags.type=two"));
        Assert.Equal("c ", await Find(bucket, "tags.type LIKE '^thr' AND content-length >= 5"));
        Assert.Equal("a c ", await Find(bucket, "content-type LIKE '^text/' AND (tags.type=three OR x-amz-meta-color > 'r')"));

        // A walk removes what none of them is.
        var before = (await Entries()).Count;
        Assert.True(before > 8);
        Assert.Equal(before - 8, (await world.Walk(WalkPurpose.SearchIndex)).Counts.Stale);
        Assert.Equal(8, (await Entries()).Count);
        Assert.Equal("c ", await Find(bucket, "x-amz-meta-color=blue"));
        Assert.Equal(0, (await world.Walk(WalkPurpose.SearchIndex)).Counts.Stale);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_search_removes_what_led_it_nowhere_and_nothing_else(bool isVersioned)
    {
        var bucket = await world.World.Bucket();
        if (isVersioned) bucket = await world.Versioned(bucket);
        await Index("x-amz-meta-color");
        await world.Pass(TimeSpan.FromSeconds(1));
        foreach (var key in (string[])["changed", "gone", "stays"]) await Put(bucket, key, "blue", body: "12");
        await Put(bucket, "changed", "red", body: "123");
        await world.Delete(bucket, "gone");
        bucket = await Fresh();
        Assert.Equal(4, (await Entries()).Count);
        Assert.Equal("", await Find(bucket, "x-amz-meta-color=blue AND content-length=1"));
        // Of versions that are not looked at, nothing is said.
        Assert.Equal(isVersioned ? 4 : 2, (await Entries()).Count);
        Assert.Equal("stays ", await Find(bucket, "x-amz-meta-color=blue"));
        Assert.Equal("changed ", await Find(bucket, "x-amz-meta-color=red"));
        Assert.Equal(isVersioned ? 3 : 1, (await FindVersions(world.Search, bucket, "x-amz-meta-color=blue")).Split(' ').Length - 1);
        Assert.Equal(isVersioned ? 4 : 2, (await Entries()).Count);
    }

    [Fact]
    public async Task A_dropped_field_loses_its_entries_and_so_does_a_removed_bucket()
    {
        var bucket = await world.World.Bucket();
        await Index("x-amz-meta-color", "tags.type");
        await Put(bucket, "a", "blue", "one");
        await world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await Entries()).Count);
        var id = (await Fresh()).Get(BucketSettings.SearchIndex)!.Ready("tags.type")!.Id;
        await Index("x-amz-meta-color");
        Assert.Equal("a ", await Find(await Fresh(), "tags.type=one"));
        await world.Pass(TimeSpan.FromMinutes(2));
        Assert.DoesNotContain(await Entries(), row => row.Key.Partition.Contains(id, StringComparison.Ordinal));
        Assert.Single(await Entries());

        // Declared again, it is another.
        await Index("x-amz-meta-color", "tags.type");
        Assert.Null((await Fresh()).Get(BucketSettings.SearchIndex)!.Ready("tags.type"));
        await world.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("a ", await Find(await Fresh(), "tags.type=one"));

        await world.Delete(bucket, "a");
        Assert.Equal(2, (await Entries()).Count);
        Assert.Null((await world.World.Buckets.Delete(await Fresh(), default)).Refusal);
        await world.Pass(TimeSpan.FromMinutes(2));
        Assert.Empty(await Entries());
    }

    [Fact]
    public async Task Fields_that_cannot_be_indexed_and_too_many_are_refused()
    {
        await world.World.Bucket();
        foreach (var field in (string[])["key", "tags", "replicationInfo.status", "isNull", "nothing", "x-amz-meta-" + new string('a', 300)])
            Assert.Equal(Refusal.InvalidRequest, (await Index(field)).Refusal);
        Assert.Equal(Refusal.InvalidRequest, (await Index([.. Enumerable.Range(0, 11).Select(i => $"tags.{i}")])).Refusal);
        Assert.Equal(Refusal.NoSuchBucket, (await world.Indexes.Set("none", [], false, default)).Refusal);
        Assert.Null((await Index([.. Enumerable.Range(0, 10).Select(i => $"tags.{i}")])).Refusal);
        Assert.Empty((await Index()).Value.Index?.Fields ?? []);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    public async Task With_and_without_it_the_same_is_found(int seed, bool isVersioned)
    {
        var random = new Random(seed);
        var planned = 0;
        var bucket = await world.World.Bucket();
        if (isVersioned) bucket = await world.Versioned(bucket);
        string[] keys = [.. Enumerable.Range(0, 25).Select(i => $"{"abc"[i % 3]}/{i}"), new('k', 1000), new string('k', 1000) + "2"];
        for (var round = 0; round < 7; round++)
        {
            for (var i = 0; i < 30; i++) await Change(random, bucket, keys);
            if (round == 1) await Index(Fields[..2]);
            if (round == 3) await Index(Fields);
            if (round == 5) await Index(Fields[1..]);
            if (round == 6) await Index(Fields);
            if (random.Next(2) == 0) await world.Walk(WalkPurpose.SearchIndex);
            else await world.Pass(TimeSpan.FromSeconds(random.Next(100)));
            var indexed = await Fresh();
            var plain = indexed with { Settings = indexed.Settings.With(BucketSettings.SearchIndex, null) };
            for (var i = 0; i < 20; i++)
            {
                var text = Expression(random, 3);
                if (IsPlanned(indexed, text)) planned++;
                var list = new ListRequest
                {
                    Prefix = random.Next(3) == 0 ? keys[random.Next(keys.Length)][..1] : "", Delimiter = random.Next(3) == 0 ? "/" : null, Limit = random.Next(1, 8),
                    After = random.Next(3) == 0 ? keys[random.Next(keys.Length)] : null,
                };
                Assert.Equal(await Find(plain, text, list), await Find(indexed, text, list));
                var versions = new ListVersionsRequest { Prefix = list.Prefix, Delimiter = list.Delimiter, Limit = list.Limit };
                Assert.Equal(await FindVersions(world.Search, plain, text, versions), await FindVersions(world.Search, indexed, text, versions));
            }
        }
        Assert.True(planned > 20, $"Only {planned} searches went by the index.");
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task While_others_write_nothing_is_missed_that_stands_still()
    {
        var bucket = await world.World.Bucket();
        for (var i = 0; i < 50; i++) await Put(bucket, $"still{i:00}", "blue");
        var expected = string.Concat(Enumerable.Range(0, 50).Select(i => $"still{i:00} "));
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            var random = new Random(w);
            while (!stop.IsCancellationRequested) await Change(random, bucket, [.. Enumerable.Range(0, 5).Select(i => $"moving{i}")]);
        })).ToList();
        await Index(Fields);
        for (var i = 0; i < 20; i++)
        {
            await world.Walk(WalkPurpose.SearchIndex);
            Assert.Equal(expected, await Find(await Fresh(), "x-amz-meta-color=blue AND key LIKE '^still'"));
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await world.Walk(WalkPurpose.SearchIndex);
        var indexed = await Fresh();
        var plain = indexed with { Settings = indexed.Settings.With(BucketSettings.SearchIndex, null) };
        Assert.True(IsPlanned(indexed, "x-amz-meta-color=red"));
        foreach (var color in Colors) Assert.Equal(await Find(plain, $"x-amz-meta-color='{color}'"), await Find(indexed, $"x-amz-meta-color='{color}'"));
    }

    [Fact]
    public async Task A_process_that_dies_anywhere_leaves_nothing_that_is_missed()
    {
        var isOver = false;
        for (var step = 1; !isOver; step++)
        {
            foreach (var after in (bool[])[false, true])
            {
                var one = new SearchIndexTests();
                var bucket = await one.world.World.Bucket();
                await one.Put(bucket, "k", "blue", "one");
                await one.Index(Fields);
                await one.world.Pass(TimeSpan.FromSeconds(1));
                one.world.World.Cut.Arm(step, after);
                isOver = true;
                try
                {
                    await one.Put(bucket, "k", "red", "two");
                    await one.Index(Fields[..3]);
                    await one.world.Pass(TimeSpan.FromMinutes(2));
                }
                catch (Cut.CutOffException)
                {
                    isOver = false;
                }
                one.world.Start();
                await one.world.Pass(TimeSpan.FromMinutes(5));
                var indexed = await one.Fresh();
                var plain = indexed with { Settings = indexed.Settings.With(BucketSettings.SearchIndex, null) };
                foreach (var text in (string[])["x-amz-meta-color=blue", "x-amz-meta-color=red", "tags.type=one", "tags.type=two", "content-type LIKE '^text'"])
                    Assert.Equal(await one.Find(plain, text), await one.Find(indexed, text));
            }
        }
    }

    private async Task Change(Random random, Bucket bucket, string[] keys)
    {
        var key = keys[random.Next(keys.Length)];
        switch (random.Next(6))
        {
            case 0:
                await world.Delete(bucket, key);
                break;
            case 1:
                await world.World.Objects.Amend(bucket, key, null, version => version with { Tags = new Dictionary<string, string> { ["type"] = Colors[random.Next(Colors.Length)] } }, default);
                break;
            case 2 when bucket.Get(BucketSettings.Versioning) is not null && (await world.Versions(bucket)).Where(each => each.Key == key).ToList() is { Count: > 0 } versions:
                await world.World.Objects.Delete(bucket, key, new() { VersionId = versions[random.Next(versions.Count)].Version.PublicId }, default);
                break;
            default:
                await Put(bucket, key, random.Next(5) == 0 ? null : Colors[random.Next(Colors.Length)], random.Next(2) == 0 ? null : Colors[random.Next(Colors.Length)], new string('x', random.Next(4)));
                break;
        }
    }

    private static string Expression(Random random, int depth)
    {
        if (depth > 0 && random.Next(3) > 0) return $"({Expression(random, depth - 1)} {(random.Next(2) == 0 ? "AND" : "OR")} {Expression(random, depth - 1)})";
        var field = random.Next(6) == 0 ? "key" : Fields[random.Next(Fields.Length)];
        if (field == "content-length") return $"{field} {Relation(random)} {random.Next(-1, 5)}";
        var value = field == "key" ? "b/7" : field == "content-type" ? "text/plain" : Colors[random.Next(Colors.Length)];
        return random.Next(4) switch
        {
            0 => $"{field} LIKE '{(random.Next(2) == 0 ? "^" : "")}{value[..random.Next(value.Length + 1)]}'",
            1 => $"{field} {Relation(random)} {(random.Next(8) == 0 ? "null" : random.Next(8) == 0 ? "5" : $"'{value}'")}",
            _ => $"{field} = '{value}'",
        };
    }

    private static string Relation(Random random) => (string[])["=", "!=", "<", ">", "<=", ">="] is var all ? all[random.Next(all.Length)] : "";
}
