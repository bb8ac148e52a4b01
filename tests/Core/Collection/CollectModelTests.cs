using System.Collections.Concurrent;
using System.Text;
using ZenkoFunctions.Core.Collection;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Tests.Replication.Walks;

namespace ZenkoFunctions.Core.Tests.Collection;

/// <summary>
/// Writers, jobs and collectors take turns by chance, at each question to the table and to the location; days pass between any two turns,
/// and now and then the process dies. Nothing that a row names is ever removed, no row ever comes to name what was removed, and in the
/// end nothing is left that no row names.
/// </summary>
public sealed class CollectModelTests
{
    private const int Epochs = 5, TurnsOfEpoch = 1200;
    private const string Writing = "writing";
    private static readonly string[] Keys = ["a", "b/c", new('k', 1000)];

    private readonly WalkWorld world = new(options: new() { IsAlone = true, Width = 2 });
    private readonly AsyncLocal<string?> job = new();
    private readonly ConcurrentDictionary<string, string> valueOf = new();
    private readonly Dictionary<string, int> done = [];
    private Turns turns = null!;
    private Random random = null!;
    private int values, collected;
    private bool isEnding;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Nothing_that_is_named_is_removed_and_nothing_that_is_not_stays(int seed)
    {
        random = new(seed);
        turns = new(random);
        turns.Run(Play, "the play");
        foreach (var act in new[] { "put", "deleted", "copied", "completed", "moved", "undeleted", "snapshot", "appended", "version deleted" })
            Assert.True(done.GetValueOrDefault(act) > 0, $"Nothing was ever {act}.");
        Assert.True(collected > 0, "Nothing was ever collected.");
    }

    private World Store => world.World;

    private async Task Play()
    {
        var plain = await Store.Bucket("plain");
        var versioned = await world.Versioned(await Store.Bucket("versioned"));
        Store.Table.PageRows = 4;
        Store.Table.BeforeScan = Turn;
        Store.Table.Before = _ => Turn();
        Store.Table.Checked = NothingNamesWhatIsGone;
        foreach (var place in new[] { Store.Place, Store.Cold })
        {
            place.Writing = Turn;
            place.Listing = Turn;
            place.Deleting = async name =>
            {
                await Turn();
                if (job.Value == Core.Replication.Walks.Walks.QueueName) await Unnamed(name);
            };
        }
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var left = TurnsOfEpoch;
            isEnding = false;
            bool GoesOn() => left-- > 0;
            List<Task> actors = [.. Enumerable.Range(0, 3).Select(_ => Act(() => Write(random.Next(2) == 0 ? plain : versioned), GoesOn)), .. Enumerable.Range(0, 2).Select(_ => Act(Work, GoesOn)), Act(Wait, GoesOn)];
            await Task.WhenAll(actors);
            // The process dies with what is under way; some epochs end in order.
            Store.Cut.Disarm();
            world.Start();
            await world.Walks.Recover(default);
            await AllIsThere(plain);
            await AllIsThere(versioned);
        }
        await Settle(plain, versioned);
    }

    /// <summary>Does something again and again, until it is cut off.</summary>
    private async Task Act(Func<Task> what, Func<bool> goesOn)
    {
        try
        {
            while (goesOn())
            {
                await Turn();
                await what();
            }
            // What another has under way is cut off anywhere. The dead are not to be roused.
            if (!isEnding) Store.Cut.Arm(1, afterIt: random.Next(2) == 0);
            isEnding = true;
        }
        catch (Exception e) when (Store.Cut.IsOff && e is not Xunit.Sdk.XunitException)
        {
        }
    }

    /// <summary>Now and then a writer stands still while the others do a lot.</summary>
    private Task Turn() => turns.Next(job.Value == Writing && random.Next(60) == 0 ? 4000 : 0);

    private async Task Write(Bucket bucket)
    {
        job.Value = Writing;
        var key = Keys[random.Next(Keys.Length)];
        var keeping = bucket.Name == "plain" ? new Conditions { IsBlob = true, DaysKept = 3 } : Conditions.None;
        switch (random.Next(9))
        {
            case 0 or 1:
                Did("put", (await Store.Put(bucket, key, Body(), random.Next(2) == 0 ? keeping : null)).Refusal);
                break;
            case 2:
                Did("deleted", (await Store.Objects.Delete(bucket, key, new() { Conditions = keeping }, default)).Refusal);
                if (random.Next(2) == 0) Did("undeleted", (await Store.Objects.Undelete(bucket, key, World.By, default)).Refusal);
                break;
            case 3:
                Did("copied", (await Store.Objects.Copy(new() { SourceBucket = bucket, SourceKey = key, Bucket = bucket, Key = Keys[random.Next(Keys.Length)], Writer = World.By }, default)).Refusal);
                break;
            case 4:
                await Multipart(bucket, key);
                break;
            case 5:
                if ((await Store.Objects.Find(bucket, key, null, default)) is { Refusal: null, Value.Version: var version })
                    Did("moved", (await Store.Objects.Moves.Move(bucket, key, new(version.PublicId, version.Id, random.Next(2) == 0 ? "cold" : "here") { ToLocation = true }, default)).Refusal);
                break;
            case 6:
                if (bucket.Name == "plain") Did("snapshot", (await Store.Objects.Snapshot(bucket, key, keeping, null, default)).Refusal);
                break;
            case 7:
                await Append(bucket);
                break;
            default:
                var versions = (await Store.Objects.ListVersions(bucket, new(), default)).Entries;
                if (bucket.Name == "versioned" && versions.Count > 0 && versions[random.Next(versions.Count)] is var old)
                    Did("version deleted", (await Store.Objects.Delete(bucket, old.Name, new() { VersionId = old.Version!.PublicId }, default)).Refusal);
                break;
        }
    }

    private async Task Multipart(Bucket bucket, string key)
    {
        if ((await Store.Uploads.Create(bucket, key, World.By, new(), null, null, default)) is not { Refusal: null, Value: var upload }) return;
        string? etag = null;
        // The second is not asked for when it is completed.
        for (var number = 1; number <= 2; number++)
            if (await Store.PutPart(bucket, key, upload.Id, number, Body()) is { Refusal: null } part && number == 1) etag = part.Value.ETag;
        switch (random.Next(4))
        {
            case 0:
                return; // nobody comes back to it
            case 1:
                await Store.Uploads.Abort(bucket, key, upload.Id, default);
                return;
            default:
                if (etag is not null) Did("completed", (await Store.Uploads.Complete(bucket, key, upload.Id, new() { Parts = [new(1, etag)] }, default)).Refusal);
                return;
        }
    }

    private async Task Append(Bucket bucket)
    {
        const string Key = "log";
        if ((await Store.Objects.Find(bucket, Key, null, default)).Refusal is not null)
        {
            var empty = new Content(System.IO.Pipelines.PipeReader.Create(Stream.Null), 0);
            await Store.Objects.Put(bucket, Key, World.By, new() { Blob = new() { Type = BlobType.AppendBlob } }, empty, new() { IfNoneMatch = ["*"] }, default);
        }
        Did("appended", (await Store.AppendBlobs.Append(bucket, Key, new(), World.Content(Body()), default)).Refusal);
    }

    /// <summary>A job that is due, or a collection.</summary>
    private async Task Work()
    {
        if (random.Next(40) == 0) await world.Walks.Start(new() { Purpose = WalkPurpose.Collect }, default);
        if (Store.Queue.NextDue is not { } due || due > Store.Clock.GetUtcNow()) return;
        var (name, message) = Store.Queue.Take();
        if (name is not (Core.Replication.Walks.Walks.QueueName or CollectGarbage.QueueName)) return;
        job.Value = name;
        try
        {
            await (name == CollectGarbage.QueueName ? Store.Jobs : world.Jobs).Run(name, message, default);
        }
        catch (Cut.CutOffException)
        {
            Store.Queue.Return(name, message);
            throw;
        }
        finally
        {
            job.Value = null;
        }
    }

    private Task Wait()
    {
        var time = random.Next(30) switch { 0 => TimeSpan.FromDays(4), 1 => TimeSpan.FromDays(1), < 8 => TimeSpan.FromMinutes(6), < 15 => TimeSpan.FromSeconds(20), _ => TimeSpan.Zero };
        Store.Clock.MoveTo(Store.Clock.GetUtcNow() + time);
        return Task.CompletedTask;
    }

    /// <summary>Of what the collection removes no row says anything at that moment.</summary>
    private async Task Unnamed(string name)
    {
        var mention = Encoding.ASCII.GetBytes(name);
        foreach (var row in await Store.Table.All())
            Assert.True(row.Value.Span.IndexOf(mention) < 0, $"{name} is removed, but the row {row.Key.Row} names it: {Encoding.UTF8.GetString(row.Value.Span)}");
        collected++;
    }

    /// <summary>What a version or a part is said to have is there when that is committed.</summary>
    private void NothingNamesWhatIsGone(IReadOnlyList<Change> changes)
    {
        foreach (var change in changes)
        {
            if (change.Value is not { } value || change.Row[0] is not (Rows.Current or Rows.Version or Rows.Part)) continue;
            foreach (var prefix in Store.Place.Bodies.Keys.Concat(Store.Cold.Bodies.Keys).Select(name => name[..17]).Distinct().ToList())
                ByteNames.Mentioned(value.Span, Encoding.ASCII.GetBytes(prefix), name => Assert.True(
                    Store.Place.Bodies.ContainsKey(Encoding.ASCII.GetString(name)) || Store.Cold.Bodies.ContainsKey(Encoding.ASCII.GetString(name)),
                    $"The row {change.Row} comes to name {Encoding.ASCII.GetString(name)}, which is gone."));
        }
    }

    private async Task AllIsThere(Bucket bucket)
    {
        foreach (var (key, version) in await world.Versions(bucket))
        {
            if (version.IsDeleteMarker) continue;
            var request = version.Blob?.Snapshot is { } snapshot ? new ReadRequest { Snapshot = snapshot } : new ReadRequest { VersionId = version.PublicId };
            var opened = await Store.Objects.Open(bucket, key, request, default);
            Assert.True(opened.Refusal is null, $"{key} {version.PublicId}: {opened.Refusal}");
            await using var body = opened.Value.Body!;
            var text = await World.Text(body);
            Assert.Equal(version.Size, text.Length);
        }
    }

    /// <summary>When nobody writes any more, and weeks have passed, there are those bytes that rows name, and no others.</summary>
    private async Task Settle(params Bucket[] buckets)
    {
        foreach (var bucket in buckets)
            foreach (var entry in (await Store.Uploads.List(bucket, new() { Limit = 1000 }, default)).Entries) await Store.Uploads.Abort(bucket, entry.Name, entry.Upload!.Id, default);
        Store.Table.PageRows = null;
        Store.Table.BeforeScan = null;
        Store.Table.Before = null;
        await world.Pass(TimeSpan.FromDays(60));
        job.Value = Core.Replication.Walks.Walks.QueueName;
        for (var i = 0; i < 2; i++)
        {
            await world.Pass(TimeSpan.FromHours(1));
            Assert.Equal(WalkState.Done, (await world.Walk(WalkPurpose.Collect)).State);
        }
        foreach (var bucket in buckets) await AllIsThere(bucket);
        HashSet<string> named = [];
        foreach (var row in await Store.Table.All())
            foreach (var bucket in buckets)
                ByteNames.Mentioned(row.Value.Span, ByteNames.Prefix(bucket.Id), name => named.Add(Encoding.ASCII.GetString(name)));
        Assert.Equal(named.Order(), Store.Place.Bodies.Keys.Concat(Store.Cold.Bodies.Keys).Order());
    }

    private string Body() => $"{++values} ".PadRight(random.Next(3) == 0 ? 50 : random.Next(200, 400), '.');

    private void Did(string what, Refusal? refusal)
    {
        if (refusal is null) done[what] = done.GetValueOrDefault(what) + 1;
    }
}
