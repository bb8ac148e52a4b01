using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>What the commits of a bucket with rules owe to its sites.</summary>
public sealed class ReplicationIntentsTests
{
    private static readonly ReplicationRule Everything = new() { Id = "all", Enabled = true, DeleteMarkers = true, Sites = ["site"] };

    private readonly World world = new();

    private async Task<Bucket> Bucket(params ReplicationRule[] rules)
    {
        var bucket = await world.Bucket();
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
        return (await world.Buckets.Change(bucket, BucketSettings.Replication, _ => new ReplicationSetting("role", rules), default)).Value;
    }

    private async Task<ObjectVersion> Put(Bucket bucket, string key, Description? description = null, Conditions? conditions = null) =>
        (await world.Objects.Put(bucket, key, World.By, description ?? new(), World.Content("body"), conditions ?? Conditions.None, default)).Value.Version;

    private Task<Result<ObjectVersion>> Amend(Bucket bucket, string key, string cause, Func<ObjectVersion, ObjectVersion> next) =>
        world.Objects.Amend(bucket, key, null, new Cause(cause, "me", null, "id"), version => next(version), default).AsTask();

    private async Task<ObjectVersion> Current(Bucket bucket, string key) => (await world.Objects.Find(bucket, key, null, default)).Value.Version;

    /// <summary>The messages of copies since the last look, each with the intent row that it names, where there is one.</summary>
    private async Task<List<(ReplicationMessage Message, ReplicationIntent? Intent)>> Announced()
    {
        var announced = new List<(ReplicationMessage, ReplicationIntent?)>();
        while (world.Queue.NextDue is not null)
        {
            var (queue, message) = world.Queue.Take();
            if (queue != FollowUps.ReplicationQueue) continue;
            var sent = StoredJson.Read(message, StateJson.Default.ReplicationMessage);
            var row = await world.Table.Get(sent.FollowUp.Row, default);
            announced.Add((sent, row is null || FollowUps.IsFence(row) ? null : StoredJson.Read(row.Value, StateJson.Default.ReplicationIntent)));
        }
        return announced;
    }

    [Fact]
    public async Task A_version_owes_a_copy_to_each_site_that_its_rules_name()
    {
        var bucket = await Bucket(
            Everything with { Sites = ["site", "second"], Prefix = "a/" },
            Everything with { Id = "other", Prefix = "b/", Sites = ["third"] },
            Everything with { Id = "off", Enabled = false, Sites = ["fourth"] });

        var version = await Put(bucket, "a/key");

        Assert.Equal(["site", "second"], version.Replication!.Sites.Select(site => site.Site));
        Assert.All(version.Replication.Sites, site => Assert.Equal(ReplicationStatus.Pending, site.Status));
        Assert.Equal((1, ReplicationStatus.Pending), (version.Replication.Generation, version.Replication.Status));
        Assert.Equivalent(version, await Current(bucket, "a/key"), strict: true);
        var announced = await Announced();
        Assert.Equal(["second", "site"], announced.Select(each => each.Message.Site).Order());
        Assert.All(announced, each =>
        {
            Assert.Equal((version.Sequence, version.Id, 1, 4L), (each.Intent!.Sequence, each.Intent.VersionId, each.Intent.Generation, each.Intent.Size));
            Assert.Equal(("bucket", "a/key", 0), (each.Message.Bucket, each.Message.FollowUp.Key, each.Message.Failures));
            Assert.StartsWith(ReplicationIntents.Prefix(each.Message.Site), each.Message.FollowUp.Intent, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task What_no_rule_covers_and_null_versions_go_nowhere()
    {
        var bucket = await Bucket(Everything with { Prefix = "a/" });
        Assert.Null((await Put(bucket, "b")).Replication);
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Suspended), default)).Value;
        Assert.Null((await Put(bucket, "a/key")).Replication);
        await Amend(bucket, "a/key", EventNames.TaggingPut, version => version with { Tags = Tags("t") });
        Assert.Null((await Current(bucket, "a/key")).Replication);
        await world.Objects.Delete(bucket, "a/key", new(), default);
        Assert.Empty(await Announced());
    }

    [Fact]
    public async Task Tags_are_carried_over_as_a_new_generation_and_other_changes_are_not()
    {
        var bucket = await Bucket(Everything);
        await Put(bucket, "key");
        await Announced();

        await Amend(bucket, "key", EventNames.AclPut, version => version with { Acl = new Acl([]) });
        await world.Objects.Amend(bucket, "key", null, version => version with { LegalHold = true }, default);
        Assert.Empty(await Announced());
        Assert.Equal(1, (await Current(bucket, "key")).Replication!.Generation);

        await Complete(bucket, "key");
        await Amend(bucket, "key", EventNames.TaggingPut, version => version with { Tags = Tags("t") });
        await Amend(bucket, "key", EventNames.TaggingDeleted, version => version with { Tags = null });

        Assert.Equal([2, 3], (await Announced()).Select(each => each.Intent!.Generation));
        var state = (await Current(bucket, "key")).Replication!;
        Assert.Equal((3, ReplicationStatus.Pending), (state.Generation, state.Status));
        Assert.Equal((1, "there", "e"), (state.Sites[0].Generation, state.Sites[0].VersionId, state.Sites[0].ETag)); // as the copy is still
    }

    [Fact]
    public async Task Tags_bring_a_version_under_a_rule_that_asks_for_them()
    {
        var bucket = await Bucket(Everything with { HasFilter = true, DeleteMarkers = false, Tags = Tags("t") });
        Assert.Null((await Put(bucket, "key")).Replication);
        await Amend(bucket, "key", EventNames.TaggingPut, version => version with { Tags = Tags("t") });
        Assert.Equal(1, (await Current(bucket, "key")).Replication!.Generation);
        Assert.Single(await Announced());
        Assert.NotNull((await Put(bucket, "tagged", new() { Tags = Tags("t") })).Replication);
    }

    [Fact]
    public async Task A_copy_of_another_installation_goes_no_further_but_what_is_copied_from_it_here_does()
    {
        var bucket = await Bucket(Everything);
        var metadata = new Dictionary<string, string> { [ReplicationState.StatusMark] = "REPLICA", [ReplicationState.VersionMark] = "v", ["a"] = "b" };
        var replica = await Put(bucket, "key", new() { Metadata = metadata });
        Assert.Equal(ReplicationStatus.Replica, replica.Replication!.Status);
        await Amend(bucket, "key", EventNames.TaggingPut, version => version with { Tags = Tags("t") });
        Assert.True((await Current(bucket, "key")).Replication!.IsReplica);
        Assert.Empty(await Announced());

        var copied = await world.Objects.Copy(
            new() { SourceBucket = bucket, SourceKey = "key", Bucket = bucket, Key = "copy", Writer = World.By }, default);

        Assert.Equal(["a"], copied.Value.Version.Metadata.Keys);
        Assert.Equal(ReplicationStatus.Pending, copied.Value.Version.Replication!.Status);
        Assert.Single(await Announced());
    }

    [Fact]
    public async Task A_completed_upload_goes_too()
    {
        var bucket = await Bucket(Everything);
        var upload = (await world.Uploads.Create(bucket, "key", World.By, new(), null, null, default)).Value;
        var part = (await world.PutPart(bucket, "key", upload.Id, 1, "body")).Value;
        var completed = await world.Uploads.Complete(bucket, "key", upload.Id, new() { Parts = [new(1, part.ETag)] }, default);
        Assert.Null(completed.Refusal);
        Assert.Equal(ReplicationStatus.Pending, (await Current(bucket, "key")).Replication!.Status);
        Assert.Single(await Announced());
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Delete_markers_go_where_the_rule_says_so_and_removed_versions_go_nowhere(bool deleteMarkers, int messages)
    {
        var bucket = await Bucket(Everything with { HasFilter = true, DeleteMarkers = deleteMarkers });
        var version = await Put(bucket, "key");
        await Announced();

        var marker = (await world.Objects.Delete(bucket, "key", new(), default)).Value.Marker!;

        Assert.Equal(deleteMarkers ? ReplicationStatus.Pending : null, marker.Replication?.Status);
        Assert.Equal(messages, (await Announced()).Count(each => each.Intent?.VersionId == marker.Id));
        await world.Objects.Delete(bucket, "key", new() { VersionId = marker.PublicId }, default);
        Assert.Equal(ReplicationStatus.Pending, (await Current(bucket, "key")).Replication!.Status);
        await world.Objects.Delete(bucket, "key", new() { VersionId = version.PublicId }, default);
        Assert.Empty(await Announced());
    }

    [Fact]
    public async Task A_copy_is_announced_once_however_often_its_commit_is_tried()
    {
        var bucket = await Bucket(Everything);
        world.Table.Before = async _ =>
        {
            world.Table.Before = null;
            await Put(bucket, "key");
        };

        await Put(bucket, "key");

        var announced = await Announced();
        Assert.Equal(2, announced.Count);
        Assert.Equal(2, announced.Select(each => each.Intent!.Sequence).Distinct().Count());
    }

    [Fact]
    public async Task A_commit_whose_message_was_given_up_announces_its_copy_anew()
    {
        var bucket = await Bucket(Everything);
        ReplicationMessage? givenUp = null;
        world.Table.Before = async _ =>
        {
            world.Table.Before = null;
            givenUp = Assert.Single(await Announced()).Message;
            world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(6));
            var (row, again, _) = await Look(givenUp.FollowUp);
            Assert.Null(row);
            Assert.Equal(FollowUps.FenceLife, again);
        };

        var version = await Put(bucket, "key");

        var announced = Assert.Single(await Announced());
        Assert.Equal(version.Id, announced.Intent!.VersionId);
        Assert.NotEqual(givenUp!.FollowUp.Intent, announced.Message.FollowUp.Intent);
    }

    [Fact]
    public async Task A_message_whose_commit_never_came_is_dropped_behind_its_fence()
    {
        var bucket = await Bucket(Everything);
        world.Cut.Arm(2, afterIt: false); // the message is the first durable step, the commit the second
        await Assert.ThrowsAsync<Cut.CutOffException>(() => Put(bucket, "key"));
        world.Start();
        var message = Assert.Single(await Announced()).Message.FollowUp;

        var fences = 0;
        while (true)
        {
            var (row, again, next) = await Look(message);
            Assert.Null(row);
            if (next.Fenced is not null) fences++;
            if (again is not { } delay) break;
            message = next;
            world.Clock.MoveTo(world.Clock.GetUtcNow() + delay);
        }

        Assert.True(fences > 0);
        Assert.Null(await world.Table.Get(message.Row, default));
        Assert.Equal(Refusal.NoSuchKey, (await world.Objects.Find(bucket, "key", null, default)).Refusal);
    }

    [Fact]
    public async Task A_message_that_came_twice_sets_no_second_fence()
    {
        var bucket = await Bucket(Everything);
        world.Cut.Arm(2, afterIt: false);
        await Assert.ThrowsAsync<Cut.CutOffException>(() => Put(bucket, "key"));
        world.Start();
        var message = Assert.Single(await Announced()).Message.FollowUp;
        world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromMinutes(6));
        var (_, _, first) = await Look(message);
        world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromSeconds(20));
        var (_, _, second) = await Look(message);
        world.Clock.MoveTo(first.Fenced!.Value + FollowUps.FenceLife);
        Assert.Equal((null, null), await Look(first) switch { var ended => (ended.Row, ended.Again) });
        world.Clock.MoveTo(second.Fenced!.Value + FollowUps.FenceLife);

        Assert.Equal((null, null), await Look(second) switch { var ended => (ended.Row, ended.Again) });
        Assert.Null(await world.Table.Get(message.Row, default));
    }

    [Fact]
    public void Of_rules_about_one_site_the_highest_priority_decides()
    {
        var keeps = Everything with { Id = "keeps", HasFilter = true, DeleteMarkers = false, Priority = 2, Prefix = "a/" };
        var setting = new ReplicationSetting("role", [Everything with { HasFilter = true, Priority = 1 }, keeps]);
        var marker = Version with { IsDeleteMarker = true };
        Assert.Equal(["site"], setting.SitesOf("b", marker));
        Assert.Empty(setting.SitesOf("a/b", marker));
        Assert.Equal(["site"], setting.SitesOf("a/b", Version));
    }

    [Theory]
    [InlineData(false, null, true)]
    [InlineData(false, false, false)]
    [InlineData(true, null, false)]
    [InlineData(true, true, true)]
    public void What_a_named_key_encrypts_goes_where_the_rule_says_or_is_of_the_first_form(bool hasFilter, bool? said, bool goes)
    {
        var setting = new ReplicationSetting("role", [Everything with { HasFilter = hasFilter, KmsEncrypted = said }]);
        Assert.Equal(goes ? ["site"] : [], setting.SitesOf("key", Version with { Encryption = new() { Kind = SseKind.Kms } }));
        Assert.Equal(["site"], setting.SitesOf("key", Version with { Encryption = new() { Kind = SseKind.S3 } }));
    }

    private static readonly ObjectVersion Version = new()
    {
        Size = 4, ETag = "e", Modified = DateTimeOffset.UnixEpoch, Sequence = 1, Id = "id", Body = BodyPlace.Nowhere,
    };

    private static Dictionary<string, string> Tags(string key) => new() { [key] = "v" };

    private ValueTask<(Row? Row, TimeSpan? Again, FollowUp Next)> Look(FollowUp message) =>
        new FollowUps(world.Table, world.Queue, world.Clock).Look(message, default);

    /// <summary>The copy is there.</summary>
    private async Task Complete(Bucket bucket, string key) => await world.Objects.Amend(bucket, key, null, version => version with
    {
        Replication = version.Replication!.With(new("site", ReplicationStatus.Completed) { Generation = version.Replication.Generation, VersionId = "there", ETag = "e" }),
    }, default);
}
