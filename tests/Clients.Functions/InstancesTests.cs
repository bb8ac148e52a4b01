using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>
/// Two instances of the app that answers clients, over one storage account: what one is told the other obeys within the times of
/// docs/instances.md, and no write is lost that either acknowledged.
/// </summary>
public sealed class InstancesTests(InstancesTests.World world) : IClassFixture<InstancesTests.World>
{
    /// <summary>The defaults: how long an instance believes what it has read, and when requests under way obey.</summary>
    private static readonly TimeSpan CacheAge = TimeSpan.FromSeconds(5), All = TimeSpan.FromSeconds(17);

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2) };

    private readonly AmazonS3Client here = Sdk.Client(world.Apps.Endpoint(0)), there = Sdk.Client(world.Apps.Endpoint(1));

    [Fact]
    public async Task A_deleted_bucket_is_gone_for_the_other_instance_and_one_that_is_written_to_meanwhile_stays_with_all_that_was_acknowledged()
    {
        const int buckets = 6;
        await Task.WhenAll(Enumerable.Range(0, buckets).Select(Race));

        // A writer at the other instance, which knows the bucket well, begins ever later before or after the deletion does.
        async Task Race(int number)
        {
            var bucket = $"race-{number}";
            await here.PutBucketAsync(bucket);
            await there.GetBucketLocationAsync(bucket);
            var slow = new SlowBody(Task.Delay(All + TimeSpan.FromSeconds(3)));
            var underWay = number < 3 ? null : SendSlowly(there, bucket, "under way", slow);
            if (underWay is not null) await slow.Begun;

            var deletion = Try(() => here.DeleteBucketAsync(bucket));
            await Task.Delay(TimeSpan.FromMilliseconds(number % 3 * 400));
            var acknowledged = new List<string>();
            for (var i = 0; number % 3 > 0 && !deletion.IsCompleted; i++)
            {
                var key = $"{i}";
                if (await Try(() => there.PutObjectAsync(new() { BucketName = bucket, Key = key, ContentBody = key })) is null) acknowledged.Add(key);
                else await Task.WhenAny(deletion, Task.Delay(500));
            }
            var refusal = await deletion;
            var late = underWay is null ? (HttpStatusCode?)null : await underWay;

            if (refusal is null)
            {
                Assert.Empty(acknowledged);
                Assert.Equal("NoSuchBucket", await Try(() => there.PutObjectAsync(new() { BucketName = bucket, Key = "after", ContentBody = "x" })));
                Assert.Equal("NoSuchBucket", await Try(() => there.ListObjectsV2Async(new() { BucketName = bucket })));
                if (late is not null) Assert.Equal(HttpStatusCode.NotFound, late);
                return;
            }
            Assert.Equal("BucketNotEmpty", refusal);
            if (late == HttpStatusCode.OK) acknowledged.Add("under way");
            Assert.NotEmpty(acknowledged);
            var listed = (await there.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects.Select(o => o.Key).ToHashSet();
            Assert.Equal(acknowledged.ToHashSet(), listed);
        }
    }

    [Fact]
    public async Task Versioning_that_is_switched_on_at_one_instance_keeps_every_version_of_the_other_within_the_stated_seconds()
    {
        const string bucket = "switched";
        await here.PutBucketAsync(bucket);
        await there.PutObjectAsync(new() { BucketName = bucket, Key = "k", ContentBody = "before" });
        using var released = new SemaphoreSlim(0);
        var slow = new SlowBody(released.WaitAsync());
        var underWay = Http.PutAsync(Presigned(there, bucket, "under way"), slow);
        await slow.Begun;

        await here.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        var since = Stopwatch.StartNew();
        var kept = new Dictionary<string, string>();
        string? unversioned = null;
        var lastUnversioned = TimeSpan.Zero;
        for (var i = 0; since.Elapsed < CacheAge + TimeSpan.FromSeconds(2); i++)
        {
            var begun = since.Elapsed;
            var version = (await there.PutObjectAsync(new() { BucketName = bucket, Key = "k", ContentBody = $"{i}" })).VersionId;
            if (version is not null) kept.Add(version, $"{i}");
            else (unversioned, lastUnversioned) = ($"{i}", begun);
        }
        Assert.InRange(lastUnversioned, TimeSpan.Zero, CacheAge);
        Assert.NotEmpty(kept);
        if (since.Elapsed < All) await Task.Delay(All - since.Elapsed);
        released.Release();
        using var late = await underWay;
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
        Assert.True(late.Headers.Contains("x-amz-version-id"), "what commits after all three seconds is a version");

        foreach (var (version, text) in kept) Assert.Equal(text, await Text(here, bucket, "k", version));
        // What was written without versions replaced what was before; the last of it is the null version.
        Assert.Equal(unversioned ?? "before", await Text(here, bucket, "k", "null"));
        Assert.Equal(kept.Count + 1, (await here.ListVersionsAsync(new ListVersionsRequest { BucketName = bucket, Prefix = "k" })).Versions.Count);
    }

    [ClientFact(Client.Aws)]
    public async Task A_key_that_is_disabled_at_one_instance_is_refused_by_the_other_within_the_stated_seconds()
    {
        const string bucket = "of-alice";
        await here.PutBucketAsync(bucket);
        await Iam("create-user", "--user-name", "alice");
        await Iam("put-user-policy", "--user-name", "alice", "--policy-name", "all", "--policy-document",
            """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}""");
        using var made = JsonDocument.Parse(await Iam("create-access-key", "--user-name", "alice"));
        string Made(string name) => made.RootElement.GetProperty("AccessKey").GetProperty(name).GetString()!;
        using var alice = new AmazonS3Client(Made("AccessKeyId"), Made("SecretAccessKey"), new AmazonS3Config
        {
            ServiceURL = world.Apps.Endpoint(1), ForcePathStyle = true, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0,
        });
        await alice.PutObjectAsync(new() { BucketName = bucket, Key = "before", ContentBody = "x" });
        using var released = new SemaphoreSlim(0);
        var slow = new SlowBody(released.WaitAsync());
        var underWay = Http.PutAsync(Presigned(alice, bucket, "under way"), slow);
        await slow.Begun;

        var since = Stopwatch.StartNew();
        await Iam("update-access-key", "--user-name", "alice", "--access-key-id", Made("AccessKeyId"), "--status", "Inactive");
        // The command takes a while after the answer; so this is later than it, and the bound a little too wide.
        since.Restart();
        var (acknowledged, refused) = (new HashSet<string> { "before" }, 0);
        for (var i = 0; refused < 10; i++)
        {
            var begun = since.Elapsed;
            var refusal = await Try(() => alice.PutObjectAsync(new() { BucketName = bucket, Key = $"{i}", ContentBody = "x" }));
            if (refusal is null)
            {
                Assert.InRange(begun, TimeSpan.Zero, CacheAge);
                Assert.Equal(0, refused);
                acknowledged.Add($"{i}");
                continue;
            }
            // One that was under way when the instance came to know of it is asked about again at its commit.
            if (refused > 0 || refusal != "AccessDenied") Assert.Equal("InvalidAccessKeyId", refusal);
            refused++;
        }
        if (since.Elapsed < All) await Task.Delay(All - since.Elapsed);
        released.Release();
        using var late = await underWay;
        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
        Assert.Equal(acknowledged, (await here.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects.Select(o => o.Key).ToHashSet());
    }

    [Fact]
    public async Task Writers_at_both_instances_lose_no_acknowledged_write_of_the_same_keys()
    {
        const string plain = "both", versioned = "both-versioned";
        const int writers = 4, each = 12, keys = 3;
        foreach (var bucket in (string[])[plain, versioned]) await here.PutBucketAsync(bucket);
        await here.PutBucketVersioningAsync(new() { BucketName = versioned, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        await Task.Delay(CacheAge);
        var versions = new ConcurrentDictionary<string, (string Key, string Hash)>();
        var writes = new ConcurrentBag<(string Key, string Hash, long Begun, long Ended)>();
        await Task.WhenAll(Enumerable.Range(0, 2 * writers).Select(async number =>
        {
            var (s3, random) = (number % 2 == 0 ? here : there, new Random(number));
            for (var i = 0; i < each; i++)
            {
                var key = $"{i % keys}";
                var body = new byte[random.Next(2) == 0 ? 100 : 100_000];
                random.NextBytes(body);
                var hash = Convert.ToHexStringLower(MD5.HashData(body));
                var put = await s3.PutObjectAsync(new() { BucketName = versioned, Key = key, InputStream = new MemoryStream(body) });
                Assert.True(versions.TryAdd(put.VersionId, (key, hash)));
                var begun = Stopwatch.GetTimestamp();
                await s3.PutObjectAsync(new() { BucketName = plain, Key = key, InputStream = new MemoryStream(body) });
                writes.Add((key, hash, begun, Stopwatch.GetTimestamp()));
            }
        }));

        var listed = (await there.ListVersionsAsync(new ListVersionsRequest { BucketName = versioned })).Versions;
        Assert.Equal(
            versions.Select(version => (version.Value.Key, version.Key, $"\"{version.Value.Hash}\"")).ToHashSet(),
            listed.Select(version => (version.Key, version.VersionId, version.ETag)).ToHashSet());
        await Parallel.ForEachAsync(versions, async (version, ct) =>
        {
            using var got = await here.GetObjectAsync(versioned, version.Value.Key, version.Key, ct);
            Assert.Equal(version.Value.Hash, Convert.ToHexStringLower(await MD5.HashDataAsync(got.ResponseStream, ct)));
        });
        foreach (var key in writes.GroupBy(write => write.Key))
        {
            using var got = await there.GetObjectAsync(plain, key.Key);
            var found = Convert.ToHexStringLower(await MD5.HashDataAsync(got.ResponseStream));
            // Nothing that was begun after the acknowledgement of what is there may have been acknowledged.
            var last = key.Single(write => write.Hash == found);
            Assert.DoesNotContain(key, write => write.Begun > last.Ended);
        }
    }

    private async Task<string> Iam(params string[] arguments) =>
        (await Shell.Run(Installed.Aws[0], ["--endpoint-url", world.Apps.Endpoint(0), "--output", "json", "iam", .. arguments], new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey, ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_CONFIG_FILE"] = "/dev/null", ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null", ["AWS_PAGER"] = "",
        })).Succeeded().Out;

    private static async Task<HttpStatusCode> SendSlowly(AmazonS3Client s3, string bucket, string key, SlowBody body)
    {
        using var answer = await Http.PutAsync(Presigned(s3, bucket, key), body);
        return answer.StatusCode;
    }

    private static Uri Presigned(AmazonS3Client s3, string bucket, string key) => new(s3.GetPreSignedURL(new()
    {
        BucketName = bucket, Key = key, Verb = HttpVerb.PUT, Expires = DateTime.UtcNow.AddMinutes(5), Protocol = Protocol.HTTP,
    }));

    private static async Task<string> Text(AmazonS3Client s3, string bucket, string key, string version)
    {
        using var got = await s3.GetObjectAsync(bucket, key, version);
        using var text = new StreamReader(got.ResponseStream, Encoding.UTF8);
        return await text.ReadToEndAsync();
    }

    /// <summary>The code of a refusal; null where there was none.</summary>
    private static async Task<string?> Try<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (AmazonS3Exception e)
        {
            return e.ErrorCode;
        }
    }

    /// <summary>The apps, with two instances of the one that answers clients.</summary>
    public sealed class World : IAsyncLifetime
    {
        internal FunctionApps Apps { get; private set; } = null!;

        public async Task InitializeAsync() => Apps = await FunctionApps.Start(instances: 2);

        public Task DisposeAsync() => Apps.DisposeAsync().AsTask();
    }
}
