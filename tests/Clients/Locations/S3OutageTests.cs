using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts.Faults;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.S3;

namespace ZenkoFunctions.Clients.Tests.Locations;

/// <summary>A cloud behind a bad network: nothing passes as stored that is not, and an outage is told soon.</summary>
public sealed class S3OutageTests(RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime
{
    private const int MiB = 1 << 20;
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly FaultProxy network = new(new Uri(server.Endpoint).Port);
    private S3Place place = null!;
    private S3Location far = null!;

    public async Task InitializeAsync() => far = new("far", place = await server.NewBucket(keepsVersions: true) with { Endpoint = new(network.Endpoint) });

    public Task DisposeAsync() => network.DisposeAsync().AsTask();

    [Fact]
    public async Task A_service_that_is_not_there_is_told_soon()
    {
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var endpoint = new Uri($"http://{nobody.LocalEndpoint}");
        nobody.Stop();
        await IsOut(new S3Location("far", place with { Endpoint = endpoint }), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_service_that_is_broken_is_told_soon()
    {
        network.Always(new Fault.Answer(503));
        await IsOut(far, TimeSpan.FromSeconds(10));
        network.Always(null);
        Assert.Empty(await server.Versions(place));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_service_that_hangs_is_told_soon()
    {
        network.Always(new Fault.Hang());
        await IsOut(far, TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(9 * MiB)]
    public async Task A_write_whose_answer_is_lost_is_done_all_the_same(int size)
    {
        foreach (var what in new[] { "POST", "PUT" })
        {
            network.Once(head => head.StartsWith(what, StringComparison.Ordinal), new Fault.LoseAnswer());
            var bytes = RandomNumberGenerator.GetBytes(size);
            var stored = await far.Put(new PutPlan($"n{what.ToLowerInvariant()}", size), Whole(bytes), None);
            Assert.Equal(bytes, await Bytes(await far.Open(stored, ByteRange.All(size), None)));
        }
    }

    [Fact]
    public async Task A_completion_whose_answer_is_lost_is_recognised()
    {
        network.Once(IsComplete, new Fault.LoseAnswer());
        var bytes = RandomNumberGenerator.GetBytes(9 * MiB);
        var stored = await far.Put(new PutPlan("name", null), Whole(bytes), None);
        Assert.Equal(bytes, await Bytes(await far.Open(stored, ByteRange.All(bytes.Length), None)));
        Assert.Single(await server.Versions(place));
    }

    [Theory]
    [InlineData(1000, 500)]
    [InlineData(9 * MiB, 5 * MiB)]
    public async Task A_byte_that_is_damaged_on_its_way_is_never_stored(int size, int at)
    {
        network.Decide(head => head.StartsWith("PUT", StringComparison.Ordinal) ? new Fault.CorruptRequest(at) : null);
        var bytes = RandomNumberGenerator.GetBytes(size);
        await Assert.ThrowsAsync<LocationUnavailableException>(async () => await far.Put(new PutPlan("name", size), Whole(bytes), None));
        var plan = new ReplicaPlan { Key = "b/key", Size = size, Md5 = MD5.HashData(bytes) };
        await Assert.ThrowsAsync<LocationUnavailableException>(async () => await far.Put(plan, Whole(bytes), None));
        var upload = await far.Begin(plan, None);
        await Assert.ThrowsAsync<LocationUnavailableException>(async () => await far.PutPart(plan, upload, 1, size, Whole(bytes), None));
        await far.Abort(plan.Key, upload, None);
        Assert.Empty(await server.Versions(place));
        Assert.Empty(await server.Uploads(place));
    }

    [Fact]
    public async Task A_download_that_breaks_off_goes_on_where_it_was()
    {
        var bytes = RandomNumberGenerator.GetBytes(5 * MiB);
        var stored = await far.Put(new PutPlan("name", bytes.Length), Whole(bytes), None);
        var breaks = 0;
        network.Decide(_ => ++breaks <= 3 ? new Fault.CutAnswer(MiB + breaks) : null);
        Assert.Equal(bytes[7..^5], await Bytes(await far.Open(stored, new(7, bytes.Length - 12), None)));
        Assert.Equal(4, breaks);
    }

    [Fact]
    public async Task A_download_that_breaks_off_again_and_again_is_an_outage_and_no_short_body()
    {
        var bytes = RandomNumberGenerator.GetBytes(5 * MiB);
        var stored = await far.Put(new PutPlan("name", bytes.Length), Whole(bytes), None);
        network.Always(new Fault.CutAnswer(2000));
        await Assert.ThrowsAsync<LocationUnavailableException>(async () => await Bytes(await far.Open(stored, ByteRange.All(bytes.Length), None)));
    }

    [Fact]
    public async Task A_write_that_fails_after_some_parts_leaves_nothing()
    {
        network.Decide(head => head.StartsWith("PUT", StringComparison.Ordinal) && head.Contains("partNumber=2", StringComparison.Ordinal) ? new Fault.Answer(503) : null);
        await Assert.ThrowsAsync<LocationUnavailableException>(async () => await far.Put(new PutPlan("name", null), Whole(new byte[20 * MiB]), None));
        Assert.Empty(await server.Uploads(place));
        Assert.Empty(await server.Versions(place));
    }

    private static bool IsComplete(string head) =>
        head.StartsWith("POST", StringComparison.Ordinal) && head.Contains("uploadId=", StringComparison.Ordinal);

    /// <summary>Every call says that the service is out, in time.</summary>
    private static async Task IsOut(S3Location location, TimeSpan most)
    {
        var stored = new Stored("far", "name", 1);
        var plan = new ReplicaPlan { Key = "b/key", Size = 1, Md5 = MD5.HashData(new byte[1]), PartBytes = 5 * MiB };
        var replica = new Replica("b/key", 1, "etag", null, default);
        Func<Task>[] calls =
        [
            async () => await location.Put(new PutPlan("name", 1), Whole([0]), None),
            async () => await location.Put(new PutPlan("name", 20 * MiB), Whole(new byte[20 * MiB]), None),
            async () => await location.Open(stored, ByteRange.All(1), None),
            async () => await location.Delete(stored, None),
            async () => await location.Copy(stored, "other", None),
            async () => await location.Find("b/key", null, None),
            async () => await location.Put(plan, Whole([0]), None),
            async () => await location.Begin(plan, None),
            async () => await location.PutPart(plan, "upload", 1, 1, Whole([0]), None),
            async () => await location.Abort("b/key", "upload", None),
            async () => await location.SetTags(replica, new Dictionary<string, string> { ["a"] = "b" }, None),
            async () => await location.Delete("b/key", None),
            async () => await location.Open(replica, ByteRange.All(1), None),
            async () => await location.List("", null, None).FirstOrDefaultAsync(),
        ];
        await Task.WhenAll(calls.Select(async call =>
        {
            var started = Stopwatch.StartNew();
            var e = await Assert.ThrowsAsync<LocationUnavailableException>(call);
            Assert.Equal("far", e.Location);
            Assert.InRange(started.Elapsed, TimeSpan.Zero, most);
        }));
    }

    private static PipeReader Whole(byte[] bytes) => PipeReader.Create(new ReadOnlySequence<byte>(bytes));

    private static async Task<byte[]> Bytes(IObjectBody? body)
    {
        Assert.NotNull(body);
        await using (body)
        {
            using var all = new MemoryStream();
            await body.CopyTo(PipeWriter.Create(all), None);
            return all.ToArray();
        }
    }
}
