using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Replication;

public sealed class ReplicateObjectTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);
    private static readonly RetryPolicy Short = new(2, TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));

    [Fact]
    public async Task A_version_is_copied_with_what_is_said_of_it()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        var version = await world.Put(bucket, "a/key", "some bytes that are not kept in the row", new()
        {
            Headers = new Dictionary<string, string> { ["Content-Type"] = "text/plain" },
            Metadata = new Dictionary<string, string> { ["color"] = "red" },
            Tags = new Dictionary<string, string> { ["tag"] = "one" },
        });
        await world.Pass(Soon);

        var copy = Assert.Single(world.Site.History("bucket/a/key"));
        Assert.Equal("some bytes that are not kept in the row", copy.Text);
        Assert.Equal("text/plain", copy.Plan.Headers["Content-Type"]);
        Assert.Equal("one", copy.Tags["tag"]);
        Assert.Equal(
            new Dictionary<string, string> { ["color"] = "red", ["scal-replication-status"] = "REPLICA", ["scal-version-id"] = version.PublicId },
            copy.Plan.Metadata);
        var state = await world.State(bucket, "a/key", version.PublicId);
        Assert.Equal((ReplicationStatus.Completed, copy.VersionId, copy.ETag, 1), (state.Status, state.VersionId, state.ETag, state.Generation));
        Assert.DoesNotContain(world.Table.Rows, row => row.Key.Row[0] == 'i');
        Assert.Equal(0, world.Queue.Count("replication"));
    }

    [Fact]
    public async Task A_small_copy_costs_two_calls_of_the_site_and_one_commit()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        world.Clock.Advance(Soon);
        await world.Put(bucket, "key", "body");
        var commits = 0;
        world.Table.BeforeApply = _ => { commits++; return default; };
        await world.Pass(Soon);
        Assert.Equal(["Put bucket/key", "Find bucket/key"], world.Site.Calls);
        Assert.Equal(1, commits);
    }

    [Fact]
    public async Task Delete_markers_are_deletions()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site", "flat");
        await world.Put(bucket, "key", "one");
        await world.Objects.Delete(bucket, "key", new(), default);
        await world.Pass(Soon);
        Assert.Collection(world.Site.History("bucket/key"), first => Assert.Equal("one", first.Text), second => Assert.Null(second.Body));
        Assert.Null(world.Flat.Current("bucket/key"));
        Assert.All(await world.Versions(bucket, "key"), version => Assert.Equal(ReplicationStatus.Completed, version.Replication!.Status));
    }

    [Fact]
    public async Task A_delete_marker_that_the_site_lost_is_made_again_beneath_the_newest_version()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        await world.Put(bucket, "key", "first");
        await world.Objects.Delete(bucket, "key", new(), default);
        await world.Put(bucket, "key", "back again");
        await world.Pass(TimeSpan.FromMinutes(1));
        var marker = (await world.Versions(bucket, "key"))[1];
        var before = await world.State(bucket, "key", marker.PublicId);

        var copies = new KeyCopies(world.Table, new FollowUps(world.Table, world.Queue, world.Clock), world.Buckets, world.Clock);
        await copies.QueueAgain(bucket, "key", new("site", true), new HashSet<long> { marker.Sequence }, (_, _, _) => { }, default);
        await world.Pass(TimeSpan.FromMinutes(1));
        var after = await world.State(bucket, "key", marker.PublicId);
        Assert.Equal(ReplicationStatus.Completed, after.Status);
        Assert.NotEqual(before.VersionId, after.VersionId);
        Assert.Contains(world.Site.History("bucket/key"), kept => kept.VersionId == after.VersionId && kept.Body is null);
        Assert.Equal("back again", world.Site.Current("bucket/key")!.Text);
    }

    [Fact]
    public async Task Tags_that_change_later_are_set_where_the_bytes_are_already()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        var first = await world.Put(bucket, "key", "one");
        await world.Put(bucket, "key", "two");
        await world.Pass(Soon);
        await world.Tag(bucket, "key", first.PublicId, "new");
        Assert.Equal(ReplicationStatus.Pending, (await world.State(bucket, "key", first.PublicId)).Status);
        await world.Pass(Soon);
        Assert.Equal(["one", "two"], world.Site.History("bucket/key").Select(each => each.Text));
        Assert.Equal("new", world.Site.History("bucket/key")[0].Tags["tag"]);
        var state = await world.State(bucket, "key", first.PublicId);
        Assert.Equal((ReplicationStatus.Completed, 2), (state.Status, state.Generation));
    }

    [Fact]
    public async Task Tags_that_change_before_the_copy_go_with_it()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        var version = await world.Put(bucket, "key", "one");
        await world.Tag(bucket, "key", null, "new");
        await world.Pass(Soon);
        Assert.Equal("new", Assert.Single(world.Site.History("bucket/key")).Tags["tag"]);
        Assert.DoesNotContain(world.Site.Calls, call => call.StartsWith("SetTags", StringComparison.Ordinal));
        Assert.Equal(ReplicationStatus.Completed, (await world.State(bucket, "key", version.PublicId)).Status);
    }

    [Fact]
    public async Task A_copy_that_is_overtaken_by_a_change_of_tags_is_not_done_yet()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        var version = await world.Put(bucket, "key", "one");
        var changed = false;
        world.Site.Faults = (call, _) =>
        {
            if (call == "Put" && !changed)
            {
                changed = true;
                world.Tag(bucket, "key", null, "new").GetAwaiter().GetResult();
            }
            return Fault.None;
        };
        var seen = new List<SiteState>();
        world.Table.BeforeApply = async _ => seen.Add(await world.State(bucket, "key", version.PublicId));
        await world.Pass(Soon);
        Assert.DoesNotContain(seen, state => state is { Status: ReplicationStatus.Completed, Generation: 1 });
        Assert.Contains(seen, state => state is { Status: ReplicationStatus.Pending, Generation: 1 });
        Assert.Equal("new", Assert.Single(world.Site.History("bucket/key")).Tags["tag"]);
        Assert.Equal(ReplicationStatus.Completed, (await world.State(bucket, "key", version.PublicId)).Status);
    }

    [Fact]
    public async Task A_site_without_versions_gets_the_newest_and_the_older_count_as_done()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("flat");
        foreach (var body in new[] { "one", "two", "three" }) await world.Put(bucket, "key", body);
        await world.Pass(Soon);
        Assert.Equal("three", Assert.Single(world.Flat.History("bucket/key")).Text);
        Assert.All(await world.Versions(bucket, "key"), version => Assert.Equal(ReplicationStatus.Completed, version.Replication!.Status));
    }

    [Fact]
    public async Task An_older_version_never_covers_a_newer_one_up()
    {
        var world = new CopyWorld(new() { Retry = new(0, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero) });
        var bucket = await world.Bucket("flat");
        var old = await world.Put(bucket, "key", "old");
        world.Flat.Faults = (_, _) => Fault.Before;
        await world.Pass(Soon);
        Assert.Equal(ReplicationStatus.Failed, (await world.State(bucket, "key", old.PublicId, "flat")).Status);
        world.Flat.Faults = (_, _) => Fault.None;
        await world.Put(bucket, "key", "new");
        await world.Pass(Soon);
        await world.Tag(bucket, "key", old.PublicId, "again");
        await world.Pass(Soon);
        Assert.Equal("new", Assert.Single(world.Flat.History("bucket/key")).Text);
        Assert.Equal(ReplicationStatus.Completed, (await world.State(bucket, "key", old.PublicId, "flat")).Status);
    }

    [Fact]
    public async Task A_copy_that_is_refused_for_good_is_given_up_at_once_and_holds_nothing_up()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        world.Site.Faults = (call, key) => key == "bucket/bad" ? Fault.Refuse : Fault.None;
        var bad = await world.Put(bucket, "bad", "one");
        var good = await world.Put(bucket, "good", "two");
        await world.Pass(Soon);
        Assert.Equal(ReplicationStatus.Failed, (await world.State(bucket, "bad", bad.PublicId)).Status);
        Assert.Equal(ReplicationStatus.Completed, (await world.State(bucket, "good", good.PublicId)).Status);
        var failed = Assert.Single((await world.Failed.Page("site", 0, default)).Copies);
        Assert.Equal(("bad", bad.PublicId, "AccessDenied: It refuses."), (failed.Key, failed.VersionId, failed.Reason));
        var counts = await world.Counters.Read("site", default);
        Assert.Equal((1, 1, 0), (counts.Completed.Operations, counts.Failed.Operations, counts.Pending.Operations));
    }

    [Fact]
    public async Task A_site_that_stays_silent_is_given_up_when_the_policy_says_so()
    {
        var world = new CopyWorld(new() { Retry = Short });
        var bucket = await world.Bucket("site");
        world.Site.Faults = (_, _) => Fault.Before;
        var begun = world.Clock.Now;
        var version = await world.Put(bucket, "key", "one");
        await world.Pass(TimeSpan.FromSeconds(15));
        Assert.Equal(ReplicationStatus.Pending, (await world.State(bucket, "key", version.PublicId)).Status);
        await world.Pass(Soon);
        Assert.Equal(ReplicationStatus.Failed, (await world.State(bucket, "key", version.PublicId)).Status);
        Assert.Single((await world.Failed.Page("site", 0, default)).Copies);
        var what = $@"The copy of bucket/key \(version {version.PublicId}\) to site";
        Assert.Collection(
            world.Told,
            line => Assert.Matches($@"^{what} did not come about \(failure 1\); it is tried again at {begun:yyyy-MM-dd} \d\d:\d\d:\d\dZ: It does not answer\.$", line),
            line => Assert.Matches($@"^{what} did not come about \(failure 2\); it is tried again at {begun:yyyy-MM-dd} \d\d:\d\d:\d\dZ: It does not answer\.$", line),
            line => Assert.Equal($"The copy of bucket/key (version {version.PublicId}) to site was given up; it stands in the list of failures: It does not answer.", line));
        Assert.Equal(3, world.Site.Calls.Count(call => call is "Put bucket/key") + world.Site.Calls.Count(call => call is "Find bucket/key"));
    }

    [Fact]
    public async Task A_message_that_is_lost_and_sent_again_goes_on_counting()
    {
        var world = new CopyWorld(new() { Retry = Short });
        var bucket = await world.Bucket("site");
        world.Site.Faults = (_, _) => Fault.Before;
        var begun = world.Clock.Now;
        var version = await world.Put(bucket, "key", "one");
        await world.Pass(TimeSpan.FromSeconds(5));
        while (world.Queue.NextDue is not null) world.Queue.Take();
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), "key");
        var owed = Assert.Single(await new CopyRows(world.Table, world.Clock).Owed(address, "site", default));
        Assert.Equal(1, owed.Intent.Failures);
        Assert.InRange(owed.Intent.FailingSince!.Value, begun, begun.AddSeconds(5));

        await new FollowUps(world.Table, world.Queue, world.Clock).RemindReplica("site", bucket, "key", owed.Name, owed.Intent.At, owed.Intent, default);
        await world.Pass(TimeSpan.Zero);
        Assert.Equal(2, (await new CopyRows(world.Table, world.Clock).Owed(address, "site", default))[0].Intent.Failures);
        await world.Pass(TimeSpan.FromSeconds(15));
        Assert.Equal(ReplicationStatus.Failed, (await world.State(bucket, "key", version.PublicId)).Status);
    }

    [Fact]
    public async Task A_silent_site_is_left_alone_and_its_copies_end_as_failed_in_time()
    {
        var world = new CopyWorld(new() { Retry = new(5, TimeSpan.FromSeconds(900), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(900)) });
        var bucket = await world.Bucket("site");
        world.Site.Faults = (_, _) => Fault.Before;
        for (var i = 0; i < 200; i++) await world.Put(bucket, $"key{i}", "body");
        await world.Pass(TimeSpan.FromMinutes(10));
        Assert.InRange(world.Site.Calls.Count, 1, 60);
        await world.Pass(TimeSpan.FromMinutes(30));
        for (var i = 0; i < 200; i++)
            Assert.Equal(ReplicationStatus.Failed, (await world.Versions(bucket, $"key{i}"))[0].Replication!.Status);
        Assert.Equal(0, world.Queue.Count("replication"));
    }

    [Fact]
    public async Task A_silent_site_that_comes_back_gets_everything()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        world.Site.Faults = (_, _) => Fault.Before;
        for (var i = 0; i < 50; i++) await world.Put(bucket, $"key{i}", "body");
        await world.Pass(TimeSpan.FromHours(1));
        world.Site.Faults = (_, _) => Fault.None;
        await world.Pass(TimeSpan.FromHours(1));
        for (var i = 0; i < 50; i++)
        {
            Assert.Single(world.Site.History($"bucket/key{i}"));
            Assert.Equal(ReplicationStatus.Completed, (await world.Versions(bucket, $"key{i}"))[0].Replication!.Status);
        }
    }

    [Fact]
    public async Task A_site_that_hangs_does_not_hold_another_up()
    {
        var world = new CopyWorld(new() { Parallel = 2, Retry = Short });
        var bucket = await world.Bucket("site", "flat");
        var held = new TaskCompletionSource();
        world.Site.Held = held.Task;
        for (var i = 0; i < 20; i++) await world.Put(bucket, $"key{i}", "body");
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        var running = new List<Task>();
        while (world.Queue.NextDue <= world.Clock.Now)
        {
            var (name, message) = world.Queue.Take();
            running.Add(world.Run(world.Jobs, name, message));
        }
        while (Enumerable.Range(0, 20).Any(i => world.Flat.Current($"bucket/key{i}") is null))
        {
            // What found no place at the site it was for gives its slot back after a short wait.
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            while (world.Queue.NextDue <= world.Clock.Now)
            {
                var (name, message) = world.Queue.Take();
                running.Add(world.Run(world.Jobs, name, message));
            }
        }
        Assert.Equal(2, world.Site.MostAtOnce);
        held.SetResult();
        await Task.WhenAll(running);
    }

    [Fact]
    public async Task A_paused_site_gets_nothing_for_weeks_and_everything_afterwards()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        await world.States.Pause(SiteServices.Crr, "site", default);
        for (var i = 0; i < 30; i++) await world.Put(bucket, $"key{i % 10}", $"body {i}");
        await world.Pass(TimeSpan.FromDays(30));
        Assert.Empty(world.Site.Calls);
        Assert.Equal(0, world.Queue.Count("replication"));
        world.Start();
        await world.States.Resume(SiteServices.Crr, "site", default);
        await world.Pass(TimeSpan.FromHours(1));
        for (var i = 0; i < 10; i++)
            Assert.Equal([$"body {i}", $"body {i + 10}", $"body {i + 20}"], world.Site.History($"bucket/key{i}").Select(each => each.Text));
    }

    [Fact]
    public async Task Damaged_bytes_go_nowhere()
    {
        var world = new CopyWorld(new() { Retry = Short, PartsFrom = 60, PartBytes = 20 });
        var bucket = await world.Bucket("site");
        var small = await world.Put(bucket, "small", "bytes that are in the location");
        var large = await world.Put(bucket, "large", new string('x', 70));
        foreach (var name in world.Place.Bodies.Keys) world.Place.Bodies[name] = [.. world.Place.Bodies[name].Select((value, i) => i == 5 ? (byte)'?' : value)];
        await world.Pass(TimeSpan.FromMinutes(5));
        Assert.Empty(world.Site.History("bucket/small"));
        Assert.Empty(world.Site.History("bucket/large"));
        Assert.Equal(0, world.Site.Uploads);
        Assert.Equal(ReplicationStatus.Failed, (await world.State(bucket, "small", small.PublicId)).Status);
        Assert.Equal(ReplicationStatus.Failed, (await world.State(bucket, "large", large.PublicId)).Status);
        Assert.Contains((await world.Failed.Page("site", 0, default)).Copies, copy => copy.Reason!.Contains("CRC64NVME", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_large_object_goes_in_parts_that_are_not_sent_twice()
    {
        var world = new CopyWorld(new() { PartsFrom = 60, PartBytes = 20 });
        var bucket = await world.Bucket("site");
        var body = string.Concat(Enumerable.Range(0, 30).Select(i => $"{i:d3} "));
        var version = await world.Put(bucket, "key", body);
        var calls = 0;
        world.Site.Faults = (call, _) => call == "PutPart" && ++calls is 3 or 5 ? Fault.Before : Fault.None;
        await world.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(body, Assert.Single(world.Site.History("bucket/key")).Text);
        Assert.Equal(6 + 2, calls);
        Assert.Equal(1, world.Site.Calls.Count(call => call == "Begin bucket/key"));
        Assert.Equal(ReplicationStatus.Completed, (await world.State(bucket, "key", version.PublicId)).Status);
        Assert.DoesNotContain(world.WorkTable.Rows, row => row.Key.Partition.StartsWith("u.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(nameof(Fault.After), false)]
    [InlineData(nameof(Fault.DieAfter), false)]
    [InlineData(nameof(Fault.DieAfter), true)]
    public async Task An_upload_of_which_only_the_site_knows_is_found_there_and_ended(string fault, bool isRemoved)
    {
        var world = new CopyWorld(new() { PartsFrom = 60, PartBytes = 20 });
        var bucket = await world.Bucket("site");
        // Others' are none of ours, be they of another key or of another time.
        var longer = new ReplicaPlan { Key = "bucket/key and more", Size = 1 };
        await world.Site.Begin(longer with { Key = "bucket/key" }, default);
        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.Site.Begin(longer, default);
        var version = await world.Put(bucket, "key", new string('x', 100));
        var calls = 0;
        world.Site.Faults = (call, _) =>
        {
            if (call != "Begin" || ++calls > 2) return Fault.None;
            if (isRemoved) world.Objects.Delete(bucket, "key", new() { VersionId = version.PublicId }, default).AsTask().GetAwaiter().GetResult();
            return Enum.Parse<Fault>(fault);
        };
        await world.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(isRemoved ? 1 : 3, calls);
        Assert.Equal(2, world.Site.Uploads);
        Assert.Equal(isRemoved ? 0 : 1, world.Site.History("bucket/key").Count);
        Assert.DoesNotContain(world.WorkTable.Rows, row => row.Key.Partition.StartsWith("u.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_uploads_cannot_be_listed_the_copy_is_made_all_the_same()
    {
        var world = new CopyWorld(new() { PartsFrom = 60, PartBytes = 20 });
        var bucket = await world.Bucket("site");
        var calls = 0;
        world.Site.Faults = (call, _) => call == "Begin" && ++calls == 1 ? Fault.After : call == "AbortBegun" ? Fault.Refuse : Fault.None;
        var version = await world.Put(bucket, "key", new string('x', 100));
        await world.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(ReplicationStatus.Completed, (await world.State(bucket, "key", version.PublicId)).Status);
    }

    [Fact]
    public async Task A_large_object_whose_completion_was_not_heard_of_is_not_sent_again()
    {
        var world = new CopyWorld(new() { PartsFrom = 60, PartBytes = 20 });
        var bucket = await world.Bucket("site");
        var version = await world.Put(bucket, "key", new string('x', 100));
        var calls = 0;
        world.Site.Faults = (call, _) => call == "Complete" && ++calls == 1 ? Fault.After : Fault.None;
        await world.Pass(TimeSpan.FromMinutes(5));
        Assert.Single(world.Site.History("bucket/key"));
        Assert.Equal(ReplicationStatus.Completed, (await world.State(bucket, "key", version.PublicId)).Status);
        Assert.DoesNotContain(world.WorkTable.Rows, row => row.Key.Partition.StartsWith("u.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_version_that_was_removed_before_its_copy_is_owed_no_more()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        var version = await world.Put(bucket, "key", "one");
        await world.Objects.Delete(bucket, "key", new() { VersionId = version.PublicId }, default);
        await world.Pass(Soon);
        Assert.Empty(world.Site.Calls);
        Assert.Equal(0, world.Queue.Count("replication"));
        Assert.DoesNotContain(world.Table.Rows, row => row.Key.Row.StartsWith("ir.", StringComparison.Ordinal));
        Assert.Equal(0, (await world.Counters.Read("site", default)).Pending.Operations);
    }

    [Fact]
    public async Task What_only_its_owner_can_decrypt_is_given_up_with_the_reason()
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        var content = World.Content("secret bytes, longer than ten");
        var customer = new Core.Encryption.CustomerKey(new byte[32]);
        var version = (await world.Objects.Put(
            bucket, "key", World.By, new(), content with { Encryption = new() { Kind = Core.Encryption.SseKind.Customer, Customer = customer } }, Conditions.None, default)).Value.Version;
        await world.Pass(Soon);
        Assert.Empty(world.Site.Calls);
        Assert.Equal(ReplicationStatus.Failed, (await world.State(bucket, "key", version.PublicId)).Status);
        Assert.Contains("SSE-C", Assert.Single((await world.Failed.Page("site", 0, default)).Copies).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Core.Encryption.SseKind.S3)]
    [InlineData(Core.Encryption.SseKind.Kms)]
    public async Task What_is_encrypted_here_is_decrypted_on_the_way(Core.Encryption.SseKind kind)
    {
        var world = new CopyWorld();
        var bucket = await world.Bucket("site");
        await world.Objects.Put(
            bucket, "key", World.By, new(), World.Content("secret bytes, longer than ten") with { Encryption = new() { Kind = kind } }, Conditions.None, default);
        await world.Pass(Soon);
        Assert.Equal("secret bytes, longer than ten", Assert.Single(world.Site.History("bucket/key")).Text);
    }

    [Fact]
    public async Task Bytes_leave_a_transient_location_when_all_sites_have_them_and_are_read_from_a_copy()
    {
        var world = new CopyWorld();
        world.Configs["here"] = new() { Name = "here", IsTransient = true };
        var bucket = await world.Bucket("site", "flat");
        world.Flat.Faults = (_, _) => Fault.Before;
        var version = await world.Put(bucket, "key", "bytes that are in the location");
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Single(world.Place.Bodies);
        world.Flat.Faults = (_, _) => Fault.None;
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Empty(world.Place.Bodies);
        Assert.Equal(0, world.Queue.Count("garbage"));

        var opened = (await world.Objects.Open(bucket, "key", new() { Range = new(6, 9) }, default)).Value;
        Assert.Equal((version.ETag, version.Size), (opened.Version.ETag, opened.Version.Size));
        await using var body = opened.Body!;
        Assert.Equal("that", await World.Text(body));
        // What is made of it later, too.
        var copied = (await world.Objects.Copy(new() { SourceBucket = bucket, SourceKey = "key", Bucket = bucket, Key = "copy", Writer = World.By }, default)).Value;
        Assert.Equal(version.ETag, copied.Version.ETag);
    }

    [Fact]
    public async Task Bytes_stay_in_a_transient_location_where_the_next_version_would_overwrite_the_only_copy()
    {
        var world = new CopyWorld();
        world.Configs["here"] = new() { Name = "here", IsTransient = true };
        var bucket = await world.Bucket("flat");
        await world.Put(bucket, "key", "bytes that are in the location");
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Single(world.Place.Bodies);
    }

    [Fact]
    public async Task A_location_says_how_many_copies_go_there_at_once_and_how_fast()
    {
        var world = new CopyWorld();
        world.Configs["site"] = new() { Name = "site", Concurrency = 1, BandwidthLimit = 100 };
        var bucket = await world.Bucket("site");
        for (var i = 0; i < 5; i++) await world.Put(bucket, $"key{i}", new string('x', 1000));
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        var began = world.Clock.Now;
        var passing = Task.Run(() => world.Pass(TimeSpan.FromMinutes(10), atOnce: 5));
        while (IsMissing())
        {
            Assert.True(!passing.IsCompleted || !IsMissing(), "Not all copies were made.");
            world.Clock.Advance(TimeSpan.FromMilliseconds(100));
            // Not faster than copies can follow: the pass is over in ten minutes.
            await Task.Delay(1);
        }
        Assert.InRange((world.Clock.Now - began).TotalSeconds, 39, 10_000);
        while (!passing.IsCompleted)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Equal(1, world.Site.MostAtOnce);

        bool IsMissing() => Enumerable.Range(0, 5).Any(i => world.Site.Current($"bucket/key{i}") is null);
    }

    [Theory]
    [InlineData(false, 20_000_000)]
    [InlineData(true, 20_000_000)]
    [InlineData(false, 60)]
    [InlineData(true, 60)]
    public async Task What_has_checksums_of_its_parts_only_is_compared_before_it_is_sent(bool isDamaged, long partsFrom)
    {
        var world = new CopyWorld(new() { Retry = Short, PartsFrom = partsFrom, PartBytes = 30 });
        var bucket = await world.Bucket("site");
        var body = new string('x', 100);
        var upload = (await world.Uploads.Create(bucket, "key", World.By, new(), Core.Bytes.ChecksumAlgorithm.Sha256, Core.Bytes.ChecksumType.Composite, default)).Value;
        var part = (await world.Uploads.PutPart(bucket, "key", upload.Id, 1, World.Content(body) with { Algorithm = Core.Bytes.ChecksumAlgorithm.Sha256 }, default)).Value;
        await world.Uploads.Complete(bucket, "key", upload.Id, new() { Parts = [new(1, part.ETag, part.Checksum!.Value, part.Checksum.Algorithm)] }, default);
        if (isDamaged)
            foreach (var name in world.Place.Bodies.Keys) world.Place.Bodies[name][50] ^= 1;
        await world.Pass(TimeSpan.FromMinutes(30));
        var status = (await world.Versions(bucket, "key"))[0].Replication!.Status;
        Assert.Equal(isDamaged ? ReplicationStatus.Failed : ReplicationStatus.Completed, status);
        Assert.Equal(isDamaged ? [] : [body], world.Site.History("bucket/key").Select(each => each.Text));
        if (isDamaged) Assert.Contains("SHA256", Assert.Single((await world.Failed.Page("site", 0, default)).Copies).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_takes_longer_than_a_job_may_is_given_up_in_the_end()
    {
        var world = new CopyWorld(new() { Retry = Short, Patience = TimeSpan.FromHours(1) });
        var bucket = await world.Bucket("site");
        world.Site.Faults = (call, _) => call == "Put" ? Fault.Hang : Fault.None;
        var version = await world.Put(bucket, "key", "one");
        await world.Pass(TimeSpan.FromDays(1));
        Assert.Equal(ReplicationStatus.Failed, (await world.State(bucket, "key", version.PublicId)).Status);
        Assert.Equal(0, world.Queue.Count("replication"));
    }
}
