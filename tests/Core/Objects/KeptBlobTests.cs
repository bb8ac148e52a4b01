using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Blobs that are deleted and kept for some days, in a bucket without versions.</summary>
public sealed class KeptBlobTests
{
    private const string Key = "key";
    private const int Days = 20;
    private static readonly Conditions Keeping = new() { IsBlob = true, DaysKept = Days };
    private static readonly string Large = new('l', 200);

    private World world = new();

    private static readonly Dictionary<string, Func<World, Bucket, Task>> Acts = new()
    {
        ["put small"] = async (world, bucket) => await Put(world, bucket, "small"),
        ["put large"] = async (world, bucket) => await Put(world, bucket, Large),
        ["put by S3"] = async (world, bucket) => await world.Put(bucket, Key, Large),
        ["snapshot"] = async (world, bucket) => await world.Objects.Snapshot(bucket, Key, Keeping, null, default),
        ["delete by S3"] = async (world, bucket) => await world.Objects.Delete(bucket, Key, new(), default),
        ["delete"] = async (world, bucket) => await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default),
        ["delete all"] = async (world, bucket) => await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping, Snapshots = SnapshotsOf.Include }, default),
        ["undelete"] = async (world, bucket) => await world.Objects.Undelete(bucket, Key, World.By, default),
        ["wait"] = async (world, _) => await world.Pass(TimeSpan.FromDays(Days)),
    };

    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        foreach (var act in Acts.Keys)
            // No commit takes days.
            foreach (var rival in Acts.Keys.Where(rival => rival != "wait")) pairs.Add(act, rival);
        return pairs;
    }

    public static TheoryData<string> Names() => [.. Acts.Keys];

    [Theory]
    [InlineData("small")]
    [InlineData("a body that is longer than what stands beside its row: 200 bytes and more of it, so that it is in a location, where it has a name of its own, and is removed from there when nobody names it any more. That was it.")]
    public async Task A_deleted_blob_is_not_there_until_it_is_brought_back(string body)
    {
        var bucket = await world.Bucket();
        await Put(world, bucket, body);
        var removal = await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default);
        Assert.True(removal.Value.IsKept);
        Assert.Null(await world.Get(bucket, Key));
        Assert.Empty((await world.Objects.ListVersions(bucket, new(), default)).Entries);
        var kept = Assert.Single((await world.Objects.ListVersions(bucket, new() { WithKept = true }, default)).Entries).Version!;
        Assert.Equal(Refusal.NoSuchVersion, (await world.Objects.Find(bucket, Key, kept.PublicId, default)).Refusal);
        Assert.Equal(Refusal.NoSuchKey, (await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default)).Refusal);

        Assert.Null((await world.Objects.Undelete(bucket, Key, World.By, default)).Refusal);
        Assert.Equal(body, await world.Get(bucket, Key));
        await world.Pass(TimeSpan.FromDays(2 * Days));
        Assert.Equal(body, await world.Get(bucket, Key));
        await NothingStays(bucket);
    }

    [Fact]
    public async Task After_its_days_it_is_gone_for_good()
    {
        var bucket = await world.Bucket();
        await Put(world, bucket, Large);
        await world.Objects.Snapshot(bucket, Key, Keeping, null, default);
        await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping, Snapshots = SnapshotsOf.Include }, default);
        await world.Pass(TimeSpan.FromDays(Days) - TimeSpan.FromMinutes(1));
        Assert.Equal(2, world.Place.Bodies.Count);
        await world.Pass(TimeSpan.FromMinutes(1) + TimeSpan.FromDays(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Equal(Refusal.NoSuchKey, (await world.Objects.Undelete(bucket, Key, World.By, default)).Refusal);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task What_is_replaced_comes_back_as_a_snapshot()
    {
        var bucket = await world.Bucket();
        await Put(world, bucket, "first");
        await Put(world, bucket, "second");
        await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default);
        await Put(world, bucket, "third");
        await world.Put(bucket, Key, "fourth");
        Assert.Null((await world.Objects.Undelete(bucket, Key, World.By, default)).Refusal);
        Assert.Equal("fourth", await world.Get(bucket, Key));
        Assert.Equal(["second", "first"], await Snapshots(bucket));
        Assert.Equal(Refusal.SnapshotsPresent, (await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default)).Refusal);
        await NothingStays(bucket);
    }

    [Fact]
    public async Task What_was_deleted_last_becomes_current()
    {
        var bucket = await world.Bucket();
        foreach (var body in new[] { "first", "second" })
        {
            await Put(world, bucket, body);
            await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default);
        }
        await world.Objects.Undelete(bucket, Key, World.By, default);
        Assert.Equal("second", await world.Get(bucket, Key));
        Assert.Equal(["first"], await Snapshots(bucket));
        await NothingStays(bucket);
    }

    [Fact]
    public async Task In_a_bucket_with_versions_the_newest_comes_out_from_behind_the_delete_marker()
    {
        var bucket = (await world.Buckets.Change(await world.Bucket(), BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
        await Put(world, bucket, "first");
        await Put(world, bucket, "second");
        var removal = await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default);
        Assert.NotNull(removal.Value.Marker);
        Assert.Null((await world.Objects.Undelete(bucket, Key, World.By, default)).Refusal);
        Assert.Equal("second", await world.Get(bucket, Key));
        Assert.Equal(2, (await world.Objects.ListVersions(bucket, new() { WithKept = true }, default)).Entries.Count);
    }

    [Fact]
    public async Task What_was_deleted_before_the_bucket_had_versions_comes_out_from_behind_delete_markers()
    {
        var bucket = await world.Bucket();
        await Put(world, bucket, "first");
        await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default);
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
        for (var i = 0; i < 2; i++) Assert.NotNull((await world.Objects.Delete(bucket, Key, new(), default)).Value.Marker);
        Assert.Null((await world.Objects.Undelete(bucket, Key, World.By, default)).Refusal);
        Assert.Equal("first", await world.Get(bucket, Key));
        Assert.Single((await world.Objects.ListVersions(bucket, new() { WithKept = true }, default)).Entries);
        await world.Pass(TimeSpan.FromDays(2 * Days));
        Assert.Equal("first", await world.Get(bucket, Key));
    }

    [Fact]
    public async Task What_is_kept_is_counted_until_it_goes()
    {
        var bucket = await world.Bucket();
        await Put(world, bucket, Large);
        await Put(world, bucket, "x");
        await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default);
        Assert.Equal((Large.Length + 1, 2), await Counted(bucket));
        await world.Objects.Undelete(bucket, Key, World.By, default);
        Assert.Equal((Large.Length + 1, 2), await Counted(bucket));
        await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping, Snapshots = SnapshotsOf.Include }, default);
        await world.Pass(TimeSpan.FromDays(Days + 1));
        Assert.Equal((0, 0), await Counted(bucket));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Two_at_the_same_moment_leave_everything_readable(string act, string rival)
    {
        var bucket = await Prepared();
        world.Table.Before = async _ =>
        {
            world.Table.Before = null;
            await Acts[rival](world, bucket);
        };
        await Acts[act](world, bucket);
        world.Table.Before = null;
        await Consistent(bucket);
        await NothingStays(bucket);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_process_that_dies_anywhere_leaves_nothing_behind(string act)
    {
        for (var step = 1; ; step++)
        {
            var ended = false;
            foreach (var after in new[] { false, true })
            {
                world = new();
                var bucket = await Prepared();
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
                await Consistent(bucket);
                // Bytes on their way in when a process dies belong to nothing yet.
                await NothingStays(bucket, andNoBytes: !act.StartsWith("put", StringComparison.Ordinal));
            }
            if (ended) return;
        }
    }

    private static async Task Put(World world, Bucket bucket, string body) =>
        Assert.Null((await world.Objects.Put(bucket, Key, World.By, new(), World.Content(body), Keeping, default)).Refusal);

    /// <summary>A blob with a snapshot, and two that are kept behind it.</summary>
    private async Task<Bucket> Prepared()
    {
        var bucket = await world.Bucket();
        await Put(world, bucket, "oldest");
        await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping }, default);
        await Put(world, bucket, Large);
        await Put(world, bucket, "newest");
        await world.Objects.Snapshot(bucket, Key, Keeping, null, default);
        return bucket;
    }

    private async Task<(long Bytes, long Objects)> Counted(Bucket bucket)
    {
        var (bytes, objects) = (0L, 0L);
        foreach (var (_, version, _) in (await world.Objects.ListVersions(bucket, new() { WithKept = true }, default)).Entries) (bytes, objects) = (bytes + version!.Size, objects + 1);
        Assert.Equal(new(bytes, objects, 0), await world.Counted(bucket));
        return (bytes, objects);
    }

    private async Task<List<string>> Snapshots(Bucket bucket)
    {
        List<string> texts = [];
        foreach (var entry in (await world.Objects.ListVersions(bucket, new(), default)).Entries.Skip(1))
        {
            var opened = await world.Objects.Open(bucket, Key, new() { Snapshot = entry.Version!.Blob!.Snapshot }, default);
            await using var body = opened.Value.Body!;
            texts.Add(await World.Text(body));
        }
        return texts;
    }

    /// <summary>The current version and each snapshot is read; and so it is with what is kept, once it is brought back.</summary>
    private async Task Consistent(Bucket bucket)
    {
        await Readable(bucket);
        var before = (await world.Objects.ListVersions(bucket, new() { WithKept = true }, default)).Entries.Count;
        Assert.Equal(before == 0 ? Refusal.NoSuchKey : null, (await world.Objects.Undelete(bucket, Key, World.By, default)).Refusal);
        var entries = (await world.Objects.ListVersions(bucket, new() { WithKept = true }, default)).Entries;
        Assert.Equal(before, entries.Count);
        Assert.All(entries, entry => Assert.Null(entry.Version!.Blob?.Deleted));
        await Readable(bucket);
    }

    private async Task Readable(Bucket bucket)
    {
        var entries = (await world.Objects.ListVersions(bucket, new(), default)).Entries;
        Assert.Equal(entries is [{ IsLatest: true, Version.Size: var size }, ..] ? (int)size : null, (await world.Get(bucket, Key))?.Length);
        Assert.Equal(entries.Select((_, i) => i == 0), entries.Select(entry => entry.IsLatest));
        foreach (var (entry, text) in entries.Skip(1).Zip(await Snapshots(bucket))) Assert.Equal(entry.Version!.Size, text.Length);
    }

    /// <summary>When all is deleted and the days are over, no row and no byte of the key is left.</summary>
    private async Task NothingStays(Bucket bucket, bool andNoBytes = true)
    {
        await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping, Snapshots = SnapshotsOf.Include }, default);
        await world.Pass(TimeSpan.FromDays(2 * Days));
        if (andNoBytes) Assert.Empty(world.Place.Bodies);
        Assert.Equal(default, await world.Counted(bucket));
        Assert.Null((await world.Buckets.Delete(bucket, default)).Refusal);
        Assert.Empty(await world.Table.All());
    }
}
