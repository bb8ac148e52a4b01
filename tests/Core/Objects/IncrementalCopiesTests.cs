using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Incremental copies: the snapshots that they make have bodies in common, and each outlives the others.</summary>
public sealed class IncrementalCopiesTests
{
    private const string Source = "source", Key = "key";
    private const int Chunks = 6, Page = Pages.PageBytes;
    private const long Size = (long)Chunks * Pages.ChunkBytes;
    private static readonly Conditions Blob = new() { IsBlob = true };

    private World world = Fresh();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_the_snapshot_is_there_as_a_whole_and_shares_what_has_not_changed(bool after)
    {
        for (var step = 1; ; step++)
        {
            world = Fresh();
            var bucket = await Prepared();
            var first = await Copied(bucket);
            await Write(bucket, 2, 'x');
            var source = await Snapshot(bucket);
            world.Cut.Arm(step, after);
            var isCut = false;
            try
            {
                await Begin(bucket, source);
                await world.Pass(TimeSpan.FromMinutes(1));
            }
            catch (Cut.CutOffException)
            {
                isCut = true;
            }
            world.Start();
            await world.Pass(TimeSpan.FromHours(2));
            var target = await Target(bucket);
            if (target.Blob!.Incremental!.Made == first)
            {
                // It was never begun.
                Assert.True(isCut);
                await Begin(bucket, source);
                await world.Pass(TimeSpan.FromHours(2));
                target = await Target(bucket);
            }
            Assert.Equal(("success", Size), (target.Blob!.Copy!.Status, target.Blob.Copy.Done));
            Assert.Equal(("a-b--c", "a-x--c"), (await Read(bucket, first), await Read(bucket, target.Blob.Incremental!.Made!.Value)));
            // Of the source four pages, of the target as many: two are in both of its snapshots.
            Assert.Equal(4 + 4, world.Place.Bodies.Count);
            Assert.Equal(5 * Size, (await world.Listed(bucket)).Bytes);
            await Gone(bucket);
            if (!isCut) return;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whichever_snapshot_goes_first_the_others_stay(int when)
    {
        var bucket = await Prepared();
        var first = await Copied(bucket);
        await Write(bucket, 0, 'x');
        await Begin(bucket, await Snapshot(bucket));
        if (when == 0) await Delete(bucket, first); // before the job has begun
        if (when == 3) world.Place.Writing = async () => // when the job has seen it
        {
            world.Place.Writing = null;
            Assert.Null((await world.Objects.Delete(bucket, Key, new() { Snapshot = first }, default)).Refusal);
        };
        await world.Pass(TimeSpan.FromMinutes(1));
        var second = (await Target(bucket)).Blob!.Incremental!.Made!.Value;
        await Clear(bucket, 2);
        var third = await Copied(bucket);
        if (when == 1) await Delete(bucket, first);
        if (when == 2) await Delete(bucket, second);
        await world.Pass(TimeSpan.FromHours(3));
        if (when == 2) Assert.Equal("a-b--c", await Read(bucket, first));
        else Assert.Equal("x-b--c", await Read(bucket, second));
        Assert.Equal("x----c", await Read(bucket, third));
        Assert.Equal(await world.Listed(bucket), await world.Counted(bucket));
        await Gone(bucket);
    }

    [Fact]
    public async Task One_that_is_aborted_leaves_the_snapshots_and_the_next_one_goes_on_from_there()
    {
        var bucket = await Prepared();
        var first = await Copied(bucket);
        await Write(bucket, 2, 'x');
        var begun = await Begin(bucket, await Snapshot(bucket));
        world.Place.Writing = async () =>
        {
            world.Place.Writing = null;
            Assert.Null((await world.BlobCopies.Abort(bucket, Key, begun.Blob!.Copy!.Id, Blob, default)).Refusal);
        };
        await world.Pass(TimeSpan.FromHours(2));
        var aborted = await Target(bucket);
        Assert.Equal(("aborted", first), (aborted.Blob!.Copy!.Status, aborted.Blob.Incremental!.Made));
        Assert.Equal("a-b--c", await Read(bucket, first));
        var second = await Copied(bucket);
        Assert.Equal(("a-b--c", "a-x--c"), (await Read(bucket, first), await Read(bucket, second)));
        Assert.Equal(await world.Listed(bucket), await world.Counted(bucket));
        await Gone(bucket);
    }

    [Fact]
    public async Task Nothing_else_of_Azures_protocol_changes_the_target()
    {
        var bucket = await Prepared();
        await Copied(bucket);
        Assert.Equal(Refusal.IncrementalCopy, (await world.Objects.Snapshot(bucket, Key, Blob, null, default)).Refusal);
        Assert.Equal(Refusal.IncrementalCopy, (await world.Put(bucket, Key, "new", Blob)).Refusal);
        Assert.Equal(Refusal.IncrementalCopy, (await world.Objects.Amend(bucket, Key, null, Blob, null, version => version, default)).Refusal);
        Assert.Equal(Refusal.IncrementalCopy, (await world.Objects.Redescribe(bucket, Key, World.By, Blob, version => version, default)).Refusal);
        await Gone(bucket);
    }

    private static World Fresh()
    {
        var world = new World();
        world.Options = world.Options with { CopyPartBytes = 100 };
        world.Start();
        return world;
    }

    private async Task<Bucket> Prepared()
    {
        var bucket = await world.Bucket();
        Assert.Null((await world.Objects.PutPages(bucket, Source, World.By, new() { Blob = new() { Type = BlobType.PageBlob } }, Size, Conditions.None, default)).Refusal);
        foreach (var (chunk, fill) in new[] { (0, 'a'), (2, 'b'), (5, 'c') }) await Write(bucket, chunk, fill);
        return bucket;
    }

    private async Task Write(Bucket bucket, int chunk, char fill) => Assert.Null(
        (await world.PageBlobs.Write(bucket, Source, new(), (long)chunk * Pages.ChunkBytes, World.Content(new string(fill, Page)), default)).Refusal);

    private async Task Clear(Bucket bucket, int chunk) => Assert.Null(
        (await world.PageBlobs.Clear(bucket, Source, new(), new((long)chunk * Pages.ChunkBytes, Page), default)).Refusal);

    private async Task<ObjectVersion> Snapshot(Bucket bucket) => (await world.Objects.Snapshot(bucket, Source, Blob, null, default)).Value;

    private async Task<ObjectVersion> Target(Bucket bucket) => (await world.Objects.Find(bucket, Key, null, default)).Value.Version;

    /// <summary>Copies the source as it is; gives the time of the snapshot that this makes.</summary>
    private async Task<DateTimeOffset> Copied(Bucket bucket)
    {
        await Begin(bucket, await Snapshot(bucket));
        await world.Pass(TimeSpan.FromMinutes(1));
        var target = await Target(bucket);
        Assert.Equal("success", target.Blob!.Copy!.Status);
        return target.Blob.Incremental!.Made!.Value;
    }

    private async Task<ObjectVersion> Begin(Bucket bucket, ObjectVersion source)
    {
        var found = await world.Objects.Find(bucket, Key, null, default);
        var state = found.Refusal is null ? found.Value.Version.Blob!.Incremental! : new IncrementalCopy(bucket.Id, Source, source.Body.Pages!.Origin!);
        var description = new Description { Blob = new() { Copy = new(Guid.NewGuid().ToString(), "http://example.com/source", BlobCopy.Pending, 0, Size), Incremental = state } };
        var begun = await world.BlobCopies.Begin(bucket, Key, World.By, description, Blob with { IsOfIncremental = true }, new(bucket, Source, source), default);
        Assert.Null(begun.Refusal);
        return begun.Value;
    }

    private async Task Delete(Bucket bucket, DateTimeOffset snapshot)
    {
        Assert.Null((await world.Objects.Delete(bucket, Key, new() { Snapshot = snapshot }, default)).Refusal);
        await world.Pass(TimeSpan.FromHours(3));
    }

    /// <summary>The first page of each chunk of a snapshot, a dash for zeros.</summary>
    private async Task<string> Read(Bucket bucket, DateTimeOffset snapshot)
    {
        var text = "";
        for (long chunk = 0; chunk < Chunks; chunk++)
        {
            var range = new RangeRequest(chunk * Pages.ChunkBytes, chunk * Pages.ChunkBytes + Page - 1);
            var opened = await world.Objects.Open(bucket, Key, new() { Snapshot = snapshot, Range = range }, default);
            await using var body = opened.Value.Body!;
            text += Assert.Single((await World.Text(body)).Distinct());
        }
        return text.Replace('\0', '-');
    }

    /// <summary>Deletes both blobs and their snapshots: neither rows nor bytes stay.</summary>
    private async Task Gone(Bucket bucket)
    {
        foreach (var key in new[] { Key, Source })
            Assert.Null((await world.Objects.Delete(bucket, key, new() { Snapshots = SnapshotsOf.Include, Conditions = Blob with { IsOfIncremental = true } }, default)).Refusal);
        await world.Pass(TimeSpan.FromDays(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }
}
