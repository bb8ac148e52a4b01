using System.Net;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>Pauses, circles, and what was there before.</summary>
[Trait("Speed", "Slow")]
public sealed class FlowTests : IAsyncLifetime
{
    private static int runs;

    private readonly int run = Interlocked.Increment(ref runs);
    private Source source = null!;
    private S3Target peer = null!;

    public async Task InitializeAsync()
    {
        source = await Source.Start();
        peer = await S3Target.At("peer", await Sites.Peer, $"flow-{run}");
        await source.Add(peer);
    }

    public Task DisposeAsync() => source.DisposeAsync().AsTask();

    [Fact]
    public async Task A_paused_site_gets_nothing_and_loses_nothing_even_over_a_restart()
    {
        await source.NewBucket("paused", "peer");
        await source.Management.Post("/_/backbeat/api/crr/pause/peer").Ok();
        Assert.Equal("disabled", (await source.Management.Get("/_/backbeat/api/crr/status/peer")).Json.GetProperty("peer").GetString());
        for (var i = 0; i < 20; i++) await source.Put("paused", $"{i}", [(byte)i]);
        await Eventually.Holds(async () => await source.Pending("peer") == 20, "twenty are pending");
        await source.Server.Kill();
        await source.StartAgain();
        await source.Put("paused", "20", [20]);
        Assert.Equal("disabled", (await source.Management.Get("/_/backbeat/api/crr/status/peer")).Json.GetProperty("peer").GetString());
        Assert.Empty(await peer.Keys());
        Assert.Equal("PENDING", await source.Status("paused", "7"));

        await source.Management.Post("/_/backbeat/api/crr/resume/peer").Ok();
        for (var i = 0; i <= 20; i++) await source.Becomes("COMPLETED", "paused", $"{i}");
        Assert.Equal(21, (await peer.Keys()).Count);
        Assert.Equal(21, (await peer.Versions()).Count);
        await source.Settles("peer");
    }

    [Fact]
    public async Task A_resume_can_be_scheduled_and_taken_back()
    {
        await source.Management.Post("/_/backbeat/api/crr/pause/peer").Ok();
        await source.Management.Post("/_/backbeat/api/crr/resume/peer/schedule", """{"hours":5}""").Ok();
        var at = (await source.Management.Get("/_/backbeat/api/crr/resume/peer")).Json.GetProperty("peer").GetDateTimeOffset();
        Assert.InRange(at - DateTimeOffset.UtcNow, TimeSpan.FromHours(4.9), TimeSpan.FromHours(5));
        Assert.Equal(HttpStatusCode.BadRequest, (await source.Management.Post("/_/backbeat/api/crr/resume/peer/schedule", """{"hours":0}""")).Status);
        await source.Management.Delete("/_/backbeat/api/crr/resume/peer/schedule").Ok();
        Assert.Equal("none", (await source.Management.Get("/_/backbeat/api/crr/resume/peer")).Json.GetProperty("peer").GetString());
    }

    [Fact]
    public async Task Two_that_replicate_to_each_other_do_not_go_round_in_circles()
    {
        await using var other = await Source.Start();
        // Keys go without the bucket's name, so that each writes into the other's source bucket.
        await source.NewBucket("ring", sites: null);
        await other.NewBucket("ring", sites: null);
        await source.Add(Ring("there", other));
        await other.Add(Ring("here", source));
        await source.Replicate("ring", "there");
        await other.Replicate("ring", "here");

        await source.Put("ring", "of the one", [1]);
        await other.Put("ring", "of the other", [2]);
        await source.Becomes("COMPLETED", "ring", "of the one");
        await other.Becomes("COMPLETED", "ring", "of the other");
        Assert.Equal("REPLICA", await other.Status("ring", "ring/of the one"));
        Assert.Equal("REPLICA", await source.Status("ring", "ring/of the other"));
        await source.Settles("there");
        await other.Settles("here");
        foreach (var one in (Source[])[source, other])
        {
            var versions = await one.S3.ListVersionsAsync("ring");
            Assert.Equal(2, versions.Versions.Count);
        }

        static S3Target Ring(string site, Source to) => new(
            site, "location-scality-artesca-s3-v1", to.Server.Endpoint, ServerProcess.AccessKey, ServerProcess.SecretKey, "ring");
    }

    [Fact]
    public async Task What_was_there_before_comes_when_it_is_asked_for_and_once()
    {
        const int count = 1000;
        await source.NewBucket("old", sites: null);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await source.Put("old", $"{i:0000}", [(byte)i, (byte)(i >> 8)]));
        await source.Replicate("old", "peer");
        Assert.Null(await source.Status("old", "0000"));
        await source.Walk("existing", "old");
        await Eventually.Holds(async () => (await peer.Keys()).Count == count, "all of them are there", TimeSpan.FromMinutes(2));
        await source.Settles("peer");
        for (var i = 0; i < count; i += 99) await source.Becomes("COMPLETED", "old", $"{i:0000}");

        await source.Walk("existing", "old");
        await source.Settles("peer");
        Assert.Equal(count, (await peer.Versions()).Count);
        var verified = (await source.Walk("verify", "old", "peer")).GetProperty("counts");
        Assert.Equal((count, 0), (verified.GetProperty("versions").GetInt32(), verified.GetProperty("different").GetInt32()));
    }
}
