using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Instances;

/// <summary>Requests that the host sends again, to the same instance or to another: they are done once, and answered twice alike.</summary>
public sealed class RepeatTests
{
    private static readonly Conditions OnlyNew = new() { IfNoneMatch = ["*"] };

    private readonly SharedState state = new();
    private readonly Instance here;
    private readonly Instance there;

    public RepeatTests() => (here, there) = (new(state), new(state));

    private async Task<Bucket> Made(VersioningState? versioning)
    {
        Assert.Null((await here.Buckets.Create("bucket", World.Owner, "", default)).Refusal);
        if (versioning is { } wanted) await here.Version(await here.Bucket(), wanted);
        return await here.Bucket();
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(VersioningState.Suspended, 1)]
    [InlineData(VersioningState.Enabled, 2)]
    public async Task A_delete_makes_one_marker(VersioningState? versioning, int left)
    {
        var bucket = await Made(versioning);
        await here.Put(bucket, "key", "body");
        var first = await here.Delete(bucket, "key", "request");
        var second = await there.Delete(bucket, "key", "request");
        Assert.Equal(first.Value.Marker?.PublicId, second.Value.Marker?.PublicId);
        Assert.Equal(left, (await here.Versions(bucket)).Count);
    }

    [Fact]
    public async Task A_marker_is_found_again_behind_what_came_after_it()
    {
        var bucket = await Made(VersioningState.Enabled);
        var first = await here.Delete(bucket, "key", "request");
        for (var i = 0; i < 3; i++) await there.Put(bucket, "key", $"{i}", i == 1 ? "another" : null);
        var second = await there.Delete(bucket, "key", "request");
        Assert.Equal(first.Value.Marker!.PublicId, second.Value.Marker!.PublicId);
        Assert.Equal(4, (await here.Versions(bucket)).Count);
        Assert.Equal(4 + 1, (await there.Delete(bucket, "key", "a new one")).Value.Marker is null ? 0 : (await here.Versions(bucket)).Count);
    }

    [Fact]
    public async Task What_follows_long_after_remembers_nothing()
    {
        var bucket = await Made(VersioningState.Enabled);
        await here.Delete(bucket, "key", "request");
        here.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null((await here.Put(bucket, "key", "body")).Value.Version.Recent);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(VersioningState.Suspended)]
    [InlineData(VersioningState.Enabled)]
    public async Task An_empty_object_that_must_be_new_is_not_refused_for_itself(VersioningState? versioning)
    {
        var bucket = await Made(versioning);
        var first = await here.Put(bucket, "key", "", "request", OnlyNew);
        var second = await there.Put(bucket, "key", "", "request", OnlyNew);
        Assert.Equal(first.Value.Version.PublicId, second.Value.Version.PublicId);
        Assert.Equal(Refusal.PreconditionFailed, (await there.Put(bucket, "key", "", "another", OnlyNew)).Refusal);
        Assert.Single(await here.Versions(bucket));
    }

    [Fact]
    public async Task What_was_replaced_meanwhile_is_not_put_back()
    {
        var bucket = await Made(null);
        await here.Put(bucket, "key", "", "request");
        await there.Put(bucket, "key", "newer");
        Assert.Null((await there.Put(bucket, "key", "", "request")).Refusal);
        Assert.Equal(5, (await here.Objects.Find(bucket, "key", null, default)).Value.Version.Size);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_is_made_once(bool ontoItself)
    {
        var bucket = await Made(VersioningState.Enabled);
        await here.Put(bucket, "source", new string('x', 100_000));
        var request = new CopyRequest
        {
            SourceBucket = bucket, SourceKey = "source", Bucket = bucket, Key = ontoItself ? "source" : "target",
            Writer = Instance.By("request"), Conditions = ontoItself ? Conditions.None : OnlyNew,
        };
        var first = await here.Objects.Copy(request, default);
        var second = await there.Objects.Copy(request, default);
        Assert.Equal(first.Value.Version.PublicId, second.Value.Version.PublicId);
        Assert.Equal(2, (await here.Versions(bucket)).Count);
    }

    [Fact]
    public async Task An_upload_is_started_once_and_ended_once()
    {
        var bucket = await Made(null);
        var by = Instance.By("request");
        var first = await here.Uploads.Create(bucket, "key", by, new(), null, null, default);
        var second = await there.Uploads.Create(bucket, "key", by, new(), null, null, default);
        Assert.Equal(first.Value.Id, second.Value.Id);
        Assert.Single((await here.Uploads.List(bucket, new(), default)).Entries);

        var abort = RequestToken.Of("abort");
        Assert.Null((await here.Uploads.Abort(bucket, "key", first.Value.Id, abort, default)).Refusal);
        Assert.Null((await there.Uploads.Abort(bucket, "key", first.Value.Id, abort, default)).Refusal);
        Assert.Equal(Refusal.NoSuchUpload, (await there.Uploads.Abort(bucket, "key", first.Value.Id, RequestToken.Of("another"), default)).Refusal);
        Assert.DoesNotContain(state.Objects.Rows, row => row.Key.Row[0] == Rows.Request);
    }

    [Fact]
    public async Task A_bucket_is_made_once_and_deleted_once()
    {
        var made = RequestToken.Of("make");
        var first = await here.Buckets.Create("bucket", World.Owner, "", BucketSettings.None, made, default);
        var second = await there.Buckets.Create("bucket", World.Owner, "", BucketSettings.None, made, default);
        Assert.Equal(first.Value.Id, second.Value.Id);
        Assert.Equal(Refusal.BucketOwned, (await there.Buckets.Create("bucket", World.Owner, "", default)).Refusal);

        var deleted = RequestToken.Of("delete");
        Assert.False(await there.Buckets.WasDeletedBy("bucket", deleted, default));
        var deleting = here.Buckets.Delete(first.Value, deleted, default).AsTask();
        Assert.Null((await here.Ended(deleting, TimeSpan.FromSeconds(1))).Refusal);
        Assert.True(await there.Buckets.WasDeletedBy("bucket", deleted, default));
        Assert.False(await there.Buckets.WasDeletedBy("bucket", made, default));
    }

    [Fact]
    public async Task Requests_that_no_host_sends_again_leave_no_trace_of_theirs()
    {
        var alone = new Instance(state, Consistency.OneMachine);
        var bucket = await Made(VersioningState.Enabled);
        await alone.Put(bucket, "key", "body");
        await alone.Delete(bucket, "key");
        await alone.Uploads.Create(bucket, "key", World.By, new(), null, null, default);
        var stored = string.Concat(state.Objects.Rows.Concat(state.Buckets.Rows).Select(row => System.Text.Encoding.UTF8.GetString(row.Value.Span)));
        Assert.DoesNotContain("\"request\"", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("\"recent\"", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_request_at_two_instances_at_once_is_done_once()
    {
        var bucket = await Made(VersioningState.Enabled);
        for (var round = 0; round < 50; round++)
        {
            var (key, request) = ($"{round}", $"request {round}");
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => (i % 2 == 0 ? here : there).Delete(bucket, key, request))));
            Assert.Single(answers.Select(answer => answer.Value.Marker!.PublicId).Distinct());
        }
        Assert.Equal(50, (await here.Versions(bucket)).Count);
    }
}
