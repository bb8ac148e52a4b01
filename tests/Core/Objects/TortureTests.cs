using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Disk;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Queues.Sqlite;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.Sqlite;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>
/// The real engines with many threads at the same few keys, random requests, clients that hang up, and time that flies:
/// leases run out, marks expire and garbage is collected while requests are under way.
/// </summary>
public sealed class TortureTests : IAsyncDisposable
{
    private const int Workers = 8;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(5);
    private static readonly string[] Acts = ["put", "removed", "completed", "copied", "read", "bucket removed", "version removed"];
    private static readonly string[] Names = ["stays", "goes", "versioned"];
    private static readonly string[] Keys = ["a", "b/c", new('k', 1000)];

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("torture");
    private readonly FastClock clock = new(600);
    private readonly History history = new();
    private readonly ConcurrentDictionary<string, string> valueOf = new();
    private readonly ConcurrentDictionary<string, int> done = new();

    // Of the versioned bucket: the versions that were made, and those that may have been taken away.
    private readonly ConcurrentDictionary<string, string> made = new();
    private readonly ConcurrentDictionary<string, bool> taken = new();
    private readonly SqliteStore store;
    private readonly DiskLocation disk;
    private readonly ITable table;
    private readonly UsageCounters usage;
    private readonly Buckets buckets;
    private readonly ObjectStore objects;
    private readonly MultipartUploads uploads;
    private readonly JobRunner jobs;
    private int values;

    public TortureTests()
    {
        var options = new ObjectOptions { InlineBytes = 100 };
        store = SqliteStore.Open(directory.FullName, clock, NullLogger.Instance);
        disk = new DiskLocation("disk", Path.Combine(directory.FullName, "objects"));
        var locations = new LocationCatalog("disk", new Dictionary<string, ILocation> { ["disk"] = disk });
        table = store.Table("objects");
        usage = new(store.Table("usage"), store.Queue, new() { IsAlone = true, WalkRows = 20 }, clock, NullLogger.Instance);
        buckets = new(store.Table("buckets"), table, store.Queue, locations, usage, Consistency.OneMachine, clock);
        objects = new(table, store.Queue, buckets, locations, options, clock);
        uploads = new(table, store.Queue, buckets, objects, locations, options, clock);
        jobs = new(
            [new CollectGarbage(table, store.Queue, buckets, locations, options, clock), new CountUsage(table, store.Queue, buckets, options, clock)],
            store.Queue, NullLogger.Instance);
    }

    public ValueTask DisposeAsync()
    {
        store.Dispose();
        disk.Dispose();
        directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(20261121)]
    [Trait("Speed", "Slow")]
    public async Task Whatever_happens_at_once_is_as_if_one_thing_had_followed_another_and_leaves_nothing_behind(int seed)
    {
        foreach (var name in Names) Assert.Null((await buckets.Create(name, World.Owner, "", default)).Refusal);
        var versioned = (await buckets.Find(Names[2], default))!;
        await buckets.Change<VersioningSetting>(
            versioned, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default);
        await using (var pump = new JobPump(store.Queue, jobs, new(), clock, NullLogger.Instance))
        {
            pump.Start();
            var until = Stopwatch.GetTimestamp() + (long)(Time.TotalSeconds * Stopwatch.Frequency);
            var atMost = until + (long)(10 * Time.TotalSeconds * Stopwatch.Frequency);
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
            {
                var random = new Random(seed + worker);
                // On a busy machine it takes longer until each was done once.
                while (Stopwatch.GetTimestamp() < until || (Stopwatch.GetTimestamp() < atMost && !Acts.All(done.ContainsKey))) await Act(random);
            })));
        }
        foreach (var name in Names)
            foreach (var key in Keys) await Read(name, key, default);
        Assert.Empty(history.Contradictions());

        // So that a change of the test that makes everything fail at once is seen.
        foreach (var action in Acts)
            Assert.True(done.GetValueOrDefault(action) > 0, $"Never {action}.");
        Assert.True(history.Reads > 100);

        await Collect();
        foreach (var name in Names)
            foreach (var key in Keys) await Read(name, key, default);
        Assert.Empty(history.Contradictions());
        await AllVersionsAreThere(versioned);
        await EverythingWasCounted();
        await RemoveAll();
        Assert.Null((await buckets.Delete(versioned, default)).Refusal);
        await Collect();
        Assert.Equal(0, store.Queue.Count(JobRunner.PoisonOf(CollectGarbage.QueueName)));
        var rows = new List<string>();
        await foreach (var row in table.Scan(new(new("", ""), TableKey.End), null, null, default)) rows.Add(row.Key.Row);
        Assert.Empty(rows);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(directory.FullName, "objects", "bytes"), "*", SearchOption.AllDirectories));
    }

    private async Task Act(Random random)
    {
        var (name, key) = (Names[random.Next(Names.Length)], Keys[random.Next(Keys.Length)]);
        if (random.Next(50) == 0 && await buckets.Find(name, default) is { } walked) await usage.Ask(walked.Counted, default);
        using var client = new CancellationTokenSource();
        if (random.Next(10) == 0) client.CancelAfter(random.Next(1, 15));
        try
        {
            switch (random.Next(100))
            {
                case < 30:
                    await Read(name, key, client.Token);
                    break;
                case < 55:
                    await Put(random, name, key, client.Token);
                    break;
                case < 68:
                    await Remove(name, key, client.Token);
                    break;
                case < 82:
                    await Multipart(random, name, key, client.Token);
                    break;
                case < 90:
                    await Copy(random, name, key, Keys[random.Next(Keys.Length)]);
                    break;
                case < 95:
                    await RemoveOldVersion(random, key, client.Token);
                    break;
                default:
                    await RemoveBucket(client.Token);
                    break;
            }
        }
        catch (OperationCanceledException) when (client.IsCancellationRequested)
        {
            // The client hung up; whether it happened is open.
        }
    }

    private async Task Put(Random random, string name, string key, CancellationToken ct)
    {
        if (await buckets.Find(name, ct) is not { } bucket) return;
        var body = Body(random);
        var conditions = random.Next(4) == 0 ? new Conditions { IfNoneMatch = ["*"] } : Conditions.None;
        var write = history.Begin(At(name, key), body);
        var put = await objects.Put(bucket, key, World.By, new(), Content(body), conditions, ct);
        write.Ended(put.Refusal is not null);
        if (put.Refusal is null) Made(key, put.Value.Version);
        if (put.Refusal is null) Did("put");
    }

    private async Task Remove(string name, string key, CancellationToken ct)
    {
        if (await buckets.Find(name, ct) is not { } bucket) return;
        var write = history.Begin(At(name, key), null);
        var removed = await objects.Delete(bucket, key, new(), ct);
        write.Ended(removed.Refusal is not null);
        if (removed is { Refusal: null, Value.Marker: { } marker }) Made(key, marker);
        if (removed.Refusal is null) Did("removed");
    }

    private async Task Multipart(Random random, string name, string key, CancellationToken ct)
    {
        if (await buckets.Find(name, ct) is not { } bucket) return;
        var created = await uploads.Create(bucket, key, World.By, new(), null, null, ct);
        if (created.Refusal is not null) return;
        var id = created.Value.Id;
        var body = Body(random);
        // A client that did not get its first answer in time sends the part again, and so it does with the Complete.
        var parts = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            await uploads.PutPart(bucket, key, id, 1, Content(body), ct))));
        if (!parts.Any(part => part.Refusal is null)) return;
        var part = parts.First(part => part.Refusal is null);
        var late = Task.Run(async () => await uploads.PutPart(bucket, key, id, 1, Content(body), ct));
        if (random.Next(5) == 0)
        {
            await uploads.Abort(bucket, key, id, ct);
            await late;
            return;
        }
        var conditions = random.Next(4) == 0 ? new Conditions { IfNoneMatch = ["*"] } : Conditions.None;
        var write = history.Begin(At(name, key), body);
        var request = new CompleteRequest { Parts = [new(1, part.Value.ETag)], Conditions = conditions };
        var completes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            await uploads.Complete(bucket, key, id, request, ct))));
        await late;
        var written = completes.Where(complete => complete.Refusal is null).Select(complete => complete.Value.Version.Id).Distinct().ToList();
        Assert.InRange(written.Count, 0, 1);
        write.Ended(written.Count == 0);
        foreach (var complete in completes.Where(complete => complete.Refusal is null)) Made(key, complete.Value.Version);
        if (written.Count > 0) Did("completed");
        else await uploads.Abort(bucket, key, id, default);
    }

    private async Task Copy(Random random, string name, string from, string to)
    {
        if (await buckets.Find(name, default) is not { } bucket) return;
        var write = history.Begin(At(name, to), null);
        var copied = await objects.Copy(
            new()
            {
                SourceBucket = bucket, SourceKey = from, Bucket = bucket, Key = to, Writer = World.By,
                Algorithm = random.Next(2) == 0 ? ChecksumAlgorithm.Sha256 : null,
            },
            default); // nobody may hang up: which value was written, only the answer tells
        if (copied.Refusal is null) write.Value = valueOf[copied.Value.Version.ETag];
        write.Ended(copied.Refusal is not null);
        if (copied.Refusal is null) Made(to, copied.Value.Version);
        if (copied.Refusal is null) Did("copied");
    }

    private async Task Read(string name, string key, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            var from = History.Now;
            if (await buckets.Find(name, ct) is not { } bucket) return; // while it is marked, it hides what is in it
            try
            {
                var opened = await objects.Open(bucket, key, new(), ct);
                if (opened.Refusal is Refusal.NoSuchKey)
                {
                    // Of a bucket that was removed since, it says nothing.
                    if (await buckets.Find(name, ct) is { } now && now.Id == bucket.Id) history.Read(At(name, key), null, from);
                    return;
                }
                await using var body = opened.Value.Body!;
                var text = await World.Text(body);
                Assert.Equal(opened.Value.Version.Size, text.Length);
                history.Read(At(name, key), text, from);
                Did("read");
                return;
            }
            catch (IOException) when (attempt < 5)
            {
                // In this time, more than the grace of a reader may have passed. A version that stays is read in the end.
            }
        }
    }

    /// <summary>Takes away a version that is not the newest, which nobody who reads the object sees.</summary>
    private async Task RemoveOldVersion(Random random, string key, CancellationToken ct)
    {
        if (await buckets.Find(Names[2], ct) is not { } bucket) return;
        var old = (await objects.ListVersions(bucket, new() { Prefix = key }, ct)).Entries.Where(entry => entry is { IsLatest: false, Version: not null }).ToList();
        if (old.Count == 0) return;
        var id = old[random.Next(old.Count)].Version!.PublicId;
        taken[id] = true;
        var removed = await objects.Delete(bucket, key, new() { VersionId = id }, ct);
        if (removed is { Refusal: null, Value.Removed: not null }) Did("version removed");
    }

    private void Made(string key, ObjectVersion version)
    {
        if (!version.IsNull) made[version.PublicId] = key;
    }

    /// <summary>What was made and not taken away is there, bytes and all; each key has one latest version.</summary>
    private async Task AllVersionsAreThere(Bucket bucket)
    {
        var there = new HashSet<string>();
        var request = new ListVersionsRequest { Limit = 7 };
        while (true)
        {
            var page = await objects.ListVersions(bucket, request, default);
            foreach (var (name, version, _) in page.Entries)
            {
                Assert.True(there.Add(version!.PublicId));
                if (version.IsDeleteMarker) continue;
                await using var body = (await objects.Open(bucket, name, new() { VersionId = version.PublicId }, default)).Value.Body!;
                Assert.Equal(valueOf[version.ETag], await World.Text(body));
            }
            if (page.NextKey is null) break;
            request = request with { KeyMarker = page.NextKey, VersionIdMarker = page.NextVersionId };
        }
        Assert.Empty(made.Keys.Where(id => !taken.ContainsKey(id)).Except(there));
        var all = (await objects.ListVersions(bucket, new(), default)).Entries;
        Assert.Equal(all.Select(entry => entry.Name).Distinct().Count(), all.Count(entry => entry.IsLatest));
    }

    /// <summary>The counters, whose buckets were walked all the time, are what a last walk finds.</summary>
    private async Task EverythingWasCounted()
    {
        foreach (var name in Names)
        {
            if (await buckets.Find(name, default) is not { } bucket) continue;
            var counted = await usage.Read(bucket.Id, default);
            Assert.Equal((await objects.ListVersions(bucket, new() { Limit = 100_000 }, default)).Entries.Sum(entry => entry.Version!.Size), counted.Total.Bytes);
            await jobs.Run("usage", Usage.UsageWorld.Message(bucket), default);
            Assert.Equal(counted, await usage.Read(bucket.Id, default));
        }
    }

    private async Task RemoveBucket(CancellationToken ct)
    {
        var name = Names[1];
        var from = History.Now;
        if (await buckets.Find(name, ct) is { } bucket)
        {
            foreach (var key in Keys) await Remove(name, key, ct);
            from = History.Now;
            if ((await buckets.Delete(bucket, ct)).Refusal is not null) return;
            foreach (var key in Keys) history.Read(At(name, key), null, from);
            Did("bucket removed");
        }
        await buckets.Create(name, World.Owner, "", ct);
    }

    private async Task RemoveAll()
    {
        foreach (var name in Names)
        {
            if (await buckets.Find(name, default) is not { } bucket) continue;
            foreach (var key in Keys) await objects.Delete(bucket, key, new(), default);
            while ((await objects.ListVersions(bucket, new(), default)).Entries is { Count: > 0 } versions)
                foreach (var (key, version, _) in versions) await objects.Delete(bucket, key, new() { VersionId = version!.PublicId }, default);
            foreach (var entry in (await uploads.List(bucket, new(), default)).Entries)
                await uploads.Abort(bucket, entry.Name, entry.Upload!.Id, default);
        }
    }

    /// <summary>Lets days pass until no job is left.</summary>
    private async Task Collect()
    {
        for (var round = 0; round < 200 && store.Queue.Count(CollectGarbage.QueueName) > 0; round++)
        {
            clock.Jump(TimeSpan.FromDays(2));
            await using var pump = new JobPump(store.Queue, jobs, new(), clock, NullLogger.Instance);
            pump.Start();
            while (store.Queue.Earliest(CollectGarbage.QueueName) <= clock.GetUtcNow()) await Task.Delay(5);
        }
        Assert.Equal(0, store.Queue.Count(CollectGarbage.QueueName));
    }

    private void Did(string action) => done.AddOrUpdate(action, 1, (_, count) => count + 1);

    private string Body(Random random)
    {
        var value = $"{Interlocked.Increment(ref values)} ";
        var body = value.PadRight(random.Next(3) == 0 ? 50 : random.Next(200, 3000), '.');
        var md5 = Hashed(Encoding.ASCII.GetBytes(body));
        valueOf[Convert.ToHexStringLower(md5)] = body;
        valueOf[Convert.ToHexStringLower(Hashed(md5)) + "-1"] = body;
        return body;
    }

    private static byte[] Hashed(byte[] bytes)
    {
        using var md5 = Checksums.Start(ChecksumAlgorithm.Md5);
        md5.Append(bytes);
        return md5.Finish();
    }

    private static string At(string name, string key) => $"{name}/{key[..1]}";

    private static Content Content(string body) =>
        new(PipeReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(body))), body.Length);
}
