using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Expiry;

/// <summary>Parts whose upload is gone are removed, and never those of anything else, whatever stalls and whatever is cut off.</summary>
public sealed class OrphanedPartsTests
{
    private static readonly TimeSpan Old = OrphanedParts.Age + TimeSpan.FromHours(1);

    private readonly World world = new();

    private OrphanedParts Parts => new(world.Table, world.Queue, world.Buckets, new("here", new Dictionary<string, ILocation> { ["here"] = world.Place, ["cold"] = world.Cold }), world.Clock);

    private async Task<List<long>> Expire(Bucket bucket)
    {
        List<long> removed = [];
        await foreach (var (_, bytes) in Parts.Remove(bucket, null, default))
            if (bytes is { } gone) removed.Add(gone);
        return removed;
    }

    private static IEnumerable<string> PartRows(IEnumerable<Row> rows) => rows.Where(row => row.Key.Partition[0] == 'u' && row.Key.Row[0] == Rows.Part).Select(row => row.Key.Row);

    /// <summary>A part whose commit stands still until what is returned is called: then it comes, and the process that sent it dies right after.</summary>
    private async Task<Func<Task>> StallPart(Bucket bucket, string key, string upload, int number, string body)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously), gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Table.Before = async row =>
        {
            if (row[0] != Rows.Part || !reached.TrySetResult()) return;
            await gate.Task;
            world.Cut.Arm(1, afterIt: true);
        };
        var part = world.PutPart(bucket, key, upload, number, body);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(2));
        return async () =>
        {
            gate.SetResult();
            await Assert.ThrowsAsync<Cut.CutOffException>(() => part.WaitAsync(TimeSpan.FromMinutes(2)));
            world.Table.Before = null;
            world.Start();
        };
    }

    [Fact]
    public async Task A_part_that_was_committed_behind_its_upload_s_end_is_removed_when_it_is_old()
    {
        var bucket = await world.Bucket();
        var (id, _) = await world.Upload(bucket, "key", "first");
        var (other, etag) = await world.Upload(bucket, "key", "other");
        var late = await StallPart(bucket, "key", id, 2, "second!");
        Assert.Null((await world.Uploads.Abort(bucket, "key", id, default)).Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        await late();
        Assert.Equal(2, PartRows(await world.Table.All()).Count());
        Assert.Equal(2, world.Place.Bodies.Count);

        Assert.Empty(await Expire(bucket)); // it may be young
        await world.Pass(Old);
        Assert.Equal([7L], await Expire(bucket));
        Assert.Single(PartRows(await world.Table.All()));
        Assert.Single(world.Place.Bodies);
        await world.Walk(bucket);
        Assert.Equal(new(0, 0, 5), await world.Counted(bucket));
        Assert.Empty(await Expire(bucket));
        Assert.Null((await world.Uploads.Complete(bucket, "key", other, new() { Parts = [new(1, etag)] }, default)).Refusal);
        Assert.Equal("other", await world.Get(bucket, "key"));
    }

    [Fact]
    public async Task Bytes_that_a_list_of_parts_names_stay_whatever_the_rows_say()
    {
        var bucket = await world.Bucket();
        var (id, etag) = await world.Upload(bucket, "key", "body of the object");
        Assert.Null((await world.Uploads.Complete(bucket, "key", id, new() { Parts = [new(1, etag)] }, default)).Refusal);
        // As if the upload's row had gone before its parts'.
        var rows = await world.Table.All();
        foreach (var row in rows.Where(row => row.Key.Partition[0] == 'u' && row.Key.Row[0] is Rows.Upload or Rows.Ended or Rows.Intent))
            await world.Table.Apply(row.Key.Partition, [Change.Delete(row.Key.Row, Condition.Any)], default);
        world.Clock.MoveTo(world.Clock.GetUtcNow() + Old);
        await Expire(bucket);
        Assert.Empty(PartRows(await world.Table.All()));
        Assert.Equal("body of the object", await world.Get(bucket, "key"));
        Assert.Equal(new(18, 1, 0), await world.Counted(bucket));
    }

    [Fact]
    public async Task Where_the_bytes_cannot_be_removed_their_row_stays_and_names_them()
    {
        var bucket = await world.Bucket();
        var id = (await world.Uploads.Create(bucket, "key", World.By, new() { Location = "cold" }, null, null, default)).Value.Id;
        var late = await StallPart(bucket, "key", id, 1, "12345");
        Assert.Null((await world.Uploads.Abort(bucket, "key", id, default)).Refusal);
        await world.Pass(TimeSpan.FromHours(1));
        await late();
        world.Clock.MoveTo(world.Clock.GetUtcNow() + Old);
        // The location is not configured, for once.
        var without = new OrphanedParts(world.Table, world.Queue, world.Buckets, new("here", new Dictionary<string, ILocation> { ["here"] = world.Place }), world.Clock);
        await foreach (var (_, removed) in without.Remove(bucket, null, default)) Assert.Null(removed);
        Assert.Single(PartRows(await world.Table.All()));
        Assert.Single(world.Cold.Bodies);
        Assert.Equal([5L], await Expire(bucket));
        Assert.Empty(world.Cold.Bodies);
    }

    /// <summary>Random uploads, completions, aborts, deaths, stalls, and the walk in between, itself cut off anywhere, over keys that share a partition, too.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_happens_only_what_is_nobody_s_goes(int seed)
    {
        var random = new Random(seed);
        string[] keys = ["a", "b", new('k', 1000), new string('k', 1000) + "x"];
        var bucket = await world.Bucket();
        var open = new List<(string Key, string Id, Dictionary<int, (string Body, string ETag)> Parts)>();
        var objects = new Dictionary<string, string>();
        var orphans = 0;
        for (var step = 0; step < 80; step++)
        {
            var body = new string((char)('a' + random.Next(26)), random.Next(1, 300));
            switch (random.Next(9))
            {
                case 0 or 1:
                    var key = keys[random.Next(keys.Length)];
                    open.Add((key, (await world.Uploads.Create(bucket, key, World.By, new(), null, null, default)).Value.Id, []));
                    break;
                case 2 or 3 when open.Count > 0:
                    var (at, id, parts) = open[random.Next(open.Count)];
                    var number = random.Next(1, 3);
                    parts[number] = (body, (await world.PutPart(bucket, at, id, number, body)).Value.ETag);
                    break;
                case 4 when open.Count > 0:
                    var done = open[random.Next(open.Count)];
                    if (done.Parts.Count == 0) break;
                    // One part only: all but the last would have to be of 5 MiB.
                    var (last, chosen) = done.Parts.MaxBy(part => part.Key);
                    open.Remove(done);
                    if (random.Next(3) == 0) world.Cut.Arm(random.Next(1, 6), random.Next(2) == 0);
                    var wasCut = await Cutting(async () => Assert.Null((await world.Uploads.Complete(bucket, done.Key, done.Id, new() { Parts = [new(last, chosen.ETag)] }, default)).Refusal));
                    if (wasCut)
                    {
                        // The client asks again, as clients do.
                        var again = await world.Uploads.Complete(bucket, done.Key, done.Id, new() { Parts = [new(last, chosen.ETag)] }, default);
                        Assert.Null(again.Refusal);
                    }
                    objects[done.Key] = chosen.Body;
                    break;
                case 5 when open.Count > 0:
                    var aborted = open[random.Next(open.Count)];
                    open.Remove(aborted);
                    // The walk that counts after a death would wait for what stalls.
                    await world.Usage.Recover(default);
                    await world.Pass(TimeSpan.FromMinutes(1));
                    var late = random.Next(2) == 0 ? await StallPart(bucket, aborted.Key, aborted.Id, random.Next(1, 4), body) : null;
                    Assert.Null((await world.Uploads.Abort(bucket, aborted.Key, aborted.Id, default)).Refusal);
                    if (late is null) break;
                    await world.Pass(TimeSpan.FromMinutes(random.Next(90)));
                    await late();
                    orphans++;
                    break;
                case 6 when objects.Count > 0:
                    var gone = objects.Keys.ElementAt(random.Next(objects.Count));
                    Assert.Null((await world.Objects.Delete(bucket, gone, new() { By = World.By }, default)).Refusal);
                    objects.Remove(gone);
                    break;
                case 7:
                    await world.Pass(random.Next(3) == 0 ? TimeSpan.FromDays(random.Next(1, 9)) : TimeSpan.FromMinutes(random.Next(60)));
                    break;
                case 8:
                    if (random.Next(2) == 0) world.Cut.Arm(random.Next(1, 4), random.Next(2) == 0);
                    await Cutting(() => Expire(bucket));
                    break;
            }
            foreach (var (key, text) in objects) Assert.Equal(text, await world.Get(bucket, key));
            foreach (var (at, id, parts) in open)
                Assert.Equal(parts.Count, (await world.Uploads.ListParts(bucket, at, id, 0, 100, default)).Value.Parts.Count);
        }
        await world.Pass(TimeSpan.FromDays(9));
        await Expire(bucket);

        // Every part that is left is an open upload's, and every body that is left is one of those or an object's.
        var rows = await world.Table.All();
        var left = rows.Where(row => row.Key.Partition[0] == 'u' && row.Key.Row[0] == Rows.Part).Select(row => StoredJson.Read(row.Value, StateJson.Default.Part)).ToList();
        Assert.All(PartRows(rows), row => Assert.Contains(open, upload => row.Contains(upload.Id, StringComparison.Ordinal)));
        await world.Walk(bucket);
        Assert.Equal(world.Place.Bodies.Values.Sum(bytes => (long)bytes.Length), (await world.Counted(bucket)).Held);
        Assert.Equal(left.Sum(part => part.Size), (await world.Counted(bucket)).Parts);
        foreach (var (at, id, parts) in open.Where(upload => upload.Parts.Count > 0))
        {
            var (last, chosen) = parts.MaxBy(part => part.Key);
            Assert.Null((await world.Uploads.Complete(bucket, at, id, new() { Parts = [new(last, chosen.ETag)] }, default)).Refusal);
            Assert.Equal(chosen.Body, await world.Get(bucket, at));
        }
        Assert.True(orphans > 0 || seed % 4 != 0, "no part came late");
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 16)];

    private async Task<bool> Cutting(Func<Task> act)
    {
        try
        {
            await act();
            world.Cut.Disarm();
            return false;
        }
        catch (Cut.CutOffException)
        {
            world.Start();
            return true;
        }
    }
}
