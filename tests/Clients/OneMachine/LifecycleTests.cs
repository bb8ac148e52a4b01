using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>Rules at work in a running server whose days are seconds, killed amid its work; and <c>zenkofn lifecycle</c>.</summary>
[Trait("Speed", "Slow")]
public sealed class LifecycleTests
{
    private const int Due = 300, Kept = 300;
    private static readonly string[] ShortDays = ["--lifecycle-day", "1"];

    [Fact]
    public async Task Killed_in_the_middle_it_removes_what_is_due_and_nothing_else()
    {
        using var scratch = new Scratch();
        await using (var server = await ServerProcess.Start(scratch["data"], more: ShortDays))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync("bucket");
            var keys = Enumerable.Range(0, Due).Select(i => $"due/{i:d4}").Concat(Enumerable.Range(0, Kept).Select(i => $"kept/{i:d4}"));
            await Parallel.ForEachAsync(
                keys, async (key, stop) => await s3.PutObjectAsync(new() { BucketName = "bucket", Key = key, ContentBody = key }, stop));
            await s3.PutLifecycleConfigurationAsync(new()
            {
                BucketName = "bucket",
                Configuration = new()
                {
                    Rules =
                    [
                        new()
                        {
                            Id = "due", Status = LifecycleRuleStatus.Enabled, Expiration = new() { Days = 1 },
                            Filter = new() { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = "due/" } },
                        },
                    ],
                },
            });
            await Eventually.Holds(async () => await Count(s3, "due/") < Due, "it has begun");
            await server.Kill();
        }
        await using var again = await ServerProcess.Start(scratch["data"], more: ShortDays);
        using var after = Sdk.Client(again.Endpoint);
        await Eventually.Holds(async () => await Count(after, "due/") == 0, "what is due is gone", TimeSpan.FromMinutes(1));
        Assert.Equal(Kept, await Count(after, "kept/"));
    }

    [Fact]
    public async Task Killed_amid_moves_every_object_is_whole_and_ends_in_its_location()
    {
        using var scratch = new Scratch();
        var texts = Enumerable.Range(0, 150).ToDictionary(i => $"{i:d3}", i => new string((char)('a' + (i % 26)), 200_000 + i));
        await using (var server = await ServerProcess.Start(scratch["data"], more: ShortDays))
        {
            (await server.Zenkofn("location", "add", "cold", "--type", "file", "--path", scratch["cold"])).Succeeded();
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync("bucket");
            await Parallel.ForEachAsync(texts, async (each, stop) => await s3.PutObjectAsync(new() { BucketName = "bucket", Key = each.Key, ContentBody = each.Value }, stop));
            await s3.PutLifecycleConfigurationAsync(new()
            {
                BucketName = "bucket",
                Configuration = new()
                {
                    Rules =
                    [
                        new()
                        {
                            Id = "cold", Status = LifecycleRuleStatus.Enabled, Transitions = [new() { Days = 1, StorageClass = "cold" }],
                            Filter = new() { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = "" } },
                        },
                    ],
                },
            });
            await Eventually.Holds(async () => await Moved(s3) > 0, "it has begun");
            await server.Kill();
        }
        await using var again = await ServerProcess.Start(scratch["data"], more: ShortDays);
        using var after = Sdk.Client(again.Endpoint);
        await Eventually.Holds(async () => await Moved(after) == texts.Count, "all are there", TimeSpan.FromMinutes(1));
        foreach (var (key, text) in texts)
        {
            using var got = await after.GetObjectAsync("bucket", key);
            Assert.Equal("cold", got.StorageClass.Value);
            Assert.Equal(text, await new StreamReader(got.ResponseStream).ReadToEndAsync());
        }

        static async Task<int> Moved(AmazonS3Client s3) => (await s3.ListObjectsV2Async(new() { BucketName = "bucket" })).S3Objects.Count(each => each.StorageClass == "cold");
    }

    [Fact]
    public async Task The_command_applies_the_rules_and_tells_what_came_of_it()
    {
        using var scratch = new Scratch();
        await using var server = await ServerProcess.Start(scratch["data"]);
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync("bucket");
        await s3.PutBucketVersioningAsync(new() { BucketName = "bucket", VersioningConfig = new() { Status = VersionStatus.Enabled } });
        await s3.PutLifecycleConfigurationAsync(new()
        {
            BucketName = "bucket",
            Configuration = new()
            {
                Rules =
                [
                    new()
                    {
                        Id = "markers", Status = LifecycleRuleStatus.Enabled, Expiration = new() { ExpiredObjectDeleteMarker = true },
                        Filter = new() { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = "" } },
                    },
                ],
            },
        });
        await s3.DeleteObjectAsync("bucket", "nothing");
        await s3.PutObjectAsync(new() { BucketName = "bucket", Key = "something", ContentBody = "1" });
        await s3.DeleteObjectAsync("bucket", "something");

        var ran = (await server.Zenkofn("lifecycle", "bucket", "--wait")).Succeeded();
        Assert.Contains("lifecycle.all.bucket: done. 3 versions, 0 expired, 1 removed, 0 to be moved, 0 uploads aborted, 0 kept.", ran.Out, StringComparison.Ordinal);
        Assert.Equal(["something", "something"], (await s3.ListVersionsAsync("bucket")).Versions.Select(version => version.Key));

        using var json = JsonDocument.Parse((await server.Zenkofn("lifecycle", "--json", "--wait")).Succeeded().Out);
        Assert.Equal(("lifecycle.all", "done"), (json.RootElement.GetProperty("id").GetString(), json.RootElement.GetProperty("state").GetString()));
        Assert.Contains("There is no bucket 'another'.", (await server.Zenkofn("lifecycle", "another")).Err, StringComparison.Ordinal);
    }

    private static async Task<int> Count(AmazonS3Client s3, string prefix)
    {
        var count = 0;
        await foreach (var _ in s3.Paginators.ListObjectsV2(new() { BucketName = "bucket", Prefix = prefix }).S3Objects) count++;
        return count;
    }
}
