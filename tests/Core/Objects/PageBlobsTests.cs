using System.IO.Pipelines;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class PageBlobsTests
{
    private const int Page = Pages.PageBytes, Chunk = Pages.ChunkBytes;
    private const string Key = "disk";

    private readonly World world = new();

    [Fact]
    public async Task What_was_never_written_is_zeros_and_costs_nothing()
    {
        var bucket = await Made(Pages.MostBytes);
        await Write(bucket, Pages.MostBytes - Page, Bytes('z', Page));
        Assert.Equal(Pages.MostBytes, (await Find(bucket)).Size);
        Assert.Equal(new byte[Page].Concat(Bytes('z', Page)), await Read(bucket, Pages.MostBytes - 2 * Page, 2 * Page));
        Assert.Equal(new byte[3 * Chunk + 5], await Read(bucket, 17, 3 * Chunk + 5));
        Assert.Single(world.Place.Bodies);
        Assert.Equal(new(Pages.MostBytes, 1, 0), await world.Counted(bucket));
        await world.Walk(bucket);
        Assert.Equal(new(Pages.MostBytes, 1, 0), await world.Counted(bucket));
        await Gone(bucket);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task Whatever_is_written_cleared_and_resized_is_read_as_from_an_array_and_nothing_stays(int seed, bool isEncrypted)
    {
        var bucket = await world.Bucket();
        if (isEncrypted) bucket = (await world.Buckets.Change(bucket, BucketSettings.Encryption, _ => new SseDefault(SseKind.S3), default)).Value;
        var random = new Random(seed);
        var model = new byte[3 * Chunk];
        await Make(bucket, model.Length);
        for (var i = 0; i < 250; i++)
        {
            var offset = random.Next(model.Length / Page) * Page;
            // Around the border of two chunks, mostly.
            if (i % 4 != 0) offset = Math.Min(model.Length - Page, Chunk - 40 * Page + random.Next(80) * Page);
            var length = Math.Min((random.Next(i % 10 == 0 ? 2000 : 12) + 1) * Page, model.Length - offset);
            switch (random.Next(12))
            {
                case 0 or 1:
                    Assert.Null((await world.PageBlobs.Clear(bucket, Key, new(), new(offset, length), default)).Refusal);
                    model.AsSpan(offset, length).Clear();
                    break;
                case 2 when i % 3 == 0:
                    var size = random.Next(1, 3 * Chunk / Page) * Page;
                    Assert.Null((await world.PageBlobs.Change(bucket, Key, new(), size, version => version, default)).Refusal);
                    Array.Resize(ref model, size);
                    Assert.Null((await world.PageBlobs.Change(bucket, Key, new(), 3 * Chunk, version => version, default)).Refusal);
                    Array.Resize(ref model, 3 * Chunk);
                    break;
                default:
                    var bytes = new byte[length];
                    random.NextBytes(bytes);
                    await Write(bucket, offset, bytes);
                    bytes.CopyTo(model, offset);
                    break;
            }
            if (i % 25 == 0) Assert.Equal(model, await Read(bucket, 0, model.Length));
            if (i % 40 == 0) await world.Pass(TimeSpan.FromHours(1));
        }
        Assert.Equal(model, await Read(bucket, 0, model.Length));
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(model, await Read(bucket, 0, model.Length));
        // What was overwritten has gone: no more bodies are left than the chunks' rows may name.
        Assert.InRange(world.Place.Bodies.Count, 1, 3 * (Pages.MostBodies + 1));
        await Gone(bucket);
    }

    [Fact]
    public async Task Writers_of_different_pages_at_once_lose_nothing()
    {
        var bucket = await Made(2 * Chunk);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => Write(bucket, Chunk + (i - 20) * Page, Bytes((char)('a' + i), Page)))));
        var read = await Read(bucket, Chunk - 20 * Page, 40 * Page);
        for (var i = 0; i < 40; i++) Assert.Equal(Bytes((char)('a' + i), Page), read[(i * Page)..((i + 1) * Page)]);
        await Gone(bucket);
    }

    [Fact]
    public async Task A_reader_reads_what_it_saw_though_it_is_overwritten_meanwhile()
    {
        var bucket = await Made(Chunk);
        await Write(bucket, 0, Bytes('a', 4 * Page));
        var opened = (await world.Objects.Open(bucket, Key, new(), default)).Value;
        await Write(bucket, Page, Bytes('b', Page));
        await using var body = opened.Body!;
        Assert.Equal(new string('a', 4 * Page), (await World.Text(body))[..(4 * Page)]);
    }

    [Fact]
    public async Task A_write_between_the_looks_of_a_reader_is_read_whole_or_not_at_all()
    {
        var bucket = await Made(4 * Chunk);
        await Write(bucket, Chunk - Page, Bytes('a', 2 * Page));
        world.Table.BeforeScan = async () =>
        {
            world.Table.BeforeScan = null;
            await Write(bucket, Chunk - Page, Bytes('b', 2 * Page));
        };
        Assert.Equal(Bytes('b', 2 * Page), await Read(bucket, Chunk - Page, 2 * Page));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_a_write_over_two_chunks_is_there_as_a_whole_or_not_at_all(bool after)
    {
        for (var step = 1; ; step++)
        {
            var world = new World();
            var tests = new PageBlobsTests(world);
            var bucket = await tests.Made(2 * Chunk);
            await tests.Write(bucket, Chunk - Page, Bytes('a', 2 * Page));
            world.Cut.Arm(step, after);
            var isOver = true;
            try
            {
                await tests.Write(bucket, Chunk - Page, Bytes('b', 2 * Page));
            }
            catch (Cut.CutOffException)
            {
                isOver = false;
            }
            world.Start();
            var read = await tests.Read(bucket, Chunk - Page, 2 * Page);
            Assert.True(read.SequenceEqual(Bytes('b', 2 * Page)) || (!isOver && read.SequenceEqual(Bytes('a', 2 * Page))));
            await tests.Write(bucket, Chunk, Bytes('c', Page));
            await world.Pass(TimeSpan.FromDays(1));
            Assert.Equal(read[..Page].Concat(Bytes('c', Page)), await tests.Read(bucket, Chunk - Page, 2 * Page));
            await world.Objects.Delete(bucket, Key, new(), default);
            await world.Pass(TimeSpan.FromDays(1));
            Assert.Empty(await world.Table.All());
            if (isOver) return;
        }
    }

    [Fact]
    public async Task A_blob_with_many_chunks_is_cleared_and_cut_off_step_by_step()
    {
        var bucket = await Made(300L * Chunk);
        for (var i = 0; i < 300; i++) await Write(bucket, i * (long)Chunk, Bytes('x', Page));
        Assert.Null((await world.PageBlobs.Clear(bucket, Key, new(), new(0, 100L * Chunk), default)).Refusal);
        Assert.Equal(200, (await Ranges(bucket)).Count);
        Assert.Null((await world.PageBlobs.Change(bucket, Key, new(), 150L * Chunk, version => version, default)).Refusal);
        Assert.Equal((50, 150L * Chunk), ((await Ranges(bucket)).Count, (await Find(bucket)).Size));
        Assert.Equal(new(150L * Chunk, 1, 0), await world.Counted(bucket));
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(50, world.Place.Bodies.Count);
        await Gone(bucket);
    }

    [Fact]
    public async Task Types_ranges_and_sequence_numbers_are_looked_at_before_and_at_the_commit()
    {
        var bucket = await Made(2 * Page);
        Assert.Equal(Refusal.InvalidPageRange, (await Try(bucket, Page, Bytes('x', 2 * Page))).Refusal);
        Assert.Null((await world.PageBlobs.Change(bucket, Key, new(), null, version => version with { Blob = version.Blob! with { SequenceNumber = 7 } }, default)).Refusal);
        Assert.Equal(Refusal.SequenceNumber, (await Try(bucket, 0, Bytes('x', Page), new() { AtMost = 6 })).Refusal);
        Assert.Equal(Refusal.SequenceNumber, (await Try(bucket, 0, Bytes('x', Page), new() { Below = 7 })).Refusal);
        Assert.Equal(Refusal.SequenceNumber, (await Try(bucket, 0, Bytes('x', Page), new() { Exactly = 8 })).Refusal);
        Assert.Null((await Try(bucket, 0, Bytes('x', Page), new() { AtMost = 7, Below = 8, Exactly = 7 })).Refusal);
        Assert.Equal(Refusal.PreconditionFailed, (await Try(bucket, 0, Bytes('x', Page), new() { Conditions = new() { IsBlob = true, IfMatch = ["other"] } })).Refusal);
        Assert.Equal(Bytes('x', Page), await Read(bucket, 0, Page));
        await world.Put(bucket, Key, "a block blob");
        Assert.Equal(Refusal.WrongBlobType, (await Try(bucket, 0, Bytes('x', Page))).Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
    }

    public PageBlobsTests()
    {
    }

    private PageBlobsTests(World world) => this.world = world;

    private async Task<Bucket> Made(long size)
    {
        var bucket = await world.Bucket();
        await Make(bucket, size);
        return bucket;
    }

    private async Task Make(Bucket bucket, long size) => Assert.Null(
        (await world.Objects.PutPages(bucket, Key, World.By, new() { Blob = new() { Type = BlobType.PageBlob } }, size, Conditions.None, default)).Refusal);

    private async Task Write(Bucket bucket, long offset, byte[] bytes) => Assert.Null((await Try(bucket, offset, bytes)).Refusal);

    private ValueTask<Result<PagesWritten>> Try(Bucket bucket, long offset, byte[] bytes, PageRequest? request = null) =>
        world.PageBlobs.Write(bucket, Key, request ?? new(), offset, new(PipeReader.Create(new MemoryStream(bytes)), bytes.Length), default);

    private async Task<byte[]> Read(Bucket bucket, long offset, int length)
    {
        var opened = await world.Objects.Open(bucket, Key, new() { Range = new(offset, offset + length - 1) }, default);
        await using var body = opened.Value.Body!;
        using var bytes = new MemoryStream();
        var writer = PipeWriter.Create(bytes, new(leaveOpen: true));
        await body.CopyTo(writer, default);
        await writer.CompleteAsync();
        return bytes.ToArray();
    }

    private async Task<ObjectVersion> Find(Bucket bucket) => (await world.Objects.Find(bucket, Key, null, default)).Value.Version;

    private async Task<IReadOnlyList<PageRange>> Ranges(Bucket bucket) =>
        (await world.PageBlobs.Ranges(bucket, Key, new() { Limit = 10_000 }, default)).Value.Ranges;

    /// <summary>Deletes the blob: neither rows nor bytes stay.</summary>
    private async Task Gone(Bucket bucket)
    {
        await world.Objects.Delete(bucket, Key, new(), default);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    private static byte[] Bytes(char with, int length) => [.. Enumerable.Repeat((byte)with, length)];
}
