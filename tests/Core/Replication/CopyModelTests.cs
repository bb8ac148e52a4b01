using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Replication;

/// <summary>
/// Random histories of keys, copied while everything goes wrong that can: calls that are not answered, answers that are lost, sites
/// that hang, bytes that arrive damaged, processes that are killed between any two steps, messages that come twice.
/// </summary>
public sealed class CopyModelTests
{
    private static readonly string[] Keys = ["a", "b", "c/d", "e"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task One_worker_that_is_killed_again_and_again_brings_every_version_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        var world = new CopyWorld(Options);
        var bucket = await world.Bucket("site", "flat");
        world.Queue.Doubles = true;
        for (var round = 0; round < 30; round++)
        {
            await Change(world, bucket, random);
            Trouble(world, random, mayDie: true);
            await world.Pass(TimeSpan.FromSeconds(random.Next(8)));
            // Whoever was killed is followed by another process.
            world.Start();
        }
        await Check(world, bucket);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    public async Task Two_workers_over_one_table_bring_every_version_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        var world = new CopyWorld(Options, Consistency.Shared(TimeSpan.FromSeconds(5)));
        var other = world.Jobs;
        world.Start();
        var bucket = await world.Bucket("site", "flat");
        world.Queue.Doubles = true;
        for (var round = 0; round < 30; round++)
        {
            await Change(world, bucket, random);
            Trouble(world, random, mayDie: false);
            await world.Pass(TimeSpan.FromSeconds(random.Next(8)), atOnce: 6, other);
        }
        await Check(world, bucket, other);
    }

    private static ReplicationOptions Options => new()
    {
        Retry = new(1_000_000, TimeSpan.FromDays(10_000), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)), PartsFrom = 60, PartBytes = 20,
    };

    private static async Task Change(CopyWorld world, Bucket bucket, Random random)
    {
        world.Table.BeforeApply = world.WorkTable.BeforeApply = null;
        for (var i = random.Next(4); i >= 0; i--)
        {
            var key = Keys[random.Next(Keys.Length)];
            switch (random.Next(8))
            {
                case 0:
                    await world.Objects.Delete(bucket, key, new(), default);
                    break;
                case 1 when await world.Versions(bucket, key) is { Count: > 0 } versions:
                    var version = versions[random.Next(versions.Count)];
                    if (!version.IsDeleteMarker) await world.Tag(bucket, key, version.PublicId, $"tag {random.Next()}");
                    break;
                default:
                    var body = new string((char)('a' + random.Next(26)), random.Next(4) switch { 0 => 0, 1 => random.Next(20), 2 => random.Next(60), _ => random.Next(150) });
                    await world.Put(bucket, key, body);
                    break;
            }
            world.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(300)));
        }
    }

    private static void Trouble(CopyWorld world, Random random, bool mayDie)
    {
        var often = random.Next(4) switch { 0 => 0, 1 => 3, 2 => 10, _ => 30 };
        Fault Next(string call, string key)
        {
            lock (random)
            {
                if (random.Next(100) >= often) return Fault.None;
                return random.Next(mayDie ? 7 : 5) switch
                {
                    0 => Fault.Hang,
                    1 => Fault.Corrupt,
                    2 => Fault.Before,
                    3 or 4 => Fault.After,
                    5 => Fault.Die,
                    _ => Fault.DieAfter,
                };
            }
        }

        world.Site.Faults = Next;
        world.Flat.Faults = Next;
        var dies = mayDie && random.Next(3) == 0 ? random.Next(20) : -1;
        world.Table.BeforeApply = _ => dies >= 0 && dies-- == 0 ? throw new KilledException() : default;
        world.WorkTable.BeforeApply = world.Table.BeforeApply;
    }

    private static async Task Check(CopyWorld world, Bucket bucket, JobRunner? other = null)
    {
        world.Site.Faults = world.Flat.Faults = (_, _) => Fault.None;
        world.Table.BeforeApply = world.WorkTable.BeforeApply = null;
        await world.Pass(TimeSpan.FromHours(2), other is null ? 1 : 6, other);

        Assert.Empty(world.Queue.Left("replication"));
        Assert.DoesNotContain(world.Table.Rows, row => row.Key.Row.StartsWith("ir.", StringComparison.Ordinal) || row.Key.Row[0] == 'l');
        Assert.DoesNotContain(world.WorkTable.Rows, row => row.Key.Partition.StartsWith("u.", StringComparison.Ordinal));
        Assert.Equal((0, 0), (world.Site.Uploads, world.Flat.Uploads));
        foreach (var key in Keys)
        {
            var versions = await world.Versions(bucket, key);
            Assert.All(versions, version => Assert.Equal(ReplicationStatus.Completed, version.Replication!.Status));
            await CheckSite(world, bucket, key, versions);
            CheckFlat(world, key, versions);
        }
    }

    /// <summary>A site with versions has them all, each once, in order, with their bytes and tags.</summary>
    private static async Task CheckSite(CopyWorld world, Bucket bucket, string key, List<ObjectVersion> versions)
    {
        var history = world.Site.History("bucket/" + key);
        var objects = versions.Where(version => !version.IsDeleteMarker).ToList();
        Assert.Equal(objects.Select(version => version.PublicId), history.Where(each => each.Body is not null).Select(each => each.Mark));
        foreach (var version in objects)
        {
            var state = version.Replication!.Of("site")!;
            var copy = history.Single(each => each.Mark == version.PublicId);
            Assert.Equal((copy.VersionId, copy.ETag, version.Replication.Generation), (state.VersionId, state.ETag, state.Generation));
            Assert.Equal(version.Tags ?? new Dictionary<string, string>(), copy.Tags);
            await using var body = (await world.Objects.Open(bucket, key, new() { VersionId = version.PublicId }, default)).Value.Body!;
            Assert.Equal(await Objects.World.Text(body), copy.Text);
        }
        if (versions.Count > 0) Assert.Equal(versions[^1].IsDeleteMarker, world.Site.Current("bucket/" + key) is null);
    }

    /// <summary>A site without them has the newest, and never had an older one after a newer one.</summary>
    private static void CheckFlat(CopyWorld world, string key, List<ObjectVersion> versions)
    {
        var order = versions.Select((version, i) => (version.PublicId, i)).ToDictionary(each => each.PublicId, each => each.i);
        var marks = world.Flat.History("bucket/" + key).Where(each => each.Body is not null).Select(each => order[each.Mark]).ToList();
        Assert.Equal(marks.Distinct().Order(), marks);
        if (versions.Count == 0) return;
        Assert.Equal(versions[^1].IsDeleteMarker ? null : versions[^1].PublicId, world.Flat.Current("bucket/" + key)?.Mark);
        if (world.Flat.Current("bucket/" + key) is { } copy) Assert.Equal(versions[^1].Tags ?? new Dictionary<string, string>(), copy.Tags);
    }
}
