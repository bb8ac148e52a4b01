using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>What targets are told of requests.</summary>
public sealed class EventTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private static readonly string Everything = string.Concat(
        new[] { "s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put" }.Select(name => $"<Event>{name}</Event>"));

    /// <summary>A bucket whose events go to the target; its test event is taken.</summary>
    private async Task<string> Bucket(string name, string events, string filter = "", bool versioned = false)
    {
        await server.Send("PUT", "/" + name);
        if (versioned)
            Assert.Equal(200, (await Put($"/{name}?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Status);
        var document = NotificationTests.Configuration(NotificationTests.Queue("<Id>rule</Id>" + events + filter));
        Assert.Equal(200, (await server.Send("PUT", $"/{name}?notification", document)).Status);
        Assert.True((await server.Target.Next(name)).TryGetProperty("Event", out _));
        return name;
    }

    private Task<Answer> Put(string target, string document) =>
        server.Send("PUT", target, document, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document))));

    private async Task<JsonElement> Next(string bucket) => (await server.Target.Next(bucket)).GetProperty("Records")[0];

    private static string? Name(JsonElement record) => record.GetProperty("eventName").GetString();

    private static JsonElement Object(JsonElement record) => record.GetProperty("s3").GetProperty("object");

    [Fact]
    public async Task A_new_object_is_told_as_AWS_tells_it()
    {
        var bucket = await Bucket("told-put", Everything);

        var put = await server.Send("PUT", $"/{bucket}/dir/a%20b%2Bc", "four");

        var record = await Next(bucket);
        Assert.Equal("2.1", record.GetProperty("eventVersion").GetString());
        Assert.Equal("aws:s3", record.GetProperty("eventSource").GetString());
        Assert.Equal("us-east-1", record.GetProperty("awsRegion").GetString());
        Assert.Equal("ObjectCreated:Put", Name(record));
        Assert.Equal("127.0.0.1", record.GetProperty("requestParameters").GetProperty("sourceIPAddress").GetString());
        Assert.Equal(put.Header("x-amz-request-id"), record.GetProperty("responseElements").GetProperty("x-amz-request-id").GetString());
        Assert.NotEqual("", record.GetProperty("userIdentity").GetProperty("principalId").GetString());
        var s3 = record.GetProperty("s3");
        Assert.Equal("rule", s3.GetProperty("configurationId").GetString());
        Assert.Equal("arn:aws:s3:::told-put", s3.GetProperty("bucket").GetProperty("arn").GetString());
        Assert.Equal("dir/a+b%2Bc", Object(record).GetProperty("key").GetString());
        Assert.Equal(4, Object(record).GetProperty("size").GetInt64());
        Assert.Equal(put.Header("ETag"), $"\"{Object(record).GetProperty("eTag").GetString()}\"");
        Assert.False(Object(record).TryGetProperty("versionId", out _));
        Assert.Equal(16, Object(record).GetProperty("sequencer").GetString()!.Length);
    }

    [Fact]
    public async Task The_events_of_a_key_come_in_the_order_of_its_changes_though_the_target_fails_now_and_then()
    {
        var bucket = await Bucket("told-order", Everything);
        server.Target.Failures = 2;

        for (var i = 1; i <= 8; i++) await server.Send("PUT", $"/{bucket}/key", new string('x', i));
        await Put($"/{bucket}/key?tagging", "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>");
        await server.Send("DELETE", $"/{bucket}/key?tagging");
        await server.Send("PUT", $"/{bucket}/key?acl", headers: "x-amz-acl: public-read");
        await server.Send("DELETE", $"/{bucket}/key");

        var told = new List<(string? Name, long? Size, string Sequencer)>();
        for (var i = 0; i < 12; i++)
        {
            var record = await Next(bucket);
            var size = Object(record).TryGetProperty("size", out var bytes) ? bytes.GetInt64() : (long?)null;
            told.Add((Name(record), size, Object(record).GetProperty("sequencer").GetString()!));
        }
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (long?)i), told.Take(8).Select(each => each.Size));
        Assert.Equal(["ObjectTagging:Put", "ObjectTagging:Delete", "ObjectAcl:Put", "ObjectRemoved:Delete"], told.Skip(8).Select(each => each.Name));
        Assert.Equal(told.Select(each => each.Sequencer).Order(StringComparer.Ordinal), told.Select(each => each.Sequencer));
    }

    [Fact]
    public async Task Copies_uploads_and_delete_markers_are_told_by_their_names()
    {
        var bucket = await Bucket("told-kinds", Everything, versioned: true);

        await server.Send("PUT", $"/{bucket}/copy", "", "x-amz-copy-source: /bkt/source");
        await server.Send("PUT", "/bkt/source", "x");
        await server.Send("PUT", $"/{bucket}/copy", "", "x-amz-copy-source: /bkt/source");
        var copy = await Next(bucket);
        Assert.Equal("ObjectCreated:Copy", Name(copy));

        var upload = (await server.Send("POST", $"/{bucket}/upload?uploads")).Element("UploadId");
        var part = (await server.Send("PUT", $"/{bucket}/upload?partNumber=1&uploadId={upload}", "x")).Header("ETag");
        var completed = await server.Send(
            "POST", $"/{bucket}/upload?uploadId={upload}",
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part}</ETag></Part></CompleteMultipartUpload>");
        var told = await Next(bucket);
        Assert.Equal("ObjectCreated:CompleteMultipartUpload", Name(told));
        Assert.Equal(completed.Header("x-amz-version-id"), Object(told).GetProperty("versionId").GetString());
        Assert.Equal(completed.Header("x-amz-request-id"), told.GetProperty("responseElements").GetProperty("x-amz-request-id").GetString());

        var marker = (await server.Send("DELETE", $"/{bucket}/upload")).Header("x-amz-version-id");
        var hidden = await Next(bucket);
        Assert.Equal("ObjectRemoved:DeleteMarkerCreated", Name(hidden));
        Assert.Equal(marker, Object(hidden).GetProperty("versionId").GetString());

        await server.Send("DELETE", $"/{bucket}/upload?versionId={completed.Header("x-amz-version-id")}");
        var removed = await Next(bucket);
        Assert.Equal("ObjectRemoved:Delete", Name(removed));
        Assert.Equal(completed.Header("x-amz-version-id"), Object(removed).GetProperty("versionId").GetString());
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_told()
    {
        var bucket = await Bucket(
            "told-some", "<Event>s3:ObjectCreated:Put</Event>",
            "<Filter><S3Key><FilterRule><Name>prefix</Name><Value>in/</Value></FilterRule><FilterRule><Name>suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter>");

        await server.Send("PUT", $"/{bucket}/out/a.jpg", "x");
        await server.Send("PUT", $"/{bucket}/in/a.png", "x");
        await server.Send("PUT", $"/{bucket}/in/a.jpg", "", $"x-amz-copy-source: /{bucket}/in/a.png");
        await server.Send("DELETE", $"/{bucket}/in/a.jpg");
        await server.Send("PUT", $"/{bucket}/in/a.jpg", "x", "If-Match: \"nothing\"");
        await server.Send("PUT", $"/{bucket}/in/last.jpg", "x");

        Assert.Equal("in/last.jpg", Object(await Next(bucket)).GetProperty("key").GetString());
    }
}
