using System.IO.Pipelines;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Snapshots of page blobs, which have bodies in common with their blob.</summary>
public sealed class PageSnapshotsTests
{
    private const int Page = Pages.PageBytes, Chunk = Pages.ChunkBytes;
    private const string Key = "disk";

    private World world = new();

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Whatever_becomes_of_the_blob_its_snapshots_stay_as_they_were_and_tell_what_has_changed_since(int seed, bool isEncrypted)
    {
        var bucket = await world.Bucket();
        if (isEncrypted) bucket = (await world.Buckets.Change(bucket, BucketSettings.Encryption, _ => new SseDefault(SseKind.S3), default)).Value;
        var random = new Random(seed);
        var model = new byte[2 * Chunk];
        Dictionary<DateTimeOffset, byte[]> snapshots = [];
        await Make(bucket, model.Length);
        for (var i = 0; i < 120; i++)
        {
            var offset = Chunk - 40 * Page + random.Next(80) * Page;
            var length = Math.Min((random.Next(12) + 1) * Page, model.Length - offset);
            switch (random.Next(10))
            {
                case 0 or 1:
                    Assert.Null((await world.PageBlobs.Clear(bucket, Key, new(), new(offset, length), default)).Refusal);
                    model.AsSpan(offset, length).Clear();
                    break;
                case 2:
                    snapshots.Add(await Snapshot(bucket), [.. model]);
                    break;
                case 3 when snapshots.Count > 2:
                    var gone = snapshots.Keys.ElementAt(random.Next(snapshots.Count));
                    Assert.Null((await world.Objects.Delete(bucket, Key, new() { Snapshot = gone }, default)).Refusal);
                    snapshots.Remove(gone);
                    break;
                default:
                    var bytes = new byte[length];
                    random.NextBytes(bytes);
                    await Write(bucket, offset, bytes);
                    bytes.CopyTo(model, offset);
                    break;
            }
            if (i % 20 == 0) await world.Pass(TimeSpan.FromHours(1));
        }
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(model, await Read(bucket, null));
        foreach (var (time, was) in snapshots)
        {
            Assert.Equal(was, await Read(bucket, time));
            await Differs(bucket, null, model, time, was);
            foreach (var (later, then) in snapshots)
                if (later > time) await Differs(bucket, later, then, time, was);
        }
        Assert.Equal((1 + snapshots.Count) * (long)model.Length, (await world.Counted(bucket)).Bytes);
        await Gone(bucket);
    }

    [Fact]
    public async Task A_snapshot_writes_no_bytes_and_goes_without_taking_the_blobs()
    {
        var bucket = await world.Bucket();
        await Make(bucket, 8L << 30);
        await Write(bucket, 0, Bytes('a', Page));
        await Write(bucket, 7L << 30, Bytes('b', Page));
        var time = await Snapshot(bucket);
        Assert.Equal(2, world.Place.Bodies.Count);
        Assert.Equal([new(0, Page, false), new(7L << 30, Page, false)], (await Ranges(bucket, time, null)).Value.Ranges);
        await Write(bucket, Page, Bytes('c', Page));
        await world.PageBlobs.Clear(bucket, Key, new(), new(0, Page), default);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(3, world.Place.Bodies.Count);
        Assert.Equal([new(0, Page, true), new(Page, Page, false)], (await Ranges(bucket, null, time)).Value.Ranges);
        await world.Objects.Delete(bucket, Key, new() { Snapshot = time }, default);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(2, world.Place.Bodies.Count);
        Assert.Equal(Bytes('c', Page), (await Read(bucket, null, 4 * Page))[Page..(2 * Page)]);
        await Gone(bucket);
    }

    [Fact]
    public async Task What_is_compared_with_the_snapshot_of_another_blob_is_told_so()
    {
        var bucket = await world.Bucket();
        await Make(bucket, Page);
        var time = await Snapshot(bucket);
        await Make(bucket, Page);
        Assert.Equal(Refusal.BlobOverwritten, (await Ranges(bucket, null, time)).Refusal);
        Assert.Empty((await Ranges(bucket, time, null)).Value.Ranges);
        await Gone(bucket);
    }

    [Fact]
    public async Task A_blob_that_is_written_while_its_snapshot_is_made_has_a_snapshot_of_one_state()
    {
        var bucket = await world.Bucket();
        await Make(bucket, 2 * Chunk);
        await Write(bucket, Chunk - Page, Bytes('a', 2 * Page));
        world.Table.BeforeScan = async () =>
        {
            world.Table.BeforeScan = null;
            await Write(bucket, Chunk - Page, Bytes('b', 2 * Page));
        };
        var time = await Snapshot(bucket);
        Assert.Equal(Bytes('b', 2 * Page), (await Read(bucket, time))[(Chunk - Page)..(Chunk + Page)]);
        await Gone(bucket);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_a_snapshot_is_there_as_a_whole_or_not_at_all(bool after)
    {
        for (var step = 1; ; step++)
        {
            world = new World();
            var bucket = await world.Bucket();
            await Make(bucket, 2 * Chunk);
            await Write(bucket, Chunk - Page, Bytes('a', 2 * Page));
            world.Cut.Arm(step, after);
            var isOver = true;
            try
            {
                await Snapshot(bucket);
                await world.Pass(TimeSpan.FromHours(2));
                await world.Objects.Delete(bucket, Key, new() { Snapshots = SnapshotsOf.Include, Conditions = new() { IsBlob = true } }, default);
                await world.Pass(TimeSpan.FromHours(2));
            }
            catch (Cut.CutOffException)
            {
                isOver = false;
            }
            world.Start();
            if (!isOver && await world.Objects.Find(bucket, Key, null, default) is { Refusal: null })
            {
                await world.Pass(TimeSpan.FromHours(2));
                var was = Bytes('a', 2 * Page);
                Assert.Equal(was, (await Read(bucket, null))[(Chunk - Page)..(Chunk + Page)]);
                foreach (var entry in (await world.Objects.ListVersions(bucket, new() { Limit = 10 }, default)).Entries)
                    if (entry.Version!.Blob?.Snapshot is { } time) Assert.Equal(was, (await Read(bucket, time))[(Chunk - Page)..(Chunk + Page)]);
            }
            await Gone(bucket);
            if (isOver) return;
        }
    }

    /// <summary>Outside of the ranges nothing differs, and what was cleared is zeros.</summary>
    private async Task Differs(Bucket bucket, DateTimeOffset? at, byte[] now, DateTimeOffset since, byte[] was)
    {
        byte[] patched = [.. was];
        foreach (var range in (await Ranges(bucket, at, since)).Value.Ranges)
        {
            if (range.IsCleared) patched.AsSpan((int)range.Offset, (int)range.Length).Clear();
            else now.AsSpan((int)range.Offset, (int)range.Length).CopyTo(patched.AsSpan((int)range.Offset));
        }
        Assert.Equal(now, patched);
    }

    private async ValueTask<Result<PageRangeList>> Ranges(Bucket bucket, DateTimeOffset? at, DateTimeOffset? since)
    {
        var earlier = since is null ? null : (await world.Objects.Open(bucket, Key, new() { Snapshot = since, WithBody = false }, default)).Value.Version;
        return await world.PageBlobs.Ranges(bucket, Key, new() { Read = new() { Snapshot = at }, Since = earlier, Limit = 10_000 }, default);
    }

    private async Task<DateTimeOffset> Snapshot(Bucket bucket)
    {
        var made = await world.Objects.Snapshot(bucket, Key, new() { IsBlob = true }, null, default);
        Assert.Null(made.Refusal);
        return made.Value.Blob!.Snapshot!.Value;
    }

    private async Task Make(Bucket bucket, long size) => Assert.Null(
        (await world.Objects.PutPages(bucket, Key, World.By, new() { Blob = new() { Type = BlobType.PageBlob } }, size, Conditions.None, default)).Refusal);

    private async Task Write(Bucket bucket, long offset, byte[] bytes) => Assert.Null(
        (await world.PageBlobs.Write(bucket, Key, new(), offset, new(PipeReader.Create(new MemoryStream(bytes)), bytes.Length), default)).Refusal);

    private async Task<byte[]> Read(Bucket bucket, DateTimeOffset? snapshot, int length = 2 * Chunk)
    {
        var opened = await world.Objects.Open(bucket, Key, new() { Snapshot = snapshot, Range = new(0, length - 1) }, default);
        await using var body = opened.Value.Body!;
        using var bytes = new MemoryStream();
        var writer = PipeWriter.Create(bytes, new(leaveOpen: true));
        await body.CopyTo(writer, default);
        await writer.CompleteAsync();
        return bytes.ToArray();
    }

    /// <summary>Deletes the blob and its snapshots: neither rows nor bytes stay.</summary>
    private async Task Gone(Bucket bucket)
    {
        await world.Objects.Delete(bucket, Key, new() { Snapshots = SnapshotsOf.Include, Conditions = new() { IsBlob = true } }, default);
        await world.Pass(TimeSpan.FromHours(3));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    private static byte[] Bytes(char with, int length) => [.. Enumerable.Repeat((byte)with, length)];
}
