using System.Globalization;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>Versions by the programs that keep, list and restore them; the scripts of boto3 and Node have theirs.</summary>
[Trait("Speed", "Slow")]
public sealed class VersioningTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientFact(Client.Aws)]
    public async Task The_aws_CLI_reads_older_versions_and_takes_a_deletion_back()
    {
        var aws = new AwsCli(server);
        var bucket = server.NewBucketName("aws-versions");
        string[] at = ["--bucket", bucket, "--key", "a/ü b"];
        await aws.Run("s3", "mb", $"s3://{bucket}");
        await aws.RunWithInput("before versioning"u8.ToArray(), "s3", "cp", "-", $"s3://{bucket}/a/ü b");
        await aws.Run("s3api", "put-bucket-versioning", "--bucket", bucket, "--versioning-configuration", "Status=Enabled");
        Assert.Equal("Enabled", await aws.Query("Status", "s3api", "get-bucket-versioning", "--bucket", bucket));
        await aws.RunWithInput("second"u8.ToArray(), "s3", "cp", "-", $"s3://{bucket}/a/ü b");
        await aws.Run("s3", "rm", $"s3://{bucket}/a/ü b");
        Assert.Equal("", (await aws.Try("s3", "ls", $"s3://{bucket}/a/")).Out);

        string marker, second;
        using (var listed = await aws.Json("s3api", "list-object-versions", "--bucket", bucket))
        {
            var versions = listed.RootElement.GetProperty("Versions").EnumerateArray().ToList();
            second = versions[0].GetProperty("VersionId").GetString()!;
            Assert.Equal("null", versions[1].GetProperty("VersionId").GetString());
            Assert.All(versions, version => Assert.False(version.GetProperty("IsLatest").GetBoolean()));
            var deleted = Assert.Single(listed.RootElement.GetProperty("DeleteMarkers").EnumerateArray());
            Assert.True(deleted.GetProperty("IsLatest").GetBoolean());
            marker = deleted.GetProperty("VersionId").GetString()!;
        }
        await aws.Refused("NoSuchKey", ["s3api", "get-object", .. at, scratch["none"]]);
        await aws.Refused("MethodNotAllowed", ["s3api", "get-object", .. at, "--version-id", marker, scratch["none"]]);
        Assert.Equal("before versioning", await Read("null"));
        Assert.Equal("second", await Read(second));

        // The key is what it was before its deletion once the marker is deleted; or older, by a copy of an older version.
        Assert.Equal("True", await aws.Query("DeleteMarker", ["s3api", "delete-object", .. at, "--version-id", marker]));
        Assert.Equal("second", (await aws.Run("s3", "cp", $"s3://{bucket}/a/ü b", "-")).Out);
        await aws.Run(["s3api", "copy-object", .. at, "--copy-source", $"{bucket}/a/ü b?versionId=null"]);
        Assert.Equal("before versioning", (await aws.Run("s3", "cp", $"s3://{bucket}/a/ü b", "-")).Out);

        await aws.Run("s3", "rm", "--recursive", $"s3://{bucket}/");
        await aws.Refused("BucketNotEmpty", "s3api", "delete-bucket", "--bucket", bucket);
        var all = await aws.Run("s3api", "list-object-versions", "--bucket", bucket, "--query", "{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}");
        await aws.Run("s3api", "delete-objects", "--bucket", bucket, "--delete", all.Out);
        await aws.Run("s3", "rb", $"s3://{bucket}");

        async Task<string> Read(string version)
        {
            await aws.Run(["s3api", "get-object", .. at, "--version-id", version, scratch["got"]]);
            return await File.ReadAllTextAsync(scratch["got"]);
        }
    }

    [ClientFact(Client.Rclone)]
    public async Task Rclone_shows_versions_by_name_and_the_bucket_as_it_was()
    {
        var rclone = new RcloneCli(server.Endpoint);
        var bucket = server.NewBucketName("rclone-versions");
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync(bucket);
        await Enable(s3, bucket);
        await rclone.RunWithInput("first"u8.ToArray(), "rcat", $"z:{bucket}/dir/file.txt");
        await rclone.RunWithInput("other"u8.ToArray(), "rcat", $"z:{bucket}/dir/other.txt");
        // Times of versions are told to the second.
        var then = (await s3.GetObjectMetadataAsync(bucket, "dir/other.txt")).LastModified!.Value.AddSeconds(1);
        await Eventually.Holds(() => DateTime.UtcNow > then.AddMilliseconds(10), "the second is over");
        await rclone.RunWithInput("second"u8.ToArray(), "rcat", $"z:{bucket}/dir/file.txt");
        await rclone.Run("deletefile", $"z:{bucket}/dir/other.txt");

        Assert.Equal("file.txt\n", (await rclone.Run("lsf", $"z:{bucket}/dir")).Out);
        var names = (await rclone.Run("lsf", "--s3-versions", $"z:{bucket}/dir")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, names.Length);
        var older = Assert.Single(names, name => name.StartsWith("file-v", StringComparison.Ordinal));
        Assert.Contains("file.txt", names);
        Assert.Single(names, name => name.StartsWith("other-v", StringComparison.Ordinal));
        // A directory each time: rclone finds no version of a single file before 1.61.
        await rclone.Run("copy", "--s3-versions", $"z:{bucket}/dir", scratch["all"]);
        Assert.Equal("first", await File.ReadAllTextAsync(scratch[$"all/{older}"]));
        Assert.Equal("second", await File.ReadAllTextAsync(scratch["all/file.txt"]));

        var at = then.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        await rclone.Run("copy", "--s3-version-at", at, $"z:{bucket}/dir", scratch["then"]);
        Assert.Equal("first", await File.ReadAllTextAsync(scratch["then/file.txt"]));
        Assert.Equal("other", await File.ReadAllTextAsync(scratch["then/other.txt"]));
    }

    [ClientFact(Client.Rclone)]
    public async Task Rclone_switches_versioning_and_cleans_away_what_is_hidden()
    {
        var rclone = new RcloneCli(server.Endpoint);
        var bucket = server.NewBucketName("rclone-hidden");
        await rclone.Run("mkdir", $"z:{bucket}");
        Assert.Contains("Enabled", (await rclone.Run("backend", "versioning", $"z:{bucket}", "Enabled")).Out, StringComparison.Ordinal);
        foreach (var text in new[] { "1", "2", "3" }) await rclone.RunWithInput(Encoding.UTF8.GetBytes(text), "rcat", $"z:{bucket}/kept");
        await rclone.RunWithInput("gone"u8.ToArray(), "rcat", $"z:{bucket}/gone");
        await rclone.Run("deletefile", $"z:{bucket}/gone");

        await rclone.Run("backend", "cleanup-hidden", $"z:{bucket}");

        using var s3 = Sdk.Client(server.Endpoint);
        var left = await s3.ListVersionsAsync(bucket);
        Assert.Equal(("kept", true), (Assert.Single(left.Versions).Key, left.Versions[0].IsLatest));
        Assert.Equal("3", (await rclone.Run("cat", $"z:{bucket}/kept")).Out);
        Assert.Contains("Suspended", (await rclone.Run("backend", "versioning", $"z:{bucket}", "Suspended")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWSSDK_pages_through_more_versions_than_fit_a_page()
    {
        const int keys = 4, each = 275;
        using var s3 = Sdk.Client(server.Endpoint);
        var bucket = server.NewBucketName("dotnet-versions");
        await s3.PutBucketAsync(bucket);
        await Enable(s3, bucket);
        var written = await Task.WhenAll(Enumerable.Range(0, keys).Select(async key =>
        {
            var ids = new List<(string, string)>();
            for (var i = 0; i < each; i++)
            {
                var last = i == each - 1 && key % 2 == 1;
                ids.Add(($"{key}", last
                    ? (await s3.DeleteObjectAsync(bucket, $"{key}")).VersionId
                    : (await s3.PutObjectAsync(new() { BucketName = bucket, Key = $"{key}", ContentBody = $"{i}" })).VersionId));
            }
            return Enumerable.Reverse(ids);
        }));

        var listed = new List<S3ObjectVersion>();
        var pages = 0;
        var request = new ListVersionsRequest { BucketName = bucket };
        ListVersionsResponse page;
        do
        {
            page = await s3.ListVersionsAsync(request);
            listed.AddRange(page.Versions);
            (request.KeyMarker, request.VersionIdMarker) = (page.NextKeyMarker, page.NextVersionIdMarker);
            pages++;
        }
        while (page.IsTruncated == true);

        Assert.Equal(2, pages);
        Assert.Equal(written.SelectMany(ids => ids), listed.Select(version => (version.Key, version.VersionId)));
        Assert.Equal(["0", "1", "2", "3"], listed.Where(version => version.IsLatest == true).Select(version => version.Key));
        Assert.Equal(["1", "3"], listed.Where(version => version.IsDeleteMarker == true).Select(version => version.Key));
        using var oldest = await s3.GetObjectAsync(bucket, "2", written[2].Last().Item2);
        Assert.Equal("0", await new StreamReader(oldest.ResponseStream).ReadToEndAsync());

        foreach (var chunk in listed.Chunk(1000))
        {
            var gone = await s3.DeleteObjectsAsync(new()
            {
                BucketName = bucket, Objects = [.. chunk.Select(version => new KeyVersion { Key = version.Key, VersionId = version.VersionId })],
            });
            Assert.Equal(chunk.Length, gone.DeletedObjects.Count);
        }
        await s3.DeleteBucketAsync(bucket);
    }

    private static Task<PutBucketVersioningResponse> Enable(AmazonS3Client s3, string bucket) => s3.PutBucketVersioningAsync(new()
    {
        BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled },
    });
}
