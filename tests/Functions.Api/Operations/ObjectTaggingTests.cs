namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Tags of objects: their operations, and the headers that bring them.</summary>
public sealed class ObjectTaggingTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Fact]
    public async Task An_object_has_no_tags_until_it_is_given_some_and_none_once_they_are_deleted()
    {
        await server.Send("PUT", "/bkt/a", "x");
        Assert.Equal([""], (await server.Send("GET", "/bkt/a?tagging")).Elements("TagSet"));
        Assert.Null((await server.Send("HEAD", "/bkt/a")).Header("x-amz-tagging-count"));

        Assert.Equal(200, (await server.SendMessage("PUT", "/bkt/a?tagging", Tagging(("z", "1"), ("b", "")))).Status);
        var tags = await server.Send("GET", "/bkt/a?tagging");
        Assert.Equal(["b", "z"], tags.Elements("Key"));
        Assert.Equal(["", "1"], tags.Elements("Value"));
        Assert.Equal("2", (await server.Send("GET", "/bkt/a")).Header("x-amz-tagging-count"));
        Assert.Equal("2", (await server.Send("HEAD", "/bkt/a")).Header("x-amz-tagging-count"));

        Assert.Equal(200, (await server.SendMessage("PUT", "/bkt/a?tagging", Tagging(("only", "one")))).Status);
        Assert.Equal(["only"], (await server.Send("GET", "/bkt/a?tagging")).Elements("Key"));

        Assert.Equal(204, (await server.Send("DELETE", "/bkt/a?tagging")).Status);
        Assert.Equal(204, (await server.Send("DELETE", "/bkt/a?tagging")).Status);
        Assert.Empty((await server.Send("GET", "/bkt/a?tagging")).Elements("Key"));
        Assert.Null((await server.Send("HEAD", "/bkt/a")).Header("x-amz-tagging-count"));
    }

    [Fact]
    public async Task Tagging_leaves_the_object_as_it_was()
    {
        await server.Send("PUT", "/bkt/same", "body", "x-amz-meta-a: b", "Cache-Control: no-cache");
        var before = await server.Send("GET", "/bkt/same");
        await server.SendMessage("PUT", "/bkt/same?tagging", Tagging(("a", "b")));
        var after = await server.Send("GET", "/bkt/same");
        Assert.Equal(("body", "b", "no-cache"), (after.Text, after.Header("x-amz-meta-a"), after.Header("Cache-Control")));
        Assert.Equal((before.Header("ETag"), before.Header("Last-Modified")), (after.Header("ETag"), after.Header("Last-Modified")));
    }

    [Fact]
    public async Task A_new_object_of_the_key_has_none_of_the_old_ones_tags()
    {
        await server.Send("PUT", "/bkt/again", "x", "x-amz-tagging: a=b");
        await server.Send("PUT", "/bkt/again", "y");
        Assert.Empty((await server.Send("GET", "/bkt/again?tagging")).Elements("Key"));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("PUT")]
    public async Task What_is_not_there_has_no_tags(string verb)
    {
        var document = verb == "PUT" ? Tagging(("a", "b")) : "";
        Assert.Equal("NoSuchKey", (await server.SendMessage(verb, "/bkt/missing?tagging", document)).Code);
        Assert.Equal("NoSuchBucket", (await server.SendMessage(verb, "/no-such-bucket/missing?tagging", document)).Code);
    }

    [Fact]
    public async Task Ten_tags_of_full_length_are_kept_and_refused_ones_change_nothing()
    {
        await server.Send("PUT", "/bkt/limits", "x");
        var ten = Enumerable.Range(0, 10).Select(i => (new string('k', 127) + i, new string('v', 256))).ToArray();
        Assert.Equal(200, (await server.SendMessage("PUT", "/bkt/limits?tagging", Tagging(ten))).Status);

        foreach (var (document, code) in new[]
        {
            (Tagging([.. ten, ("more", "")]), "InvalidTag"),
            (Tagging((new string('k', 129), "")), "InvalidTag"),
            (Tagging(("k", new string('v', 257))), "InvalidTag"),
            (Tagging(("k", "1"), ("k", "2")), "InvalidTag"),
            (Tagging(("", "v")), "InvalidTag"),
            (Tagging(("aws:k", "v")), "InvalidTag"),
            (Tagging(("k", "a*b")), "InvalidTag"),
            ("<Tagging/>", "MalformedXML"),
            ("<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>", "MalformedXML"),
            ("", "MalformedXML"),
        })
        {
            Assert.Equal(code, (await server.SendMessage("PUT", "/bkt/limits?tagging", document)).Code);
        }
        var kept = await server.Send("GET", "/bkt/limits?tagging");
        Assert.Equal(ten.Select(tag => tag.Item1), kept.Elements("Key"));
    }

    [Fact]
    public async Task The_header_tags_what_is_put_a_key_without_a_value_too()
    {
        Assert.Equal(200, (await server.Send("PUT", "/bkt/header", "x", "x-amz-tagging: foo=bar&bar&d%C3%A9=a%20b")).Status);
        var tags = await server.Send("GET", "/bkt/header?tagging");
        Assert.Equal(["bar", "dé", "foo"], tags.Elements("Key"));
        Assert.Equal(["", "a b", "bar"], tags.Elements("Value"));
    }

    [Theory]
    [InlineData("a=1&a=2", "InvalidArgument")]
    [InlineData("=1", "InvalidTag")]
    [InlineData("aws:x=1", "InvalidTag")]
    [InlineData("a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1", "InvalidTag")]
    public async Task A_header_that_is_wrong_writes_nothing(string header, string code)
    {
        foreach (var (verb, target) in new[] { ("PUT", "/bkt/wrong"), ("POST", "/bkt/wrong?uploads") })
            Assert.Equal(code, (await server.Send(verb, target, "", "x-amz-tagging: " + header)).Code);
        Assert.Equal(404, (await server.Send("HEAD", "/bkt/wrong")).Status);
    }

    [Fact]
    public async Task An_uploads_tags_become_the_objects()
    {
        var upload = (await server.Send("POST", "/bkt/multi?uploads", "", "x-amz-tagging: a=1&b=2")).Element("UploadId");
        var part = await server.Send("PUT", $"/bkt/multi?partNumber=1&uploadId={upload}", "body");
        await server.Send("POST", $"/bkt/multi?uploadId={upload}",
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Header("ETag")}</ETag></Part></CompleteMultipartUpload>");
        Assert.Equal(["a", "b"], (await server.Send("GET", "/bkt/multi?tagging")).Elements("Key"));
        Assert.Equal("2", (await server.Send("HEAD", "/bkt/multi")).Header("x-amz-tagging-count"));
    }

    [Theory]
    [InlineData(null, null, "source")]
    [InlineData("COPY", null, "source")]
    [InlineData("COPY", "mine=1", "source")]
    [InlineData("REPLACE", "mine=1", "mine")]
    [InlineData("REPLACE", null, null)]
    public async Task A_copy_takes_the_sources_tags_or_its_own(string? directive, string? header, string? expected)
    {
        await server.Send("PUT", "/bkt/from", "x", "x-amz-tagging: source=1", "x-amz-meta-kept: yes");
        List<string> headers = ["x-amz-copy-source: bkt/from"];
        if (directive is not null) headers.Add("x-amz-tagging-directive: " + directive);
        if (header is not null) headers.Add("x-amz-tagging: " + header);
        Assert.Equal(200, (await server.Send("PUT", "/bkt/to", "", [.. headers])).Status);

        Assert.Equal(expected is null ? [] : [expected], (await server.Send("GET", "/bkt/to?tagging")).Elements("Key"));
        Assert.Equal("yes", (await server.Send("HEAD", "/bkt/to")).Header("x-amz-meta-kept"));
    }

    [Fact]
    public async Task An_object_copied_onto_itself_keeps_or_replaces_its_tags_too()
    {
        await server.Send("PUT", "/bkt/itself", "x", "x-amz-tagging: a=1");
        string[] replaced = ["x-amz-copy-source: bkt/itself", "x-amz-metadata-directive: REPLACE"];
        Assert.Equal(200, (await server.Send("PUT", "/bkt/itself", "", replaced)).Status);
        Assert.Equal(["a"], (await server.Send("GET", "/bkt/itself?tagging")).Elements("Key"));
        Assert.Equal(200, (await server.Send("PUT", "/bkt/itself", "", [.. replaced, "x-amz-tagging-directive: REPLACE", "x-amz-tagging: b=1"])).Status);
        Assert.Equal(["b"], (await server.Send("GET", "/bkt/itself?tagging")).Elements("Key"));
    }

    [Fact]
    public async Task There_are_two_directives_and_no_others() => Assert.Equal(
        "InvalidArgument",
        (await server.Send("PUT", "/bkt/to", "", "x-amz-copy-source: bkt/from", "x-amz-tagging-directive: MERGE")).Code);

    [Fact]
    public async Task Tags_come_with_a_digest_of_their_message()
    {
        await server.Send("PUT", "/bkt/digest", "x");
        Assert.Equal("InvalidRequest", (await server.Send("PUT", "/bkt/digest?tagging", Tagging(("a", "b")))).Code);
        Assert.Equal("BadDigest", (await server.Send("PUT", "/bkt/digest?tagging", Tagging(("a", "b")), Messages.Md5Of("other"))).Code);
    }

    private static string Tagging(params (string Key, string Value)[] tags) =>
        $"<Tagging><TagSet>{string.Concat(tags.Select(tag => $"<Tag><Key>{tag.Key}</Key><Value>{tag.Value}</Value></Tag>"))}</TagSet></Tagging>";
}
