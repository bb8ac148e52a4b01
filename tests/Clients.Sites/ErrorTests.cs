using Amazon.S3;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>What is configured wrongly is told: in the status, the list of failures and the log.</summary>
[Trait("Speed", "Slow")]
public sealed class ErrorTests : IAsyncLifetime
{
    private static int runs;

    private readonly int run = Interlocked.Increment(ref runs);
    private Source source = null!;

    public async Task InitializeAsync() => source = await Source.Start();

    public Task DisposeAsync() => source.DisposeAsync().AsTask();

    [Fact]
    public async Task Credentials_that_do_not_work_any_more()
    {
        await source.Add(await S3Target.At("peer", await Sites.Peer, $"errors-{run}", secret: "not/the/secret+key/of/the/root/account01"));
        await AssertFails("peer", "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task A_bucket_that_was_removed_at_the_site()
    {
        var peer = await S3Target.At("peer", await Sites.Peer, $"errors-{run}");
        await source.Add(peer);
        await peer.S3.DeleteBucketAsync(peer.Bucket);
        await AssertFails("peer", "NoSuchBucket");
    }

    [Fact]
    public async Task A_site_where_nobody_listens()
    {
        var peer = new S3Target("nobody", "location-ceph-radosgw-s3-v1", "http://127.0.0.1:9", "key", "secret", "bucket");
        await source.Add(peer);
        await AssertFails("nobody", "127.0.0.1:9");
    }

    [Fact]
    public async Task A_site_that_does_not_exist_is_refused_when_the_rule_is_put()
    {
        await source.NewBucket("unknown", sites: null);
        var told = await source.Management.Put("/unknown?replication=", """
            <ReplicationConfiguration><Role>arn:aws:iam::root:role/replication</Role><Rule><ID>all</ID><Status>Enabled</Status><Prefix></Prefix>
            <Destination><Bucket>arn:aws:s3:::copies</Bucket><StorageClass>nowhere</StorageClass></Destination></Rule></ReplicationConfiguration>
            """);
        Assert.Equal(400, (int)told.Status);
        Assert.Contains("MalformedXML", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_that_is_needed_cannot_be_removed()
    {
        await source.Add(await S3Target.At("peer", await Sites.Peer, $"errors-{run}"));
        await source.NewBucket("needing", "peer");
        var ran = (await source.Run("location", "remove", "peer")).Failed();
        Assert.Contains("needing", ran.Out + ran.Err, StringComparison.Ordinal);
    }

    private async Task AssertFails(string site, string why)
    {
        await source.NewBucket("failing", site);
        await source.Put("failing", "object", [1, 2, 3]);
        await source.Becomes("FAILED", "failing", "object");
        Assert.Equal(["failing/object"], await source.Failed(site));
        await Eventually.Holds(
            () => (source.Server.Output + source.Server.Error).Split('\n').Any(line =>
                line.Contains("failing", StringComparison.Ordinal) && line.Contains(site, StringComparison.Ordinal) && line.Contains(why, StringComparison.Ordinal)),
            $"the log tells of {why}:\n{source.Server.Output}{source.Server.Error}", TimeSpan.FromSeconds(5));
        Assert.DoesNotContain("not/the/secret", source.Server.Output + source.Server.Error, StringComparison.Ordinal);
    }
}
