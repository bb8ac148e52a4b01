using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Ingestion;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Search;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Tests.Replication.Walks;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Ingestion;

/// <summary>Buckets that show what a place in memory has, and change it.</summary>
public sealed class MirrorTests
{
    private readonly WalkWorld world = new();

    private World World => world.World;

    private static async Task<Bucket> Mirror(WalkWorld world, string location = "source") =>
        (await world.World.Buckets.Create("bucket", World.Owner, location + MirrorSetting.Suffix, default)).Value;

    private static async Task<Replica> PutThere(MemorySite site, string key, string text, IReadOnlyDictionary<string, string>? tags = null)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return await site.Put(
            new() { Key = key, Size = bytes.Length, Md5 = MD5.HashData(bytes), Metadata = new Dictionary<string, string> { ["says"] = text }, Tags = tags ?? new Dictionary<string, string>() },
            PipeReader.Create(new MemoryStream(bytes)), default);
    }

    private async Task<string?> Read(Bucket bucket, string key, string? version = null)
    {
        var opened = await World.Objects.Open(bucket, key, new() { VersionId = version }, default);
        if (opened.Refusal is not null) return opened.Refusal.ToString();
        await using var body = opened.Value.Body!;
        return await World.Text(body);
    }

    /// <summary>What the bucket lists: key, version id, whether it is current, and a delete marker.</summary>
    private static async Task<List<string>> Here(WalkWorld world, Bucket bucket) =>
    [
        .. (await world.World.Objects.ListVersions(bucket, new() { Limit = 10_000 }, default)).Entries.Select(entry =>
            $"{entry.Name} {entry.Version!.PublicId}{(entry.IsLatest ? " latest" : "")}{(entry.Version.IsDeleteMarker ? " marker" : "")}"),
    ];

    private static async Task<List<string>> There(MemorySite site)
    {
        List<string> all = [];
        await foreach (var version in ((IReplicas)site).ListVersions("", null, default))
            all.Add($"{version.Key} {version.VersionId ?? "null"}{(version.IsLatest ? " latest" : "")}{(version.IsMarker ? " marker" : "")}");
        return all;
    }

    private async Task<Walk> Ingest(WalkWorld? other = null) => await (other ?? world).Walk(WalkPurpose.Ingest);

    [Fact]
    public async Task Versions_and_markers_appear_under_their_own_ids_in_their_order_and_no_bytes_are_read()
    {
        var site = World.Source;
        foreach (var text in new[] { "one", "two", "three" }) await PutThere(site, "a", text);
        await PutThere(site, "b", "gone", new Dictionary<string, string> { ["colour"] = "red" });
        await site.Delete("b", default);
        await PutThere(site, "c/ü", "deep", new Dictionary<string, string> { ["colour"] = "blue" });
        var bucket = await Mirror(world);
        var walk = await Ingest();

        Assert.Equal((WalkState.Done, 3, 6), (walk.State, walk.Counts.Keys, walk.Counts.Different));
        Assert.Equal(await There(site), await Here(world, bucket));
        Assert.DoesNotContain(site.Calls, call => call.StartsWith("Open", StringComparison.Ordinal));
        Assert.Equal("three", await Read(bucket, "a"));
        Assert.Equal("one", await Read(bucket, "a", "v1"));
        Assert.Equal(nameof(Refusal.NoSuchVersion), await Read(bucket, "a", "v9"));
        Assert.Equal(nameof(Refusal.NoSuchKey), await Read(bucket, "b"));
        var deep = (await World.Objects.Open(bucket, "c/ü", new() { WithBody = false }, default)).Value.Version;
        Assert.Equal(("deep", "blue", 4), (deep.Metadata["says"], deep.Tags!["colour"], deep.Size));
        Assert.Equal(new(19, 6, 0), await World.Counted(bucket));

        site.Calls.Clear();
        Assert.Equal(0, (await Ingest()).Counts.Different);
        Assert.Equal(["ListVersions "], site.Calls);
    }

    [Fact]
    public async Task What_changes_there_changes_here()
    {
        var site = World.Source;
        foreach (var key in new[] { "a", "b", "c" }) await PutThere(site, key, "1");
        var bucket = await Mirror(world);
        await Ingest();
        await PutThere(site, "a", "2");
        await site.Delete("b", default);
        await site.DeleteVersion("c", "v3", default);
        await PutThere(site, "d", "new");
        Assert.Equal(nameof(Refusal.NoSuchKey), await Read(bucket, "c")); // gone there, though that was not seen yet
        await Ingest();
        Assert.Equal(await There(site), await Here(world, bucket));
        await site.DeleteVersion("b", "v5", default); // the marker: the object is back
        await site.DeleteVersion("a", "v1", default);
        await Ingest();
        Assert.Equal(await There(site), await Here(world, bucket));
        Assert.Equal("1", await Read(bucket, "b"));
    }

    [Fact]
    public async Task What_is_written_and_deleted_here_is_done_there_and_comes_back_under_its_id()
    {
        var bucket = await Mirror(world);
        var site = World.Source;
        var small = (await world.Put(bucket, "small", "small", new Dictionary<string, string> { ["a"] = "b" })).PublicId;
        var large = (await world.Put(bucket, "large", new string('x', 500))).PublicId;
        Assert.Equal(("v1", "v2"), (small, large));
        Assert.Equal(await There(site), await Here(world, bucket));
        Assert.Equal(("small", "b"), (await Read(bucket, "small"), (await site.Find("small", null, default))!.Tags["a"]));
        Assert.Equal(new string('x', 500), await Read(bucket, "large"));
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(World.Place.Bodies);

        var removal = (await World.Objects.Delete(bucket, "small", new(), default)).Value;
        Assert.Equal(("v3", true), (removal.Marker!.PublicId, (await site.Find("small", null, default)) is null));
        Assert.Equal("v2", (await World.Objects.Delete(bucket, "large", new() { VersionId = "v2" }, default)).Value.Removed!.PublicId);
        Assert.Equal(await There(site), await Here(world, bucket));
        Assert.Equal(["small v3 latest marker", "small v1"], await Here(world, bucket));
        Assert.Equal(0, (await Ingest()).Counts.Different);
    }

    [Fact]
    public async Task An_upload_in_parts_arrives_with_its_own_etag_and_leaves_nothing_here()
    {
        var bucket = await Mirror(world);
        var upload = (await World.Uploads.Create(bucket, "parts", World.By, new(), null, null, default)).Value;
        var first = new string('a', (int)ObjectLimits.PartBytes);
        List<NamedPart> parts = [];
        foreach (var (number, text) in new[] { (1, first), (2, "end") }) parts.Add(new(number, (await World.PutPart(bucket, "parts", upload.Id, number, text)).Value.ETag));
        var made = (await World.Uploads.Complete(bucket, "parts", upload.Id, new() { Parts = parts }, default)).Value.Version;
        Assert.Equal(("v2", first + "end"), (made.PublicId, await Read(bucket, "parts")));
        await world.Pass(TimeSpan.FromDays(2));
        Assert.Empty(World.Place.Bodies);
        Assert.Equal(new((int)ObjectLimits.PartBytes + 3, 1, 0), await World.Counted(bucket));
    }

    [Fact]
    public async Task Tags_are_set_there_and_what_cannot_be_changed_there_is_refused()
    {
        var bucket = await Mirror(world);
        await world.Put(bucket, "object", "text");
        var tags = new Dictionary<string, string> { ["new"] = "tag" };
        Assert.Null((await World.Objects.Amend(bucket, "object", null, version => version with { Tags = tags }, default)).Refusal);
        Assert.Equal("tag", (await World.Source.Find("object", null, default))!.Tags["new"]);
        var changed = await World.Objects.Amend(bucket, "object", null, version => version with { Metadata = tags }, default);
        Assert.Equal(Refusal.InvalidRequest, changed.Refusal);
        Assert.Empty((await World.Objects.Open(bucket, "object", new() { WithBody = false }, default)).Value.Version.Metadata);
    }

    [Fact]
    public async Task Where_the_source_keeps_no_versions_what_is_current_is_mirrored()
    {
        var site = World.Flat;
        await PutThere(site, "a", "1");
        await PutThere(site, "b", "1");
        var bucket = await Mirror(world, "flat");
        Assert.Null(bucket.Get(BucketSettings.Versioning));
        await Ingest();
        Assert.Equal(["a null latest", "b null latest"], await Here(world, bucket));
        World.Clock.MoveTo(World.Clock.GetUtcNow().AddMinutes(1));
        await PutThere(site, "a", "22");
        await site.Delete("b", default);
        await world.Put(bucket, "c", "333");
        await Ingest();
        Assert.Equal(["a null latest", "c null latest"], await Here(world, bucket));
        Assert.Equal(("22", "333"), (await Read(bucket, "a"), await Read(bucket, "c")));
        Assert.Equal(new(5, 2, 0), await World.Counted(bucket));
        await world.Delete(bucket, "c");
        Assert.Equal(["a null latest"], await Here(world, bucket));
    }

    [Fact]
    public async Task A_location_with_the_names_of_buckets_in_its_keys_cannot_be_mirrored()
    {
        var refused = await World.Buckets.Create("bucket", World.Owner, "site" + MirrorSetting.Suffix, default);
        Assert.Equal(Refusal.InvalidRequest, refused.Refusal);
        Assert.Contains("--bucket-match", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(Refusal.NoSuchLocation, (await World.Buckets.Create("bucket", World.Owner, "nowhere" + MirrorSetting.Suffix, default)).Refusal);
        Assert.Null(await World.Buckets.Find("bucket", default));
    }

    [Fact]
    public async Task A_source_that_is_paused_is_left_alone_until_it_goes_on()
    {
        await PutThere(World.Source, "a", "1");
        var bucket = await Mirror(world);
        await world.States.Pause(SiteServices.Ingestion, "source", default);
        await world.Walks.Start(new() { Purpose = WalkPurpose.Ingest, Bucket = "bucket" }, default);
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Empty(await Here(world, bucket));
        Assert.Contains("paused", (await world.Walks.Find("ingest.all.bucket", default))!.Waiting, StringComparison.Ordinal);
        await world.States.Resume(SiteServices.Ingestion, "source", default);
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(["a v1 latest"], await Here(world, bucket));
    }

    [Fact]
    public async Task A_large_source_is_taken_over_in_parts_each_key_once()
    {
        var large = new WalkWorld(options: new() { IsAlone = true, LargeBucket = 20, Shards = 3 });
        for (var i = 0; i < 40; i++) await PutThere(large.World.Source, $"logs/2026/{(char)('a' + (i % 7))}/{i}", "1");
        var bucket = await Mirror(large);
        var walk = await Ingest(large);
        Assert.Equal((WalkState.Done, 3, 40, 40), (walk.State, walk.Shards, walk.Counts.Keys, walk.Counts.Different));
        Assert.Equal(await There(large.World.Source), await Here(large, bucket));
        foreach (var part in new[] { 0, 1, 2 }) Assert.InRange((await large.Walks.Find($"ingest.all.bucket~{part}", default))!.Counts.Keys, 5, 30);
        // The next time parts begin where they began: each lists its own, and nobody looks for bounds.
        await Ingest(large);
        large.World.Source.Calls.Clear();
        Assert.Equal((0, 40), (await Ingest(large)).Counts is var counts ? (counts.Different, counts.Keys) : default);
        Assert.Equal(Enumerable.Repeat("ListVersions ", (await large.Walks.Find("ingest.all.bucket", default))!.Shards), large.World.Source.Calls);
    }

    [Fact]
    public async Task What_comes_in_is_found_by_an_index()
    {
        var bucket = await Mirror(world);
        var index = new SearchIndex([new("x-amz-meta-says", "abcdefgh", World.Clock.GetUtcNow())]);
        bucket = (await World.Buckets.Change<SearchIndex>(bucket, BucketSettings.SearchIndex, _ => index, default)).Value;
        await PutThere(World.Source, "a", "hello");
        await Ingest();
        Assert.Contains(await World.Table.All(), row => row.Value.Span.IndexOf("\"key\":\"a\""u8) >= 0 && row.Key.Partition.Contains(bucket.Id, StringComparison.Ordinal) && row.Key.Partition[0] is not 'o');
    }

    [Fact]
    public async Task A_source_that_lies_about_its_order_is_told_and_loses_nothing()
    {
        foreach (var key in new[] { "a", "b", "c" }) await PutThere(World.Source, key, "1");
        var bucket = await Mirror(world);
        await Ingest();
        World.Source.ListsBackwards = true;
        var walk = await Ingest();
        Assert.Equal(WalkState.Failed, walk.State);
        Assert.Contains("out of order: 'b' behind 'c'", walk.Trouble, StringComparison.Ordinal);
        Assert.Equal(["a v1 latest", "b v2 latest", "c v3 latest"], await Here(world, bucket));
    }

    /// <summary>The first walk of an ingestion alone: what it leaves to another is still to be done.</summary>
    private async Task<Walk> Appear()
    {
        var began = (await world.Walks.Start(new() { Purpose = WalkPurpose.Ingest, Bucket = "bucket" }, default)).Value;
        var (queue, message) = World.Queue.Take();
        await world.Jobs.Run(queue, message, default);
        return (await world.Walks.Find(began.Id, default))!;
    }

    private static readonly IReadOnlyDictionary<string, string> Red = new Dictionary<string, string> { ["colour"] = "red" }, Blue = new Dictionary<string, string> { ["colour"] = "blue" };

    [Fact]
    public async Task New_versions_appear_by_the_listing_alone_and_are_whole_for_everybody_who_looks()
    {
        var site = World.Source;
        foreach (var key in new[] { "amended", "found", "listed", "opened", "searched" }) await PutThere(site, key, key, Red);
        await PutThere(site, "opened", "again", Blue);
        var bucket = await Mirror(world);
        site.Calls.Clear();
        Assert.Equal((WalkState.Done, 6), (await Appear() is var walk ? walk.State : default, walk.Counts.Different));
        Assert.Equal(["ListVersions "], site.Calls);
        Assert.Equal(await There(site), await Here(world, bucket));
        Assert.All(await world.Versions(bucket), each => Assert.True(SourceDetails.AreMissing(each.Version)));

        var old = (await World.Objects.Find(bucket, "opened", "v4", default)).Value.Version;
        Assert.Equal(("opened", "red"), (old.Metadata["says"], old.Tags!["colour"]));
        Assert.Equal("again", (await World.Objects.Find(bucket, "opened", null, default)).Value.Version.Metadata["says"]);
        Assert.Null((await World.Objects.Amend(bucket, "amended", null, version => version.Tags!["colour"] == "red" ? version with { Tags = Blue } : Refusal.Conflict, default)).Refusal);
        Assert.Equal(("amended", "blue"), ((await World.Objects.Find(bucket, "amended", null, default)).Value.Version is var amended ? amended.Metadata["says"] : "", amended.Tags!["colour"]));
        Assert.Equal("listed", (await World.Objects.List(bucket, new() { Prefix = "listed", IsWhole = true }, default)).Entries[0].Version!.Metadata["says"]);
        var expression = SearchExpression.Parse("x-amz-meta-says = \"searched\"").Value;
        Assert.Equal(["searched"], (await world.Search.List(bucket, expression, new(), default)).Value.Entries.Select(entry => entry.Name));
        Assert.DoesNotContain(await world.Versions(bucket), each => SourceDetails.AreMissing(each.Version));

        site.Calls.Clear();
        await world.Pass(TimeSpan.FromSeconds(1));
        Assert.Empty(site.Calls);
        Assert.Equal(WalkState.Done, (await world.Walks.Find("details.all.bucket", default))!.State);
        Assert.Equal(new(37, 6, 0), await World.Counted(bucket));
    }

    [Fact]
    public async Task What_is_not_asked_for_is_asked_for_by_another_walk_and_once()
    {
        for (var i = 0; i < 5; i++) await PutThere(World.Source, $"key{i}", "1", Red);
        var bucket = await Mirror(world);
        await Appear();
        World.Source.Calls.Clear();
        // Rules that go by tags wait until these are known.
        await world.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle, Bucket = "bucket" }, default);
        var messages = new[] { World.Queue.Take(), World.Queue.Take() }.ToLookup(each => Encoding.UTF8.GetString(each.Message.Span).Contains("lifecycle", StringComparison.Ordinal));
        await world.Jobs.Run(messages[true].Single().Queue, messages[true].Single().Message, default);
        Assert.Contains("not known in full", (await world.Walks.Find("lifecycle.all.bucket", default))!.Waiting, StringComparison.Ordinal);
        World.Queue.Return(messages[false].Single().Queue, messages[false].Single().Message);
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(5, World.Source.Calls.Count);
        Assert.All(await world.Versions(bucket), each => Assert.Equal(("1", "red"), (each.Version.Metadata["says"], each.Version.Tags!["colour"])));
        await Ingest();
        Assert.Equal(6, World.Source.Calls.Count);
    }

    [Fact]
    public async Task A_source_that_does_not_tell_is_asked_again_and_nobody_is_told_wrongly_meanwhile()
    {
        await PutThere(World.Source, "a", "1", Red);
        var bucket = await Mirror(world);
        await Appear();
        World.Source.Before = (call, _) => call == "Find" ? Task.FromException(new ReplicaRefusedException("source", "AccessDenied", "no")) : Task.CompletedTask;
        Assert.Equal(Refusal.Unavailable, (await World.Objects.Find(bucket, "a", null, default)).Refusal);
        await Assert.ThrowsAsync<LocationUnavailableException>(() => World.Objects.List(bucket, new() { IsWhole = true }, default).AsTask());
        await world.Walks.Start(new() { Purpose = WalkPurpose.Lifecycle, Bucket = "bucket" }, default);
        await world.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(WalkState.Failed, (await world.Walks.Find("details.all.bucket", default))!.State);
        Assert.Contains("not known in full", (await world.Walks.Find("lifecycle.all.bucket", default))!.Waiting, StringComparison.Ordinal);
        World.Source.Before = null;
        await Ingest();
        await world.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(WalkState.Done, (await world.Walks.Find("lifecycle.all.bucket", default))!.State);
        Assert.Equal("red", (await world.Versions(bucket))[0].Version.Tags!["colour"]);
    }

    [Fact]
    public async Task Where_a_rule_needs_them_versions_appear_with_their_tags()
    {
        var bucket = await Mirror(world);
        await World.Buckets.Change<LifecycleSetting>(bucket, BucketSettings.Lifecycle, _ => new LifecycleSetting(), default);
        await PutThere(World.Source, "a", "1", Red);
        await Appear();
        Assert.Equal("red", (await world.Versions(bucket))[0].Version.Tags!["colour"]);
    }

    [Fact]
    public async Task Tags_that_are_changed_there_are_seen_when_they_are_told_of_or_asked_for()
    {
        var site = World.Source;
        var (one, two) = (await PutThere(site, "a", "1", Red), await PutThere(site, "b", "2", Red));
        var bucket = await Mirror(world);
        await Ingest();
        await ((IReplicas)site).SetTags(one, Blue, default);
        await ((IReplicas)site).SetTags(two, new Dictionary<string, string>(), default);
        Assert.Equal(0, (await Ingest()).Counts.Different);
        var events = new SourceEvents(World.Objects, world.States, world.Ingested, World.Clock);
        Assert.Equal(0, (await events.Take(bucket, [new("a", null, false)], default)).Value);
        Assert.Equal(1, (await events.Take(bucket, [new("a", one.VersionId, true), new("nothing", null, true)], default)).Value);
        Assert.Equal("blue", (await World.Objects.Find(bucket, "a", null, default)).Value.Version.Tags!["colour"]);
        var walk = (await world.Walks.Start(new() { Purpose = WalkPurpose.Details, Bucket = "bucket", Deep = true }, default)).Value;
        await world.Pass(TimeSpan.FromMinutes(1));
        walk = (await world.Walks.Find(walk.Id, default))!;
        Assert.Equal(("tags.all.bucket", WalkState.Done, 2, 1), (walk.Id, walk.State, walk.Counts.Versions, walk.Counts.Different));
        Assert.Null((await World.Objects.Find(bucket, "b", null, default)).Value.Version.Tags);
    }

    [Fact]
    public async Task Two_who_made_the_first_version_of_a_key_at_once_are_reconciled()
    {
        await PutThere(World.Source, "a", "1");
        var bucket = await Mirror(world);
        var before = await KeyMirror.VersionsAt(World.Source, "a", default);
        await World.Source.Delete("a", default);
        await World.Objects.Mirror.Update(bucket, "a", null, default);
        // Who had listed it before the deletion finds no object, and makes one beside the delete marker.
        await World.Objects.Mirror.Update(bucket, "a", before, default);
        Assert.Contains("a v1 latest", await Here(world, bucket));
        await Ingest();
        Assert.Equal(["a v2 latest marker", "a v1"], await Here(world, bucket));
    }

    [Fact]
    public async Task A_clock_begins_it_for_every_mirror()
    {
        await PutThere(World.Source, "a", "1");
        var bucket = await Mirror(world);
        await world.Timers.Ingest(TimeSpan.FromMinutes(5), default);
        await world.Pass(TimeSpan.FromMinutes(1));
        await PutThere(World.Source, "b", "1");
        await world.Pass(TimeSpan.FromMinutes(6));
        Assert.Equal(["a v1 latest", "b v2 latest"], await Here(world, bucket));
    }

    /// <summary>Cut off at every step, and begun again: the end is the same.</summary>
    [Fact]
    public async Task Wherever_it_is_cut_off_the_end_is_the_same()
    {
        for (var step = 1; ; step++)
        {
            foreach (var after in new[] { false, true })
            {
                var cut = new WalkWorld(options: new() { IsAlone = true, Checkpoint = TimeSpan.Zero });
                var site = cut.World.Source;
                for (var i = 0; i < 3; i++)
                    foreach (var text in new[] { "1", "2" }) await PutThere(site, $"key{i}", text);
                var bucket = await Mirror(cut);
                await Ingest(cut);
                await site.Delete("key0", default);
                await PutThere(site, "key1", "3");
                await site.DeleteVersion("key2", "v6", default);
                await PutThere(site, "key3", "1");
                cut.World.Cut.Arm(step, after);
                var isCut = false;
                try
                {
                    await cut.Walks.Start(new() { Purpose = WalkPurpose.Ingest, Bucket = "bucket" }, default);
                    await cut.Pass(TimeSpan.FromMinutes(1));
                }
                catch (Cut.CutOffException)
                {
                    isCut = true;
                }
                if (!isCut)
                {
                    Assert.InRange(step, 6, 60);
                    return;
                }
                cut.Start();
                await cut.Walks.Recover(default);
                await cut.Walks.Start(new() { Purpose = WalkPurpose.Ingest, Bucket = "bucket" }, default);
                await cut.Pass(TimeSpan.FromMinutes(2));
                Assert.Equal(await There(site), await Here(cut, bucket));
            }
        }
    }
}
