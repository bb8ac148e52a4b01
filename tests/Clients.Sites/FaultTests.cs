using System.Security.Cryptography;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts.Faults;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>A site that answers errors, hangs, truncates, corrupts or lies: copies are tried again, or given up and told so, but never said to be there wrongly.</summary>
[Trait("Speed", "Slow")]
public sealed class FaultTests : IAsyncLifetime
{
    private const string Bucket = "faults";
    private static readonly byte[] Body = RandomNumberGenerator.GetBytes(300_000);

    private static int runs;

    private Source source = null!;
    private FaultProxy proxy = null!;
    private S3Target peer = null!;

    public async Task InitializeAsync()
    {
        var server = await Sites.Peer;
        proxy = new(new Uri(server.Endpoint).Port);
        peer = await S3Target.At("peer", server, $"faulty-{Interlocked.Increment(ref runs)}", through: proxy.Endpoint);
        source = await Source.Start();
        await source.Add(peer);
        await source.NewBucket(Bucket, "peer");
    }

    public async Task DisposeAsync()
    {
        await source.DisposeAsync();
        await proxy.DisposeAsync();
    }

    public static TheoryData<string> Faults => [.. All.Keys];

    private static readonly Dictionary<string, Fault> All = new()
    {
        ["500"] = Fault.Answer.S3(500, "InternalError"),
        ["503"] = Fault.Answer.S3(503, "SlowDown"),
        ["reset"] = new Fault.Reset(),
        ["cut request"] = new Fault.CutRequest(100_000),
        ["corrupt request"] = new Fault.CorruptRequest(100_000),
        ["lost answer"] = new Fault.LoseAnswer(),
        ["a proxy's page"] = new Fault.Answer(200, "<html>Log in to the network</html>", "Content-Type: text/html\r\n"),
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_that_passes_is_waited_out(string fault)
    {
        var first = true;
        proxy.Decide(head => IsPut(head) && Interlocked.Exchange(ref first, false) ? All[fault] : null);
        await source.Put(Bucket, "passing", Body);
        await source.Becomes("COMPLETED", Bucket, "passing");
        Assert.Equal(1, proxy.Faults);
        Assert.Equal(Source.Md5(Body), (await peer.Find($"{Bucket}/passing"))!.Md5);
        Assert.Single(await peer.Versions($"{Bucket}/passing"));
        Assert.Empty(await source.Failed("peer"));
    }

    [Fact]
    public async Task A_site_that_does_not_answer_at_all_is_given_up_and_a_retry_makes_the_copy()
    {
        proxy.Always(Fault.Answer.S3(503, "ServiceUnavailable"));
        var version = await source.Put(Bucket, "lasting", Body);
        await source.Becomes("FAILED", Bucket, "lasting");
        Assert.Null(await peer.Find($"{Bucket}/lasting"));
        Assert.Equal([$"{Bucket}/lasting"], await source.Failed("peer"));
        Assert.Contains("lasting", source.Server.Error + source.Server.Output, StringComparison.Ordinal);

        proxy.Always(null);
        await source.Retry(Bucket, "lasting", version, "peer");
        await source.Becomes("COMPLETED", Bucket, "lasting");
        Assert.Equal(Source.Md5(Body), (await peer.Find($"{Bucket}/lasting"))!.Md5);
        Assert.Empty(await source.Failed("peer"));
    }

    [Fact]
    public async Task A_site_that_hangs_holds_up_neither_writers_nor_other_sites()
    {
        var other = await S3Target.At("other", await Sites.Peer, $"faulty-other-{runs}");
        await source.Add(other);
        await source.NewBucket("both", "peer,other");
        proxy.Always(new Fault.Hang());
        for (var i = 0; i < 30; i++) await source.Put("both", $"{i}", Body);
        for (var i = 0; i < 30; i++)
        {
            await Eventually.Holds(async () => await source.Status("both", $"{i}", null, "other") == "COMPLETED", $"{i} comes to the other site", Source.Patience);
            Assert.NotEqual("COMPLETED", await source.Status("both", $"{i}", null, "peer"));
        }
        proxy.Always(null);
        for (var i = 0; i < 30; i++)
            await Eventually.Holds(async () => await source.Status("both", $"{i}") is "COMPLETED" or "FAILED", $"{i} is decided", Source.Patience);
    }

    [Theory]
    [InlineData("truncates")]
    [InlineData("corrupts")]
    [InlineData("forgets")]
    public async Task A_site_that_acknowledges_what_it_does_not_keep_is_not_believed(string lie)
    {
        await using var liar = await LyingService.Start();
        liar.Keep = bytes => lie switch
        {
            "truncates" => bytes[..^1],
            "corrupts" => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)],
            _ => null,
        };
        await source.Add(new S3Target("liar", "location-ceph-radosgw-s3-v1", liar.Endpoint, "key", "secret", "lies"));
        await source.NewBucket("believing", "liar");
        await source.Put("believing", "object", Body);
        await source.Becomes("FAILED", "believing", "object");
        Assert.True(liar.Puts > 1, "it was not tried again");

        liar.Keep = bytes => bytes;
        var version = await source.Put("believing", "object", Body);
        await source.Becomes("COMPLETED", "believing", "object", version);
    }

    private static bool IsPut(string head) => head.StartsWith("PUT ", StringComparison.Ordinal);
}
