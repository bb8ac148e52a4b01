using System.Text;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Tests.Usage;

/// <summary>What is counted of each location is what lies there.</summary>
public sealed class LocationUsageTests
{
    private static readonly string[] Keys = ["a", "b", "c", "d/e"];

    private readonly World world = new();

    /// <summary>Random writers of every kind; when all that follows is done, the counters are compared with the bytes themselves.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_counters_of_each_location_are_the_bytes_that_lie_there(int seed)
    {
        var random = new Random(seed);
        var bucket = await world.Bucket();
        // A blob's blocks may be in several locations, and one at several places of it: then only a walk can tell what is to be counted.
        var withBlocks = seed % 2 == 0;
        var open = new List<(string Key, string Id, List<NamedPart> Parts)>();
        for (var step = 0; step < 120; step++)
        {
            var key = Keys[random.Next(Keys.Length)];
            var body = new string('x', random.Next(2) == 0 ? random.Next(100) : random.Next(100, 400));
            var description = new Description { Location = random.Next(3) == 0 ? "cold" : null };
            switch (random.Next(withBlocks ? 10 : 9))
            {
                case 0 or 1:
                    await world.Objects.Put(bucket, key, World.By, description, World.Content(body), Conditions.None, default);
                    break;
                case 2:
                    var upload = (await world.Uploads.Create(bucket, key, World.By, description, null, null, default)).Value.Id;
                    open.Add((key, upload, []));
                    break;
                case 3 when open.Count > 0:
                    var (at, id, parts) = open[random.Next(open.Count)];
                    parts.Clear(); // one part only: the others are left out, or take each other's place
                    parts.Add(new(1, (await world.PutPart(bucket, at, id, 1, body)).Value.ETag));
                    break;
                case 4 when open.Count > 0:
                    var ended = open[random.Next(open.Count)];
                    open.Remove(ended);
                    if (ended.Parts.Count == 0 || random.Next(3) == 0) Assert.Null((await world.Uploads.Abort(bucket, ended.Key, ended.Id, default)).Refusal);
                    else Assert.Null((await world.Uploads.Complete(bucket, ended.Key, ended.Id, new() { Parts = ended.Parts }, default)).Refusal);
                    break;
                case 5:
                    await world.Objects.Delete(bucket, key, new() { By = World.By }, default);
                    break;
                case 6:
                    var versions = (await world.Objects.ListVersions(bucket, new() { Limit = 1000 }, default)).Entries;
                    if (versions.Count == 0) break;
                    var some = versions[random.Next(versions.Count)];
                    if (random.Next(2) == 0) await world.Objects.Delete(bucket, some.Name, new() { By = World.By, VersionId = some.Version!.PublicId }, default);
                    else await world.Objects.Moves.Move(bucket, some.Name, new(some.Version!.PublicId, some.Version.Id, random.Next(2) == 0 ? "cold" : "here") { ToLocation = true }, default);
                    break;
                case 7 when random.Next(5) == 0:
                    bucket = await world.Version(bucket, bucket.Get(BucketSettings.Versioning)?.State == VersioningState.Enabled ? VersioningState.Suspended : VersioningState.Enabled);
                    break;
                case 8:
                    await world.Pass(TimeSpan.FromMinutes(random.Next(10)));
                    break;
                case 9:
                    foreach (var block in new[] { "b1", "b2" })
                        if (random.Next(2) == 0) await world.Blocks.Put(bucket, key, World.By, block + "==", World.Content(body), Conditions.None, default);
                    var made = await world.Blocks.Commit(
                        bucket, key, new() { Blocks = [new("b1==", BlockSource.Latest), new("b2==", BlockSource.Latest), new("b1==", BlockSource.Latest)], Writer = World.By }, default);
                    Assert.True(made.Refusal is null or Refusal.InvalidBlockList or Refusal.WrongBlobType, made.Refusal?.ToString());
                    break;
            }
        }
        await world.Pass(TimeSpan.FromHours(1));

        var counted = await world.Usage.Read(bucket.Id, default);
        Assert.Equal(default, counted.At(Tally.Unknown));
        var rows = await world.Table.All();
        if (!withBlocks)
        {
            var inRows = rows.Where(row => row.Key.Row[0] == Rows.Data).Sum(row => (long)row.Value.Length);
            Assert.Equal(world.Cold.Bodies.Values.Sum(body => (long)body.Length), counted.At("cold").Held);
            Assert.Equal(world.Place.Bodies.Values.Sum(body => (long)body.Length) + inRows, counted.At("here").Held);
        }
        Assert.Equal(rows.Count(row => row.Key.Row[0] is Rows.Current or Rows.Marker or Rows.Version), counted.Total.Versions);

        // A walk that knows nothing comes to the same, and so does one that finds nothing wrong.
        world.UsageTable = new Contracts.InMemoryTable();
        world.Start();
        for (var i = 0; i < 2; i++)
        {
            await world.Walk(bucket);
            Assert.Equal(counted, await world.Usage.Read(bucket.Id, default));
        }
        Assert.Equal([(bucket.Id, counted)], await All());
    }

    [Fact]
    public async Task What_was_counted_before_locations_were_told_apart_is_found_by_a_walk_that_the_first_write_asks_for()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "a", new('x', 300));
        await world.Objects.Put(bucket, "b", World.By, new() { Location = "cold" }, World.Content(new('x', 50)), Conditions.None, default);
        await world.Upload(bucket, "open", "1234567");
        world.UsageTable = new Contracts.InMemoryTable();
        var row = $$"""{"format":1,"bucket":"bucket","amount":{"bytes":350,"versions":2,"parts":7},"moved":{"bytes":350,"versions":2,"parts":7},"at":"2026-01-01T00:00:00+00:00"}""";
        await world.UsageTable.Apply(bucket.Id, [Change.Put("base", Condition.Absent, Encoding.UTF8.GetBytes(row))], default);
        world.Start();

        var before = await world.Usage.Read(bucket.Id, default);
        Assert.Equal(new(350, 2, 7), before.At(Tally.Unknown));
        Assert.Equal(new(350, 2, 7), before.Total);
        Assert.Equal([(bucket.Id, before)], await All());
        await world.Put(bucket, "c", "1");
        Assert.Equal(new(351, 3, 7), (await world.Usage.Read(bucket.Id, default)).Total);
        await world.Pass(TimeSpan.FromMinutes(1));
        var after = await world.Usage.Read(bucket.Id, default);
        Assert.Equal([new("cold", new(50, 1, 0)), new("here", new(301, 2, 7))], after.Shares);

        // What is written is what is read, and begins as it always did.
        await world.Usage.DisposeAsync();
        var stored = Encoding.UTF8.GetString((await world.UsageTable.Get(new(bucket.Id, "base"), default))!.Value.Span);
        Assert.Contains(
            """
            "amount":{"bytes":351,"versions":3,"parts":7,"at":{"cold":{"bytes":50,"versions":1,"parts":0},"here":{"bytes":301,"versions":2,"parts":7}}}
            """, stored, StringComparison.Ordinal);
        world.Start();
        Assert.Equal(after, await world.Usage.Read(bucket.Id, default));
        Assert.Equal([(bucket.Id, after)], await All());
        Assert.Null(world.Queue.NextDue is { } due && due < world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1) ? due : null);
    }

    /// <summary>Beside other instances a walk leaves alone what their writes may explain; never does it take from one location what it does not give to another.</summary>
    [Fact]
    public async Task What_others_move_during_a_walk_does_not_change_the_sum()
    {
        world.UsageOptions = world.UsageOptions with { IsAlone = false };
        world.Start();
        var bucket = await world.Bucket();
        var versions = new List<ObjectVersion>();
        for (var i = 0; i < 6; i++) versions.Add((await world.Put(bucket, $"k{i}", new('x', 100 + i))).Value.Version);
        var other = (world.Usage, world.Objects);
        world.Start();
        var moved = 0;
        world.Table.BeforeScan = async () =>
        {
            if (moved >= versions.Count || moved++ % 2 == 0) return;
            var version = versions[moved - 1];
            Assert.Null((await other.Objects.Moves.Move(bucket, $"k{moved - 1}", new(version.PublicId, version.Id, "cold") { ToLocation = true }, default)).Refusal);
            await other.Usage.Flush(default);
        };
        await world.Walk(bucket);
        Assert.NotEmpty(world.Cold.Bodies);
        await other.Usage.Flush(default);
        await world.Usage.Flush(default);
        Assert.Equal(await world.Listed(bucket), await world.Counted(bucket));
        await world.Pass(TimeSpan.FromHours(2));
        await world.Walk(bucket);
        await world.Pass(TimeSpan.FromHours(2));
        await world.Usage.Flush(default);
        var tally = await world.Usage.Read(bucket.Id, default);
        Assert.Equal(await world.Listed(bucket), tally.Total);
        Assert.Equal(world.Cold.Bodies.Values.Sum(body => body.Length), tally.At("cold").Bytes);
        Assert.Equal(default, tally.At(Tally.Unknown));
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 12)];

    private async Task<List<(string, Tally)>> All()
    {
        List<(string, Tally)> all = [];
        await foreach (var each in world.Usage.All(default)) all.Add((each.Bucket.Id, each.Held));
        return all;
    }
}
