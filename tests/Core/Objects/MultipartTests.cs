using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class MultipartTests
{
    private static readonly string Big = new('p', (int)ObjectLimits.PartBytes);

    private readonly World world = new();

    [Fact]
    public async Task Parts_in_any_order_become_an_object_and_nothing_else_stays()
    {
        var bucket = await world.Bucket();
        var upload = await Create(bucket);
        var last = await Put(bucket, upload, 7, "tail");
        await Put(bucket, upload, 2, Big + "first try");
        await Put(bucket, upload, 9, "never named");
        var first = await Put(bucket, upload, 2, Big + "again");
        var written = await Complete(bucket, upload, first, last);

        Assert.EndsWith("-2", written.ETag, StringComparison.Ordinal);
        Assert.Equal(ChecksumType.FullObject, written.Checksum!.Type);
        Assert.Equal(Big + "againtail", await world.Get(bucket, "key"));
        Assert.Equal("gaintail", await world.Get(bucket, "key", new RangeRequest(Big.Length + 1, null)));
        var part = await world.Objects.Open(bucket, "key", new() { PartNumber = 2 }, default);
        Assert.Equal(2, part.Value.PartsCount);
        Assert.Equal("tail", await World.Text(part.Value.Body!));

        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(2, world.Place.Bodies.Count);
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Equal(2, (await world.Table.All()).Count); // the version and its manifest
        Assert.Equal(Big + "againtail", await world.Get(bucket, "key"));

        await world.Objects.Delete(bucket, "key", new(), default);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task A_repeated_complete_gets_the_same_answer_even_after_the_object_was_replaced()
    {
        var bucket = await world.Bucket();
        var upload = await Create(bucket);
        var part = await Put(bucket, upload, 1, "only");
        var written = await Complete(bucket, upload, part);
        await world.Put(bucket, "key", "newer");
        await world.Pass(TimeSpan.FromDays(1));
        Assert.Equal(written.Id, (await Complete(bucket, upload, part)).Id);
        Assert.Equal("newer", await world.Get(bucket, "key"));
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Equal(Refusal.NoSuchUpload, (await TryComplete(bucket, upload, part)).Refusal);
    }

    [Fact]
    public async Task Lists_of_parts_that_do_not_fit_are_refused_and_the_upload_goes_on()
    {
        var bucket = await world.Bucket();
        var upload = await Create(bucket);
        var one = await Put(bucket, upload, 1, "small");
        var two = await Put(bucket, upload, 2, "tail");
        Assert.Equal(Refusal.InvalidPartOrder, (await TryComplete(bucket, upload, two, one)).Refusal);
        Assert.Equal(Refusal.PartTooSmall, (await TryComplete(bucket, upload, one, two)).Refusal);
        Assert.Equal(Refusal.InvalidPart, (await TryComplete(bucket, upload, one with { ETag = two.ETag })).Refusal);
        Assert.Equal(Refusal.InvalidPart, (await TryComplete(bucket, upload, one with { Number = 3 })).Refusal);
        Assert.Null((await TryComplete(bucket, upload, two)).Refusal);
    }

    [Fact]
    public async Task A_condition_that_fails_at_the_end_leaves_the_upload_open()
    {
        var bucket = await world.Bucket();
        var upload = await Create(bucket);
        var part = await Put(bucket, upload, 1, "only");
        await world.Put(bucket, "key", "there");
        var request = Request(part) with { Conditions = new() { IfNoneMatch = ["*"] } };
        Assert.Equal(Refusal.PreconditionFailed, (await world.Uploads.Complete(bucket, "key", upload.Id, request, default)).Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal("there", await world.Get(bucket, "key"));
        Assert.Null((await TryComplete(bucket, upload, part)).Refusal);
        Assert.Equal("only", await world.Get(bucket, "key"));
    }

    [Fact]
    public async Task An_aborted_upload_leaves_nothing()
    {
        var bucket = await world.Bucket();
        var upload = await Create(bucket);
        await Put(bucket, upload, 1, "one");
        Assert.Null((await world.Uploads.Abort(bucket, "key", upload.Id, default)).Refusal);
        Assert.Equal(Refusal.NoSuchUpload, (await world.Uploads.Abort(bucket, "key", upload.Id, default)).Refusal);
        Assert.Equal(Refusal.NoSuchUpload, (await world.PutPart(bucket, "key", upload.Id, 2, "late")).Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task Deleting_a_bucket_ends_its_open_uploads()
    {
        var bucket = await world.Bucket();
        var upload = await Create(bucket);
        await Put(bucket, upload, 1, "one");
        Assert.Null((await world.Buckets.Delete(bucket, default)).Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task Parts_and_uploads_are_listed_in_pages()
    {
        var bucket = await world.Bucket();
        var uploads = new List<Upload>();
        foreach (var key in new[] { "a/1", "a/2", "b", "b", "c/x" })
        {
            uploads.Add((await world.Uploads.Create(bucket, key, World.By, new(), null, null, default)).Value);
            await world.Pass(TimeSpan.FromSeconds(1));
        }
        var page = await world.Uploads.List(bucket, new() { Limit = 3 }, default);
        Assert.Equal(uploads.Take(3).Select(u => u.Id), page.Entries.Select(e => e.Upload!.Id));
        var rest = await world.Uploads.List(bucket, new() { Limit = 3, KeyMarker = page.NextKey, UploadIdMarker = page.NextUploadId }, default);
        Assert.Equal(uploads.Skip(3).Select(u => u.Id), rest.Entries.Select(e => e.Upload!.Id));
        Assert.Null(rest.NextKey);
        var rolled = await world.Uploads.List(bucket, new() { Delimiter = "/" }, default);
        Assert.Equal(["a/", "b", "b", "c/"], rolled.Entries.Select(e => e.Name));

        for (var number = 1; number <= 5; number++) await world.PutPart(bucket, "b", uploads[2].Id, number, "x");
        var parts = (await world.Uploads.ListParts(bucket, "b", uploads[2].Id, 1, 2, default)).Value;
        Assert.Equal([2, 3], parts.Parts.Select(p => p.Number));
        Assert.Equal(3, parts.Next);
        parts = (await world.Uploads.ListParts(bucket, "b", uploads[2].Id, 3, 2, default)).Value;
        Assert.Equal([4, 5], parts.Parts.Select(p => p.Number));
        Assert.Null(parts.Next);
    }

    [Fact]
    public async Task Ten_thousand_parts_are_read_across_the_rows_of_their_manifest()
    {
        var world = new World();
        var bucket = await world.Bucket();
        var parts = Enumerable.Range(1, 2500).Select(i => new Manifests.Placed(
            new ManifestPart(new("here", $"p{i}", 10), null), (i - 1) * 10)).ToList();
        for (var i = 1; i <= 2500; i++) world.Place.Bodies[$"p{i}"] = [.. Enumerable.Repeat((byte)('a' + i % 26), 10)];
        var manifests = new Manifests(world.Table);
        var address = KeyCodec.Address(Rows.UploadSpace(bucket), "key");
        var (place, row) = await manifests.Write(address, "id", parts.ConvertAll(p => p.Part), default);
        Assert.Null(row);
        Assert.Equal(3, place.RowOffsets.Count);
        foreach (var offset in new long[] { 0, 9, 10, 9_999, 10_000, 19_995, 24_999 })
        {
            var first = true;
            long at = offset / 10 * 10;
            await foreach (var part in manifests.PartsFrom(address, place, offset, default))
            {
                if (first) Assert.Equal(at, part.Offset);
                first = false;
                Assert.Equal(at, part.Offset);
                at += 10;
            }
            Assert.Equal(25_000, at);
        }
        Assert.Equal(19_990, (await manifests.Part(address, place, 2000, default))!.Value.Offset);
        Assert.Equal(20_000, (await manifests.Part(address, place, 2001, default))!.Value.Offset);
        Assert.Null(await manifests.Part(address, place, 2501, default));
    }

    /// <summary>
    /// The life of objects and uploads, cut off before and after every durable step in turn. After a restart and the jobs'
    /// work, whatever was acknowledged is there, and no version is without its bytes.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_off_at_any_step_nothing_acknowledged_is_lost(bool after)
    {
        for (var step = 1; ; step++)
        {
            var world = new World();
            var bucket = await world.Bucket();
            var acknowledged = new Dictionary<string, string?>();
            var inFlight = new Dictionary<string, HashSet<string?>>();
            world.Cut.Arm(step, after);
            var finished = true;
            try
            {
                await Script(world, bucket, acknowledged, inFlight);
            }
            catch (Cut.CutOffException)
            {
                finished = false;
            }
            world.Start();
            await Check(world, bucket, acknowledged, inFlight);
            await world.Pass(TimeSpan.FromDays(20));
            await Check(world, bucket, acknowledged, inFlight);
            await NothingIsLeftOver(world, bucket);
            if (finished) return;
        }
    }

    private static async Task Script(
        World world, Bucket bucket, Dictionary<string, string?> acknowledged, Dictionary<string, HashSet<string?>> inFlight)
    {
        async Task Write(string key, string? body, Func<Task<Refusal?>> write)
        {
            inFlight[key] = [acknowledged.GetValueOrDefault(key), body];
            Assert.Null(await write());
            acknowledged[key] = body;
            inFlight.Remove(key);
        }
        var large = new string('l', 300);
        await Write("k", large, async () => (await world.Put(bucket, "k", large)).Refusal);
        await Write("k", "small", async () => (await world.Put(bucket, "k", "small")).Refusal);
        await Write("k", large + 2, async () => (await world.Put(bucket, "k", large + 2)).Refusal);
        var upload = (await world.Uploads.Create(bucket, "k", World.By, new(), null, null, default)).Value;
        await world.PutPart(bucket, "k", upload.Id, 1, "dropped");
        var part = (await world.PutPart(bucket, "k", upload.Id, 1, "from parts")).Value;
        await world.PutPart(bucket, "k", upload.Id, 2, "dropped");
        await Write("k", "from parts", async () => (await world.Uploads.Complete(
            bucket, "k", upload.Id, Request(new NamedPart(1, part.ETag)), default)).Refusal);
        await Write("k", null, async () => (await world.Objects.Delete(bucket, "k", new(), default)).Refusal);
        var second = (await world.Uploads.Create(bucket, "k", World.By, new(), null, null, default)).Value;
        part = (await world.PutPart(bucket, "k", second.Id, 1, "again")).Value;
        await Write("k", "again", async () => (await world.Uploads.Complete(
            bucket, "k", second.Id, Request(new NamedPart(1, part.ETag)), default)).Refusal);
        var third = (await world.Uploads.Create(bucket, "k", World.By, new(), null, null, default)).Value;
        await world.PutPart(bucket, "k", third.Id, 1, "aborted");
        await world.Uploads.Abort(bucket, "k", third.Id, default);
        await world.Pass(TimeSpan.FromDays(1));
        await Write("k", "last", async () => (await world.Put(bucket, "k", "last")).Refusal);
        await world.Pass(TimeSpan.FromDays(10));
    }

    private static async Task Check(
        World world, Bucket bucket, Dictionary<string, string?> acknowledged, Dictionary<string, HashSet<string?>> inFlight)
    {
        foreach (var key in acknowledged.Keys.Union(inFlight.Keys))
        {
            var found = await world.Get(bucket, key);
            var allowed = inFlight.TryGetValue(key, out var either) ? either : [acknowledged[key]];
            Assert.Contains(found, allowed);
        }
    }

    /// <summary>
    /// Each message is sent before the commit that it follows, so nothing stays once the object and the open uploads go.
    /// </summary>
    private static async Task NothingIsLeftOver(World world, Bucket bucket)
    {
        foreach (var entry in (await world.Uploads.List(bucket, new(), default)).Entries)
            await world.Uploads.Abort(bucket, entry.Upload!.Key, entry.Upload.Id, default);
        await world.Objects.Delete(bucket, "k", new(), default);
        await world.Pass(TimeSpan.FromDays(20));
        Assert.Empty(await world.Table.All());
    }

    private async Task<Upload> Create(Bucket bucket) =>
        (await world.Uploads.Create(bucket, "key", World.By, new(), null, null, default)).Value;

    private async Task<NamedPart> Put(Bucket bucket, Upload upload, int number, string body) =>
        new(number, (await world.PutPart(bucket, "key", upload.Id, number, body)).Value.ETag);

    private async Task<ObjectVersion> Complete(Bucket bucket, Upload upload, params NamedPart[] parts) =>
        (await TryComplete(bucket, upload, parts)).Value.Version;

    private async Task<Result<Written>> TryComplete(Bucket bucket, Upload upload, params NamedPart[] parts) =>
        await world.Uploads.Complete(bucket, "key", upload.Id, Request(parts), default);

    private static CompleteRequest Request(params NamedPart[] parts) => new() { Parts = parts };
}
