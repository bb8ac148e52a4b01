using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class VersioningTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private static int buckets;

    [Fact]
    public async Task A_bucket_says_nothing_of_versioning_until_it_is_set()
    {
        var bucket = await Bucket(null);
        Assert.Null((await server.Send("GET", $"/{bucket}?versioning")).Element("Status"));
        await SetVersioning(bucket, "Suspended");
        Assert.Equal("Suspended", (await server.Send("GET", $"/{bucket}?versioning")).Element("Status"));
        await SetVersioning(bucket, "Enabled");
        Assert.Equal("Enabled", (await server.Send("GET", $"/{bucket}?versioning")).Element("Status"));
    }

    [Theory]
    [InlineData("<VersioningConfiguration/>", 400, "IllegalVersioningConfigurationException")]
    [InlineData("<VersioningConfiguration><MfaDelete>Disabled</MfaDelete></VersioningConfiguration>", 400, "IllegalVersioningConfigurationException")]
    [InlineData("<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>", 400, "MalformedXML")]
    [InlineData("<VersioningConfiguration><Status>Enabled</Status><Other/></VersioningConfiguration>", 400, "MalformedXML")]
    [InlineData("<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Maybe</MfaDelete></VersioningConfiguration>", 400, "MalformedXML")]
    [InlineData("<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>", 501, "NotImplemented")]
    [InlineData("<Versioning><Status>Enabled</Status></Versioning>", 400, "MalformedXML")]
    [InlineData("<VersioningConfiguration", 400, "MalformedXML")]
    public async Task A_configuration_that_is_wrong_changes_nothing(string document, int status, string code)
    {
        var bucket = await Bucket("Suspended");
        var put = await server.Send("PUT", $"/{bucket}?versioning", document);
        Assert.Equal((status, code), (put.Status, put.Code));
        Assert.Equal("Suspended", (await server.Send("GET", $"/{bucket}?versioning")).Element("Status"));
    }

    [Fact]
    public async Task Versions_are_kept_and_read_by_their_ids()
    {
        var bucket = await Bucket("Enabled");
        var first = await Put(bucket, "k", "one");
        var second = await Put(bucket, "k", "two");
        Assert.NotEqual(first, second);

        await Reads(bucket, "k", null, "two", second);
        await Reads(bucket, "k", first, "one", first);
        await Reads(bucket, "k", second, "two", second);
        var head = await server.Send("HEAD", $"/{bucket}/k?versionId={first}");
        Assert.Equal((200, first), (head.Status, head.Header("x-amz-version-id")));
    }

    [Theory]
    [InlineData("nosuchversion", 404, "NoSuchVersion")]
    [InlineData("null", 404, "NoSuchVersion")]
    [InlineData("7fffffffffffffff", 404, "NoSuchVersion")]
    [InlineData("7fffffffffffffffaaaaaaaaaaaaaaaa", 404, "NoSuchVersion")]
    [InlineData("", 400, "InvalidArgument")]
    [InlineData("%20", 400, "InvalidArgument")]
    public async Task A_version_that_is_not_there_is_not_found(string id, int status, string code)
    {
        var bucket = await Bucket("Enabled");
        await Put(bucket, "k", "x");
        var got = await server.Send("GET", $"/{bucket}/k?versionId={id}");
        Assert.Equal((status, code), (got.Status, got.Code));
        Assert.Equal(status == 404 ? 204 : status, (await server.Send("DELETE", $"/{bucket}/k?versionId={id}")).Status);
        Assert.Equal("x", (await server.Send("GET", $"/{bucket}/k")).Text);
    }

    [Fact]
    public async Task A_delete_hides_the_object_behind_a_marker_that_can_be_taken_away()
    {
        var bucket = await Bucket("Enabled");
        var version = await Put(bucket, "k", "x");
        var deleted = await server.Send("DELETE", $"/{bucket}/k");
        var marker = deleted.Header("x-amz-version-id");
        Assert.Equal((204, "true"), (deleted.Status, deleted.Header("x-amz-delete-marker")));

        foreach (var verb in new[] { "GET", "HEAD" })
        {
            var hidden = await server.Send(verb, $"/{bucket}/k");
            Assert.Equal((404, "true", marker), (hidden.Status, hidden.Header("x-amz-delete-marker"), hidden.Header("x-amz-version-id")));
            var read = await server.Send(verb, $"/{bucket}/k?versionId={marker}");
            Assert.Equal((405, "true", marker), (read.Status, read.Header("x-amz-delete-marker"), read.Header("x-amz-version-id")));
            Assert.Equal("DELETE", read.Header("Allow"));
            Assert.NotNull(read.Header("Last-Modified"));
        }
        Assert.Equal("NoSuchKey", (await server.Send("GET", $"/{bucket}/k")).Code);
        Assert.Equal("MethodNotAllowed", (await server.Send("GET", $"/{bucket}/k?versionId={marker}")).Code);
        await Reads(bucket, "k", version, "x", version);

        var undone = await server.Send("DELETE", $"/{bucket}/k?versionId={marker}");
        Assert.Equal((204, "true", marker), (undone.Status, undone.Header("x-amz-delete-marker"), undone.Header("x-amz-version-id")));
        await Reads(bucket, "k", null, "x", version);
    }

    [Fact]
    public async Task A_version_that_is_deleted_is_gone_and_the_next_is_current()
    {
        var bucket = await Bucket("Enabled");
        var ids = new[] { await Put(bucket, "k", "one"), await Put(bucket, "k", "two"), await Put(bucket, "k", "three") };
        var deleted = await server.Send("DELETE", $"/{bucket}/k?versionId={ids[2]}");
        Assert.Equal((204, ids[2], null), (deleted.Status, deleted.Header("x-amz-version-id"), deleted.Header("x-amz-delete-marker")));
        await Reads(bucket, "k", null, "two", ids[1]);
        await server.Send("DELETE", $"/{bucket}/k?versionId={ids[0]}");
        Assert.Equal("NoSuchVersion", (await server.Send("GET", $"/{bucket}/k?versionId={ids[0]}")).Code);
        await server.Send("DELETE", $"/{bucket}/k?versionId={ids[1]}");
        Assert.Equal("NoSuchKey", (await server.Send("GET", $"/{bucket}/k")).Code);
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}")).Status);
    }

    [Fact]
    public async Task A_bucket_that_holds_only_a_delete_marker_is_not_empty()
    {
        var bucket = await Bucket("Enabled");
        var marker = (await server.Send("DELETE", $"/{bucket}/k")).Header("x-amz-version-id");
        Assert.Equal("BucketNotEmpty", (await server.Send("DELETE", $"/{bucket}")).Code);
        await server.Send("DELETE", $"/{bucket}/k?versionId={marker}");
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}")).Status);
    }

    [Fact]
    public async Task What_was_there_before_versioning_is_the_null_version_and_stays()
    {
        var bucket = await Bucket(null);
        var put = await server.Send("PUT", $"/{bucket}/k", "old");
        Assert.Null(put.Header("x-amz-version-id"));
        Assert.Null((await server.Send("GET", $"/{bucket}/k")).Header("x-amz-version-id"));
        await SetVersioning(bucket, "Enabled");
        await Reads(bucket, "k", null, "old", "null");
        var version = await Put(bucket, "k", "new");
        await Reads(bucket, "k", "null", "old", "null");
        await Reads(bucket, "k", null, "new", version);
    }

    [Fact]
    public async Task While_versioning_is_suspended_only_the_null_version_is_replaced()
    {
        var bucket = await Bucket("Enabled");
        var version = await Put(bucket, "k", "kept");
        await SetVersioning(bucket, "Suspended");
        Assert.Null((await server.Send("PUT", $"/{bucket}/k", "one")).Header("x-amz-version-id"));
        Assert.Null((await server.Send("PUT", $"/{bucket}/k", "two")).Header("x-amz-version-id"));
        await Reads(bucket, "k", null, "two", "null");
        await Reads(bucket, "k", version, "kept", version);

        var deleted = await server.Send("DELETE", $"/{bucket}/k");
        Assert.Equal(("true", "null"), (deleted.Header("x-amz-delete-marker"), deleted.Header("x-amz-version-id")));
        Assert.Equal("MethodNotAllowed", (await server.Send("GET", $"/{bucket}/k?versionId=null")).Code);
        await Reads(bucket, "k", version, "kept", version);
        await server.Send("DELETE", $"/{bucket}/k?versionId=null");
        await Reads(bucket, "k", null, "kept", version);
    }

    [Fact]
    public async Task A_copy_reads_the_version_that_it_names()
    {
        var bucket = await Bucket("Enabled");
        var first = await Put(bucket, "k", "one");
        await Put(bucket, "k", "two");
        var copied = await server.Send("PUT", $"/{bucket}/copy", "", $"x-amz-copy-source: /{bucket}/k?versionId={first}");
        Assert.Equal(first, copied.Header("x-amz-copy-source-version-id"));
        await Reads(bucket, "copy", null, "one", copied.Header("x-amz-version-id")!);

        // Onto itself: the old version is current again, and stays as it was.
        var restored = await server.Send("PUT", $"/{bucket}/k", "", $"x-amz-copy-source: /{bucket}/k?versionId={first}");
        await Reads(bucket, "k", null, "one", restored.Header("x-amz-version-id")!);
        await server.Send("DELETE", $"/{bucket}/k?versionId={restored.Header("x-amz-version-id")}");
        await Reads(bucket, "k", first, "one", first);

        var marker = (await server.Send("DELETE", $"/{bucket}/k")).Header("x-amz-version-id");
        var ofMarker = await server.Send("PUT", $"/{bucket}/copy", "", $"x-amz-copy-source: /{bucket}/k?versionId={marker}");
        Assert.Equal((400, "InvalidRequest"), (ofMarker.Status, ofMarker.Code));
        Assert.Equal("NoSuchKey", (await server.Send("PUT", $"/{bucket}/copy", "", $"x-amz-copy-source: /{bucket}/k")).Code);
        Assert.Equal("NoSuchVersion", (await server.Send("PUT", $"/{bucket}/copy", "", $"x-amz-copy-source: /{bucket}/k?versionId=none")).Code);
    }

    [Fact]
    public async Task An_object_whose_metadata_are_replaced_keeps_its_old_version()
    {
        var bucket = await Bucket("Enabled");
        var first = await Put(bucket, "k", new string('x', 5000));
        var copied = await server.Send(
            "PUT", $"/{bucket}/k", "", $"x-amz-copy-source: /{bucket}/k", "x-amz-metadata-directive: REPLACE", "x-amz-meta-a: b");
        await server.Send("DELETE", $"/{bucket}/k?versionId={copied.Header("x-amz-version-id")}");
        await Reads(bucket, "k", null, new string('x', 5000), first);
    }

    [Fact]
    public async Task Many_are_deleted_with_markers_and_by_version()
    {
        var bucket = await Bucket("Enabled");
        var version = await Put(bucket, "a", "x");
        var marked = await DeleteMany(bucket, "<Delete><Object><Key>a</Key></Object></Delete>");
        var marker = Assert.Single(marked.Elements("DeleteMarkerVersionId"));
        Assert.Equal(["true"], marked.Elements("DeleteMarker"));
        Assert.Empty(marked.Elements("VersionId"));

        var body = $"<Delete><Object><Key>a</Key><VersionId>{version}</VersionId></Object></Delete>";
        for (var time = 0; time < 2; time++)
        {
            var removed = await DeleteMany(bucket, body);
            Assert.Equal([version], removed.Elements("VersionId"));
            Assert.Empty(removed.Elements("DeleteMarker"));
            Assert.Empty(removed.Elements("Error"));
        }
        var last = await DeleteMany(bucket, $"<Delete><Object><Key>a</Key><VersionId>{marker}</VersionId></Object></Delete>");
        Assert.Equal([marker], last.Elements("VersionId"));
        Assert.Equal([marker], last.Elements("DeleteMarkerVersionId"));
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}")).Status);
    }

    [Fact]
    public async Task A_conditional_delete_looks_at_the_version_that_it_names_and_at_markers()
    {
        var bucket = await Bucket("Enabled");
        // Nothing is there to be hidden.
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}/k", "", "If-Match: *")).Status);
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}/k", "", "If-Match: \"no\"")).Status);
        var first = await Put(bucket, "k", "one");
        await Put(bucket, "k", "two!");
        Assert.Equal(412, (await server.Send("DELETE", $"/{bucket}/k?versionId={first}", "", "x-amz-if-match-size: 4")).Status);
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}/k?versionId={first}", "", "x-amz-if-match-size: 3")).Status);
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}/k?versionId={first}", "", "x-amz-if-match-size: 9")).Status);
        Assert.Equal(412, (await server.Send("DELETE", $"/{bucket}/k", "", "If-Match: \"no\"")).Status);
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}/k", "", "x-amz-if-match-size: 4")).Status);
        Assert.Equal(412, (await server.Send("DELETE", $"/{bucket}/k", "", "x-amz-if-match-size: 4")).Status);
        Assert.Equal(412, (await server.Send("DELETE", $"/{bucket}/k", "", "x-amz-if-match-last-modified-time: Thu, 01 Jan 2015 00:00:00 GMT")).Status);
        Assert.Equal("true", (await server.Send("DELETE", $"/{bucket}/k", "", "If-Match: *")).Header("x-amz-delete-marker"));
    }

    [Fact]
    public async Task A_write_that_must_replace_or_must_not_replace_sees_through_markers()
    {
        var bucket = await Bucket("Enabled");
        await Put(bucket, "k", "x");
        await server.Send("DELETE", $"/{bucket}/k");
        Assert.Equal("NoSuchKey", (await server.Send("PUT", $"/{bucket}/k", "y", "If-Match: *")).Code);
        Assert.Equal(200, (await server.Send("PUT", $"/{bucket}/k", "y", "If-None-Match: *")).Status);
        Assert.Equal(412, (await server.Send("PUT", $"/{bucket}/k", "z", "If-None-Match: *")).Status);
    }

    [Fact]
    public async Task A_multipart_upload_makes_a_version()
    {
        var bucket = await Bucket("Enabled");
        var first = await Put(bucket, "k", "one");
        var upload = (await server.Send("POST", $"/{bucket}/k?uploads")).Element("UploadId");
        await server.Send("PUT", $"/{bucket}/k?partNumber=1&uploadId={upload}", "", $"x-amz-copy-source: /{bucket}/k?versionId={first}");
        var part = await server.Send("PUT", $"/{bucket}/k?partNumber=1&uploadId={upload}", "", $"x-amz-copy-source: /{bucket}/k");
        Assert.Equal(first, part.Header("x-amz-copy-source-version-id"));
        var document = $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Element("ETag")}</ETag></Part></CompleteMultipartUpload>";
        var completed = await server.Send("POST", $"/{bucket}/k?uploadId={upload}", document);
        var version = completed.Header("x-amz-version-id")!;
        await Reads(bucket, "k", null, "one", version);
        Assert.Equal(version, (await server.Send("POST", $"/{bucket}/k?uploadId={upload}", document)).Header("x-amz-version-id"));
        await Reads(bucket, "k", first, "one", first);
    }

    private async Task<string> Bucket(string? versioning)
    {
        var bucket = $"versioned-{Interlocked.Increment(ref buckets)}";
        Assert.Equal(200, (await server.Send("PUT", $"/{bucket}")).Status);
        if (versioning is not null) await SetVersioning(bucket, versioning);
        return bucket;
    }

    private async Task SetVersioning(string bucket, string status) => Assert.Equal(200, (await server.Send(
        "PUT", $"/{bucket}?versioning", $"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>")).Status);

    private Task<Answer> DeleteMany(string bucket, string document) => server.Send(
        "POST", $"/{bucket}?delete", document, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document))));

    private async Task<string> Put(string bucket, string key, string body)
    {
        var put = await server.Send("PUT", $"/{bucket}/{key}", body);
        Assert.Equal(200, put.Status);
        return put.Header("x-amz-version-id")!;
    }

    private async Task Reads(string bucket, string key, string? versionId, string body, string answered)
    {
        var got = await server.Send("GET", $"/{bucket}/{key}" + (versionId is null ? "" : $"?versionId={versionId}"));
        Assert.Equal((200, body, answered), (got.Status, got.Text, got.Header("x-amz-version-id")));
    }
}
