using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Copies of blobs that a job makes in parts.</summary>
public sealed class BlobCopiesTests
{
    private const string Key = "key", Copy = "11111111-1111-1111-1111-111111111111";
    private static readonly Conditions Blob = new() { IsBlob = true };

    /// <summary>Four parts.</summary>
    private static readonly string Body = string.Concat(Enumerable.Range(0, 35).Select(i => $"<{i:d8}>"));

    private World world = Fresh();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_is_pending_until_a_job_has_made_it(bool isVersioned)
    {
        var (bucket, source) = await Prepared(isVersioned);
        await world.Put(bucket, Key, "old");
        var begun = await Begin(bucket, source);
        Assert.Equal(("pending", 0L, Body.Length), (begun.Blob!.Copy!.Status, begun.Blob.Copy.Done, begun.Blob.Copy.Total));
        Assert.Equal("", await world.Get(bucket, Key));
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(Body, await world.Get(bucket, Key));
        Assert.Equal("<00000011", await world.Get(bucket, Key, new(110, 118)));
        var version = (await world.Objects.Find(bucket, Key, null, default)).Value.Version;
        Assert.Equal(("success", Body.Length, true), (version.Blob!.Copy!.Status, version.Blob.Copy.Done, version.Blob.Copy.Ended is not null));
        Assert.Equal((begun.PublicId, "b", source.Version.Checksum), (version.PublicId, version.Metadata["a"], version.Checksum));
        Assert.NotEqual(begun.BlobETag, version.BlobETag);
        Assert.EndsWith("-4", version.ETag, StringComparison.Ordinal);
        await Clean(bucket, 2 * Body.Length + (isVersioned ? 3 : 0), 2 * Body.Length);
    }

    [Fact]
    public async Task Nobody_but_S3_changes_the_blob_until_the_copy_has_ended()
    {
        var (bucket, source) = await Prepared();
        await Begin(bucket, source);
        Assert.Equal(Refusal.PendingCopy, (await world.BlobCopies.Begin(bucket, Key, World.By, Description("2"), Blob, source, default)).Refusal);
        Assert.Equal(Refusal.PendingCopy, (await world.Put(bucket, Key, "new", Blob)).Refusal);
        Assert.Equal(Refusal.PendingCopy, (await world.Objects.Delete(bucket, Key, new() { Conditions = Blob }, default)).Refusal);
        Assert.Equal(Refusal.PendingCopy, (await world.Objects.Amend(bucket, Key, null, Blob, null, version => version, default)).Refusal);
        Assert.Equal(Refusal.PendingCopy, (await world.Objects.Snapshot(bucket, Key, Blob, null, default)).Refusal);
        Assert.Equal(Refusal.PendingCopy, (await world.Blocks.Put(bucket, Key, World.By, "AAAA", World.Content("x"), Blob, default)).Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(Body, await world.Get(bucket, Key));
        Assert.Null((await world.Objects.Amend(bucket, Key, null, Blob, null, version => version, default)).Refusal);
        await Clean(bucket, 2 * Body.Length, 2 * Body.Length);
    }

    [Fact]
    public async Task A_lease_keeps_out_who_aborts_but_not_the_bytes()
    {
        var (bucket, source) = await Prepared();
        await Begin(bucket, source);
        var lease = new Lease(Copy, null, world.Clock.GetUtcNow());
        await world.Objects.Amend(bucket, Key, null, Blob with { IsOfLease = true }, null, version => version with { Blob = version.Blob! with { Lease = lease } }, default);
        Assert.Equal(Refusal.Leased, (await world.BlobCopies.Abort(bucket, Key, Copy, Blob, default)).Refusal);
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(Body, await world.Get(bucket, Key));
        Assert.Equal(lease, (await world.Objects.Find(bucket, Key, null, default)).Value.Version.Blob!.Lease);
    }

    [Fact]
    public async Task An_aborted_copy_leaves_an_empty_blob()
    {
        var (bucket, source) = await Prepared();
        await Begin(bucket, source);
        Assert.Equal(Refusal.PendingCopy, (await world.BlobCopies.Abort(bucket, Key, "another", Blob, default)).Refusal);
        Assert.Null((await world.BlobCopies.Abort(bucket, Key, Copy, Blob, default)).Refusal);
        Assert.Equal(Refusal.Conflict, (await world.BlobCopies.Abort(bucket, Key, Copy, Blob, default)).Refusal);
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(("aborted", ""), ((await Told(bucket)).Status, await world.Get(bucket, Key)));
        await Clean(bucket, Body.Length, Body.Length);
    }

    [Fact]
    public async Task A_source_that_is_changed_fails_the_copy()
    {
        var (bucket, source) = await Prepared();
        await Begin(bucket, source);
        await world.Put(bucket, "source", Body.Replace('<', '['));
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(("failed", "The source was changed."), ((await Told(bucket)).Status, (await Told(bucket)).Description));
        await Clean(bucket, Body.Length, Body.Length);
    }

    [Fact]
    public async Task A_version_that_is_not_the_newest_any_more_is_copied_from_and_to()
    {
        var (bucket, source) = await Prepared(isVersioned: true);
        var begun = await Begin(bucket, source);
        await world.Put(bucket, "source", "another");
        await world.Put(bucket, Key, "another");
        await world.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal("another", await world.Get(bucket, Key));
        var copy = await world.Objects.Open(bucket, Key, new() { VersionId = begun.PublicId }, default);
        await using var body = copy.Value.Body!;
        Assert.Equal(Body, await World.Text(body));
        Assert.Equal("success", copy.Value.Version.Blob!.Copy!.Status);
    }

    [Fact]
    public async Task What_S3_writes_over_the_blob_ends_the_copy()
    {
        var (bucket, source) = await Prepared();
        await Begin(bucket, source);
        await world.Put(bucket, Key, "new");
        await world.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal("new", await world.Get(bucket, Key));
        await Clean(bucket, Body.Length + 3, Body.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_copy_of_an_append_blob_can_be_appended_to(int blocks)
    {
        var bucket = await world.Bucket();
        Assert.Null((await world.Objects.Put(bucket, "source", World.By, new() { Blob = new() { Type = BlobType.AppendBlob } }, World.Content(""), Conditions.None, default)).Refusal);
        for (var i = 0; i < blocks; i++) await world.AppendBlobs.Append(bucket, "source", new(), World.Content(Body), default);
        var begun = await Begin(bucket, new(bucket, "source", (await world.Objects.Find(bucket, "source", null, default)).Value.Version));
        var hurried = await world.BlobCopies.Hurry(bucket, Key, begun, default);
        Assert.Equal(("success", BlobType.AppendBlob), (hurried.Blob!.Copy!.Status, hurried.Blob.Type));
        Assert.NotEqual(begun.ETag, hurried.ETag);
        Assert.Null((await world.AppendBlobs.Append(bucket, Key, new() { Position = blocks * Body.Length }, World.Content("more"), default)).Refusal);
        Assert.Equal(string.Concat(Enumerable.Repeat(Body, blocks)) + "more", await world.Get(bucket, Key));
        await Clean(bucket, 2 * blocks * Body.Length + 4, 2 * blocks * Body.Length + 4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_the_copy_of_a_page_blob_has_its_pages_and_leaves_nothing_behind(bool after)
    {
        const long Size = 1000L * Pages.ChunkBytes;
        for (var step = 1; ; step++)
        {
            world = Fresh();
            var bucket = await world.Bucket();
            await world.Objects.PutPages(bucket, "source", World.By, new() { Blob = new() { Type = BlobType.PageBlob, SequenceNumber = 7 } }, Size, Conditions.None, default);
            foreach (var (offset, text) in new[] { (512L, "a"), (2048L, "b"), (600L * Pages.ChunkBytes, "c"), (Size - 512, "d") })
                Assert.Null((await world.PageBlobs.Write(bucket, "source", new(), offset, World.Content(string.Concat(Enumerable.Repeat(text, 512))), default)).Refusal);
            var source = new BlobCopySource(bucket, "source", (await world.Objects.Find(bucket, "source", null, default)).Value.Version);
            world.Cut.Arm(step, after);
            var (isCut, isBegun) = (false, false);
            try
            {
                await Begin(bucket, source);
                isBegun = true;
                await world.Pass(TimeSpan.FromMinutes(1));
            }
            catch (Cut.CutOffException)
            {
                isCut = true;
            }
            world.Start();
            await world.Pass(TimeSpan.FromHours(2));
            if (isBegun || await world.Objects.Find(bucket, Key, null, default) is { Refusal: null })
            {
                var copy = (await world.Objects.Find(bucket, Key, null, default)).Value.Version;
                Assert.Equal(("success", Size, Size, 7), (copy.Blob!.Copy!.Status, copy.Blob.Copy.Done, copy.Size, copy.Blob.SequenceNumber));
                Assert.Equal(new string('\0', 512) + new string('a', 512) + new string('\0', 1024) + new string('b', 512), await world.Get(bucket, Key, new(0, 2559)));
                Assert.Equal(new string('d', 512), await world.Get(bucket, Key, new(Size - 512, Size - 1)));
                Assert.Equal(
                    [new(512, 512, false), new(2048, 512, false), new(600L * Pages.ChunkBytes, 512, false), new(Size - 512, 512, false)],
                    (await world.PageBlobs.Ranges(bucket, Key, new() { Limit = 10 }, default)).Value.Ranges);
                var snapshot = (await world.Objects.Snapshot(bucket, Key, Blob, null, default)).Value;
                Assert.Null((await world.PageBlobs.Write(bucket, Key, new(), 0, World.Content(new string('x', 512)), default)).Refusal);
                Assert.Equal([new(0, 512, false)], (await world.PageBlobs.Ranges(bucket, Key, new() { Since = snapshot, Limit = 10 }, default)).Value.Ranges);
            }
            await world.Objects.Delete(bucket, Key, new() { Snapshots = SnapshotsOf.Include, Conditions = Blob }, default);
            await world.Objects.Delete(bucket, "source", new(), default);
            await world.Pass(TimeSpan.FromDays(1));
            Assert.Empty(world.Place.Bodies);
            Assert.Empty(await world.Table.All());
            if (!isCut) return;
        }
    }

    [Fact]
    public async Task A_page_blob_that_is_written_meanwhile_fails_the_copy_and_an_aborted_one_leaves_no_pages()
    {
        var bucket = await world.Bucket();
        await world.Objects.PutPages(bucket, "source", World.By, new() { Blob = new() { Type = BlobType.PageBlob } }, 3L * Pages.ChunkBytes, Conditions.None, default);
        for (var i = 0; i < 3; i++) await world.PageBlobs.Write(bucket, "source", new(), i * (long)Pages.ChunkBytes, World.Content(new string('a', 512)), default);
        var source = new BlobCopySource(bucket, "source", (await world.Objects.Find(bucket, "source", null, default)).Value.Version);
        await Begin(bucket, source);
        Assert.Equal(Refusal.PendingCopy, (await world.PageBlobs.Write(bucket, Key, new() { Conditions = Blob }, 0, World.Content(new string('x', 512)), default)).Refusal);
        Assert.Empty((await world.PageBlobs.Ranges(bucket, Key, new() { Limit = 10 }, default)).Value.Ranges);
        var puts = 0;
        world.Place.Writing = async () =>
        {
            if (++puts == 2) await world.BlobCopies.Abort(bucket, Key, Copy, Blob, default);
        };
        await world.Pass(TimeSpan.FromHours(1));
        world.Place.Writing = null;
        Assert.Equal("aborted", (await Told(bucket)).Status);
        Assert.Equal(3, world.Place.Bodies.Count);
        await Begin(bucket, source);
        await world.PageBlobs.Write(bucket, "source", new(), 0, World.Content(new string('b', 512)), default);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal("The source was changed.", (await Told(bucket)).Description);
        Assert.Equal(3, world.Place.Bodies.Count);
    }

    [Fact]
    public async Task A_blob_that_must_not_be_there_is_not_copied_over()
    {
        var (bucket, source) = await Prepared();
        await world.Put(bucket, Key, "old");
        var refused = await world.BlobCopies.Begin(bucket, Key, World.By, Description(), Blob with { IfNoneMatch = ["*"] }, source, default);
        Assert.Equal(Refusal.PreconditionFailed, refused.Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal("old", await world.Get(bucket, Key));
        await Clean(bucket, Body.Length + 3, Body.Length);
    }

    [Fact]
    public async Task A_bucket_that_got_full_meanwhile_fails_the_copy()
    {
        var (bucket, source) = await Prepared();
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Quota, _ => new QuotaSetting(3 * Body.Length), default)).Value;
        await Begin(bucket, source);
        await world.Put(bucket, "other", Body + Body[..10]);
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal("failed", (await Told(bucket)).Status);
        await Clean(bucket, 2 * Body.Length + 10, 2 * Body.Length + 10);
    }

    [Fact]
    public async Task Who_finds_a_copy_under_way_waits_and_whose_part_took_too_long_leaves_it_to_others()
    {
        var (bucket, source) = await Prepared();
        await Begin(bucket, source);
        var isFirst = true;
        world.Place.Writing = async () =>
        {
            if (!isFirst) return;
            isFirst = false;
            await Again(bucket);
            Assert.Equal(0, (await Told(bucket)).Done);
            world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
            await Again(bucket);
            Assert.Equal(Body, await world.Get(bucket, Key));
        };
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.False(isFirst);
        Assert.Equal(Body, await world.Get(bucket, Key));
        await Clean(bucket, 2 * Body.Length, 2 * Body.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_a_copy_goes_on_and_leaves_nothing_behind(bool after)
    {
        for (var step = 1; ; step++)
        {
            world = Fresh();
            var (bucket, source) = await Prepared();
            world.Cut.Arm(step, after);
            var (isCut, isBegun) = (false, false);
            try
            {
                await Begin(bucket, source);
                isBegun = true;
                await world.Pass(TimeSpan.FromMinutes(1));
            }
            catch (Cut.CutOffException)
            {
                isCut = true;
            }
            world.Start();
            await world.Pass(TimeSpan.FromHours(2));
            if (isBegun || await world.Get(bucket, Key) is not null)
            {
                Assert.Equal(Body, await world.Get(bucket, Key));
                Assert.Equal("success", (await Told(bucket)).Status);
                await world.Walk(bucket);
                await Clean(bucket, 2 * Body.Length, 2 * Body.Length);
            }
            await world.Objects.Delete(bucket, Key, new(), default);
            await world.Objects.Delete(bucket, "source", new(), default);
            await world.Pass(TimeSpan.FromDays(1));
            Assert.Empty(world.Place.Bodies);
            Assert.Empty(await world.Table.All());
            if (!isCut) return;
        }
    }

    /// <summary>The message of the copy once more.</summary>
    private ValueTask Again(Bucket bucket) => world.Jobs.Run(
        BlobCopies.QueueName,
        StoredJson.Write(new FollowUp { Space = Rows.ObjectSpace(bucket), Key = Key, Intent = "copy." + Copy, Sent = world.Clock.GetUtcNow() }, StateJson.Default.FollowUp),
        default);

    private static World Fresh()
    {
        var world = new World();
        world.Options = world.Options with { CopyPartBytes = 100 };
        world.Start();
        return world;
    }

    private static Description Description(string copy = Copy) => new()
    {
        Metadata = new Dictionary<string, string> { ["a"] = "b" },
        Blob = new() { Copy = new(copy, "http://example.com/source", "success", Body.Length, Body.Length) },
    };

    private async Task<(Bucket, BlobCopySource)> Prepared(bool isVersioned = false)
    {
        var bucket = await world.Bucket();
        if (isVersioned) bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
        var put = await world.Put(bucket, "source", Body);
        return (bucket, new(bucket, "source", put.Value.Version));
    }

    private async Task<ObjectVersion> Begin(Bucket bucket, BlobCopySource source)
    {
        var begun = await world.BlobCopies.Begin(bucket, Key, World.By, Description(), Blob, source, default);
        Assert.Null(begun.Refusal);
        return begun.Value;
    }

    private async Task<BlobCopy> Told(Bucket bucket) => (await world.Objects.Find(bucket, Key, null, default)).Value.Version.Blob!.Copy!;

    /// <summary>So many bytes are counted, and there are no others than those of large bodies.</summary>
    private async Task Clean(Bucket bucket, long counted, long stored)
    {
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(counted, (await world.Counted(bucket)).Bytes);
        Assert.Equal(stored, world.Place.Bodies.Values.Sum(bytes => bytes.Length));
        Assert.DoesNotContain(await world.Table.All(), row => row.Key.Row.StartsWith(Rows.Intent));
    }
}
