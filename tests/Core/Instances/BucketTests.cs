using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Instances;

/// <summary>What one instance changes of a bucket, while requests are under way on another.</summary>
public sealed class BucketTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly SharedState state = new();
    private readonly Instance here;
    private readonly Instance there;

    public BucketTests() => (here, there) = (new(state), new(state));

    private async Task<(Bucket Here, Bucket There)> Made()
    {
        Assert.Null((await here.Buckets.Create("bucket", World.Owner, "", default)).Refusal);
        return (await here.Bucket(), await there.Bucket());
    }

    [Fact]
    public async Task A_put_under_way_elsewhere_keeps_its_bucket_from_being_deleted()
    {
        var (mine, theirs) = await Made();
        var arrives = new TaskCompletionSource();
        there.Rows.OnTheWay = _ => arrives.Task;
        var putting = there.Put(theirs, "key", "body");
        var deleting = here.Buckets.Delete(mine, default).AsTask();
        here.Clock.Advance(here.Consistency.Obeyed - TimeSpan.FromSeconds(1));
        Assert.False(deleting.IsCompleted);
        arrives.SetResult();
        Assert.Null((await putting).Refusal);
        Assert.Equal(Refusal.BucketNotEmpty, (await here.Ended(deleting, Step)).Refusal);
        await using var body = (await here.Objects.Open(await here.Bucket(), "key", new(), default)).Value.Body!;
        Assert.Equal("body", await World.Text(body));
    }

    [Fact]
    public async Task A_put_that_is_held_up_for_too_long_is_given_up_and_reaches_no_deleted_bucket()
    {
        var (mine, theirs) = await Made();
        there.Rows.OnTheWay = ct => Task.Delay(Timeout.Infinite, ct);
        var putting = there.Put(theirs, "key", "body");
        Assert.Null((await here.Ended(here.Buckets.Delete(mine, default).AsTask(), Step)).Refusal);
        there.Clock.Advance(there.Consistency.Obeyed);
        Assert.Equal(Refusal.NoSuchBucket, (await putting).Refusal);
        Assert.Empty(await state.Strays());
    }

    [Fact]
    public async Task A_put_that_dawdles_before_its_commit_looks_at_its_bucket_again()
    {
        var (mine, theirs) = await Made();
        var goesOn = new TaskCompletionSource();
        there.Rows.BeforeGet = () => goesOn.Task;
        var putting = there.Put(theirs, "key", "body");
        Assert.Null((await here.Ended(here.Buckets.Delete(mine, default).AsTask(), Step)).Refusal);
        there.Clock.Advance(here.Consistency.Obeyed);
        goesOn.SetResult();
        Assert.Equal(Refusal.NoSuchBucket, (await putting).Refusal);
        Assert.Empty(await state.Strays());
    }

    [Fact]
    public async Task On_one_machine_a_deletion_waits_for_nothing_and_leaves_nothing_but_its_id()
    {
        var alone = new Instance(state, Consistency.OneMachine);
        await alone.Buckets.Create("bucket", World.Owner, "", default);
        var bucket = await alone.Bucket();
        var deleting = alone.Buckets.Delete(bucket, default).AsTask();
        Assert.Null((await deleting.WaitAsync(TimeSpan.FromMinutes(2))).Refusal);
        Assert.Equal([bucket.Id], await alone.Buckets.Removed(default).ToListAsync());
        Assert.Single(state.Buckets.Rows);
        Assert.Empty(state.Sent);
    }

    [Fact]
    public async Task What_arrives_after_all_bounds_is_told_of_and_kept()
    {
        var (mine, theirs) = await Made();
        Assert.Null((await here.Ended(here.Buckets.Delete(mine, default).AsTask(), Step)).Refusal);
        var told = new List<string>();
        var sweep = new SweepRemovedBuckets(state.Buckets, state.Objects, here.Clock, new Listener(told));
        var message = Assert.Single(state.Sent, sent => sent.Queue == SweepRemovedBuckets.QueueName).Message;
        Assert.NotNull((await sweep.Run(message, default)).Again);
        Assert.Empty(told);

        // A process that was frozen between its last look at the clock and the commit.
        var address = KeyCodec.Address(Rows.ObjectSpace(theirs), "late");
        await state.Objects.Apply(address.Partition, [Change.Put(address.RowName(Rows.Current), Condition.Any, new byte[1])], default);
        here.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Null((await sweep.Run(message, default)).Again);
        Assert.Contains("bucket", Assert.Single(told), StringComparison.Ordinal);
        Assert.Single(await state.Strays());

        await state.Objects.Apply(address.Partition, [Change.Delete(address.RowName(Rows.Current), Condition.Any)], default);
        Assert.Null((await sweep.Run(message, default)).Again);
        Assert.Equal([mine.Id], await here.Buckets.Removed(default).ToListAsync());
        Assert.Single(state.Buckets.Rows);
    }

    [Fact]
    public async Task Once_versioning_is_obeyed_everywhere_no_version_is_lost()
    {
        var (mine, theirs) = await Made();
        await here.Put(mine, "key", "before");
        await here.Version(mine);
        there.Clock.Advance(there.Consistency.Obeyed);
        Assert.Null((await there.Put(theirs, "key", "after")).Refusal);
        Assert.Null((await there.Delete(theirs, "key")).Refusal);
        Assert.Equal(3, (await here.Versions(mine)).Count);
    }

    [Fact]
    public async Task What_was_made_as_a_version_is_kept_even_by_those_who_do_not_know_of_versioning_yet()
    {
        var (mine, theirs) = await Made();
        await here.Version(mine);
        await here.Put(mine, "key", "a version");
        Assert.Null((await there.Put(theirs, "key", "another")).Refusal);
        Assert.Null((await there.Delete(theirs, "key")).Refusal);
        Assert.Equal(3, (await here.Versions(mine)).Count);
    }

    [Fact]
    public async Task A_default_retention_holds_everywhere_once_it_is_obeyed()
    {
        var (mine, theirs) = await Made();
        await here.Version(mine);
        var rule = new ObjectLockSetting(new(RetentionMode.Compliance, 1, null));
        Assert.Null((await here.Buckets.Change<ObjectLockSetting>(mine, BucketSettings.ObjectLock, _ => rule, default)).Refusal);
        there.Clock.Advance(there.Consistency.Obeyed);
        Assert.NotNull((await there.Put(theirs, "key", "body")).Value.Version.Retention);
    }

    [Fact]
    public async Task A_legal_hold_holds_everywhere_at_once()
    {
        var (mine, theirs) = await Made();
        await here.Version(mine);
        var version = (await here.Put(mine, "key", "body")).Value.Version;
        Assert.Null((await here.Objects.Amend(mine, "key", null, now => now with { LegalHold = true }, default)).Refusal);
        var removal = await there.Objects.Delete(theirs, "key", new() { VersionId = version.PublicId, BypassesGovernance = true }, default);
        Assert.Equal(Refusal.Locked, removal.Refusal);
    }

    [Fact]
    public async Task A_default_encryption_that_is_obeyed_catches_a_body_under_way()
    {
        var (mine, theirs) = await Made();
        await here.Buckets.Change<SseDefault>(mine, BucketSettings.Encryption, _ => new SseDefault(SseKind.S3), default);
        there.Clock.Advance(there.Consistency.Obeyed);
        Assert.Equal(Refusal.Unavailable, (await there.Put(theirs, "key", "body")).Refusal);
    }

    [Fact]
    public async Task A_permission_that_is_taken_back_elsewhere_stops_a_request_before_its_commit()
    {
        var (mine, theirs) = await Made();
        var asked = theirs with { Permit = (now, _) => new(now.Get(BucketSettings.Tagging) is null) };
        Assert.Null((await there.Put(asked, "key", "body")).Refusal);
        await here.Buckets.Change<BucketTags>(mine, BucketSettings.Tagging, _ => new BucketTags(new Dictionary<string, string> { ["a"] = "b" }), default);
        there.Clock.Advance(there.Consistency.Obeyed);
        Assert.Equal(Refusal.Forbidden, (await there.Put(asked, "other", "body")).Refusal);
        Assert.Equal(Refusal.Forbidden, (await there.Delete(asked, "key")).Refusal);
        Assert.Equal(Refusal.Forbidden, (await there.Uploads.Create(asked, "key", World.By, new(), null, null, default)).Refusal);
    }

    [Fact]
    public async Task The_order_of_versions_does_not_depend_on_clocks_that_are_hours_apart()
    {
        var (mine, theirs) = await Made();
        await here.Version(mine);
        here.Clock.Advance(TimeSpan.FromHours(5));
        there.Clock.Advance(there.Consistency.Obeyed);
        var ids = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var written = i % 2 == 0 ? await here.Put(mine, "key", $"{i}") : await there.Put(theirs, "key", $"{i}");
            ids.Insert(0, written.Value.Version.PublicId);
        }
        Assert.Equal(ids, (await there.Versions(theirs)).Select(entry => entry.Version!.PublicId));
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);

        foreach (var id in ids) Assert.Null((await here.Objects.Delete(mine, "key", new() { VersionId = id }, default)).Refusal);
        var again = (await there.Put(theirs, "key", "again")).Value.Version.PublicId;
        Assert.True(string.CompareOrdinal(again, ids[0]) < 0, "A version after all were removed counts as older than they were.");
    }
}
