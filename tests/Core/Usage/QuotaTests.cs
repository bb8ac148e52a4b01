using System.IO.Pipelines;
using System.Text;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Tests.Usage;

/// <summary>What a quota refuses and what not.</summary>
public sealed class QuotaTests
{
    private readonly World world = new();

    [Theory]
    [InlineData(10)]
    [InlineData(150)] // too large to be kept beside its row
    public async Task Many_at_once_never_pass_the_quota_together_and_use_it_up(int size)
    {
        var bucket = await world.Limit(await world.Bucket(), (15 * size) + 5);
        world.Table.Before = async _ => await Task.Yield();
        var puts = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => world.Put(bucket, $"key{i}", new('x', size)))));
        Assert.Equal(15, puts.Count(put => put.Refusal is null));
        Assert.Equal(25, puts.Count(put => put.Refusal is Refusal.QuotaExceeded));
        Assert.Equal(new Amount(15 * size, 15, 0), await world.Counted(bucket));
        Assert.Equal(size > 100 ? 15 : 0, world.Place.Bodies.Count);
    }

    [Fact]
    public async Task A_refused_put_reads_nothing_and_leaves_everything_as_it_was()
    {
        var bucket = await world.Limit(await world.Bucket(), 10);
        await world.Put(bucket, "key", "12345678");
        var untouched = new Pipe().Reader; // whoever reads it waits for ever
        var refused = await world.Objects.Put(bucket, "other", World.By, new(), new(untouched, 3), Conditions.None, default);
        Assert.Equal(Refusal.QuotaExceeded, refused.Refusal);
        Assert.Contains("10 bytes", refused.Detail, StringComparison.Ordinal);
        Assert.Null(await world.Get(bucket, "other"));
        Assert.Equal(new Amount(8, 1, 0), await world.Counted(bucket));
        Assert.Null((await world.Put(bucket, "other", "12")).Refusal);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(500)]
    public async Task A_body_of_unknown_length_is_refused_when_it_is_too_long(int size)
    {
        var bucket = await world.Limit(await world.Bucket(), 40);
        var body = new Content(PipeReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(new string('x', size)))), null);
        Assert.Equal(Refusal.QuotaExceeded, (await world.Objects.Put(bucket, "key", World.By, new(), body, Conditions.None, default)).Refusal);
        Assert.Empty(world.Place.Bodies);
        body = new Content(PipeReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(new string('x', 40)))), null);
        Assert.Null((await world.Objects.Put(bucket, "key", World.By, new(), body, Conditions.None, default)).Refusal);
        Assert.Equal(40, (await world.Counted(bucket)).Held);
    }

    [Fact]
    public async Task What_a_write_replaces_makes_room_for_it_unless_it_is_kept()
    {
        var bucket = await world.Limit(await world.Bucket(), 10);
        await world.Put(bucket, "key", "1234567");
        Assert.Null((await world.Put(bucket, "key", "123456789")).Refusal);
        Assert.Equal(Refusal.QuotaExceeded, (await world.Put(bucket, "key", "12345678901")).Refusal);
        var body = new Content(PipeReader.Create(new MemoryStream(new byte[10])), null);
        Assert.Null((await world.Objects.Put(bucket, "key", World.By, new(), body, Conditions.None, default)).Refusal);
        bucket = await world.Version(bucket);
        Assert.Equal(Refusal.QuotaExceeded, (await world.Put(bucket, "key", "1")).Refusal);
        bucket = await world.Version(bucket, VersioningState.Suspended);
        Assert.Null((await world.Put(bucket, "key", "123")).Refusal);
        Assert.Equal(new Amount(3, 1, 0), await world.Counted(bucket));
    }

    [Fact]
    public async Task A_bucket_that_holds_more_than_it_may_takes_nothing_but_what_makes_it_smaller()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "key", "1234567890");
        var (id, etag) = await world.Upload(bucket, "upload", "12345");
        bucket = await world.Limit(bucket, 5);
        Assert.Equal(Refusal.QuotaExceeded, (await world.Put(bucket, "other", "1")).Refusal);
        Assert.Equal(Refusal.QuotaExceeded, (await world.Uploads.Complete(bucket, "upload", id, new() { Parts = [new(1, etag)] }, default)).Refusal);
        Assert.Null((await world.Put(bucket, "other", "")).Refusal);
        Assert.Null((await world.Put(bucket, "key", "123")).Refusal);
        Assert.Null((await world.Objects.Delete(bucket, "key", new(), default)).Refusal);
        Assert.Null((await world.Uploads.Complete(bucket, "upload", id, new() { Parts = [new(1, etag)] }, default)).Refusal);
        Assert.Equal(new Amount(5, 2, 0), await world.Counted(bucket));
    }

    [Fact]
    public async Task Parts_count_until_they_are_an_objects_or_collected()
    {
        var bucket = await world.Limit(await world.Bucket(), 20);
        var (id, etag) = await world.Upload(bucket, "key", "12345678");
        Assert.Equal(Refusal.QuotaExceeded, (await world.PutPart(bucket, "key", id, 2, "1234567890123")).Refusal);
        Assert.Null((await world.PutPart(bucket, "key", id, 2, "123456789012")).Refusal);
        Assert.Equal(new Amount(0, 0, 20), await world.Counted(bucket));
        Assert.Null((await world.Uploads.Complete(bucket, "key", id, new() { Parts = [new(1, etag)] }, default)).Refusal);
        Assert.Equal(new Amount(8, 1, 12), await world.Counted(bucket));
        await world.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(new Amount(8, 1, 0), await world.Counted(bucket));

        (id, _) = await world.Upload(bucket, "other", "12345678");
        Assert.Null((await world.Uploads.Abort(bucket, "other", id, default)).Refusal);
        await world.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(new Amount(8, 1, 0), await world.Counted(bucket));
    }

    [Fact]
    public async Task Copies_are_refused_and_one_onto_itself_needs_no_room()
    {
        var bucket = await world.Limit(await world.Bucket(), 10);
        await world.Put(bucket, "key", "123456");
        var copy = new CopyRequest { SourceBucket = bucket, SourceKey = "key", Bucket = bucket, Key = "copy", Writer = World.By };
        Assert.Equal(Refusal.QuotaExceeded, (await world.Objects.Copy(copy, default)).Refusal);
        Assert.Null((await world.Objects.Copy(copy with { Key = "key" }, default)).Refusal);
        Assert.Null((await world.Objects.Copy(copy with { Key = "key", Algorithm = Core.Bytes.ChecksumAlgorithm.Sha256 }, default)).Refusal);
        var id = (await world.Uploads.Create(bucket, "upload", World.By, new(), null, null, default)).Value.Id;
        var part = await world.Uploads.CopyPart(bucket, "upload", id, 1, new(bucket, "key", null, Conditions.None, null), default);
        Assert.Equal(Refusal.QuotaExceeded, part.Refusal);
        Assert.Equal(new Amount(6, 1, 0), await world.Counted(bucket));
    }

    [Fact]
    public async Task A_quota_that_comes_while_a_body_is_read_is_looked_at_by_the_commit()
    {
        var bucket = await world.Bucket();
        var pipe = new Pipe();
        var put = world.Objects.Put(bucket, "key", World.By, new(), new(pipe.Reader, 300), Conditions.None, default).AsTask();
        await world.Limit(bucket, 299);
        await pipe.Writer.WriteAsync(new byte[300]);
        await pipe.Writer.CompleteAsync();
        Assert.Equal(Refusal.QuotaExceeded, (await put).Refusal);
        Assert.Empty(world.Place.Bodies);
        Assert.Equal(default, await world.Counted(bucket));
    }

    [Fact]
    public async Task What_was_set_aside_is_free_when_a_write_fails()
    {
        var bucket = await world.Limit(await world.Bucket(), 10);
        for (var i = 0; i < 3; i++)
        {
            var wrong = World.Content("1234567890") with { Md5 = new byte[16] };
            Assert.Equal(Refusal.BadDigest, (await world.Objects.Put(bucket, "key", World.By, new(), wrong, Conditions.None, default)).Refusal);
        }
        Assert.Null((await world.Put(bucket, "key", "1234567890")).Refusal);
    }

    [Fact]
    public async Task Requests_make_no_table_transaction_more_than_without_counting()
    {
        var bucket = await world.Bucket();
        var counting = new CountingTable(world.UsageTable);
        world.UsageTable = counting;
        world.Start();
        await world.Put(bucket, "first", "1");
        Assert.Equal(2, counting.Calls); // the counter is opened: one look and one commit
        for (var i = 0; i < 10; i++)
        {
            await world.Put(bucket, $"key{i}", "123");
            await world.Get(bucket, $"key{i}");
            await world.Objects.Delete(bucket, $"key{i}", new(), default);
        }
        Assert.Equal(2, counting.Calls);
        await world.Usage.Flush(default);
        Assert.Equal(4, counting.Calls);
        await world.Usage.Flush(default);
        Assert.Equal(4, counting.Calls); // nothing has changed
    }
}
