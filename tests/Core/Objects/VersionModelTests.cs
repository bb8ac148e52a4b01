using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Versioned keys against lists in memory: whatever is done to them in whatever order.</summary>
public sealed class VersionModelTests
{
    // Two keys that share a partition, and two that UTF-8 and UTF-16 put in different orders.
    private static readonly string[] Keys = ["a/1", "a/2", "b", "\uffee", "😀", new('k', 900), new string('k', 900) + "x"];

    /// <summary>A version: its public id, and its body or (null) that it is a delete marker.</summary>
    private sealed record Entry(string Id, string? Body);

    private sealed record Command(string What, int Key, int Other, int Nth, bool IsLarge);

    [Fact]
    [Trait("Speed", "Slow")]
    public void Any_history_leaves_the_versions_that_a_list_would_hold()
    {
        var command =
            from what in Gen.Frequency(
                (8, Gen.Constant("put")), (5, Gen.Constant("delete")), (6, Gen.Constant("remove")), (2, Gen.Constant("copy")),
                (2, Gen.Constant("upload")), (2, Gen.Constant("amend")), (2, Gen.Constant("Enabled")), (2, Gen.Constant("Suspended")),
                (1, Gen.Constant("pass")), (1, Gen.Constant("restart")), (1, Gen.Constant("crash")))
            // Mostly few keys, so that they have histories.
            from key in Gen.Frequency((3, Gen.Choose(0, 1)), (1, Gen.Choose(0, Keys.Length - 1)))
            from other in Gen.Choose(0, Keys.Length - 1)
            from nth in Gen.Choose(0, 4)
            from large in Gen.Elements(true, false)
            select new Command(what, key, other, nth, large);
        var cases =
            from commands in command.ListOf()
            from prefix in Gen.Elements("", "", "a", "a/", "k", "z")
            from delimiter in Gen.Elements(null, null, "/", "k")
            from limit in Gen.Choose(1, 5)
            select (commands, prefix, delimiter, limit);
        Prop.ForAll(cases.ToArbitrary(), c => Replay(c.commands, c.prefix, c.delimiter, c.limit).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(60));
    }

    private static async Task Replay(IEnumerable<Command> commands, string prefix, string? delimiter, int limit)
    {
        var world = new World();
        var bucket = await world.Bucket();
        var model = Keys.ToDictionary(key => key, _ => new List<Entry>());
        VersioningState? state = null;
        var count = 0;
        foreach (var command in commands)
        {
            var (key, versions) = (Keys[command.Key], model[Keys[command.Key]]);
            var body = $"{++count} ".PadRight(command.IsLarge ? 200 : 20, '.');
            switch (command.What)
            {
                case "put":
                    Add(versions, state, new((await world.Put(bucket, key, body)).Value.Version.PublicId, body));
                    break;
                case "upload":
                    Add(versions, state, new(await Upload(world, bucket, key, body), body));
                    break;
                case "copy":
                    var from = model[Keys[command.Other]];
                    var source = from.Count == 0 ? new Entry("none", null) : from[command.Nth % from.Count];
                    var copied = await world.Objects.Copy(
                        new()
                        {
                            SourceBucket = bucket, SourceKey = Keys[command.Other], Bucket = bucket, Key = key, Writer = World.By,
                            SourceVersionId = command.IsLarge ? source.Id : null,
                        },
                        default);
                    var read = command.IsLarge ? source : from.FirstOrDefault();
                    Assert.Equal(read?.Body is null, copied.Refusal is not null);
                    if (copied.Refusal is null) Add(versions, state, new(copied.Value.Version.PublicId, read!.Body));
                    break;
                case "delete":
                    var deleted = await world.Objects.Delete(bucket, key, new(), default);
                    if (state is null) versions.Clear();
                    else Add(versions, state, new(deleted.Value.Marker!.PublicId, null));
                    break;
                case "remove":
                    var gone = versions.Count == 0 ? null : versions[command.Nth % versions.Count];
                    var removed = await world.Objects.Delete(bucket, key, new() { VersionId = gone?.Id ?? "7000000000000000aaaa" }, default);
                    Assert.Equal(gone?.Id, removed.Value.Removed?.PublicId);
                    Assert.Null(removed.Value.Marker);
                    if (gone is not null) versions.Remove(gone);
                    break;
                case "amend":
                    var amended = versions.Count == 0 ? null : versions[command.Nth % versions.Count];
                    var done = await world.Objects.Amend(bucket, key, amended?.Id ?? "null", version => version with { StorageClass = "GLACIER" }, default);
                    Assert.Equal(amended is null ? Refusal.NoSuchVersion : amended.Body is null ? Refusal.DeleteMarker : null, done.Refusal);
                    break;
                case "restart":
                    await world.Usage.DisposeAsync();
                    world.Start();
                    break;
                case "crash":
                    world.Start();
                    await world.Usage.Recover(default);
                    await world.Pass(TimeSpan.FromSeconds(1)); // the bucket is walked, where anything was not flushed
                    break;
                case "pass":
                    await world.Pass(TimeSpan.FromDays(1));
                    break;
                default:
                    state = Enum.Parse<VersioningState>(command.What);
                    bucket = (await world.Buckets.Change<VersioningSetting>(
                        bucket, BucketSettings.Versioning, _ => new VersioningSetting(state.Value), default)).Value;
                    break;
            }
            await Compare(world, bucket, model, "", null, 3);
            var all = model.Values.SelectMany(list => list).ToList();
            Assert.Equal(new(all.Sum(version => version.Body?.Length ?? 0), all.Count, 0), (await world.Usage.Read(bucket.Id, default)).Total);
        }
        await Compare(world, bucket, model, prefix, delimiter, limit);
        foreach (var (key, versions) in model)
            foreach (var version in versions) await IsRead(world, bucket, key, version.Id, version.Body);
        await RemoveAll(world, bucket, model);
    }

    private static async Task<string> Upload(World world, Bucket bucket, string key, string body)
    {
        var upload = (await world.Uploads.Create(bucket, key, World.By, new(), null, null, default)).Value;
        var part = (await world.PutPart(bucket, key, upload.Id, 1, body)).Value;
        var request = new CompleteRequest { Parts = [new(1, part.ETag)] };
        var id = (await world.Uploads.Complete(bucket, key, upload.Id, request, default)).Value.Version.PublicId;
        Assert.Equal(id, (await world.Uploads.Complete(bucket, key, upload.Id, request, default)).Value.Version.PublicId);
        return id;
    }

    private static void Add(List<Entry> versions, VersioningState? state, Entry entry)
    {
        Assert.Equal(state == VersioningState.Enabled, entry.Id != "null");
        if (entry.Id == "null") versions.RemoveAll(version => version.Id == "null");
        Assert.DoesNotContain(versions, version => version.Id == entry.Id);
        versions.Insert(0, entry);
    }

    private static async Task Compare(
        World world, Bucket bucket, Dictionary<string, List<Entry>> model, string prefix, string? delimiter, int limit)
    {
        var expected = model.Where(key => key.Key.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(key => Encoding.UTF8.GetBytes(key.Key), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
            .SelectMany(key => key.Value.Select((version, i) => Rolled(key.Key, prefix, delimiter) is { } common
                ? (common, "", false, false)
                : (key.Key, version.Id, version.Body is null, i == 0)))
            .Distinct().ToList();

        var listed = new List<(string, string, bool, bool)>();
        string? key = null, id = null;
        while (true)
        {
            var page = await world.Objects.ListVersions(
                bucket, new() { Prefix = prefix, Delimiter = delimiter, KeyMarker = key, VersionIdMarker = id, Limit = limit }, default);
            listed.AddRange(page.Entries.Select(entry =>
                (entry.Name, entry.Version?.PublicId ?? "", entry.Version?.IsDeleteMarker ?? false, entry.IsLatest)));
            if (page.NextKey is null) break;
            Assert.Equal(limit, page.Entries.Count);
            (key, id) = (page.NextKey, page.NextVersionId);
        }
        Assert.Equal(expected, listed);

        var objects = (await world.Objects.List(bucket, new(), default)).Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal);
        Assert.Equal(model.Where(entry => entry.Value is [{ Body: not null }, ..]).Select(entry => entry.Key).Order(StringComparer.Ordinal), objects);
        foreach (var (name, versions) in model) Assert.Equal(versions.FirstOrDefault()?.Body, await world.Get(bucket, name));
    }

    private static string? Rolled(string key, string prefix, string? delimiter)
    {
        var at = delimiter is null ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + delimiter!.Length)];
    }

    private static async Task IsRead(World world, Bucket bucket, string key, string id, string? body)
    {
        var opened = await world.Objects.Open(bucket, key, new() { VersionId = id }, default);
        if (body is null)
        {
            Assert.Equal(Refusal.DeleteMarker, opened.Refusal);
            return;
        }
        Assert.Equal(id, opened.Value.Version.PublicId);
        await using var bytes = opened.Value.Body!;
        Assert.Equal(body, await World.Text(bytes));
    }

    /// <summary>Nothing but what was there is in the way of removing the bucket, and nothing stays behind.</summary>
    private static async Task RemoveAll(World world, Bucket bucket, Dictionary<string, List<Entry>> model)
    {
        foreach (var (key, versions) in model)
        {
            foreach (var version in versions)
            {
                Assert.Equal(Refusal.BucketNotEmpty, (await world.Buckets.Delete(bucket, default)).Refusal);
                await world.Objects.Delete(bucket, key, new() { VersionId = version.Id }, default);
            }
        }
        await world.Pass(TimeSpan.FromDays(30));
        Assert.Null((await world.Buckets.Delete(bucket, default)).Refusal);
        Assert.Empty(await world.Table.All());
        Assert.Empty(world.Place.Bodies);
    }
}
