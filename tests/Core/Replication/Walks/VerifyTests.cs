using System.Text;
using System.Text.Json.Nodes;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Replication.Walks;

/// <summary>A verification tells exactly what a site lacks, whatever the site says, and signs what it tells.</summary>
public sealed class VerifyTests
{
    private static readonly Dictionary<string, string> Tags = new() { ["colour"] = "red" };

    private static async Task<(WalkWorld World, Bucket Bucket)> Copied(bool keepsVersions = true, WalkOptions? options = null)
    {
        var world = new WalkWorld(keepsVersions, options);
        var bucket = await world.Bucket();
        await world.Put(bucket, "a", "first");
        await world.Put(bucket, "a", "second");
        await world.Put(bucket, "b/ü", "tagged", Tags);
        await world.Put(bucket, "c", "gone");
        await world.Delete(bucket, "c");
        await world.Put(bucket, "d", "");
        await world.CopyAll(bucket);
        return (world, bucket);
    }

    private static string[] Told(Walk walk) => [.. walk.Differences.Select(each => $"{each.Reason} {each.Key}")];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_whole_copy_is_told_to_be_complete(bool deep)
    {
        var (world, _) = await Copied();
        var walk = await world.Walk(WalkPurpose.Verify, deep);
        Assert.Equal((WalkState.Done, null), (walk.State, walk.Trouble));
        Assert.Empty(walk.Differences);
        Assert.Equal((4, 6, 6, 0, 0), (walk.Counts.Keys, walk.Counts.Versions, walk.Counts.Same, walk.Counts.Different, walk.Counts.Pending));
        Assert.Equal(5 + 6 + 6 + 4, walk.Counts.SameBytes);
        Assert.Equal(deep ? walk.Counts.SameBytes : 0, walk.Counts.ReadBytes);
        var report = (await world.Reports.Find("bucket", "site", walk.Report!, default))!;
        Assert.True(report.Report.IsComplete);
        Assert.Equal(SignatureCheck.Valid, ReportSignature.Check(report.Document, await world.Keys.Public(default)));
    }

    [Fact]
    public async Task Every_lie_is_told_by_its_name()
    {
        var (world, bucket) = await Copied();
        foreach (var key in new[] { "e-missing", "f-short", "g-tags", "h-etag", "i-mark", "j-unlisted" }) await world.Put(bucket, key, "body", Tags);
        await world.Put(bucket, "k-failed", "body");
        await world.CopyAll(bucket);
        await world.Say(bucket, "k-failed", new("site", ReplicationStatus.Failed));
        world.Site.Says = (copy, isListing) => copy.Key switch
        {
            "bucket/e-missing" => null,
            "bucket/f-short" => copy with { Size = 3 },
            "bucket/g-tags" => copy with { Tags = new Dictionary<string, string> { ["colour"] = "blue" } },
            "bucket/h-etag" => copy with { ETag = "another" },
            "bucket/i-mark" => copy with { Metadata = new Dictionary<string, string> { [ReplicationState.VersionMark] = "of another" } },
            // A listing that is late is no difference.
            "bucket/j-unlisted" => isListing ? null : copy,
            _ => copy,
        };
        world.Site.Invents.Add(new("bucket/0", 7, "e", null, default));
        world.Site.Invents.Add(new("bucket/zz", 7, "e", null, default));
        world.Site.Invents.Add(new("other/a", 7, "e", null, default));

        var walk = await world.Walk(WalkPurpose.Verify);
        Assert.Equal(
            ["extra bucket/0", "missing e-missing", "size f-short", "tags g-tags", "etag h-etag", "mark i-mark", "failed k-failed", "extra bucket/zz"], Told(walk));
        Assert.Equal(8, walk.Counts.Different);
        Assert.Equal(2, walk.Reasons["extra"]);
        Assert.Equal(("4", "3"), (walk.Differences[2].Expected, walk.Differences[2].Found));
        Assert.Equal(("colour=red", "colour=blue"), (walk.Differences[3].Expected, walk.Differences[3].Found));

        // All but what is not ours to touch is sent again, afresh.
        Assert.Equal(["e-missing", "f-short", "g-tags", "h-etag", "i-mark", "k-failed"], (await world.Owed()).Select(each => each.Key));
        Assert.Equal(6, walk.Counts.Queued);
        var versions = await world.Versions(bucket);
        Assert.All(versions.Where(each => each.Key.EndsWith("short", StringComparison.Ordinal)), each => Assert.True(each.Version.Replication!.Of("site") is { Afresh: true, Status: ReplicationStatus.Pending }));
        Assert.NotNull(await world.Site.Find("bucket/zz", null, default));

        world.Site.Says = (copy, _) => copy;
        world.Site.Invents.Clear();
        var pending = await world.Walk(WalkPurpose.Verify);
        Assert.Equal((6, 0), (pending.Counts.Pending, pending.Counts.Different));
        Assert.False((await world.Reports.Find("bucket", "site", pending.Report!, default))!.Report.IsComplete);
        await world.CopyAll(bucket);
        Assert.True((await world.Reports.Find("bucket", "site", (await world.Walk(WalkPurpose.Verify)).Report!, default))!.Report.IsComplete);
    }

    [Fact]
    public async Task What_is_said_of_a_copy_besides_its_bytes_is_compared()
    {
        var (world, bucket) = await Copied();
        var said = new Description
        {
            Headers = new Dictionary<string, string> { ["Content-Type"] = "text/plain", ["Cache-Control"] = "max-age=9" },
            Metadata = new Dictionary<string, string> { ["colour"] = "red", ["under_score"] = "1", ["long"] = new('x', 1500) },
        };
        foreach (var key in new[] { "m-changed", "m-gone", "m-more", "m-dash", "h-type", "h-gone", "h-more" }) await world.Put(bucket, key, "body", description: said);
        await world.Put(bucket, "h-given", "without a type");
        await world.CopyAll(bucket);
        Assert.Empty((await world.Walk(WalkPurpose.Verify)).Differences);

        world.Site.Says = (copy, _) => copy.Key switch
        {
            "bucket/m-changed" => copy with { Metadata = With(copy.Metadata, "colour", "blue") },
            "bucket/m-gone" => copy with { Metadata = With(copy.Metadata, "long", null) },
            "bucket/m-more" => copy with { Metadata = With(copy.Metadata, "size", "2") },
            // As Ceph tells names.
            "bucket/m-dash" => copy with { Metadata = With(With(copy.Metadata, "under_score", null), "under-score", "1") },
            "bucket/h-type" => copy with { Headers = With(copy.Headers, "Content-Type", "text/html") },
            "bucket/h-gone" => copy with { Headers = With(copy.Headers, "Cache-Control", null) },
            "bucket/h-more" => copy with { Headers = With(copy.Headers, "Content-Encoding", "gzip") },
            "bucket/h-given" => copy with { Headers = With(copy.Headers, "Content-Type", "binary/octet-stream") },
            _ => copy,
        };
        var walk = await world.Walk(WalkPurpose.Verify);
        Assert.Equal(["headers h-gone", "headers h-more", "headers h-type", "metadata m-changed", "metadata m-gone", "metadata m-more"], Told(walk));
        Assert.Equal(("Content-Type: text/plain", "Content-Type: text/html"), (walk.Differences[2].Expected, walk.Differences[2].Found));
        Assert.Equal(("nothing", "Content-Encoding: gzip"), (walk.Differences[1].Expected, walk.Differences[1].Found));
        Assert.Equal(("colour: red", "colour: blue"), (walk.Differences[3].Expected, walk.Differences[3].Found));
        Assert.Equal(501, walk.Differences[4].Expected!.Length);
        Assert.Equal(6, (await world.Owed()).Count);
        Assert.True((await world.Reports.Find("bucket", "site", walk.Report!, default))!.Report.Settings.HasMetadata);

        static Dictionary<string, string> With(IReadOnlyDictionary<string, string> all, string name, string? value)
        {
            var changed = new Dictionary<string, string>(all);
            if (value is null) changed.Remove(name);
            else changed[name] = value;
            return changed;
        }
    }

    [Fact]
    public async Task An_older_delete_marker_that_the_site_has_lost_is_told_and_sent_again()
    {
        var (world, bucket) = await Copied();
        await world.Put(bucket, "c", "back again");
        await world.CopyAll(bucket);
        Assert.Empty((await world.Walk(WalkPurpose.Verify)).Differences);
        world.Site.HasMarkers = false;
        var walk = await world.Walk(WalkPurpose.Verify);
        Assert.Equal(["missing c"], Told(walk));
        Assert.Equal("a delete marker", walk.Differences[0].Expected);
        // The newest comes behind it again, or it would be hidden.
        Assert.Equal(2, (await world.Owed()).Count);
        world.Site.HasMarkers = true;
        await world.CopyAll(bucket);
        Assert.Empty((await world.Walk(WalkPurpose.Verify)).Differences);
        Assert.Equal(10, (await world.Site.Find("bucket/c", null, default))!.Size);
    }

    [Fact]
    public async Task Where_only_a_report_is_wanted_nothing_is_sent_again()
    {
        var (world, _) = await Copied();
        world.Site.Says = (_, _) => null;
        var walk = await world.Walk(WalkPurpose.Verify, reportOnly: true);
        Assert.Equal(["missing a", "missing a", "missing b/ü", "missing c", "missing d"], Told(walk));
        Assert.Empty(await world.Owed());
    }

    [Fact]
    public async Task Bytes_that_were_changed_are_found_where_they_are_read()
    {
        var (world, _) = await Copied(options: new() { IsAlone = true, RangeBytes = 4 });
        world.Site.Gives = (key, bytes) => key == "bucket/b/ü" ? [.. bytes[..^1], (byte)'!'] : key == "bucket/d" ? bytes : bytes;
        Assert.Empty((await world.Walk(WalkPurpose.Verify)).Differences);
        Assert.Equal(["content b/ü"], Told(await world.Walk(WalkPurpose.Verify, deep: true)));
    }

    [Fact]
    public async Task Bytes_that_end_too_soon_are_found_where_they_are_read()
    {
        var (world, _) = await Copied();
        world.Site.Gives = (key, bytes) => key == "bucket/b/ü" ? bytes[..^1] : bytes;
        Assert.Equal(["content b/ü"], Told(await world.Walk(WalkPurpose.Verify, deep: true)));
    }

    [Fact]
    public async Task A_delete_marker_whose_object_is_still_there_is_sent_again()
    {
        var (world, bucket) = await Copied();
        world.Site.Invents.Add(new("bucket/c", 4, "e", null, default));
        Assert.Equal(["not-deleted c"], Told(await world.Walk(WalkPurpose.Verify)));
        Assert.Equal(["c"], (await world.Owed()).Select(each => each.Key));
        world.Site.Invents.Clear();
        await world.CopyAll(bucket);
        Assert.Empty((await world.Walk(WalkPurpose.Verify)).Differences);
    }

    [Fact]
    public async Task An_older_version_that_is_gone_is_sent_again_and_the_newest_behind_it()
    {
        var (world, bucket) = await Copied();
        world.Site.Says = (copy, _) => copy is { Key: "bucket/a", Size: 5 } ? null : copy;
        Assert.Equal(["missing a"], Told(await world.Walk(WalkPurpose.Verify)));
        Assert.Equal([5, 6], (await world.Owed()).Select(each => each.Intent.Size));
        world.Site.Says = (copy, _) => copy;
        await world.CopyAll(bucket);
        Assert.Equal(6, (await world.Site.Find("bucket/a", null, default))!.Size);
        Assert.Empty((await world.Walk(WalkPurpose.Verify)).Differences);
    }

    [Fact]
    public async Task What_the_rules_name_and_nobody_queued_is_told_and_queued()
    {
        var world = new WalkWorld();
        var bucket = await world.Versioned(await world.World.Bucket());
        await world.Put(bucket, "a", "before the rules");
        bucket = await world.Replicated(bucket);
        Assert.Equal(["unqueued a"], Told(await world.Walk(WalkPurpose.Verify)));
        await world.CopyAll(bucket);
        Assert.Equal(1, (await world.Walk(WalkPurpose.Verify)).Counts.Same);
    }

    [Fact]
    public async Task Older_versions_are_not_looked_for_where_none_are_kept()
    {
        var (world, _) = await Copied(keepsVersions: false);
        var walk = await world.Walk(WalkPurpose.Verify);
        Assert.Empty(walk.Differences);
        Assert.Equal((4, 2), (walk.Counts.Same, walk.Counts.Superseded));
    }

    [Fact]
    public async Task A_run_that_ends_goes_on_where_it_was_even_within_a_key_and_within_a_copy()
    {
        var (world, bucket) = await Copied(options: new() { IsAlone = true, StepTime = TimeSpan.Zero, RangeBytes = 4, Width = 2 });
        for (var i = 0; i < 5; i++) await world.Put(bucket, "e", $"version {i} of it");
        await world.CopyAll(bucket);
        world.Site.Invents.Add(new("bucket/dd", 7, "e", null, default));
        world.Site.Gives = (key, bytes) => Encoding.UTF8.GetString(bytes) == "version 2 of it" ? [.. bytes[..^1], (byte)'!'] : bytes;
        var walk = await world.Walk(WalkPurpose.Verify, deep: true);
        Assert.Equal(["extra bucket/dd", "content e"], Told(walk));
        Assert.Equal((5, 11, 10), (walk.Counts.Keys, walk.Counts.Versions, walk.Counts.Same));
        Assert.True(walk.Steps > 11, $"{walk.Steps} steps");
    }

    [Fact]
    public async Task What_changes_under_the_walk_is_no_difference()
    {
        var (world, bucket) = await Copied();
        var once = true;
        world.Site.Says = (copy, isListing) =>
        {
            if (isListing || copy.Key != "bucket/b/ü" || !once) return copy;
            once = false;
            // A new version comes in, and is copied, after the source was read.
            world.Put(bucket, "b/ü", "later", Tags).Wait();
            world.CopyAll(bucket).Wait();
            return world.Site.Inner.Find(copy.Key, null, default).AsTask().Result;
        };
        var walk = await world.Walk(WalkPurpose.Verify);
        Assert.Empty(walk.Differences);
        Assert.Equal(1, walk.Counts.Pending);
    }

    [Fact]
    public async Task A_site_that_does_not_answer_is_waited_for()
    {
        var (world, _) = await Copied();
        world.Site.Inner.Before = (_, _) => throw new LocationUnavailableException("site", "it is down.");
        var started = (await world.Walks.Start(new() { Purpose = WalkPurpose.Verify, Bucket = "bucket", Site = "site" }, default)).Value;
        await world.Pass(TimeSpan.FromMinutes(1));
        var waiting = (await world.Walks.Find(started.Id, default))!;
        Assert.Equal(WalkState.Running, waiting.State);
        Assert.Contains("it is down", waiting.Waiting, StringComparison.Ordinal);
        world.Site.Inner.Before = null;
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(WalkState.Done, (await world.Walks.Find(started.Id, default))!.State);
    }

    [Fact]
    public async Task A_site_that_refuses_ends_it_and_says_why()
    {
        var (world, _) = await Copied();
        world.Site.Inner.Before = (_, _) => throw new ReplicaRefusedException("site", "AccessDenied", "the key was withdrawn.");
        var walk = await world.Walk(WalkPurpose.Verify);
        Assert.Equal(WalkState.Failed, walk.State);
        Assert.Contains("the key was withdrawn", walk.Trouble, StringComparison.Ordinal);
        Assert.Null(walk.Report);
    }

    [Fact]
    public async Task Ten_reports_of_a_bucket_and_site_are_kept()
    {
        var (world, _) = await Copied();
        List<string> ids = [];
        for (var i = 0; i < 12; i++) ids.Add((await world.Walk(WalkPurpose.Verify)).Report!);
        List<string> kept = [];
        await foreach (var each in world.Reports.All("bucket", null, default)) kept.Add(each.Report.Id);
        ids.Reverse();
        Assert.Equal(ids[..10], kept);
        foreach (var bucket in new[] { "bucket", null })
        {
            kept.Clear();
            await foreach (var each in world.Reports.All(bucket, ("bucket", "site", ids[6]), default)) kept.Add(each.Report.Id);
            Assert.Equal(ids[7..10], kept);
        }
        Assert.Null(await world.Reports.Find("bucket", "site", ids[^1], default));
    }

    [Fact]
    public async Task A_report_says_whether_it_was_changed_however_it_is_laid_out()
    {
        var (world, _) = await Copied();
        var walk = await world.Walk(WalkPurpose.Verify);
        var document = (await world.Reports.Find("bucket", "site", walk.Report!, default))!.Document;
        var keys = await world.Keys.Public(default);

        var laidOut = (JsonObject)JsonNode.Parse(document.Span)!;
        var reordered = new JsonObject(laidOut.Reverse().Select(each => KeyValuePair.Create(each.Key, each.Value?.DeepClone())));
        Assert.Equal(SignatureCheck.Valid, Check(reordered));

        laidOut["counts"]!["different"] = 1;
        Assert.Equal(SignatureCheck.Invalid, Check(laidOut));
        reordered["extra"] = "member";
        Assert.Equal(SignatureCheck.Invalid, Check(reordered));
        reordered.Remove("extra");
        reordered["signature"]!["value"] = "AAAA";
        Assert.Equal(SignatureCheck.Invalid, Check(reordered));
        reordered.Remove("signature");
        Assert.Equal(SignatureCheck.Invalid, Check(reordered));

        var other = new WalkWorld();
        Assert.Equal(SignatureCheck.UnknownKey, ReportSignature.Check(document, await other.Keys.Public(default)));
        Assert.Throws<FormatException>(() => ReportSignature.Check("{}"u8.ToArray(), keys));
        Assert.Throws<FormatException>(() => ReportSignature.Check("no JSON"u8.ToArray(), keys));

        SignatureCheck Check(JsonObject report) => ReportSignature.Check(Encoding.UTF8.GetBytes(report.ToJsonString()), keys);
    }

    [Fact]
    public async Task A_report_is_readable_as_text_and_one_in_the_older_form_still_verifies()
    {
        var (world, _) = await Copied();
        world.Site.Says = (copy, _) => copy.Key == "bucket/b/ü" ? null : copy;
        var walk = await world.Walk(WalkPurpose.Verify);
        var kept = (await world.Reports.Find("bucket", "site", walk.Report!, default))!;
        var text = Encoding.UTF8.GetString(kept.Document.Span);
        Assert.DoesNotContain("\\u", text, StringComparison.Ordinal);
        Assert.Contains("\"key\": \"b/ü\"", text, StringComparison.Ordinal);
        Assert.Contains($"\"ended\": \"{kept.Report.Ended.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("+00:00", text, StringComparison.Ordinal);

        // As they were written before: times with their offset, escaped.
        var key = await world.Keys.Current(default);
        var older = Encoding.UTF8.GetString(ReportSignature.Sign(Encoding.UTF8.GetBytes(
            text[..text.IndexOf(",\n  \"signature\"", StringComparison.Ordinal)].Replace("Z\"", "+00:00\"", StringComparison.Ordinal) + "}"), key));
        var escaped = Encoding.UTF8.GetBytes(older.Replace("+00:00\"", "\\u002B00:00\"", StringComparison.Ordinal).Replace("ü", "\\u00FC", StringComparison.Ordinal));
        Assert.Equal(SignatureCheck.Valid, ReportSignature.Check(escaped, await world.Keys.Public(default)));
        Assert.Equal(kept.Report.Ended, StoredJson.Read(escaped, WalkJson.Default.VerifyReport).Ended);
    }

    [Fact]
    public async Task The_key_of_reports_outlives_the_process_and_is_sealed()
    {
        var world = new WalkWorld();
        var key = Assert.Single(await world.Keys.Public(default));
        Assert.Equal(key.Kid, key.Thumbprint());
        world.Start();
        Assert.Equal(key, Assert.Single(await world.Keys.Public(default)));
        var stored = (await world.Work.All()).Single(row => row.Key.Partition == "walk.key");
        await Assert.ThrowsAsync<InvalidDataException>(async () => await new ReportKeys(world.Work, new([.. Enumerable.Repeat((byte)1, 32)])).Public(default));
        Assert.True(stored.Value.Length > 100);
    }
}
