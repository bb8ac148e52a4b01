using System.IO.Pipelines;
using System.Text;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Reads that are served from a copy. The copies here differ from their sources, so that the tests see which was read.</summary>
public sealed class CopyReaderTests
{
    private readonly World world = new();

    /// <summary>A bucket with an object, and a rule that prefers the site for reads where that is asked for.</summary>
    private async Task<Bucket> Bucket(bool prefers, Content? body = null)
    {
        var bucket = await world.Bucket();
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
        Assert.Null((await world.Objects.Put(bucket, "key", World.By, new(), body ?? World.Content("source"), Conditions.None, default)).Refusal);
        var rule = new ReplicationRule { Id = "r", Enabled = true, Sites = ["site"], PreferredRead = prefers ? "site" : null };
        return (await world.Buckets.Change(bucket, BucketSettings.Replication, _ => new ReplicationSetting("role", [rule]), default)).Value;
    }

    private async Task Copy(Bucket bucket, ReplicationStatus status = ReplicationStatus.Completed, string body = "copied")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var replica = await world.Site.Put(new() { Key = "bucket/key", Size = bytes.Length }, PipeReader.Create(new MemoryStream(bytes)), default);
        await world.Objects.Amend(bucket, "key", null, version => version with
        {
            Replication = new() { Sites = [new("site", status) { Generation = 1, VersionId = replica.VersionId, ETag = replica.ETag }] },
        }, default);
    }

    private async Task<Result<string>> Read(Bucket bucket, ReadRequest request)
    {
        var opened = await world.Objects.Open(bucket, "key", request, default);
        if (opened.Refusal is not null) return opened.As<string>();
        await using var body = opened.Value.Body!;
        Assert.Equal(body.Length, opened.Value.Range.Length);
        return await World.Text(body);
    }

    private static ReadRequest Named(string location = "site") => new() { Location = location, PrefersCopy = true };

    private static ReadRequest Any => new() { PrefersCopy = true };

    [Fact]
    public async Task A_reader_who_names_the_site_gets_the_copy_and_others_get_the_source()
    {
        var bucket = await Bucket(prefers: false);
        await Copy(bucket);
        Assert.Equal("copied", (await Read(bucket, Named())).Value);
        Assert.Equal("opi", (await Read(bucket, Named() with { Range = new(1, 3) })).Value);
        Assert.Equal("source", (await Read(bucket, Any)).Value);
        Assert.Equal("source", (await Read(bucket, Named("here"))).Value);
        Assert.Equal(Refusal.NoSuchLocation, (await Read(bucket, Named("nowhere"))).Refusal);
    }

    [Theory]
    [InlineData(ReplicationStatus.Pending)]
    [InlineData(ReplicationStatus.Failed)]
    public async Task A_copy_that_is_not_there_leaves_readers_to_the_source(ReplicationStatus status)
    {
        var bucket = await Bucket(prefers: true);
        await Copy(bucket, status);
        Assert.Equal("source", (await Read(bucket, Named())).Value);
        Assert.Equal("source", (await Read(bucket, Any)).Value);
        Assert.DoesNotContain("Open bucket/key", world.Site.Calls);
    }

    [Fact]
    public async Task A_version_that_is_to_have_no_copy_is_not_read_from_the_site()
    {
        var bucket = await Bucket(prefers: true);
        Assert.Equal("source", (await Read(bucket, Any)).Value);
        var refused = await Read(bucket, Named());
        Assert.Equal((Refusal.NoSuchLocation, "Object is not replicated to location passed in location header"), (refused.Refusal, refused.Detail));
    }

    [Fact]
    public async Task The_preferred_copy_serves_who_says_nothing_and_the_header_comes_first()
    {
        var bucket = await Bucket(prefers: true);
        await Copy(bucket);
        Assert.Equal("copied", (await Read(bucket, Any)).Value);
        Assert.Equal("source", (await Read(bucket, Named("here"))).Value);
        Assert.Equal("source", (await Read(bucket, new())).Value); // jobs and copies read the source
    }

    [Fact]
    public async Task A_look_without_the_bytes_never_asks_the_site()
    {
        var bucket = await Bucket(prefers: true);
        await Copy(bucket);
        var calls = world.Site.Calls.Count;
        Assert.Null((await world.Objects.Open(bucket, "key", Any with { WithBody = false }, default)).Refusal);
        Assert.Equal(calls, world.Site.Calls.Count);
    }

    public static TheoryData<Exception> Troubles() => new()
    {
        new LocationUnavailableException("site", "It does not answer."), new ReplicaRefusedException("site", "AccessDenied", "It refuses."),
    };

    [Theory, MemberData(nameof(Troubles))]
    public async Task A_site_in_trouble_is_told_to_who_named_it_and_hidden_from_who_did_not(Exception trouble)
    {
        var bucket = await Bucket(prefers: true);
        await Copy(bucket);
        world.Site.Before = (_, _) => Task.FromException(trouble);
        Assert.Equal("source", (await Read(bucket, Any)).Value);
        Assert.Equal(Refusal.Unavailable, (await Read(bucket, Named())).Refusal);
    }

    [Fact]
    public async Task A_site_that_does_not_answer_in_time_leaves_readers_to_the_source()
    {
        var bucket = await Bucket(prefers: true);
        await Copy(bucket);
        var version = (await world.Objects.Find(bucket, "key", null, default)).Value.Version;
        var clock = new Contracts.ManualClock();
        var reader = new CopyReader(new("here", new Dictionary<string, ILocation> { ["here"] = world.Place, ["site"] = world.Site }), clock);
        var answer = new TaskCompletionSource();
        world.Site.Before = (_, _) => answer.Task;

        var opening = reader.Open(bucket, "key", version, version.Replication!.Sites[0], new(version, ByteRange.All(6), false, null, null, null), isNamed: false, default).AsTask();
        Assert.False(opening.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Null((await opening).Value.Body);
        answer.SetResult();
    }

    [Fact]
    public async Task A_copy_that_has_gone_is_told_to_who_named_it_and_hidden_from_who_did_not()
    {
        var bucket = await Bucket(prefers: true);
        await Copy(bucket);
        await world.Objects.Amend(bucket, "key", null, version => version with
        {
            Replication = new() { Sites = [version.Replication!.Sites[0] with { VersionId = "gone" }] },
        }, default);
        Assert.Equal("source", (await Read(bucket, Any)).Value);
        Assert.Equal(Refusal.NoSuchLocation, (await Read(bucket, Named())).Refusal);
    }

    [Fact]
    public async Task A_copy_is_in_the_clear_however_its_source_is_encrypted()
    {
        var bucket = await Bucket(prefers: true, World.Content("source") with { Encryption = new() { Kind = SseKind.S3 } });
        await Copy(bucket);
        Assert.Equal("copied", (await Read(bucket, Any)).Value);
        Assert.Equal("pie", (await Read(bucket, Named() with { Range = new(2, 4) })).Value);
    }
}
