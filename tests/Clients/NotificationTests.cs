using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>Events on their way to a web hook, whose signatures <see cref="WebHook"/> checks.</summary>
public sealed class NotificationTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task A_web_hook_is_told_of_what_was_asked_for_signed_and_in_order()
    {
        using var s3 = Sdk.Client(server.Endpoint);
        var bucket = server.NewBucketName("events");
        await s3.PutBucketAsync(bucket);
        await s3.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        await s3.PutBucketNotificationAsync(new()
        {
            BucketName = bucket,
            QueueConfigurations =
            [
                new()
                {
                    Id = "pictures", Queue = RunningServer.HookArn, Events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:Put"],
                    Filter = new() { S3KeyFilter = new() { FilterRules = [new() { Name = "prefix", Value = "in/" }, new() { Name = "suffix", Value = ".jpg" }] } },
                },
            ],
        });
        await Eventually.Holds(
            () => server.Hook.Documents.Any(d => d.TryGetProperty("Event", out var name) && name.GetString() == "s3:TestEvent" && d.GetProperty("Bucket").GetString() == bucket),
            "the test event of the configuration is delivered");

        const string key = "in/a b+ü.jpg";
        await s3.PutObjectAsync(new() { BucketName = bucket, Key = "elsewhere.jpg", ContentBody = "not asked for" });
        await s3.PutObjectAsync(new() { BucketName = bucket, Key = "in/text.txt", ContentBody = "not asked for" });
        var put = await s3.PutObjectAsync(new() { BucketName = bucket, Key = key, ContentBody = "four" });
        await s3.PutObjectTaggingAsync(new() { BucketName = bucket, Key = key, Tagging = new() { TagSet = [new() { Key = "a", Value = "b" }] } });
        await s3.CopyObjectAsync(bucket, key, bucket, key.Replace("a b", "copy", StringComparison.Ordinal));
        var upload = await s3.InitiateMultipartUploadAsync(bucket, key);
        var part = await s3.UploadPartAsync(new() { BucketName = bucket, Key = key, UploadId = upload.UploadId, PartNumber = 1, InputStream = new MemoryStream(new byte[9]) });
        await s3.CompleteMultipartUploadAsync(new() { BucketName = bucket, Key = key, UploadId = upload.UploadId, PartETags = [new(1, part.ETag)] });
        var marker = await s3.DeleteObjectAsync(bucket, key);
        await s3.DeleteObjectAsync(bucket, key, put.VersionId);

        await Eventually.Holds(() => Names(bucket, "in/a+b%2B%C3%BC.jpg").Count == 5 && Names(bucket, "in/copy%2B%C3%BC.jpg").Count == 1, "all events have come");
        Assert.Equal(
            ["ObjectCreated:Put", "ObjectTagging:Put", "ObjectCreated:CompleteMultipartUpload", "ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:Delete"],
            Names(bucket, "in/a+b%2B%C3%BC.jpg"));
        Assert.Equal(["ObjectCreated:Copy"], Names(bucket, "in/copy%2B%C3%BC.jpg"));
        var records = server.Hook.Records(bucket).ToList();
        Assert.All(records, record => Assert.Equal("pictures", record.GetProperty("s3").GetProperty("configurationId").GetString()));
        // Another key's may have come before it.
        var told = Object(records.First(record => record.GetProperty("eventName").GetString() == "ObjectCreated:Put"));
        Assert.Equal((put.VersionId, 4), (told.GetProperty("versionId").GetString(), told.GetProperty("size").GetInt32()));
        Assert.Equal(put.ETag.Trim('"'), told.GetProperty("eTag").GetString());
        Assert.Equal(
            marker.VersionId,
            Object(records.First(record => record.GetProperty("eventName").GetString() == "ObjectRemoved:DeleteMarkerCreated")).GetProperty("versionId").GetString());
        Assert.Equal(0, server.Hook.Unsigned);
    }

    [Fact]
    public async Task A_configuration_for_a_target_that_nobody_knows_is_refused()
    {
        using var s3 = Sdk.Client(server.Endpoint);
        var bucket = server.NewBucketName("no-events");
        await s3.PutBucketAsync(bucket);
        var refused = await Assert.ThrowsAsync<AmazonS3Exception>(() => s3.PutBucketNotificationAsync(new()
        {
            BucketName = bucket,
            TopicConfigurations = [new() { Id = "t", Topic = "arn:aws:sns:us-east-1:000000000001:unknown", Events = ["s3:ObjectCreated:*"] }],
        }));
        Assert.Equal("InvalidArgument", refused.ErrorCode);
    }

    /// <summary>The names of a key's events; those that came again are told once.</summary>
    private List<string?> Names(string bucket, string key) =>
        [.. server.Hook.Records(bucket).Where(record => Object(record).GetProperty("key").GetString() == key)
            .DistinctBy(record => Object(record).GetProperty("sequencer").GetString())
            .Select(record => record.GetProperty("eventName").GetString())];

    private static JsonElement Object(JsonElement record) => record.GetProperty("s3").GetProperty("object");
}
