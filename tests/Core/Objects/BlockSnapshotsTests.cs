using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Snapshots of blobs that were written in blocks: they have blocks and bytes of their own.</summary>
public sealed class BlockSnapshotsTests
{
    private const string Key = "key";
    private static readonly Conditions Blob = new() { IsBlob = true };
    private static readonly string Body = string.Concat("BBBB" + Large, "AAAA" + Large, "BBBB" + Large);

    private World world = new();

    private static string Large => new('l', 300);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_has_the_blocks_and_stays_when_the_blob_goes_another_way(bool isEncrypted)
    {
        var bucket = await world.Bucket();
        if (isEncrypted) bucket = await Encrypt(bucket);
        await Make(bucket);
        var time = await Snapshot(bucket);
        Assert.Equal(["BBBB", "AAAA", "BBBB"], await Blocks(bucket, time));
        // A list that takes blocks over from the blob takes none from the snapshot.
        await Commit(bucket, "AAAA");
        await world.Pass(TimeSpan.FromHours(3));
        Assert.Equal((Body, "AAAA" + Large), (await Read(bucket, time), await world.Get(bucket, Key)));
        await world.Objects.Delete(bucket, Key, new() { Conditions = Blob, Snapshots = SnapshotsOf.Only }, default);
        await world.Pass(TimeSpan.FromHours(3));
        Assert.Equal("AAAA" + Large, await world.Get(bucket, Key));
        Assert.Single(world.Place.Bodies);
        await Gone(bucket);
    }

    [Fact]
    public async Task Where_its_bytes_are_to_be_encrypted_otherwise_it_is_one_body()
    {
        var bucket = await world.Bucket();
        await Make(bucket);
        bucket = await Encrypt(bucket);
        var time = await Snapshot(bucket);
        var snapshot = (await world.Objects.Open(bucket, Key, new() { Snapshot = time, WithBody = false }, default)).Value.Version;
        Assert.Equal(SseKind.S3, snapshot.Encryption?.Kind);
        Assert.Empty(await Blocks(bucket, time));
        Assert.Equal(Body, await Read(bucket, time));
        await Gone(bucket);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_it_is_there_as_a_whole_or_not_at_all(bool after)
    {
        for (var step = 1; ; step++)
        {
            world = new World();
            var bucket = await world.Bucket();
            await Make(bucket);
            world.Cut.Arm(step, after);
            var isOver = true;
            try
            {
                await Snapshot(bucket);
            }
            catch (Cut.CutOffException)
            {
                isOver = false;
            }
            world.Start();
            await world.Pass(TimeSpan.FromHours(3));
            Assert.Equal(Body, await world.Get(bucket, Key));
            var snapshots = (await world.Objects.ListVersions(bucket, new() { Limit = 10 }, default)).Entries
                .Select(entry => entry.Version!.Blob?.Snapshot).OfType<DateTimeOffset>().ToList();
            Assert.InRange(snapshots.Count, isOver ? 1 : 0, 1);
            foreach (var time in snapshots) Assert.Equal((Body, 3), (await Read(bucket, time), (await Blocks(bucket, time)).Count));
            await Gone(bucket);
            if (isOver) return;
        }
    }

    private async Task<Bucket> Encrypt(Bucket bucket) => (await world.Buckets.Change(bucket, BucketSettings.Encryption, _ => new SseDefault(SseKind.S3), default)).Value;

    private async Task Make(Bucket bucket)
    {
        foreach (var id in new[] { "AAAA", "BBBB" }) Assert.Null((await world.Blocks.Put(bucket, Key, World.By, id, World.Content(id + Large), Blob, default)).Refusal);
        await Commit(bucket, "BBBB", "AAAA", "BBBB");
        await world.Pass(TimeSpan.FromDays(8));
    }

    private async Task Commit(Bucket bucket, params string[] list)
    {
        var request = new BlockListRequest { Blocks = [.. list.Select(id => new NamedBlock(id, BlockSource.Latest))], Writer = World.By, Conditions = Blob };
        Assert.Null((await world.Blocks.Commit(bucket, Key, request, default)).Refusal);
    }

    private async Task<DateTimeOffset> Snapshot(Bucket bucket)
    {
        var made = await world.Objects.Snapshot(bucket, Key, Blob, null, default);
        Assert.Null(made.Refusal);
        return made.Value.Blob!.Snapshot!.Value;
    }

    private async Task<List<string>> Blocks(Bucket bucket, DateTimeOffset snapshot) =>
        [.. (await world.Blocks.List(bucket, Key, new() { Snapshot = snapshot }, true, false, default)).Value.Committed!.Select(block => block.Id)];

    private async Task<string> Read(Bucket bucket, DateTimeOffset snapshot)
    {
        var opened = await world.Objects.Open(bucket, Key, new() { Snapshot = snapshot }, default);
        await using var body = opened.Value.Body!;
        return await World.Text(body);
    }

    /// <summary>Deletes the blob and its snapshots: neither rows nor bytes stay.</summary>
    private async Task Gone(Bucket bucket)
    {
        Assert.Null((await world.Objects.Delete(bucket, Key, new() { Conditions = Blob, Snapshots = SnapshotsOf.Include }, default)).Refusal);
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }
}
