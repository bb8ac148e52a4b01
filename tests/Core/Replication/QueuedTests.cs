using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Replication;

/// <summary>What commits tell the counters.</summary>
public sealed class QueuedTests
{
    private static readonly ReplicationRule Rule = new() { Id = "all", Enabled = true, DeleteMarkers = true, Prefix = "a/", Sites = ["one", "two"] };

    private readonly World world = new();
    private readonly List<(string Site, long Bytes)> counted = [];

    private async Task<Bucket> Bucket()
    {
        world.Options = world.Options with { CopyQueued = (site, bytes, _) => counted.Add((site, bytes)) };
        world.Start();
        var bucket = await world.Bucket();
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
        return (await world.Buckets.Change(bucket, BucketSettings.Replication, _ => new ReplicationSetting("role", [Rule]), default)).Value;
    }

    [Fact]
    public async Task Each_copy_that_a_commit_makes_due_is_counted_once_and_nothing_else()
    {
        var bucket = await Bucket();
        await world.Put(bucket, "b/key", "nowhere");
        Assert.Empty(counted);
        await world.Put(bucket, "a/key", "1234");
        Assert.Equal([("one", 4), ("two", 4)], counted);
        await world.Objects.Amend(
            bucket, "a/key", null, new Cause(EventNames.TaggingPut, "me", null, "id"),
            version => version with { Tags = new Dictionary<string, string> { ["t"] = "v" } }, default);
        Assert.Equal(4, counted.Count);
        await world.Objects.Amend(bucket, "a/key", null, version => version with { LegalHold = true }, default);
        Assert.Equal(4, counted.Count);
        await world.Objects.Delete(bucket, "a/key", new(), default);
        Assert.Equal([("one", 0), ("two", 0)], counted[4..]);
    }

    [Fact]
    public async Task A_commit_that_has_to_be_tried_again_is_counted_once()
    {
        var bucket = await Bucket();
        await world.Put(bucket, "a/key", "1");
        counted.Clear();
        world.Table.Before = async _ =>
        {
            world.Table.Before = null;
            await world.Put(bucket, "a/key", "22"); // a rival is faster
        };
        await world.Put(bucket, "a/key", "333");
        Assert.Equal([("one", 2), ("one", 3), ("two", 2), ("two", 3)], counted.Order());
    }

    [Fact]
    public async Task What_was_not_committed_is_not_counted()
    {
        var bucket = await Bucket();
        world.Table.Before = _ => throw new IOException("The disk does not answer.");
        await Assert.ThrowsAsync<IOException>(async () => await world.Put(bucket, "a/key", "1"));
        Assert.Empty(counted);
    }
}
