using System.Collections.Concurrent;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>What follows an acknowledged request, after kill -9: events all come; of access logs those lines that were delivered stay.</summary>
[Trait("Speed", "Slow")]
public sealed class FollowUpKillTests : IDisposable
{
    private const string Bucket = "watched", Logs = "logs";

    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Events_of_acknowledged_writes_come_at_least_once_and_in_order_though_server_and_hook_fail()
    {
        const int rounds = 3, writers = 8;
        await using var hook = await WebHook.Start();
        var written = new ConcurrentDictionary<string, string>(); // version id → key
        var random = new Random(20260709);
        string[] notify = ["--notify", $"hook={hook.Url}"];
        await using (var server = await ServerProcess.Start(scratch["data"], more: notify))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync(Bucket);
            await s3.PutBucketVersioningAsync(new() { BucketName = Bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
            await s3.PutBucketNotificationAsync(new()
            {
                BucketName = Bucket,
                QueueConfigurations = [new() { Id = "all", Queue = RunningServer.HookArn, Events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"] }],
            });
            await server.Kill();
        }
        // A hook that refuses now and then has events waiting when the server is killed.
        hook.Refuses = () => Random.Shared.Next(4) == 0;
        for (var round = 0; round < rounds; round++)
        {
            await using var server = await ServerProcess.Start(scratch["data"], more: notify);
            var acknowledgements = new Countdown(random.Next(60, 200));
            var all = Enumerable.Range(0, writers).Select(i => Write(server.Endpoint, i, written, acknowledgements)).ToArray();
            var reached = await Task.WhenAny(acknowledgements.Reached, Task.WhenAny(all), Task.Delay(TimeSpan.FromMinutes(2)));
            Assert.True(reached == acknowledgements.Reached, $"The writers stopped by themselves.\n{server.Error}");
            await server.Kill();
            await Task.WhenAll(all);
        }
        hook.Refuses = () => false;

        await using var last = await ServerProcess.Start(scratch["data"], more: notify);
        await Eventually.Holds(
            () => !written.Keys.Except(hook.Records(Bucket).Select(VersionId)).Any(), "every acknowledged version was told of", TimeSpan.FromMinutes(2));
        var records = hook.Records(Bucket).ToList();
        // What was told of is there: nothing is told that was not committed.
        using var reader = Sdk.Client(last.Endpoint);
        var there = new HashSet<string>();
        await foreach (var page in reader.Paginators.ListVersions(new() { BucketName = Bucket }).Responses)
            there.UnionWith(page.Versions.Select(version => version.VersionId));
        Assert.Empty(records.Select(VersionId).Except(there));
        foreach (var key in records.GroupBy(record => Object(record).GetProperty("key").GetString()))
        {
            var order = key.Select(record => Object(record).GetProperty("sequencer").GetString()!).Distinct().ToList();
            Assert.Equal(order.Order(StringComparer.Ordinal), order);
        }
        Assert.Equal(0, hook.Unsigned);
    }

    private static async Task Write(string endpoint, int number, ConcurrentDictionary<string, string> written, Countdown acknowledgements)
    {
        using var s3 = Sdk.Client(endpoint, TimeSpan.FromSeconds(30));
        try
        {
            for (var i = 0; ; i++)
            {
                var key = $"{number}/{i % 3}";
                var id = i % 5 == 4
                    ? (await s3.DeleteObjectAsync(Bucket, key)).VersionId
                    : (await s3.PutObjectAsync(new() { BucketName = Bucket, Key = key, ContentBody = $"{i}" })).VersionId;
                Assert.True(written.TryAdd(id, key));
                acknowledgements.Signal();
            }
        }
        catch (Exception e) when (Killed.Is(e))
        {
            // As intended.
        }
    }

    // docs/operating.md: best effort; kill -9 loses the lines of the last minute, a stop in order loses none.
    [Fact]
    public async Task Lines_of_access_logs_survive_a_stop_and_those_delivered_a_kill()
    {
        var answered = new ConcurrentBag<string>();
        await using (var server = await ServerProcess.Start(scratch["data"]))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync(Bucket);
            await s3.PutBucketAsync(Logs);
            await s3.PutBucketLoggingAsync(new() { BucketName = Bucket, LoggingConfig = new() { TargetBucketName = Logs, TargetPrefix = "of/" } });
            for (var i = 0; i < 20; i++) answered.Add((await s3.PutObjectAsync(new() { BucketName = Bucket, Key = $"{i}", ContentBody = "x" })).ResponseMetadata.RequestId);
            Assert.Equal(0, await server.Terminate());
        }
        HashSet<string> delivered;
        string afterwards;
        await using (var server = await ServerProcess.Start(scratch["data"]))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            delivered = await Lines(s3);
            Assert.Empty(answered.Except(delivered));

            // More than a MiB of lines, which is not waited with: they tell long keys twice.
            var padding = new string('k', 900);
            await Parallel.ForEachAsync(Enumerable.Range(0, 600), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, ct) =>
                answered.Add((await s3.PutObjectAsync(new() { BucketName = Bucket, Key = $"{padding}{i}", ContentBody = "x" }, ct)).ResponseMetadata.RequestId));
            await Eventually.Holds(async () => (await s3.ListObjectsV2Async(new() { BucketName = Logs })).KeyCount > 1, "a MiB of lines is delivered");
            delivered = await Lines(s3);
            await server.Kill();
        }
        await using (var server = await ServerProcess.Start(scratch["data"]))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            Assert.Empty(delivered.Except(await Lines(s3)));
            afterwards = (await s3.GetObjectAsync(Bucket, "0")).ResponseMetadata.RequestId;
            Assert.Equal(0, await server.Terminate());
        }
        await using var last = await ServerProcess.Start(scratch["data"]);
        using var reader = Sdk.Client(last.Endpoint);
        Assert.Contains(afterwards, await Lines(reader));
    }

    /// <summary>The request ids of all lines, each of which is whole and there once.</summary>
    private static async Task<HashSet<string>> Lines(AmazonS3Client s3)
    {
        var ids = new HashSet<string>();
        foreach (var log in (await s3.ListObjectsV2Async(new() { BucketName = Logs })).S3Objects)
        {
            using var got = await s3.GetObjectAsync(Logs, log.Key);
            using var text = new StreamReader(got.ResponseStream);
            while (await text.ReadLineAsync() is { } line)
            {
                var fields = line.Split(' ');
                Assert.True(fields.Length > 20 && fields[1] == Bucket && fields[^1] == "-", line);
                Assert.True(ids.Add(fields[6]), line); // owner, bucket, [time, zone], peer, requester, request id
            }
        }
        return ids;
    }

    private static string VersionId(JsonElement record) => Object(record).GetProperty("versionId").GetString()!;

    private static JsonElement Object(JsonElement record) => record.GetProperty("s3").GetProperty("object");
}
