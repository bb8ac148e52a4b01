namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Zenko's headers that name a location, of a write and of a read.</summary>
public sealed class PlacementTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Write = "x-amz-meta-scal-location-constraint: ";

    private static readonly string Large = new('x', 5000);

    [Theory]
    [InlineData("", "disk")]
    [InlineData("disk", "disk")]
    [InlineData("us-east-1", "disk")]
    [InlineData("far", "far")]
    public async Task An_object_is_stored_where_the_header_says_however_small_it_is(string header, string location)
    {
        foreach (var body in new[] { "small", Large })
        {
            Assert.Equal(200, (await server.Send("PUT", "/bkt/placed", body, header.Length == 0 ? [] : [Write + header])).Status);
            await AssertIn(location, "placed", body);
            Assert.Equal(header.Length == 0 ? null : header, (await server.Send("HEAD", "/bkt/placed")).Header("x-amz-meta-scal-location-constraint"));
        }
    }

    [Fact]
    public async Task A_bucket_of_another_location_keeps_its_objects_there()
    {
        await server.Send("PUT", "/far-bucket", "<CreateBucketConfiguration><LocationConstraint>far</LocationConstraint></CreateBucketConfiguration>");
        await server.Send("PUT", "/far-bucket/here", Large);
        await server.Send("PUT", "/far-bucket/small", "x");
        await server.Send("PUT", "/far-bucket/back", Large, Write + "us-east-1");
        Assert.Equal(200, (await Read("/far-bucket/here", "far")).Status);
        Assert.Equal(200, (await Read("/far-bucket/small", "far")).Status);
        Assert.Equal("InvalidLocationConstraint", (await Read("/far-bucket/here", "disk")).Code);
        Assert.Equal(200, (await Read("/far-bucket/back", "disk")).Status);
    }

    [Fact]
    public async Task The_parts_of_an_upload_go_where_its_start_said()
    {
        var upload = (await server.Send("POST", "/bkt/parts?uploads", "", Write + "far")).Element("UploadId");
        var part = await server.Send("PUT", $"/bkt/parts?partNumber=1&uploadId={upload}", "body");
        await server.Send("POST", $"/bkt/parts?uploadId={upload}",
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Header("ETag")}</ETag></Part></CompleteMultipartUpload>");
        await AssertIn("far", "parts", "body");
    }

    [Fact]
    public async Task A_copy_goes_where_its_own_header_says_and_not_where_the_source_was()
    {
        await server.Send("PUT", "/bkt/source", Large, Write + "far", "x-amz-meta-a: b");

        await server.Send("PUT", "/bkt/copy", "", "x-amz-copy-source: bkt/source");
        await AssertIn("disk", "copy", Large);
        var head = await server.Send("HEAD", "/bkt/copy");
        Assert.Equal((null, "b"), (head.Header("x-amz-meta-scal-location-constraint"), head.Header("x-amz-meta-a")));

        await server.Send("PUT", "/bkt/copy", "", "x-amz-copy-source: bkt/source", Write + "far");
        await AssertIn("far", "copy", Large);
        head = await server.Send("HEAD", "/bkt/copy");
        Assert.Equal(("far", "b"), (head.Header("x-amz-meta-scal-location-constraint"), head.Header("x-amz-meta-a")));

        await server.Send("PUT", "/bkt/copy", "", "x-amz-copy-source: bkt/source", "x-amz-metadata-directive: REPLACE", Write + "far");
        await AssertIn("far", "copy", Large);
    }

    [Fact]
    public async Task A_copy_onto_itself_moves_the_bytes()
    {
        await server.Send("PUT", "/bkt/moved", Large, "x-amz-meta-a: b");
        Assert.Equal(200, (await server.Send("PUT", "/bkt/moved", "", "x-amz-copy-source: bkt/moved", Write + "far")).Status);
        await AssertIn("far", "moved", Large);
        Assert.Equal("b", (await server.Send("HEAD", "/bkt/moved")).Header("x-amz-meta-a"));
    }

    [Fact]
    public async Task Nothing_is_written_to_a_location_that_there_is_not()
    {
        await server.Send("PUT", "/bkt/from", "x");
        foreach (var (verb, target, more) in new[] { ("PUT", "", null), ("POST", "?uploads", null), ("PUT", "", "x-amz-copy-source: bkt/from") })
        {
            string[] headers = [Write + "mars", .. more is null ? Array.Empty<string>() : [more]];
            Assert.Equal("InvalidLocationConstraint", (await server.Send(verb, "/bkt/nowhere" + target, "", headers)).Code);
        }
        Assert.Equal(404, (await server.Send("HEAD", "/bkt/nowhere")).Status);
    }

    [Fact]
    public async Task A_read_names_a_location_that_there_is_and_other_requests_do_not_ask()
    {
        await server.Send("PUT", "/bkt/read", Large);
        Assert.Equal("InvalidLocationConstraint", (await Read("/bkt/read", "mars")).Code);
        Assert.Equal(200, (await Read("/bkt/read", "")).Status);
        Assert.Equal(200, (await server.Send("HEAD", "/bkt/read", "", "x-amz-location-constraint: mars")).Status);
        Assert.Equal(204, (await server.Send("DELETE", "/bkt/read", "", "x-amz-location-constraint: mars")).Status);
    }

    [Fact]
    public async Task The_status_of_replication_is_the_servers_to_say()
    {
        Assert.Equal(200, (await server.Send("PUT", "/bkt/status", "x", "x-amz-replication-status: COMPLETED")).Status);
        Assert.Null((await server.Send("HEAD", "/bkt/status")).Header("x-amz-replication-status"));
    }

    private async Task AssertIn(string location, string key, string body)
    {
        Assert.Equal(body, (await Read("/bkt/" + key, location)).Text);
        Assert.Equal("InvalidLocationConstraint", (await Read("/bkt/" + key, location == "far" ? "disk" : "far")).Code);
        Assert.Equal(body, (await server.Send("GET", "/bkt/" + key)).Text);
    }

    private Task<Answer> Read(string target, string location) => server.Send("GET", target, "", "x-amz-location-constraint: " + location);
}
