using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Writers of one versioned key who come at the same moment, and processes that die in the middle.</summary>
public sealed class VersionRaceTests
{
    private const string Key = "key";
    private static readonly string Small = "small";
    private static readonly string Large = new('l', 200);

    private readonly World world = new();

    /// <summary>What is done to the key; gives the public id of the version that it made, or null.</summary>
    private static readonly Dictionary<string, Func<World, Bucket, Task<string?>>> Acts = new()
    {
        ["put"] = async (world, bucket) => (await world.Put(bucket, Key, Large)).Value.Version.PublicId,
        ["delete"] = async (world, bucket) => (await world.Objects.Delete(bucket, Key, new(), default)).Value.Marker!.PublicId,
        ["remove newest"] = async (world, bucket) => await Remove(world, bucket, 0),
        ["remove older"] = async (world, bucket) => await Remove(world, bucket, 1),
        ["snapshot"] = async (world, bucket) =>
            await world.Objects.Snapshot(bucket, Key, new() { IsBlob = true }, null, default) is { Refusal: null } made ? made.Value.PublicId : null,
        ["amend"] = async (world, bucket) =>
        {
            await world.Objects.Amend(bucket, Key, null, version => version with { StorageClass = "GLACIER" }, default);
            return null;
        },
        ["suspended put"] = async (world, bucket) =>
        {
            await SetVersioning(world, bucket, VersioningState.Suspended);
            return (await world.Put(bucket, Key, Small)).Value.Version.PublicId;
        },
        ["suspended delete"] = async (world, bucket) =>
        {
            await SetVersioning(world, bucket, VersioningState.Suspended);
            return (await world.Objects.Delete(bucket, Key, new(), default)).Value.Marker!.PublicId;
        },
    };

    public static TheoryData<string, string, int> Pairs()
    {
        var pairs = new TheoryData<string, string, int>();
        foreach (var act in Acts.Keys)
            foreach (var rival in Acts.Keys)
                for (var before = 0; before <= 3; before++) pairs.Add(act, rival, before);
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Who_comes_in_between_is_not_lost(string act, string rival, int versionsBefore)
    {
        var bucket = await Versioned();
        for (var i = 0; i < versionsBefore; i++) await world.Put(bucket, Key, i % 2 == 0 ? Large : Small);
        string? rivals = null;
        world.Table.Before = async _ =>
        {
            world.Table.Before = null;
            rivals = await Acts[rival](world, bucket);
        };
        var made = await Acts[act](world, bucket);
        world.Table.Before = null;

        var ids = (await Consistent(bucket)).Select(entry => entry.Version!.PublicId).ToList();
        // An act may take away what the other has made: the newest version, or the null version.
        if (made is not null and not "null") Assert.Contains(made, ids);
        if (rivals is not null and not "null" && !act.StartsWith("remove", StringComparison.Ordinal)) Assert.Contains(rivals, ids);
        await NothingStays(bucket);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_did_not_know_of_versioning_yet_writes_the_newest(bool isDeletedTwice)
    {
        var bucket = await world.Bucket();
        world.Table.Before = async _ =>
        {
            world.Table.Before = null;
            await SetVersioning(world, bucket, VersioningState.Enabled);
            await world.Objects.Delete(bucket, Key, new(), default);
            if (isDeletedTwice) await world.Objects.Delete(bucket, Key, new(), default);
        };
        Assert.Equal("null", (await world.Put(bucket, Key, Small)).Value.Version.PublicId);
        Assert.Equal(Small, await world.Get(bucket, Key));
        await Consistent(bucket);

        var next = (await world.Put(bucket, Key, Large)).Value.Version.PublicId;
        var listed = await Consistent(bucket);
        Assert.Equal([next, "null"], listed.Take(2).Select(entry => entry.Version!.PublicId));
        Assert.Equal(isDeletedTwice ? 4 : 3, listed.Count);
        await NothingStays(bucket);
    }

    [Fact]
    public async Task Who_found_nothing_and_is_slow_meets_those_who_came_meanwhile()
    {
        var bucket = await Versioned();
        string?[] made = [];
        world.Table.Before = async _ =>
        {
            world.Table.Before = null;
            made = [await Acts["put"](world, bucket), await Acts["delete"](world, bucket)];
        };
        string?[] all = [.. made, await Acts["put"](world, bucket), await Acts["put"](world, bucket)];
        var listed = (await Consistent(bucket)).Select(entry => entry.Version!.PublicId).ToList();
        Assert.Equal(made.Concat(all).Distinct().Order(StringComparer.Ordinal), listed);
        Assert.Equal(4, listed.Count);
        await NothingStays(bucket);
    }

    [Fact]
    public async Task Of_many_writers_at_once_every_one_makes_a_version()
    {
        var bucket = await Versioned();
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var ids = new List<string>();
            for (var i = 0; i < 20; i++)
                ids.Add((await Acts[(worker + i) % 3 == 0 ? "delete" : "put"](world, bucket))!);
            return ids;
        })));
        var listed = (await Consistent(bucket)).Select(entry => entry.Version!.PublicId).ToList();
        Assert.Equal(made.SelectMany(ids => ids).Order(StringComparer.Ordinal), listed);
        await NothingStays(bucket);
    }

    public static TheoryData<string> Names() => [.. Acts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_process_that_dies_anywhere_leaves_what_was_or_what_was_to_be(string act)
    {
        for (var step = 1; ; step++)
        {
            var ended = false;
            foreach (var after in new[] { false, true })
            {
                var world = new World();
                var tests = new VersionRaceTests(world);
                var bucket = await tests.Versioned();
                foreach (var body in new[] { Large, Small, Large }) await world.Put(bucket, Key, body);
                if (act.StartsWith("suspended", StringComparison.Ordinal))
                {
                    await SetVersioning(world, bucket, VersioningState.Suspended);
                    await world.Put(bucket, Key, Large);
                    await SetVersioning(world, bucket, VersioningState.Enabled);
                    await world.Put(bucket, Key, Small);
                }
                var was = await tests.Ids(bucket);
                world.Cut.Arm(step, after);
                try
                {
                    await Acts[act](world, bucket);
                    ended = true;
                }
                catch (Cut.CutOffException)
                {
                }
                world.Start();
                var now = await tests.Ids(bucket);
                // One act adds a version, takes one away, or does both to the null version.
                Assert.InRange(now.Except(was).Count() + was.Except(now).Count(), 0, 2);
                await tests.Consistent(bucket);
                await tests.NothingStays(bucket);
            }
            if (ended) return;
        }
    }

    public VersionRaceTests()
    {
    }

    private VersionRaceTests(World world) => this.world = world;

    private async Task<Bucket> Versioned()
    {
        var bucket = await world.Bucket();
        await SetVersioning(world, bucket, VersioningState.Enabled);
        return bucket;
    }

    private static async Task SetVersioning(World world, Bucket bucket, VersioningState state) => Assert.Null((await world.Buckets.Change<VersioningSetting>(
        bucket, BucketSettings.Versioning, _ => new VersioningSetting(state), default)).Refusal);

    private static async Task<string?> Remove(World world, Bucket bucket, int nth)
    {
        var entries = (await world.Objects.ListVersions(bucket, new(), default)).Entries;
        var id = entries.Count > nth ? entries[nth].Version!.PublicId : "null";
        await world.Objects.Delete(bucket, Key, new() { VersionId = id }, default);
        return null;
    }

    private async Task<List<string>> Ids(Bucket bucket) =>
        [.. (await world.Objects.ListVersions(bucket, new(), default)).Entries.Select(entry => entry.Version!.PublicId)];

    /// <summary>The versions: one of them is the latest, and is what is read; each can be read by its id; at most one is null.</summary>
    private async Task<IReadOnlyList<VersionEntry>> Consistent(Bucket bucket)
    {
        var entries = (await world.Objects.ListVersions(bucket, new(), default)).Entries;
        Assert.Equal(entries.Select((_, i) => i == 0), entries.Select(entry => entry.IsLatest));
        Assert.Equal(entries.Count, entries.Select(entry => entry.Version!.PublicId).Distinct().Count());
        Assert.Equal(
            entries is [{ Version: { IsDeleteMarker: false, Size: var size } }, ..] ? (int)size : null,
            (await world.Get(bucket, Key))?.Length);
        foreach (var entry in entries)
        {
            var version = entry.Version!;
            var opened = await world.Objects.Open(bucket, Key, new() { VersionId = version.PublicId }, default);
            Assert.Equal(version.IsDeleteMarker ? Refusal.DeleteMarker : null, opened.Refusal);
            if (opened.Refusal is not null) continue;
            await using var body = opened.Value.Body!;
            Assert.Equal(version.Size, (await World.Text(body)).Length);
        }
        return entries;
    }

    /// <summary>With its versions everything of the key goes, and with the bucket all there was.</summary>
    private async Task NothingStays(Bucket bucket)
    {
        foreach (var id in await Ids(bucket)) await world.Objects.Delete(bucket, Key, new() { VersionId = id }, default);
        Assert.Empty(await Ids(bucket));
        await world.Pass(TimeSpan.FromDays(30));
        Assert.Null((await world.Buckets.Delete(bucket, default)).Refusal);
        Assert.Empty(await world.Table.All());
    }
}
