using System.IO.Pipelines;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class AppendBlobsTests
{
    [Fact]
    public async Task Blocks_are_appended_one_after_another_and_read_as_one_object()
    {
        var world = new World();
        var bucket = await Made(world);
        var states = new HashSet<string>();
        for (var i = 0; i < 5; i++) Assert.True(states.Add((await Append(world, bucket, $"block {i};")).Value.Version.ETag));
        Assert.Equal("block 0;block 1;block 2;block 3;block 4;", await world.Get(bucket, "log"));
        Assert.Equal("1;block 2", await world.Get(bucket, "log", new(14, 22)));
        var version = (await world.Objects.Find(bucket, "log", null, default)).Value.Version;
        Assert.Equal((40, 5), (version.Size, version.Blob!.Appended));
        Assert.Equal(2, (await world.Table.All()).Count); // the version and one row of its list
        Assert.Equal(new(40, 1, 0), await world.Counted(bucket));
        await world.Walk(bucket);
        Assert.Equal(new(40, 1, 0), await world.Counted(bucket));
        await world.Objects.Delete(bucket, "log", new(), default);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task Lists_of_more_parts_than_a_row_holds_go_on_in_another()
    {
        var world = new World();
        var bucket = await Made(world);
        for (var i = 0; i < 2005; i++) Assert.Null((await Append(world, bucket, $"{i:d4}")).Refusal);
        var text = await world.Get(bucket, "log");
        Assert.Equal(string.Concat(Enumerable.Range(0, 2005).Select(i => $"{i:d4}")), text);
        Assert.Equal(4, (await world.Table.All()).Count);
        await world.Objects.Delete(bucket, "log", new(), default);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task A_reader_that_saw_the_blob_before_an_append_reads_what_it_saw()
    {
        var world = new World();
        var bucket = await Made(world);
        await Append(world, bucket, "before");
        var opened = (await world.Objects.Open(bucket, "log", new(), default)).Value;
        await Append(world, bucket, "behind");
        await using var body = opened.Body!;
        Assert.Equal("before", await World.Text(body));
    }

    [Fact]
    public async Task Positions_sizes_types_and_seals_are_looked_at()
    {
        var world = new World();
        var bucket = await Made(world);
        Assert.Equal(Refusal.AppendPosition, (await Append(world, bucket, "x", new() { Position = 1 })).Refusal);
        Assert.Equal(Refusal.AppendSize, (await Append(world, bucket, "xx", new() { MaxSize = 1 })).Refusal);
        Assert.Equal(0, (await Append(world, bucket, "x", new() { Position = 0, MaxSize = 1 })).Value.Offset);
        Assert.Null((await world.AppendBlobs.Seal(bucket, "log", new(), default)).Refusal);
        Assert.Equal(Refusal.Sealed, (await Append(world, bucket, "x")).Refusal);
        await world.Put(bucket, "log", "a block blob");
        Assert.Equal(Refusal.WrongBlobType, (await Append(world, bucket, "x")).Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
    }

    [Fact]
    public async Task Appends_at_once_all_arrive_whole()
    {
        var world = new World();
        var bucket = await Made(world);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () => Assert.Null((await Append(world, bucket, $"<{i:d2}>")).Refusal))));
        var text = (await world.Get(bucket, "log"))!;
        Assert.Equal(80, text.Length);
        for (var i = 0; i < 20; i++) Assert.Contains($"<{i:d2}>", text, StringComparison.Ordinal);
        Assert.Equal(2, (await world.Table.All()).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_a_block_is_there_as_a_whole_or_not_at_all(bool after)
    {
        for (var step = 1; ; step++)
        {
            var world = new World();
            var bucket = await Made(world);
            await Append(world, bucket, "first ");
            world.Cut.Arm(step, after);
            var isOver = true;
            try
            {
                await Append(world, bucket, "second ");
            }
            catch (Cut.CutOffException)
            {
                isOver = false;
            }
            world.Start();
            var text = await world.Get(bucket, "log");
            Assert.Contains(text, isOver ? ["first second "] : new[] { "first ", "first second " });
            Assert.Null((await Append(world, bucket, "third")).Refusal);
            Assert.Equal(text + "third", await world.Get(bucket, "log"));
            await world.Walk(bucket);
            Assert.Equal(new(text!.Length + 5, 1, 0), await world.Counted(bucket));
            await world.Objects.Delete(bucket, "log", new(), default);
            await world.Pass(TimeSpan.FromDays(1));
            Assert.Empty(await world.Table.All());
            if (isOver) return;
        }
    }

    private static async Task<Bucket> Made(World world)
    {
        var bucket = await world.Bucket();
        var empty = new Content(PipeReader.Create(Stream.Null), 0);
        Assert.Null((await world.Objects.Put(bucket, "log", World.By, new() { Blob = new() { Type = BlobType.AppendBlob } }, empty, Conditions.None, default)).Refusal);
        return bucket;
    }

    private static ValueTask<Result<Appended>> Append(World world, Bucket bucket, string body, AppendRequest? request = null) =>
        world.AppendBlobs.Append(bucket, "log", request ?? new(), World.Content(body), default);
}
