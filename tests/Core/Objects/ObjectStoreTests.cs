using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class ObjectStoreTests
{
    private static readonly string Large = new('x', 5000);

    private readonly World world = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(100_000)]
    public async Task What_is_put_is_read_back(int size)
    {
        var bucket = await world.Bucket();
        var body = new string('b', size);
        var written = (await world.Put(bucket, "key", body)).Value.Version;
        Assert.Equal(size, written.Size);
        Assert.Equal(ChecksumAlgorithm.Crc64Nvme, written.Checksum!.Algorithm);
        Assert.Equal(body, await world.Get(bucket, "key"));
        Assert.Equal(size > 100 ? 1 : 0, world.Place.Bodies.Count);
    }

    [Theory]
    [InlineData(0L, 3L, "0123")]
    [InlineData(4L, null, "456789")]
    [InlineData(null, 2L, "89")]
    [InlineData(null, 99L, "0123456789")]
    [InlineData(8L, 99L, "89")]
    public async Task A_range_gives_its_bytes(long? first, long? last, string expected)
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "key", "0123456789");
        Assert.Equal(expected, await world.Get(bucket, "key", new RangeRequest(first, last)));
    }

    [Theory]
    [InlineData(10L, null)]
    [InlineData(null, 0L)]
    public async Task A_range_without_bytes_is_refused(long? first, long? last)
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "key", "0123456789");
        var opened = await world.Objects.Open(bucket, "key", new() { Range = new(first, last) }, default);
        Assert.Equal(Refusal.InvalidRange, opened.Refusal);
        Assert.Equal(10, opened.Carried!.Version.Size);
    }

    [Fact]
    public async Task Replaced_and_deleted_bytes_go_after_the_grace_and_not_before()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "key", Large);
        await world.Put(bucket, "key", Large + "2");
        await world.Pass(world.Options.ReadGrace - TimeSpan.FromSeconds(1));
        Assert.Equal(2, world.Place.Bodies.Count);
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Single(world.Place.Bodies);
        Assert.Equal(Large + "2", await world.Get(bucket, "key"));

        await world.Objects.Delete(bucket, "key", new(), default);
        Assert.Null(await world.Get(bucket, "key"));
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task A_small_body_is_replaced_without_a_trace()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "key", "one");
        await world.Put(bucket, "key", "two");
        Assert.Equal("two", await world.Get(bucket, "key"));
        Assert.Equal(2, (await world.Table.All()).Count);
        Assert.Null(world.Queue.NextDue);
    }

    [Fact]
    public async Task Versions_are_ordered_even_when_the_clock_stands_still()
    {
        var bucket = await world.Bucket();
        var first = (await world.Put(bucket, "key", "one")).Value.Version;
        var second = (await world.Put(bucket, "key", "two")).Value.Version;
        Assert.True(second.Sequence > first.Sequence);
    }

    [Fact]
    public async Task A_wrong_digest_is_refused_and_leaves_nothing()
    {
        var bucket = await world.Bucket();
        foreach (var body in new[] { "small", Large })
        {
            var content = World.Content(body) with { Md5 = new byte[16] };
            var put = await world.Objects.Put(bucket, "key", World.By, new(), content, Conditions.None, default);
            Assert.Equal(Refusal.BadDigest, put.Refusal);
            content = World.Content(body) with { Algorithm = ChecksumAlgorithm.Crc32C, Announced = () => "AAAAAA==" };
            put = await world.Objects.Put(bucket, "key", World.By, new(), content, Conditions.None, default);
            Assert.Equal(Refusal.BadDigest, put.Refusal);
        }
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task Conditions_of_a_write_are_held_against_the_current_version()
    {
        var bucket = await world.Bucket();
        var onlyNew = new Conditions { IfNoneMatch = ["*"] };
        Assert.Null((await world.Put(bucket, "key", "one", onlyNew)).Refusal);
        Assert.Equal(Refusal.PreconditionFailed, (await world.Put(bucket, "key", "two", onlyNew)).Refusal);
        var etag = (await world.Objects.Open(bucket, "key", new() { WithBody = false }, default)).Value.Version.ETag;
        Assert.Equal(Refusal.PreconditionFailed, (await world.Put(bucket, "key", "two", new() { IfMatch = ["0000"] })).Refusal);
        Assert.Null((await world.Put(bucket, "key", "two", new() { IfMatch = [etag] })).Refusal);
        Assert.Equal(Refusal.NoSuchKey, (await world.Put(bucket, "other", "two", new() { IfMatch = ["*"] })).Refusal);
        Assert.Equal("two", await world.Get(bucket, "key"));
    }

    [Fact]
    public async Task Of_many_conditional_writers_exactly_one_wins()
    {
        var bucket = await world.Bucket();
        var writers = Enumerable.Range(0, 32).Select(i => Task.Run(async () =>
            await world.Put(bucket, "key", $"writer {i}", new() { IfNoneMatch = ["*"] })));
        var results = await Task.WhenAll(writers);
        Assert.Single(results, result => result.Refusal is null);
        Assert.All(results.Where(r => r.Refusal is not null), r => Assert.True(r.Refusal is Refusal.PreconditionFailed or Refusal.Conflict));
    }

    [Fact]
    public async Task Writers_without_conditions_all_succeed_and_one_body_stays()
    {
        var bucket = await world.Bucket();
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () => await world.Put(bucket, "key", Large + i))));
        Assert.All(results, result => Assert.Null(result.Refusal));
        await world.Pass(TimeSpan.FromHours(2));
        Assert.Single(world.Place.Bodies);
        Assert.StartsWith(Large, await world.Get(bucket, "key"));
    }

    [Fact]
    public async Task A_copy_has_its_own_bytes()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "source", Large);
        var copied = await world.Objects.Copy(Copy(bucket, "source", "copy"), default);
        Assert.Null(copied.Refusal);
        await world.Objects.Delete(bucket, "source", new(), default);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(Large, await world.Get(bucket, "copy"));
    }

    [Fact]
    public async Task A_copy_onto_itself_keeps_the_bytes_and_changes_the_description()
    {
        var bucket = await world.Bucket();
        foreach (var (key, body) in new[] { ("small", "s"), ("large", Large) })
        {
            await world.Put(bucket, key, body);
            var described = new Description { Metadata = new Dictionary<string, string> { ["a"] = "b" } };
            var copied = await world.Objects.Copy(Copy(bucket, key, key) with { Description = described, CopiesMetadata = false }, default);
            Assert.Equal("b", copied.Value.Version.Metadata["a"]);
            await world.Pass(TimeSpan.FromHours(1));
            Assert.Equal(body, await world.Get(bucket, key));
            var rehashed = await world.Objects.Copy(Copy(bucket, key, key) with { Algorithm = ChecksumAlgorithm.Sha256 }, default);
            Assert.Equal(ChecksumAlgorithm.Sha256, rehashed.Value.Version.Checksum!.Algorithm);
            await world.Pass(TimeSpan.FromHours(1));
            Assert.Equal(body, await world.Get(bucket, key));
        }
        Assert.Single(world.Place.Bodies);
    }

    [Fact]
    public async Task A_copy_onto_itself_never_mixes_two_versions()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "key", "old");
        var reads = 0;
        world.Table.BeforeScan = async () =>
        {
            if (++reads != 1) return;
            var described = new Description { Metadata = new Dictionary<string, string> { ["is"] = "new" } };
            await world.Objects.Put(bucket, "key", World.By, described, World.Content("new"), Conditions.None, default);
        };
        var copied = await world.Objects.Copy(
            new()
            {
                SourceBucket = bucket, SourceKey = "key", Bucket = bucket, Key = "key", Writer = World.By,
                Algorithm = ChecksumAlgorithm.Sha256,
            },
            default);
        Assert.Equal("new", await world.Get(bucket, "key"));
        Assert.Equal("new", copied.Value.Version.Metadata["is"]);
    }

    [Fact]
    public async Task A_bucket_with_objects_is_not_deleted_and_a_new_one_does_not_see_the_old_ones_rows()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "key", "body");
        Assert.Equal(Refusal.BucketNotEmpty, (await world.Buckets.Delete(bucket, default)).Refusal);
        Assert.Equal("body", await world.Get(bucket, "key"));
        await world.Objects.Delete(bucket, "key", new(), default);
        Assert.Null((await world.Buckets.Delete(bucket, default)).Refusal);
        Assert.Null(await world.Buckets.Find("bucket", default));
        Assert.Equal(Refusal.NoSuchBucket, (await world.Put(bucket, "key", "late")).Refusal);
        var again = await world.Bucket();
        Assert.NotEqual(bucket.Id, again.Id);
    }

    [Fact]
    public async Task A_deletion_and_writers_at_the_same_time_lose_no_acknowledged_write()
    {
        for (var round = 0; round < 50; round++)
        {
            var name = $"bucket-{round}";
            var bucket = await world.Bucket(name);
            var puts = Enumerable.Range(0, 4).Select(i => Task.Run(async () => (await world.Put(bucket, $"key-{i}", "body")).Refusal)).ToList();
            var deleted = await Task.Run(async () => await world.Buckets.Delete(bucket, default));
            var results = await Task.WhenAll(puts);
            if (deleted.Refusal is null) Assert.All(results, refusal => Assert.Equal(Refusal.NoSuchBucket, refusal));
            for (var i = 0; i < results.Length; i++)
                if (results[i] is null) Assert.Equal("body", await world.Get((await world.Buckets.Find(name, default))!, $"key-{i}"));
        }
    }

    [Fact]
    public async Task The_mark_of_a_deletion_that_died_is_taken_back()
    {
        var bucket = await world.Bucket();
        world.Cut.Arm(1, afterIt: true);
        await Assert.ThrowsAsync<Cut.CutOffException>(async () => await world.Buckets.Delete(bucket, default));
        world.Start();
        Assert.Null(await world.Buckets.Find("bucket", default));
        await world.Pass(TimeSpan.FromMinutes(3));
        Assert.NotNull(await world.Buckets.Find("bucket", default));
        Assert.Null((await world.Put(bucket, "key", "body")).Refusal);
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        await world.Bucket();
        Assert.Equal(Refusal.BucketOwned, (await world.Buckets.Create("bucket", World.Owner, "", default)).Refusal);
        Assert.Equal(Refusal.BucketTaken, (await world.Buckets.Create("bucket", World.Other, "", default)).Refusal);
        Assert.Equal(Refusal.NoSuchLocation, (await world.Buckets.Create("bucket2", World.Other, "mars", default)).Refusal);
        Assert.Empty((await world.Buckets.List(World.Other, "", null, 10, default)).Buckets);
        var page = await world.Buckets.List(World.Owner, "", null, 10, default);
        Assert.Equal(["bucket"], page.Buckets.Select(bucket => bucket.Name));
    }

    [Fact]
    public async Task Buckets_are_listed_in_pages()
    {
        foreach (var name in new[] { "aaa", "bbb", "bbc", "ccc" }) await world.Bucket(name);
        var first = await world.Buckets.List(World.Owner, "", null, 2, default);
        Assert.Equal(["aaa", "bbb"], first.Buckets.Select(bucket => bucket.Name));
        var second = await world.Buckets.List(World.Owner, "", first.Next, 2, default);
        Assert.Equal(["bbc", "ccc"], second.Buckets.Select(bucket => bucket.Name));
        Assert.Null(second.Next);
        var some = await world.Buckets.List(World.Owner, "bb", "bbb", 2, default);
        Assert.Equal(["bbc"], some.Buckets.Select(bucket => bucket.Name));
    }

    private static CopyRequest Copy(Bucket bucket, string from, string to) =>
        new() { SourceBucket = bucket, SourceKey = from, Bucket = bucket, Key = to, Writer = World.By };
}
