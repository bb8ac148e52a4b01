using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>A server with buckets that are replicated.</summary>
internal sealed class Source : IAsyncDisposable
{
    /// <summary>Long enough for copies on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // Two tries after the first, in quick succession.
    private static readonly string[] QuickRetries = ["--replication-retry", "2,60,0.2,0.5"];

    private readonly Scratch scratch = new();
    private readonly string[] arguments;

    private Source(string[] arguments) => this.arguments = arguments;

    /// <summary>The process.</summary>
    public ServerProcess Server { get; private set; } = null!;

    /// <summary>A client of it.</summary>
    public AmazonS3Client S3 { get; private set; } = null!;

    /// <summary>Its management API.</summary>
    public Management Management { get; private set; } = null!;

    /// <summary>Starts one that gives up copies after three tries.</summary>
    public static Task<Source> Start() => Start(QuickRetries);

    /// <summary>Starts one.</summary>
    public static async Task<Source> Start(params string[] arguments)
    {
        var source = new Source(arguments);
        await source.StartAgain();
        return source;
    }

    /// <summary>Starts it on the same data, and the same port.</summary>
    public async Task StartAgain()
    {
        string[] port = Server is null ? [] : ["--port", new Uri(Server.Endpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        if (Server is not null) await Server.DisposeAsync();
        S3?.Dispose();
        Management?.Dispose();
        Server = await ServerProcess.Start(scratch["data"], more: [.. arguments, .. port]);
        S3 = Sdk.Client(Server.Endpoint);
        Management = new(Server.Endpoint);
    }

    /// <summary>Makes locations of targets.</summary>
    public async Task Add(params Target[] targets)
    {
        foreach (var target in targets)
        {
            var (type, details) = target.Location;
            await Management.Post("/_/management/locations", JsonSerializer.Serialize(new { name = target.Site, locationType = type, details })).Ok();
        }
    }

    /// <summary>Makes a versioned bucket that goes to the sites, given as a StorageClass.</summary>
    public async Task NewBucket(string bucket, string? sites)
    {
        await S3.PutBucketAsync(bucket);
        await S3.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        if (sites is not null) await Replicate(bucket, sites);
    }

    /// <summary>Replicates a bucket from now on. The SDK knows no classes of storage but AWS's, so this is sent by hand.</summary>
    public Task Replicate(string bucket, string sites) => Management.Put($"/{bucket}?replication=", $"""
        <ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role>arn:aws:iam::root:role/replication</Role>
        <Rule><ID>all</ID><Status>Enabled</Status><Prefix></Prefix><Destination><Bucket>arn:aws:s3:::copies</Bucket><StorageClass>{sites}</StorageClass></Destination></Rule>
        </ReplicationConfiguration>
        """).Ok();

    /// <summary>Puts an object; its version id.</summary>
    public async Task<string> Put(string bucket, string key, byte[] body, Action<PutObjectRequest>? more = null)
    {
        var request = new PutObjectRequest { BucketName = bucket, Key = key, InputStream = new MemoryStream(body) };
        more?.Invoke(request);
        return (await S3.PutObjectAsync(request)).VersionId;
    }

    /// <summary>What a HEAD tells of a version's copies: <c>x-amz-replication-status</c>, or one site's; null for nothing.</summary>
    public async Task<string?> Status(string bucket, string key, string? versionId = null, string? site = null)
    {
        var head = await S3.GetObjectMetadataAsync(new() { BucketName = bucket, Key = key, VersionId = versionId });
        return site is null ? head.ReplicationStatus?.Value : head.Metadata[$"x-amz-meta-{site}-replication-status"];
    }

    /// <summary>Waits for a status.</summary>
    public async Task Becomes(string status, string bucket, string key, string? versionId = null, TimeSpan? limit = null)
    {
        string? last = null;
        try
        {
            // What is decided does not change any more by itself.
            await Eventually.Holds(
                async () => (last = await Status(bucket, key, versionId)) == status || (last is "COMPLETED" or "FAILED" && status is "COMPLETED" or "FAILED"),
                $"{key} becomes {status}", limit ?? Patience);
            Assert.Equal(status, last);
        }
        catch (Xunit.Sdk.XunitException e)
        {
            throw new Xunit.Sdk.XunitException($"{key} is {last} and not {status}. {e.Message}\n{Server.Error}");
        }
    }

    /// <summary>Waits until nothing is pending for the site.</summary>
    public Task Settles(string site, TimeSpan? limit = null) => Eventually.Holds(
        async () => await Pending(site) == 0, $"nothing is pending for {site}\n{Server.Error}", limit ?? Patience);

    /// <summary>How many copies are pending for the site.</summary>
    public async Task<long> Pending(string site) =>
        (await Management.Get($"/_/backbeat/api/metrics/crr/{site}/pending")).Json.GetProperty("pending").GetProperty("results").GetProperty("count").GetInt64();

    /// <summary>The failed list of a site: bucket/key.</summary>
    public async Task<IReadOnlyList<string>> Failed(string site) =>
    [
        .. (await Management.Get($"/_/backbeat/api/crr/failed?marker=0&sitename={site}")).Json.GetProperty("Versions").EnumerateArray()
            .Select(version => $"{version.GetProperty("Bucket").GetString()}/{version.GetProperty("Key").GetString()}"),
    ];

    /// <summary>Sends a failed copy again.</summary>
    public async Task Retry(string bucket, string key, string version, string site) => await Management.Post(
        "/_/backbeat/api/crr/failed", JsonSerializer.Serialize(new[] { new { Bucket = bucket, Key = key, VersionId = version, StorageClass = site } })).Ok();

    /// <summary>Lets a walk (existing, verify) over a bucket come to its end; what it tells then.</summary>
    public async Task<JsonElement> Walk(string purpose, string bucket, string? site = null)
    {
        var id = (await Management.Post($"/_/management/replication/{purpose}", JsonSerializer.Serialize(new { bucket, site, deep = purpose == "verify" })).Ok()).Parsed
            .GetProperty("id").GetString();
        JsonElement walk = default;
        await Eventually.Holds(
            async () => (walk = (await Management.Get($"/_/management/replication/walks/{Uri.EscapeDataString(id!)}")).Json).GetProperty("state").GetString() == "done",
            $"the walk {id} has ended: {walk}", Patience);
        return walk;
    }

    /// <summary>Runs <c>zenkofn</c> against it.</summary>
    public Task<Ran> Run(params string[] command) => Shell.Run(
        "dotnet", [Repository.Program, .. command, "--endpoint", Server.Endpoint],
        new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        S3.Dispose();
        Management.Dispose();
        await Server.DisposeAsync();
        scratch.Dispose();
    }

    /// <summary>The MD5 in hex.</summary>
    public static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
}

/// <summary>Of answers.</summary>
internal static class ToldExtensions
{
    /// <summary>Asserts that it was done.</summary>
    public static async Task<Told> Ok(this Task<Told> telling)
    {
        var told = await telling;
        Assert.True((int)told.Status is >= 200 and < 300, $"{told.Status}: {told.Text}");
        return told;
    }
}
