using System.Text;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class BlocksTests
{
    private readonly World world = new();

    [Fact]
    public async Task Blocks_become_the_blob_in_the_order_of_the_list_and_nothing_else_stays()
    {
        var bucket = await world.Bucket();
        await Put(bucket, "a", "first");
        await Put(bucket, "b", "second");
        await Put(bucket, "c", "never named");
        await Put(bucket, "a", "again");
        var written = await Latest(bucket, "b", "a", "b");

        Assert.Equal("secondagainsecond", await world.Get(bucket, "key"));
        Assert.EndsWith("-3", written.Value.Version.ETag, StringComparison.Ordinal);
        Assert.Equal("b:6 a:5 b:6", await Committed(bucket));
        Assert.Equal("", await Uncommitted(bucket));
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Equal(2, world.Place.Bodies.Count);
        Assert.Equal(2, (await world.Table.All()).Count); // the version and its manifest
        Assert.Equal(new(17, 1, 0), await world.Counted(bucket));

        await world.Objects.Delete(bucket, "key", new(), default);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task A_list_takes_committed_and_uncommitted_blocks_as_it_says()
    {
        var bucket = await world.Bucket();
        await Put(bucket, "a", "old a ");
        await Put(bucket, "b", "old b ");
        await Latest(bucket, "a", "b");
        await Put(bucket, "a", "new a ");
        await Put(bucket, "c", "new c ");
        Assert.Equal(Refusal.InvalidBlockList, (await Commit(bucket, new NamedBlock(Id("c"), BlockSource.Committed))).Refusal);
        Assert.Equal(Refusal.InvalidBlockList, (await Commit(bucket, new NamedBlock(Id("b"), BlockSource.Uncommitted))).Refusal);
        Assert.Null((await Commit(
            bucket, new(Id("a"), BlockSource.Committed), new(Id("a"), BlockSource.Latest), new(Id("b"), BlockSource.Latest),
            new(Id("c"), BlockSource.Uncommitted))).Refusal);
        Assert.Equal("old a new a old b new c ", await world.Get(bucket, "key"));
        Assert.Null((await Commit(bucket, new(Id("b"), BlockSource.Committed), new(Id("b"), BlockSource.Latest))).Refusal);
        Assert.Equal("old b old b ", await world.Get(bucket, "key"));
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Single(world.Place.Bodies);
        Assert.Equal(new(12, 1, 0), await world.Counted(bucket));
    }

    [Fact]
    public async Task A_list_that_is_refused_leaves_the_uncommitted_blocks_as_they_were()
    {
        var bucket = await world.Bucket();
        await Put(bucket, "a", "kept ");
        await Latest(bucket, "a");
        await Put(bucket, "a", "open ");
        var counted = await world.Counted(bucket);
        var refused = await world.Blocks.Commit(
            bucket, "key",
            new() { Blocks = [new(Id("a"), BlockSource.Committed)], Writer = World.By, Conditions = new() { IsBlob = true, IfNoneMatch = ["*"] } }, default);
        Assert.Equal(Refusal.PreconditionFailed, refused.Refusal);
        Assert.Equal(counted, await world.Counted(bucket));
        Assert.Equal("a:5", await Uncommitted(bucket));
        Assert.Equal("kept ", await world.Get(bucket, "key"));
    }

    [Fact]
    public async Task Ids_of_one_blob_have_one_length_until_its_list_was_committed()
    {
        var bucket = await world.Bucket();
        await Put(bucket, "a", "x");
        Assert.Equal(Refusal.InvalidBlock, (await TryPut(bucket, "aa", "y")).Refusal);
        await Latest(bucket, "a");
        Assert.Null((await TryPut(bucket, "aa", "y")).Refusal);
    }

    [Fact]
    public async Task Blocks_that_nobody_adds_to_for_seven_days_are_dropped()
    {
        var bucket = await world.Bucket();
        await Put(bucket, "a", "x");
        await world.Pass(TimeSpan.FromDays(6));
        await Put(bucket, "b", "y");
        await world.Pass(TimeSpan.FromDays(6));
        Assert.Equal("a:1 b:1", await Uncommitted(bucket));
        await world.Pass(TimeSpan.FromDays(2));
        Assert.Equal(Refusal.NoSuchKey, (await world.Blocks.List(bucket, "key", new(), true, true, default)).Refusal);
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
        Assert.Equal(default, await world.Counted(bucket));
    }

    [Fact]
    public async Task Lists_of_uploads_do_not_show_blocks_and_the_removal_of_the_bucket_drops_them()
    {
        var bucket = await world.Bucket();
        await Put(bucket, "a", "x");
        Assert.Empty((await world.Uploads.List(bucket, new(), default)).Entries);
        Assert.Single((await world.Uploads.List(bucket, new() { OfBlocks = true }, default)).Entries);
        Assert.Null((await world.Buckets.Delete(bucket, default)).Refusal);
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Empty(world.Place.Bodies);
    }

    [Fact]
    public async Task Parts_of_an_upload_count_as_committed_blocks()
    {
        var bucket = await world.Bucket();
        var upload = (await world.Uploads.Create(bucket, "key", World.By, new(), null, null, default)).Value;
        var part = (await world.PutPart(bucket, "key", upload.Id, 3, "part")).Value;
        await world.Uploads.Complete(bucket, "key", upload.Id, new() { Parts = [new(3, part.ETag)] }, default);
        var block = Assert.Single((await world.Blocks.List(bucket, "key", new(), true, false, default)).Value.Committed!);
        await TryPut(bucket, "part-00002", " and block");
        Assert.Null((await Commit(bucket, new NamedBlock(block.Id, BlockSource.Committed), new(Id("part-00002"), BlockSource.Latest))).Refusal);
        Assert.Equal("part and block", await world.Get(bucket, "key"));
    }

    [Fact]
    public async Task Committed_blocks_are_taken_over_as_they_are_and_go_when_no_list_names_them()
    {
        var bucket = await world.Bucket();
        await Put(bucket, "0", "head ");
        await Latest(bucket, "0");
        var ids = new List<string> { "0" };
        for (var i = 1; i <= 9; i++)
        {
            var bodies = world.Place.Bodies.Keys.ToList();
            await Put(bucket, $"{i}", $"{i} ");
            ids.Add($"{i}");
            Assert.Null((await Latest(bucket, [.. ids])).Refusal);
            Assert.Single(world.Place.Bodies.Keys, name => !bodies.Contains(name)); // of ten blocks one was written
        }
        Assert.Equal("head 1 2 3 4 5 6 7 8 9 ", await world.Get(bucket, "key"));
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Equal("head 1 2 3 4 5 6 7 8 9 ", await world.Get(bucket, "key"));
        Assert.Equal(10, world.Place.Bodies.Count);
        Assert.Equal(new(23, 1, 0), await world.Counted(bucket));

        Assert.Null((await Latest(bucket, "9", "3", "3")).Refusal);
        Assert.EndsWith("-3", (await world.Objects.Find(bucket, "key", null, default)).Value.Version.ETag, StringComparison.Ordinal);
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Equal("9 3 3 ", await world.Get(bucket, "key"));
        Assert.Equal(2, world.Place.Bodies.Count);
        Assert.Equal(2, (await world.Table.All()).Count);
        Assert.Equal(new(6, 1, 0), await world.Counted(bucket));
        await world.Walk(bucket);
        Assert.Equal(new(6, 1, 0), await world.Counted(bucket));

        Assert.Null((await world.Put(bucket, "key", "whole")).Refusal);
        await world.Pass(TimeSpan.FromDays(8));
        Assert.DoesNotContain(world.Place.Bodies.Values, body => body.Length == 2);
    }

    [Fact]
    public async Task More_blocks_than_a_row_of_the_list_holds_are_taken_over_and_dropped_alike()
    {
        var bucket = await world.Bucket();
        string[] ids = [.. Enumerable.Range(1000, 1100).Select(i => $"{i}")];
        foreach (var id in ids) await Put(bucket, id, id);
        await Latest(bucket, ids);
        Assert.Null((await Latest(bucket, ids[1050..])).Refusal);
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Equal(string.Concat(ids[1050..]), await world.Get(bucket, "key"));
        Assert.Equal(50, world.Place.Bodies.Count);
        Assert.Equal(2, (await world.Table.All()).Count);
    }

    [Fact]
    public async Task Where_the_old_blob_stays_as_a_version_its_blocks_are_copied()
    {
        var bucket = await world.Bucket();
        await Put(bucket, "a", "old ");
        await Latest(bucket, "a");
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
        var old = (await world.Objects.Find(bucket, "key", null, default)).Value.Version;
        await Put(bucket, "b", "new ");
        Assert.Null((await Latest(bucket, "a", "b")).Refusal);
        Assert.Null((await world.Objects.Delete(bucket, "key", new() { VersionId = old.PublicId }, default)).Refusal);
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Equal("old new ", await world.Get(bucket, "key"));
        Assert.Equal(2, world.Place.Bodies.Count);
    }

    [Fact]
    public async Task A_list_whose_blob_was_replaced_before_its_commit_takes_nothing_over()
    {
        var bucket = await world.Bucket();
        await Put(bucket, "a", "old ");
        await Latest(bucket, "a");
        await Put(bucket, "b", "new ");
        // The list has begun, and remembers whose blocks it takes over; then its process ends.
        for (var step = 1; ; step++)
        {
            world.Cut.Arm(step, true);
            try
            {
                await Latest(bucket, "a", "b");
                Assert.Fail("It was never cut off with the list begun.");
            }
            catch (Cut.CutOffException)
            {
            }
            world.Start();
            var uploads = (await world.Table.All()).Select(row => Encoding.UTF8.GetString(row.Value.Span));
            if (uploads.Any(row => row.Contains("\"inherits\":{", StringComparison.Ordinal))) break;
        }
        Assert.Null((await world.Put(bucket, "key", "whole")).Refusal);
        await world.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal("whole", await world.Get(bucket, "key"));
        Assert.Equal("b:4", await Uncommitted(bucket));
        Assert.Equal(Refusal.InvalidBlockList, (await Latest(bucket, "a", "b")).Refusal);
        Assert.Null((await Latest(bucket, "b")).Refusal);
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Equal("new ", await world.Get(bucket, "key"));
        Assert.Single(world.Place.Bodies);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_of_a_removal_that_follows_the_blocks_that_live_on_stay(bool after)
    {
        for (var step = 1; ; step++)
        {
            var world = new World();
            var tests = new BlocksTests(world);
            var bucket = await world.Bucket();
            foreach (var id in (string[])["a", "b", "c"]) await tests.Put(bucket, id, id);
            await tests.Latest(bucket, "a", "b", "c");
            await tests.Put(bucket, "d", "d");
            await tests.Latest(bucket, "a", "c", "d");
            world.Cut.Arm(step, after);
            var isOver = true;
            try
            {
                await tests.Put(bucket, "e", "e");
                await tests.Latest(bucket, "c", "d", "e");
                await world.Pass(TimeSpan.FromDays(8));
            }
            catch (Cut.CutOffException)
            {
                isOver = false;
            }
            world.Start();
            Assert.Contains(await world.Get(bucket, "key"), isOver ? ["cde"] : new[] { "acd", "cde" });
            await world.Pass(TimeSpan.FromDays(20));
            var left = (await world.Get(bucket, "key"))!;
            // What was cut off between the bytes of a block and its row is nobody's.
            var bodies = world.Place.Bodies.Values.Select(Encoding.ASCII.GetString).Where(body => body != "e" || left.Contains('e', StringComparison.Ordinal));
            Assert.Equal(left, string.Concat(bodies.Order(StringComparer.Ordinal)));
            Assert.Equal(2, (await world.Table.All()).Count);
            await world.Walk(bucket);
            Assert.Equal(new(3, 1, 0), await world.Counted(bucket));
            if (isOver) return;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_the_blob_is_the_old_or_the_new_one_and_the_next_list_succeeds(bool after)
    {
        for (var step = 1; ; step++)
        {
            var world = new World();
            var tests = new BlocksTests(world);
            var bucket = await world.Bucket();
            await tests.Put(bucket, "a", "old ");
            await tests.Latest(bucket, "a");
            world.Cut.Arm(step, after);
            var isOver = true;
            try
            {
                await tests.Put(bucket, "b", "new ");
                await tests.Latest(bucket, "a", "b");
            }
            catch (Cut.CutOffException)
            {
                isOver = false;
            }
            world.Start();
            Assert.Contains(await world.Get(bucket, "key"), isOver ? ["old new "] : new[] { "old ", "old new " });
            await tests.Put(bucket, "c", "newest ");
            Assert.Null((await tests.Latest(bucket, "a", "c")).Refusal);
            Assert.Equal("old newest ", await world.Get(bucket, "key"));
            await world.Pass(TimeSpan.FromDays(20));
            Assert.Equal("old newest ", await world.Get(bucket, "key"));
            Assert.Equal(2, (await world.Table.All()).Count);
            await world.Walk(bucket);
            Assert.Equal(new(11, 1, 0), await world.Counted(bucket));
            if (isOver) return;
        }
    }

    public BlocksTests()
    {
    }

    private BlocksTests(World world) => this.world = world;

    private static string Id(string name) => Convert.ToBase64String(Encoding.ASCII.GetBytes(name));

    private async Task<Result<Part>> TryPut(Bucket bucket, string id, string body) =>
        await world.Blocks.Put(bucket, "key", World.By, Id(id), World.Content(body), Conditions.None, default);

    private async Task Put(Bucket bucket, string id, string body) => Assert.Null((await TryPut(bucket, id, body)).Refusal);

    private async Task<Result<Written>> Latest(Bucket bucket, params string[] ids) =>
        await Commit(bucket, [.. ids.Select(id => new NamedBlock(Id(id), BlockSource.Latest))]);

    private async Task<Result<Written>> Commit(Bucket bucket, params NamedBlock[] blocks) =>
        await world.Blocks.Commit(bucket, "key", new() { Blocks = blocks, Writer = World.By }, default);

    private async Task<string> Uncommitted(Bucket bucket) =>
        Told((await world.Blocks.List(bucket, "key", new(), false, true, default)).Value.Uncommitted!);

    private async Task<string> Committed(Bucket bucket) =>
        Told((await world.Blocks.List(bucket, "key", new(), true, false, default)).Value.Committed!);

    private static string Told(IReadOnlyList<BlobBlock> blocks) =>
        string.Join(' ', blocks.Select(block => $"{Encoding.ASCII.GetString(Convert.FromBase64String(block.Id))}:{block.Size}"));
}
