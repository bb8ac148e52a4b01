using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Snapshots in a bucket without versions: those who come at the same moment, and processes that die in the middle.</summary>
public sealed class SnapshotRaceTests
{
    private const string Key = "key";
    private static readonly Conditions Blob = new() { IsBlob = true };
    private static readonly string Large = new('l', 200);

    private World world = new();

    private static readonly Dictionary<string, Func<World, Bucket, Task>> Acts = new()
    {
        ["put small"] = async (world, bucket) => await world.Put(bucket, Key, "small"),
        ["put large"] = async (world, bucket) => await world.Put(bucket, Key, Large),
        ["snapshot"] = async (world, bucket) => await world.Objects.Snapshot(bucket, Key, Blob, null, default),
        ["delete by S3"] = async (world, bucket) => await world.Objects.Delete(bucket, Key, new(), default),
        ["delete"] = async (world, bucket) => await world.Objects.Delete(bucket, Key, new() { Conditions = Blob }, default),
        ["delete all"] = async (world, bucket) => await world.Objects.Delete(bucket, Key, new() { Conditions = Blob, Snapshots = SnapshotsOf.Include }, default),
        ["amend"] = async (world, bucket) =>
            await world.Objects.Amend(bucket, Key, null, Blob, null, version => BlobStates.Touched(version, version.Modified), default),
    };

    public static TheoryData<string, string, int> Pairs()
    {
        var pairs = new TheoryData<string, string, int>();
        foreach (var act in Acts.Keys)
            foreach (var rival in Acts.Keys)
                for (var before = 0; before <= 2; before++) pairs.Add(act, rival, before);
        return pairs;
    }

    public static TheoryData<string> Names() => [.. Acts.Keys];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Snapshots_are_never_left_without_their_object(string act, string rival, int snapshots)
    {
        var bucket = await Prepared(snapshots);
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
    public async Task A_process_that_dies_anywhere_leaves_none_alone(string act)
    {
        for (var step = 1; ; step++)
        {
            var ended = false;
            foreach (var after in new[] { false, true })
            {
                world = new();
                var bucket = await Prepared(2);
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
                await NothingStays(bucket);
            }
            if (ended) return;
        }
    }

    [Fact]
    public async Task Snapshots_stand_between_the_versions_that_were_there_before_and_the_current_one()
    {
        var bucket = await Prepared(3);
        await world.Put(bucket, Key, Large);
        var last = (await world.Objects.Snapshot(bucket, Key, Blob, null, default)).Value;
        var entries = (await world.Objects.ListVersions(bucket, new(), default)).Entries;
        Assert.Equal(5, entries.Count);
        Assert.Equal(last.Id, entries[1].Version!.Id);
        var times = entries.Skip(1).Select(entry => entry.Version!.Blob!.Snapshot).ToList();
        Assert.Equal(times.OrderDescending(), times);
        Assert.Equal(4, times.Distinct().Count());
        Assert.Equal("null", entries[0].Version!.PublicId);
    }

    private async Task<Bucket> Prepared(int snapshots)
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, Key, Large);
        for (var i = 0; i < snapshots; i++) Assert.Null((await world.Objects.Snapshot(bucket, Key, Blob, null, default)).Refusal);
        return bucket;
    }

    /// <summary>The current version is what is read; each snapshot is read by its time.</summary>
    private async Task Consistent(Bucket bucket)
    {
        var entries = (await world.Objects.ListVersions(bucket, new(), default)).Entries;
        Assert.Equal(entries.Select((_, i) => i == 0), entries.Select(entry => entry.IsLatest));
        Assert.Equal(entries is [{ Version.Size: var size }, ..] ? (int)size : null, (await world.Get(bucket, Key))?.Length);
        foreach (var entry in entries.Skip(1))
        {
            var opened = await world.Objects.Open(bucket, Key, new() { Snapshot = entry.Version!.Blob!.Snapshot }, default);
            await using var body = opened.Value.Body!;
            Assert.Equal(entry.Version.Size, (await World.Text(body)).Length);
        }
    }

    /// <summary>With the object and its snapshots everything goes, and with the bucket all there was.</summary>
    private async Task NothingStays(Bucket bucket)
    {
        await world.Objects.Delete(bucket, Key, new() { Conditions = Blob, Snapshots = SnapshotsOf.Include }, default);
        Assert.Empty((await world.Objects.ListVersions(bucket, new(), default)).Entries);
        await world.Pass(TimeSpan.FromDays(30));
        Assert.Null((await world.Buckets.Delete(bucket, default)).Refusal);
        Assert.Empty(await world.Table.All());
    }
}
