using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Metadata that Azure's protocol sets on blobs of a bucket with versions.</summary>
public sealed class RedescribedTests
{
    private const string Key = "key";
    private static readonly Conditions Blob = new() { IsBlob = true };
    private static readonly string Large = new('l', 300);

    private World world = new();

    [Theory]
    [InlineData("small", false)]
    [InlineData("large", false)]
    [InlineData("large", true)]
    [InlineData("blocks", false)]
    [InlineData("blocks", true)]
    public async Task The_version_before_stays_as_it_was_and_the_new_one_has_the_same_bytes(string kind, bool isEncrypted)
    {
        var bucket = await Versioned(isEncrypted);
        var body = await Make(bucket, kind);
        var before = await Find(bucket);
        var result = await Set(bucket, "b");
        Assert.Null(result.Refusal);
        var after = await Find(bucket);
        Assert.NotEqual(before.PublicId, after.PublicId);
        Assert.Equal((after.PublicId, "b", before.ETag, before.Checksum), (result.Value.PublicId, after.Metadata["a"], after.ETag, after.Checksum));
        Assert.NotEqual(before.BlobETag, after.BlobETag);
        Assert.Empty((await world.Objects.Find(bucket, Key, before.PublicId, default)).Value.Version.Metadata);
        Assert.Equal((body, body), (await world.Get(bucket, Key), await Read(bucket, before.PublicId)));
        if (kind == "blocks") Assert.Equal(3, (await world.Blocks.List(bucket, Key, new(), true, false, default)).Value.Committed!.Count);
        // Each has bytes of its own: the one goes, and the other can be read.
        await world.Objects.Delete(bucket, Key, new() { VersionId = before.PublicId }, default);
        await world.Pass(TimeSpan.FromHours(3));
        Assert.Equal(body, await world.Get(bucket, Key));
        await Gone(bucket);
    }

    [Fact]
    public async Task Conditions_and_leases_hold()
    {
        var bucket = await Versioned(false);
        await Make(bucket, "large");
        Assert.Equal(Refusal.PreconditionFailed, (await Set(bucket, "b", Blob with { IfMatch = ["other"] })).Refusal);
        Assert.Null((await Set(bucket, "b", Blob with { IfMatch = [(await Find(bucket)).BlobETag] })).Refusal);
        var lease = new Lease("11111111-1111-1111-1111-111111111111", null, world.Clock.GetUtcNow());
        await world.Objects.Amend(bucket, Key, null, Blob with { IsOfLease = true }, null, version => version with { Blob = (version.Blob ?? new()) with { Lease = lease } }, default);
        Assert.Equal(Refusal.Leased, (await Set(bucket, "c")).Refusal);
        Assert.Null((await Set(bucket, "c", Blob with { LeaseId = lease.Id })).Refusal);
        Assert.Equal((lease, "c"), ((await Find(bucket)).Blob!.Lease, (await Find(bucket)).Metadata["a"]));
        Assert.Equal(Refusal.NoSuchKey, (await world.Objects.Redescribe(bucket, "none", World.By, Blob, version => version, default)).Refusal);
    }

    [Fact]
    public async Task A_blob_that_is_written_meanwhile_gets_the_metadata_in_its_new_version()
    {
        var bucket = await Versioned(false);
        await Make(bucket, "large");
        var isFirst = true;
        world.Place.Writing = async () =>
        {
            if (!isFirst) return;
            isFirst = false;
            await world.Put(bucket, Key, Large + "new");
        };
        Assert.Null((await Set(bucket, "b")).Refusal);
        Assert.Equal((Large + "new", "b"), (await world.Get(bucket, Key), (await Find(bucket)).Metadata["a"]));
        Assert.Equal(3, (await world.Objects.ListVersions(bucket, new() { Limit = 10 }, default)).Entries.Count);
        await Gone(bucket);
    }

    [Fact]
    public async Task Without_versions_and_of_blobs_that_grow_the_version_itself_changes()
    {
        var bucket = await world.Bucket();
        await Make(bucket, "large");
        Assert.Null((await Set(bucket, "b")).Refusal);
        Assert.Equal("b", (await Find(bucket)).Metadata["a"]);
        Assert.Single(world.Place.Bodies);
        bucket = await Versioned(false);
        await world.Objects.PutPages(bucket, Key, World.By, new() { Blob = new() { Type = BlobType.PageBlob } }, 512, Conditions.None, default);
        var before = await Find(bucket);
        Assert.Null((await Set(bucket, "c")).Refusal);
        var after = await Find(bucket);
        Assert.Equal((before.PublicId, "c"), (after.PublicId, after.Metadata["a"]));
        Assert.NotEqual(before.BlobETag, after.BlobETag);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_there_is_the_new_version_or_none_and_nothing_is_left_behind(bool after)
    {
        foreach (var kind in new[] { "small", "large", "blocks" })
        {
            for (var step = 1; ; step++)
            {
                world = new World();
                var bucket = await Versioned(false);
                var body = await Make(bucket, kind);
                world.Cut.Arm(step, after);
                var isOver = true;
                try
                {
                    await Set(bucket, "b");
                }
                catch (Cut.CutOffException)
                {
                    isOver = false;
                }
                world.Start();
                await world.Pass(TimeSpan.FromHours(3));
                Assert.Equal(body, await world.Get(bucket, Key));
                var versions = (await world.Objects.ListVersions(bucket, new() { Limit = 10 }, default)).Entries.Count;
                Assert.InRange(versions, isOver ? 2 : 1, 2);
                Assert.Equal(versions == 2, (await Find(bucket)).Metadata.ContainsKey("a"));
                await Gone(bucket);
                if (isOver) break;
            }
        }
    }

    private async Task<Bucket> Versioned(bool isEncrypted)
    {
        var bucket = await world.Bucket();
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
        return isEncrypted ? (await world.Buckets.Change(bucket, BucketSettings.Encryption, _ => new SseDefault(SseKind.S3), default)).Value : bucket;
    }

    /// <summary>A blob, and what is in it.</summary>
    private async Task<string> Make(Bucket bucket, string kind)
    {
        if (kind != "blocks")
        {
            var body = kind == "small" ? "small" : Large;
            Assert.Null((await world.Put(bucket, Key, body, Blob)).Refusal);
            return body;
        }
        foreach (var id in new[] { "AAAA", "BBBB" }) Assert.Null((await world.Blocks.Put(bucket, Key, World.By, id, World.Content(id + Large), Blob, default)).Refusal);
        string[] list = ["BBBB", "AAAA", "BBBB"];
        var request = new BlockListRequest { Blocks = [.. list.Select(id => new NamedBlock(id, BlockSource.Latest))], Writer = World.By, Conditions = Blob };
        Assert.Null((await world.Blocks.Commit(bucket, Key, request, default)).Refusal);
        await world.Pass(TimeSpan.FromDays(8));
        return string.Concat(list.Select(id => id + Large));
    }

    private ValueTask<Result<ObjectVersion>> Set(Bucket bucket, string value, Conditions? conditions = null) => world.Objects.Redescribe(
        bucket, Key, World.By, conditions ?? Blob, version => version with { Metadata = new Dictionary<string, string> { ["a"] = value } }, default);

    private async Task<ObjectVersion> Find(Bucket bucket) => (await world.Objects.Find(bucket, Key, null, default)).Value.Version;

    private async Task<string> Read(Bucket bucket, string versionId)
    {
        var opened = await world.Objects.Open(bucket, Key, new() { VersionId = versionId }, default);
        await using var body = opened.Value.Body!;
        return await World.Text(body);
    }

    /// <summary>Removes every version: no bytes stay, and of rows the key's highest sequence alone.</summary>
    private async Task Gone(Bucket bucket)
    {
        foreach (var entry in (await world.Objects.ListVersions(bucket, new() { Limit = 10 }, default)).Entries)
            await world.Objects.Delete(bucket, Key, new() { VersionId = entry.Version!.PublicId }, default);
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Empty(world.Place.Bodies);
        Assert.DoesNotContain(await world.Table.All(), row => row.Key.Row[0] != Rows.HighWater);
    }
}
