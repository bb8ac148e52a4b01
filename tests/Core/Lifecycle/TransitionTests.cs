using System.Security.Cryptography;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Lifecycle;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Tests.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Lifecycle;

/// <summary>Rules that move bytes to another location, over a store in memory.</summary>
public sealed class TransitionTests
{
    private readonly WalkWorld world = new();

    private static async Task<Bucket> Moving(WalkWorld world, Bucket bucket, string to = "cold")
    {
        var rule = new LifecycleRule { Id = "move", Prefix = "", Status = "Enabled" };
        rule.Transitions.Add(new() { Days = 1, StorageClass = to });
        rule.NoncurrentTransitions.Add(new() { NoncurrentDays = 1, StorageClass = to });
        var setting = new LifecycleSetting { MinimumVariesByStorageClass = true };
        setting.Rules.Add(rule);
        return (await world.World.Buckets.Change<LifecycleSetting>(bucket, BucketSettings.Lifecycle, _ => setting, default)).Value;
    }

    private async Task<ObjectVersion> Only(Bucket bucket) => Assert.Single(await world.Versions(bucket)).Version;

    /// <summary>An object of three parts, the last of which is small.</summary>
    private static async Task<string> PutParts(WalkWorld world, Bucket bucket, string key)
    {
        var text = string.Concat(Enumerable.Range(0, 3).Select(part => new string((char)('a' + part), part < 2 ? (int)ObjectLimits.PartBytes : 10)));
        var upload = (await world.World.Uploads.Create(bucket, key, World.By, new(), null, null, default)).Value;
        List<NamedPart> parts = [];
        for (var number = 1; number <= 3; number++)
        {
            var body = text[(int)((number - 1) * ObjectLimits.PartBytes)..(int)Math.Min(text.Length, number * ObjectLimits.PartBytes)];
            parts.Add(new(number, (await world.World.PutPart(bucket, key, upload.Id, number, body)).Value.ETag));
        }
        Assert.Null((await world.World.Uploads.Complete(bucket, key, upload.Id, new() { Parts = parts }, default)).Refusal);
        return text;
    }

    [Theory]
    [InlineData(5)] // in the table
    [InlineData(500)]
    public async Task An_object_moves_and_stays_what_it_is(int bytes)
    {
        var bucket = await Moving(world, await world.World.Bucket());
        var body = new string('x', bytes);
        var before = await world.Put(bucket, "object", body);
        await world.Pass(TimeSpan.FromDays(3));

        var walk = await world.Walk(WalkPurpose.Lifecycle);
        Assert.Equal((1, bytes), (walk.Counts.Queued, walk.Counts.QueuedBytes));
        await world.Pass(TimeSpan.FromHours(1));
        var after = await Only(bucket);
        Assert.Equal(("cold", "cold"), (after.StorageClass, after.Body.Stored!.Location));
        Assert.Equal((before.Id, before.ETag, before.Modified, before.Checksum), (after.Id, after.ETag, after.Modified, after.Checksum));
        Assert.Equal(body, await world.World.Get(bucket, "object"));
        Assert.Equal([body.Length], world.World.Cold.Bodies.Values.Select(each => each.Length));
        Assert.Empty(world.World.Place.Bodies);
        Assert.DoesNotContain(await world.World.Table.All(), row => row.Key.Row[0] is Rows.Data or Rows.Intent);

        Assert.Equal(0, (await world.Walk(WalkPurpose.Lifecycle)).Counts.Queued);
    }

    [Fact]
    public async Task Parts_move_and_nothing_is_left_of_them()
    {
        var bucket = await Moving(world, await world.World.Bucket());
        var text = await PutParts(world, bucket, "object");
        var before = await Only(bucket);
        await world.Pass(TimeSpan.FromDays(3));
        await world.Walk(WalkPurpose.Lifecycle);
        await world.Pass(TimeSpan.FromDays(3));

        var after = await Only(bucket);
        Assert.Equal(("cold", 3), (after.StorageClass, after.Body.Manifest!.Parts));
        Assert.Equal((before.ETag, before.Size), (after.ETag, after.Size));
        Assert.Equal(text, await world.World.Get(bucket, "object"));
        Assert.Equal(text[^15..], await world.World.Get(bucket, "object", new(text.Length - 15, null)));
        Assert.Equal((0, 3), (world.World.Place.Bodies.Count, world.World.Cold.Bodies.Count));
        Assert.Single(await world.World.Table.All(), row => row.Key.Row[0] == Rows.Manifest);
    }

    [Fact]
    public async Task Many_parts_move_some_at_a_time_and_can_be_read_and_taken_over_meanwhile()
    {
        var bucket = await Moving(world, await world.World.Bucket());
        string[] ids = [.. Enumerable.Range(0, 10).Select(i => Convert.ToBase64String([(byte)i]))];
        foreach (var id in ids) await world.World.Blocks.Put(bucket, "blob", World.By, id, World.Content($"block {id} "), Conditions.None, default);
        // One of them stands at two places.
        BlockListRequest list = new() { Blocks = [.. ids.Append(ids[0]).Select(id => new NamedBlock(id, BlockSource.Latest))], Writer = World.By };
        Assert.Null((await world.World.Blocks.Commit(bucket, "blob", list, default)).Refusal);
        var text = await world.World.Get(bucket, "blob");
        await world.Pass(TimeSpan.FromDays(3));
        // Each takes a minute, and four are written side by side: a step ends after four.
        world.World.Cold.Writing = () =>
        {
            world.World.Clock.MoveTo(world.World.Clock.GetUtcNow().AddMinutes(1));
            return Task.CompletedTask;
        };
        await world.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle, Bucket = "bucket" }, default);
        HashSet<int> there = [];
        for (var i = 0; i < 60; i++)
        {
            await world.Pass(TimeSpan.FromSeconds(10));
            there.Add(world.World.Cold.Bodies.Count);
            Assert.Equal(text, await world.World.Get(bucket, "blob"));
        }
        Assert.Equal([4, 8, 10], there.Order());
        Assert.Equal("cold", (await Only(bucket)).StorageClass);
        Assert.Null((await world.World.Blocks.Commit(bucket, "blob", list with { Blocks = [new(ids[3], BlockSource.Committed)] }, default)).Refusal);
        await world.Pass(TimeSpan.FromDays(9));
        Assert.Equal($"block {ids[3]} ", await world.World.Get(bucket, "blob"));
        Assert.Equal((0, 1), (world.World.Place.Bodies.Count, world.World.Cold.Bodies.Count));
        Assert.Single(await world.World.Table.All(), row => row.Key.Row[0] == Rows.Manifest);
    }

    [Fact]
    public async Task Encrypted_bytes_move_as_they_are()
    {
        var bucket = await Moving(world, await world.World.Bucket());
        bucket = (await world.World.Buckets.Change<SseDefault>(bucket, BucketSettings.Encryption, _ => new SseDefault(SseKind.S3), default)).Value;
        await world.Put(bucket, "object", new string('x', 500));
        var sealedBytes = Assert.Single(world.World.Place.Bodies.Values);
        await world.Pass(TimeSpan.FromDays(3));
        await world.Walk(WalkPurpose.Lifecycle);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(Convert.ToHexString(SHA256.HashData(sealedBytes)), Convert.ToHexString(SHA256.HashData(Assert.Single(world.World.Cold.Bodies.Values))));
        Assert.Equal(new string('x', 500), await world.World.Get(bucket, "object"));
    }

    [Fact]
    public async Task A_class_that_is_no_location_is_told_and_the_bytes_stay()
    {
        var bucket = await Moving(world, await world.World.Bucket(), "GLACIER");
        await world.Put(bucket, "object", new string('x', 500));
        await world.Pass(TimeSpan.FromDays(3));
        await world.Walk(WalkPurpose.Lifecycle);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(("GLACIER", "here"), (await Only(bucket) is var only ? (only.StorageClass, only.Body.Stored!.Location) : default));
        Assert.Empty(world.World.Cold.Bodies);
    }

    [Fact]
    public async Task Older_versions_move_too_and_what_a_site_is_owed_does_not()
    {
        var bucket = await Moving(world, await world.Bucket());
        foreach (var text in new[] { "1", "2" }) await world.Put(bucket, "object", new string(text[0], 500));
        await world.Pass(TimeSpan.FromDays(3));
        var walk = await world.Walk(WalkPurpose.Lifecycle);
        Assert.Equal((0, 2), (walk.Counts.Queued, walk.Counts.Kept));
        await world.CopyAll(bucket);
        Assert.Equal(2, (await world.Walk(WalkPurpose.Lifecycle)).Counts.Queued);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.All(await world.Versions(bucket), each => Assert.Equal("cold", each.Version.Body.Stored!.Location));
        Assert.Equal(2, world.World.Cold.Bodies.Count);
        Assert.Empty(world.World.Place.Bodies);
    }

    [Fact]
    public async Task What_is_replaced_while_it_moves_leaves_nothing_there()
    {
        var bucket = await Moving(world, await world.World.Bucket());
        await world.Put(bucket, "object", new string('x', 500));
        await world.Pass(TimeSpan.FromDays(3));
        await world.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle, Bucket = "bucket" }, default);
        var isReplaced = false;
        world.World.Table.Before = async _ =>
        {
            if (world.World.Cold.Bodies.IsEmpty || isReplaced) return;
            isReplaced = true;
            await world.Put(bucket, "object", new string('y', 500));
        };
        await world.Pass(TimeSpan.FromHours(1));
        Assert.True(isReplaced);
        Assert.Equal("here", (await Only(bucket)).Body.Stored!.Location);
        Assert.Equal(new string('y', 500), await world.World.Get(bucket, "object"));
        Assert.Empty(world.World.Cold.Bodies);
        Assert.Single(world.World.Place.Bodies);
    }

    /// <summary>Cut off at every step, and begun again: the object can be read all the while, and at the end each byte is kept once.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wherever_a_move_is_cut_off_nothing_is_lost(bool isOfParts)
    {
        for (var step = 1; ; step++)
        {
            foreach (var after in new[] { false, true })
            {
                var cut = new WalkWorld();
                var bucket = await Moving(cut, await cut.World.Bucket());
                var text = isOfParts ? await PutParts(cut, bucket, "object") : new string('x', 500);
                if (!isOfParts) await cut.Put(bucket, "object", text);
                await cut.Pass(TimeSpan.FromDays(3));
                cut.World.Cut.Arm(step, after);
                var isCut = false;
                try
                {
                    await cut.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle, Bucket = "bucket" }, default);
                    await cut.Pass(TimeSpan.FromMinutes(30));
                }
                catch (Cut.CutOffException)
                {
                    isCut = true;
                }
                if (!isCut)
                {
                    Assert.InRange(step, 6, 80);
                    return;
                }
                cut.Start();
                Assert.Equal(text, await cut.World.Get(bucket, "object"));
                await cut.Walks.Recover(default);
                await cut.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle, Bucket = "bucket" }, default);
                await cut.Pass(TimeSpan.FromHours(1));
                Assert.Equal(text, await cut.World.Get(bucket, "object"));
                Assert.Equal("cold", Assert.Single(await cut.Versions(bucket)).Version.StorageClass);
                Assert.Empty(cut.World.Place.Bodies);
                // What was written before the cut and never named is the collector's of bytes that nobody owns.
                Assert.InRange(cut.World.Cold.Bodies.Count, isOfParts ? 3 : 1, isOfParts ? 6 : 2);
            }
        }
    }
}
