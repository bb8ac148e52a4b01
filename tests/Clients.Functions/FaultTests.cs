using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using Azure.Storage.Queues;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Clients.Tests.Torture;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>What goes wrong on Azure, with real processes under the double of its host: nothing is left behind, nothing is lost.</summary>
public sealed class FaultTests(FaultTests.World world) : IClassFixture<FaultTests.World>
{
    private const int Large = 8 << 20;

    private readonly AmazonS3Client s3 = Sdk.Client(world.Apps.Endpoint());

    [Fact]
    public async Task Of_an_upload_whose_handler_is_killed_nothing_is_seen_and_the_clients_next_attempt_succeeds()
    {
        await s3.PutBucketAsync("killed");
        await s3.PutObjectAsync(new() { BucketName = "killed", Key = "k", ContentBody = "old" });
        var host = world.Apps.Api[0];
        var body = Bytes(Large);

        host.Faults.KillInBody(Large / 2);
        var failed = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => Put(s3, "killed", "k", body));
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal("old", Encoding.ASCII.GetString(await Get("killed", "k")));
        Assert.Equal(3, Assert.Single((await s3.ListObjectsV2Async(new() { BucketName = "killed" })).S3Objects).Size);

        host.Faults.KillInBody(Large / 2);
        using var patient = new AmazonS3Client(ServerProcess.AccessKey, ServerProcess.SecretKey, new AmazonS3Config
        {
            ServiceURL = world.Apps.Endpoint(), ForcePathStyle = true, AuthenticationRegion = "us-east-1", MaxErrorRetry = 5,
        });
        await Put(patient, "killed", "k", body);
        Assert.Equal(body, await Get("killed", "k"));
        Assert.Equal(2, host.Log.Count("The handler exited with code 137"));
    }

    [Fact]
    public async Task Of_an_upload_that_the_client_breaks_off_nothing_is_seen()
    {
        await s3.PutBucketAsync("broken-off");
        await s3.PutObjectAsync(new() { BucketName = "broken-off", Key = "old", ContentBody = "old" });
        var before = await world.Apps.Blobs();
        var host = world.Apps.Api[0];
        foreach (var key in new[] { "old", "new" })
        {
            var request = SignedRequest.Whole(host.Address.Authority, "PUT", $"/broken-off/{key}", "", Bytes(4 * Large));
            using (var socket = new TcpClient())
            {
                await socket.ConnectAsync(host.Address.Host, host.Address.Port);
                // More than the buffers on the way can hold: the handler is well into it.
                await socket.GetStream().WriteAsync(request.AsMemory(0, request.Length / 2));
            }
            await Eventually.Holds(
                () => host.Log.Entries.Any(entry => entry.Source == "handler" && entry.Text.Contains($"PUT /broken-off/{key}: the ", StringComparison.Ordinal)),
                "the handler has done with it");
        }

        Assert.Equal("old", Encoding.ASCII.GetString(await Get("broken-off", "old")));
        Assert.Equal("old", Assert.Single((await s3.ListObjectsV2Async(new() { BucketName = "broken-off" })).S3Objects).Key);
        Assert.Empty((await world.Apps.Blobs()).Except(before));
    }

    [Fact]
    public async Task A_job_that_is_delivered_again_or_whose_handler_is_killed_does_its_work_once()
    {
        await s3.PutBucketAsync("again");
        await s3.PutBucketVersioningAsync(new() { BucketName = "again", VersioningConfig = new() { Status = VersionStatus.Enabled } });
        await s3.PutBucketNotificationAsync(new()
        {
            BucketName = "again",
            QueueConfigurations = [new() { Id = "all", Queue = RunningServer.HookArn, Events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"] }],
        });
        var before = (await world.Apps.Blobs()).ToHashSet();
        var jobs = world.Apps.Jobs;
        jobs.Faults.DeliverAgain("Fx_Garbage", times: 2);
        jobs.Faults.DeliverAgain("Fx_Events", times: 3);
        jobs.Faults.KillBeforeAnswer("Fx_Garbage");

        // Each key has one version whose bytes stay and one whose bytes go.
        var kept = new Dictionary<string, byte[]>();
        var versions = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            var gone = await Put(s3, "again", $"{i}", Bytes(200_000));
            versions.Add((await Put(s3, "again", $"{i}", kept[$"{i}"] = Bytes(200_000))).VersionId);
            await s3.DeleteObjectAsync("again", $"{i}", gone.VersionId);
            versions.Add(gone.VersionId);
        }

        await Eventually.Holds(async () => (await world.Apps.Blobs()).Except(before).Count() == kept.Count, "the bytes that nobody owns are gone");
        await Eventually.Holds(() => world.Hook.Records("again").Select(VersionId).ToHashSet().IsSupersetOf(versions), "every version is told of");
        await jobs.Log.WaitFor("injected: the handler was killed before its answer was read", within: TimeSpan.FromMinutes(1));
        await Eventually.Holds(() => jobs.Log.Count("Executing 'Functions.Fx_Garbage'") >= 4 + 3, "the jobs are delivered again");
        foreach (var (key, body) in kept) Assert.Equal(body, await Get("again", key));
        Assert.All(world.Hook.Records("again").Select(VersionId), version => Assert.Contains(version, versions));
    }

    [Fact]
    public async Task A_message_that_no_job_understands_is_set_aside_and_holds_up_no_other()
    {
        await s3.PutBucketAsync("poison");
        var before = (await world.Apps.Blobs()).ToHashSet();
        var messages = new QueueClient(world.Apps.ConnectionString, "garbage", new() { MessageEncoding = QueueMessageEncoding.Base64 });
        await messages.CreateIfNotExistsAsync();
        const string poison = "{\"format\":1,\"nothing\":\"that is known\"}";
        await messages.SendMessageAsync(poison);

        await Put(s3, "poison", "k", Bytes(200_000));
        await s3.DeleteObjectAsync("poison", "k");

        await Eventually.Holds(async () => !(await world.Apps.Blobs()).Except(before).Any(), "other garbage is collected meanwhile");
        var aside = new QueueClient(world.Apps.ConnectionString, "garbage-poison", new() { MessageEncoding = QueueMessageEncoding.Base64 });
        await Eventually.Holds(async () => await aside.ExistsAsync() && (await aside.PeekMessagesAsync(32)).Value.Any(m => m.Body.ToString() == poison), "it is set aside");
        Assert.NotEqual(0, world.Apps.Jobs.Log.Count("has reached MaxDequeueCount of 5"));
    }

    [Fact]
    public async Task A_request_waits_for_a_handler_that_starts_slowly()
    {
        await s3.PutBucketAsync("slow-start");
        await using var late = await world.Apps.StartAnother(host => host with { StartDelay = TimeSpan.FromSeconds(3), WaitUntilReady = false });
        using var there = Sdk.Client(late.Address.ToString());
        Assert.False(late.Handler.Ready.IsCompleted);
        await there.PutObjectAsync(new() { BucketName = "slow-start", Key = "k", ContentBody = "first" });
        Assert.Equal("first", Encoding.ASCII.GetString(await Get("slow-start", "k")));
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    private static Task<PutObjectResponse> Put(AmazonS3Client s3, string bucket, string key, byte[] body) =>
        s3.PutObjectAsync(new() { BucketName = bucket, Key = key, InputStream = new MemoryStream(body) });

    private async Task<byte[]> Get(string bucket, string key)
    {
        using var got = await s3.GetObjectAsync(bucket, key);
        using var bytes = new MemoryStream();
        await got.ResponseStream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static string VersionId(JsonElement record) => record.GetProperty("s3").GetProperty("object").GetProperty("versionId").GetString()!;

    /// <summary>Both apps; bytes are removed as soon as nobody owns them, and jobs that failed are delivered again after a second.</summary>
    public sealed class World : IAsyncLifetime
    {
        private readonly Scratch scratch = new();

        /// <summary>Is told of events in buckets whose notifications name it.</summary>
        public WebHook Hook { get; private set; } = null!;

        internal FunctionApps Apps { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Hook = await WebHook.Start();
            Apps = await FunctionApps.Start(
                jobs: Hasty(),
                settings: [("ZENKOFN_KEEP_REPLACED_SECONDS", "0"), ("ZENKOFN_LOG_LEVEL", "Debug"), ("ZENKOFN_NOTIFY", $"hook={Hook.Url}"), ("ZENKOFN_NOTIFY_SECRET", WebHook.Secret)]);
        }

        public async Task DisposeAsync()
        {
            await Apps.DisposeAsync();
            await Hook.DisposeAsync();
            scratch.Dispose();
        }

        // The app's folder, but for how long the host lets a message rest that has failed.
        private string Hasty()
        {
            var folder = FunctionApps.Folder("Functions.Replication");
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
                if (entry.Name != "host.json") File.CreateSymbolicLink(scratch[entry.Name], entry.FullName);
            var host = File.ReadAllText(Path.Combine(folder, "host.json"));
            var hasty = host.Replace("\"visibilityTimeout\": \"00:00:30\"", "\"visibilityTimeout\": \"00:00:01\"", StringComparison.Ordinal);
            Assert.NotEqual(host, hasty);
            File.WriteAllText(scratch["host.json"], hasty);
            return scratch.Path;
        }
    }
}
