using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>Buckets that mirror real services: what is there already appears, then what changes on either side.</summary>
[Trait("Speed", "Slow")]
public sealed class MirrorTests
{
    private static int runs;

    [Fact]
    public async Task Another_server_of_ours() => await Versioned(await S3Target.At("mirrored", await Sites.Peer, Name()));

    [CephFact]
    public async Task Ceph() => await Versioned(await S3Target.AtCeph("mirrored", await Sites.Ceph, Name()));

    [Fact]
    public async Task A_container_of_Azure()
    {
        var target = await AzureTarget.At("mirrored", await Sites.Azure, Name());
        await target.Put("before", "1");
        await using var source = await Start(target);
        await Appears(source, ["before"]);
        Assert.Equal("1", await Text(source, "before"));
        await target.Put("dir/later", "22");
        await source.S3.PutObjectAsync(new() { BucketName = "mirror", Key = "ours", ContentBody = "333" });
        Assert.Equal(3, (await target.Find("ours"))!.Size);
        await Appears(source, ["before", "dir/later", "ours"]);
        await source.S3.DeleteObjectAsync("mirror", "before");
        Assert.Null(await target.Find("before"));
        await Appears(source, ["dir/later", "ours"]);
    }

    [Fact]
    public async Task What_the_source_tells_of_appears_at_once()
    {
        var target = await S3Target.At("mirrored", await Sites.Peer, Name());
        await using var source = await Start(target, every: "86400");
        await Appears(source, []);
        foreach (var key in new[] { "plain", "a b+ü", "of the bridge" }) await target.S3.PutObjectAsync(new() { BucketName = target.Bucket, Key = key, ContentBody = "1" });
        const string Secret = ServerProcess.SecretKey;
        Assert.Equal("""{"keys":1,"changed":1}""", await Told(source, """{"Records":[{"eventName":"s3:ObjectCreated:Put","s3":{"object":{"key":"plain"}}}]}""", Secret));
        Assert.Equal("""{"keys":1,"changed":0}""", await Told(source, """{"Records":[{"eventName":"s3:ObjectCreated:Put","s3":{"object":{"key":"plain"}}}]}""", Secret));
        Assert.Equal(
            """{"keys":2,"changed":1}""",
            await Told(source, """{"Type":"Notification","Message":"{\"Records\":[{\"s3\":{\"object\":{\"key\":\"a+b%2B%C3%BC\"}}},{\"s3\":{\"object\":{\"key\":\"nothing\"}}}]}"}""", Secret));
        Assert.Equal("""{"keys":1,"changed":1}""", await Told(source, """{"detail-type":"Object Created","detail":{"object":{"key":"of the bridge"}}}""", Secret));
        Assert.Equal(["a b+ü", "of the bridge", "plain"], (await source.S3.ListObjectsV2Async(new() { BucketName = "mirror" })).S3Objects.Select(each => each.Key));
        // Tags make no new version.
        await target.S3.PutObjectTaggingAsync(new() { BucketName = target.Bucket, Key = "plain", Tagging = new() { TagSet = [new() { Key = "colour", Value = "red" }] } });
        Assert.Equal("""{"keys":1,"changed":1}""", await Told(source, """{"Records":[{"eventName":"s3:ObjectTagging:Put","s3":{"object":{"key":"plain","versionId":""}}}]}""", Secret));
        Assert.Equal("red", (await source.S3.GetObjectTaggingAsync(new() { BucketName = "mirror", Key = "plain" })).Tagging[0].Value);
        await target.S3.PutObjectTaggingAsync(new() { BucketName = target.Bucket, Key = "of the bridge", Tagging = new() { TagSet = [new() { Key = "colour", Value = "blue" }] } });
        Assert.Equal(HttpStatusCode.Accepted, (await source.Management.Post("/_/management/ingest", """{"bucket":"mirror","tags":true}""")).Status);
        await Eventually.Holds(
            async () => (await source.S3.GetObjectTaggingAsync(new() { BucketName = "mirror", Key = "of the bridge" })).Tagging is [{ Value: "blue" }], "the tag is seen", Source.Patience);
        await target.S3.DeleteObjectAsync(target.Bucket, "plain");
        Assert.Contains("SignatureDoesNotMatch", await Told(source, """{"Records":[{"s3":{"object":{"key":"plain"}}}]}""", "wrong"), StringComparison.Ordinal);
        Assert.Contains("MalformedBody", await Told(source, """{"Records":[{"s3":{}}]}""", Secret), StringComparison.Ordinal);
        Assert.Equal(3, (await source.S3.ListObjectsV2Async(new() { BucketName = "mirror" })).S3Objects.Count);
    }

    [CephFact]
    public async Task Ceph_tells_of_changes_as_they_happen()
    {
        var (gateway, target) = (await Sites.Ceph, await S3Target.AtCeph("mirrored", await Sites.Ceph, Name()));
        await using var source = await Start(target, every: "86400");
        await Appears(source, []);
        var hook = $"http://{ServerProcess.AccessKey}:{Uri.EscapeDataString(ServerProcess.SecretKey)}@{new Uri(source.Server.Endpoint).Authority}/_/management/ingest/mirror/events";
        using var topics = new Management(gateway.Endpoint, RadosGateway.AccessKey, RadosGateway.SecretKey);
        var made = await topics.Form(
            ("Action", "CreateTopic"), ("Attributes.entry.1.key", "push-endpoint"), ("Attributes.entry.1.value", hook), ("Name", target.Bucket), ("Version", "2010-03-31"));
        Assert.True(made.Status == HttpStatusCode.OK, made.Text);
        var arn = made.Text.Split("<TopicArn>")[1].Split('<')[0];
        await target.S3.PutBucketNotificationAsync(new()
        {
            BucketName = target.Bucket, TopicConfigurations = [new() { Id = "all", Topic = arn, Events = [EventType.ObjectCreatedAll, EventType.ObjectRemovedAll] }],
        });
        await target.S3.PutObjectAsync(new() { BucketName = target.Bucket, Key = "a b+ü", ContentBody = "1" });
        await target.S3.PutObjectAsync(new() { BucketName = target.Bucket, Key = "b", ContentBody = "2" });
        await Appears(source, ["a b+ü", "b"]);
        await target.S3.DeleteObjectAsync(target.Bucket, "b");
        await Appears(source, ["a b+ü"]);
    }

    [Fact]
    public async Task Azure_tells_of_changes_by_Event_Grid()
    {
        var target = await AzureTarget.At("mirrored", await Sites.Azure, Name());
        await using var source = await Start(target, every: "86400");
        await Appears(source, []);
        await target.Put("dir/a b%ü", "1");
        const string Secret = ServerProcess.SecretKey;
        Assert.Equal(
            """{"validationResponse":"512d38b6"}""",
            await Told(source, """[{"id":"1","topic":"t","subject":"","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d38b6","validationUrl":"https://x"}}]""", Secret));
        const string Created = """
            {"subject":"/blobServices/default/containers/c/blobs/dir/a b%ü","{0}":"Microsoft.Storage.BlobCreated","data":{"api":"PutBlob","url":"https://acct.blob.core.windows.net/c/dir/a%20b%25%C3%BC"}}
            """;
        Assert.Equal("""{"keys":1,"changed":1}""", await Told(source, "[" + Created.Replace("{0}", "eventType", StringComparison.Ordinal) + "]", Secret));
        Assert.Equal("""{"keys":1,"changed":0}""", await Told(source, Created.Replace("{0}", "type", StringComparison.Ordinal), Secret));
        await Appears(source, ["dir/a b%ü"]);
        Assert.Contains("MalformedBody", await Told(source, """[{"eventType":"Microsoft.Storage.BlobCreated","subject":"nothing"}]""", Secret), StringComparison.Ordinal);
        Assert.Contains("SignatureDoesNotMatch", await Told(source, "[]", "wrong"), StringComparison.Ordinal);
    }

    private static async Task<string> Told(Source source, string body, string secret)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, source.Server.Endpoint + "/_/management/ingest/mirror/events") { Content = new StringContent(body) };
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ServerProcess.AccessKey}:{secret}")));
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task Versioned(S3Target target)
    {
        foreach (var text in new[] { "one", "two" })
            await target.S3.PutObjectAsync(new() { BucketName = target.Bucket, Key = "a", ContentBody = text, Metadata = { ["says"] = text }, TagSet = [new() { Key = "text", Value = text }] });
        await target.S3.PutObjectAsync(new() { BucketName = target.Bucket, Key = "b/ü", ContentBody = "hidden" });
        await target.S3.DeleteObjectAsync(target.Bucket, "b/ü");
        await using var source = await Start(target);
        await Same(source, target);
        var first = (await target.Versions("a"))[1].VersionId;
        var got = await source.S3.GetObjectMetadataAsync(new() { BucketName = "mirror", Key = "a", VersionId = first });
        Assert.Equal("one", got.Metadata["says"]);
        Assert.Equal("one", (await source.S3.GetObjectTaggingAsync(new() { BucketName = "mirror", Key = "a", VersionId = first })).Tagging[0].Value);
        Assert.Equal("two", await Text(source, "a"));

        // There.
        await target.S3.PutObjectAsync(new() { BucketName = target.Bucket, Key = "a", ContentBody = "three" });
        await target.S3.DeleteObjectAsync(target.Bucket, "a", first);
        await Same(source, target);
        Assert.Equal("three", await Text(source, "a"));

        // Here: at once, in one piece and in parts.
        var put = await source.S3.PutObjectAsync(new() { BucketName = "mirror", Key = "c", ContentBody = "ours", Metadata = { ["says"] = "ours" } });
        Assert.Equal((await target.S3.GetObjectMetadataAsync(target.Bucket, "c")).VersionId, put.VersionId);
        Assert.Equal("ours", (await target.Find("c"))!.Metadata["says"]);
        var upload = await source.S3.InitiateMultipartUploadAsync("mirror", "parts");
        List<PartETag> parts = [];
        foreach (var (number, size) in new[] { (1, 5 << 20), (2, 7) })
        {
            var part = await source.S3.UploadPartAsync(new() { BucketName = "mirror", Key = "parts", UploadId = upload.UploadId, PartNumber = number, InputStream = new MemoryStream(new byte[size]) });
            parts.Add(new(number, part.ETag));
        }
        var completed = await source.S3.CompleteMultipartUploadAsync(new() { BucketName = "mirror", Key = "parts", UploadId = upload.UploadId, PartETags = parts });
        Assert.EndsWith("-2\"", completed.ETag, StringComparison.Ordinal);
        Assert.Equal((5 << 20) + 7, (await target.Find("parts"))!.Size);
        await source.S3.DeleteObjectAsync("mirror", "c");
        Assert.Null(await target.Find("c"));
        await Same(source, target);

        // The mirror can be taken away without what it shows.
        var all = (await target.Versions()).Count;
        await source.S3.DeleteBucketAsync("mirror");
        await Eventually.Holds(async () => (int)(await source.Management.Delete("/_/management/locations/mirrored")).Status is 200 or 204, "the location is free", Source.Patience);
        Assert.Equal(all, (await target.Versions()).Count);
    }

    private static string Name() => string.Create(CultureInfo.InvariantCulture, $"mirrored-{Interlocked.Increment(ref runs)}");

    /// <summary>A server whose bucket <c>mirror</c> mirrors the target, compared every so many seconds.</summary>
    private static async Task<Source> Start(Target target, string every = "1")
    {
        var source = await Source.Start("--ingest-every", every);
        var (type, details) = target.Location;
        var all = details.ToDictionary(each => each.Key, each => (object)each.Value);
        all["bucketMatch"] = true;
        await source.Management.Post("/_/management/locations", JsonSerializer.Serialize(new { name = target.Site, locationType = type, details = all })).Ok();
        await source.S3.PutBucketAsync(new PutBucketRequest { BucketName = "mirror", PutBucketConfiguration = new() { LocationConstraint = target.Site + ":ingest" } });
        return source;
    }

    private static async Task<string> Text(Source source, string key)
    {
        using var got = await source.S3.GetObjectAsync("mirror", key);
        return await new StreamReader(got.ResponseStream).ReadToEndAsync();
    }

    private static Task Appears(Source source, string[] keys) => Eventually.Holds(
        async () => ((await source.S3.ListObjectsV2Async(new() { BucketName = "mirror" })).S3Objects ?? []).Select(each => each.Key).SequenceEqual(keys),
        $"{string.Join(", ", keys)} appear\n{source.Server.Error}", Source.Patience);

    /// <summary>Waits until both list the same versions and markers in the same order.</summary>
    private static Task Same(Source source, S3Target target) => Eventually.Holds(
        async () =>
        {
            var here = (await source.S3.ListVersionsAsync("mirror")).Versions ?? [];
            return here.Select(Line).SequenceEqual((await target.Versions()).Select(Line));
        },
        $"both have the same\n{source.Server.Error}", Source.Patience);

    private static string Line(S3ObjectVersion version) => $"{version.Key} {version.VersionId} {version.IsLatest} {version.IsDeleteMarker} {version.ETag} {version.Size}";
}
