using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>Walks over a bucket and its copies, wherever the state and the messages are; the site is a second server.</summary>
[Trait("Speed", "Slow")]
public sealed class WalkTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const int Objects = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task What_was_there_before_is_queued_compared_and_counted()
    {
        using var scratch = new Scratch();
        await using var site = await ServerProcess.Start(scratch["site"]);
        using var here = Sdk.Client(server.Endpoint);
        using var there = Sdk.Client(site.Endpoint);
        var bucket = server.NewBucketName("walks");
        await there.PutBucketAsync("copies");
        await Versioned(there, "copies");
        await here.PutBucketAsync(bucket);
        await Versioned(here, bucket);
        for (var i = 0; i < Objects; i++)
            await here.PutObjectAsync(new() { BucketName = bucket, Key = string.Create(CultureInfo.InvariantCulture, $"dir/{i}"), ContentBody = $"object {i}" });
        (await Zenkofn("location", "add", "walked", "--type", "s3", "--access-key", ServerProcess.AccessKey, "--bucket", "copies", "--url", site.Endpoint)).Succeeded();
        await here.PutBucketReplicationAsync(new()
        {
            BucketName = bucket,
            Configuration = new()
            {
                Role = "arn:aws:iam::000000000000:role/replication",
                Rules =
                [
                    new()
                    {
                        Id = "all", Status = ReplicationRuleStatus.Enabled, Filter = new() { Prefix = "" }, Priority = 1,
                        DeleteMarkerReplication = new() { Status = DeleteMarkerReplicationStatus.Enabled },
                        Destination = new() { BucketArn = "arn:aws:s3:::" + bucket, StorageClass = new("walked") },
                    },
                ],
            },
        });

        Assert.Contains($"{Objects} versions, {Objects} queued", (await Zenkofn("replicate", "--existing", bucket, "--wait")).Succeeded().Out, StringComparison.Ordinal);
        await Eventually.Holds(() => Arrived(bucket), "the copies arrive", Patience);
        (await Zenkofn("replicate", "--recount", "--wait")).Succeeded();

        await there.DeleteObjectAsync("copies", $"{bucket}/dir/3");
        var found = await Zenkofn("replicate", "--verify", bucket, "--site", "walked", "--deep", "--report", scratch["report.json"]);
        Assert.Equal(4, found.ExitCode);
        Assert.Contains("missing  dir/3", found.Out, StringComparison.Ordinal);
        Assert.Contains("is what was signed", (await Zenkofn("replicate", "--check-report", scratch["report.json"])).Out, StringComparison.Ordinal);
        await Eventually.Holds(() => Arrived(bucket), "what was lost is sent again", Patience);
        using var copy = await there.GetObjectAsync("copies", $"{bucket}/dir/3");
        Assert.Equal("object 3", await new StreamReader(copy.ResponseStream).ReadToEndAsync());
    }

    private async Task<bool> Arrived(string bucket) =>
        JsonNode.Parse((await Zenkofn("replicate", "--verify", bucket, "--site", "walked", "--report-only", "--json")).Out)?["counts"] is { } counts
        && ((long)counts["same"]!, (long)counts["pending"]!, (long)counts["different"]!) == (Objects, 0, 0);

    private static async Task Versioned(AmazonS3Client s3, string bucket) =>
        await s3.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });

    private Task<Ran> Zenkofn(params string[] arguments) => Shell.Run(
        "dotnet", [Repository.Program, .. arguments, "--endpoint", server.Endpoint],
        new Dictionary<string, string>(server.AwsEnvironment) { ["ZENKOFN_LOCATION_SECRET_KEY"] = ServerProcess.SecretKey });
}
