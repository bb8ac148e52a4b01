using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class ObjectOperationTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Digits = "123456789";
    private const string Accent = Way.TakesUtf8Headers ? "é" : "=?UTF-8?B?w6k=?=";
    private const string DigitsMd5 = "\"25f9e794323b453885f5181f1b624d0b\"";

    [Fact]
    public async Task What_was_put_comes_back_with_all_that_was_said_of_it()
    {
        var put = await server.Send("PUT", "/bkt/all", Digits,
            "Content-Type: text/plain", "Cache-Control: no-cache", $"Content-Disposition: attachment; filename=\"{Accent}.txt\"",
            "x-amz-meta-Colour: blue", "x-amz-meta-name: =?UTF-8?B?w6k=?=", $"x-amz-meta-raw: {Accent}", "x-amz-storage-class: GLACIER_IR");
        Assert.Equal((200, DigitsMd5), (put.Status, put.Header("ETag")));
        Assert.Equal("rosUhgp5mIg=", put.Header("x-amz-checksum-crc64nvme"));
        Assert.Equal("FULL_OBJECT", put.Header("x-amz-checksum-type"));

        foreach (var verb in new[] { "GET", "HEAD" })
        {
            var got = await server.Send(verb, "/bkt/all");

            Assert.Equal((200, verb == "GET" ? Digits : ""), (got.Status, got.Text));
            Assert.Equal(9, got.ContentHeaders.ContentLength);
            Assert.Equal(DigitsMd5, got.Header("ETag"));
            Assert.Equal("text/plain", got.Header("Content-Type"));
            Assert.Equal("no-cache", got.Header("Cache-Control"));
            Assert.Equal("blue", got.Header("x-amz-meta-colour"));
            Assert.Equal("=?UTF-8?B?w6k=?=", got.Header("x-amz-meta-name"));
            Assert.Equal("=?UTF-8?B?w6k=?=", got.Header("x-amz-meta-raw"));
            Assert.Equal("GLACIER_IR", got.Header("x-amz-storage-class"));
            Assert.Equal("bytes", got.Header("Accept-Ranges"));
            Assert.NotNull(got.Header("Last-Modified"));
            Assert.Null(got.Header("x-amz-checksum-crc64nvme"));
        }
        var withChecksum = await server.Send("HEAD", "/bkt/all", "", "x-amz-checksum-mode: ENABLED");
        Assert.Equal("rosUhgp5mIg=", withChecksum.Header("x-amz-checksum-crc64nvme"));
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32: y/Q5Jg==", 200, null)]
    [InlineData("x-amz-checksum-crc32: AAAAAA==", 400, "BadDigest")]
    [InlineData("x-amz-checksum-crc32: nonsense!", 400, "InvalidRequest")]
    [InlineData("Content-MD5: JfnnlDI7RTiF9RgfG2JNCw==", 200, null)]
    [InlineData("Content-MD5: rL0Y20xC+Fzt72VPzMSk2A==", 400, "BadDigest")]
    [InlineData("Content-MD5: YWJyYWNhZGFicmE=", 400, "InvalidDigest")]
    [InlineData("x-amz-acl: open", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption: aws:kms:dsse", 501, "NotImplemented")]
    [InlineData("x-amz-storage-class: COLD", 400, "InvalidStorageClass")]
    public async Task A_body_is_held_against_what_was_announced(string header, int status, string? code)
    {
        var target = "/bkt/" + Guid.NewGuid();

        var put = await server.Send("PUT", target, Digits, header);

        Assert.Equal((status, code), (put.Status, put.Code));
        Assert.Equal(status == 200 ? 200 : 404, (await server.Send("HEAD", target)).Status);
    }

    [Theory]
    [InlineData("4waSgw==", 200, null)]
    [InlineData("AAAAAA==", 400, "BadDigest")]
    public async Task A_trailers_checksum_counts_like_a_headers(string value, int status, string? code)
    {
        var put = await server.SendWithTrailer("PUT", "/bkt/trailer" + status, Digits, "x-amz-checksum-crc32c", value);

        Assert.Equal((status, code), (put.Status, put.Code));
        Assert.Equal(status == 200 ? value : null, put.Header("x-amz-checksum-crc32c"));
        var got = await server.Send("GET", "/bkt/trailer" + status);
        Assert.Equal(status == 200, got.Text == Digits);
        Assert.Null(got.Header("Content-Encoding"));
    }

    [Theory]
    [InlineData("bytes=2-4", 206, "345", "bytes 2-4/9")]
    [InlineData("bytes=7-", 206, "89", "bytes 7-8/9")]
    [InlineData("bytes=-3", 206, "789", "bytes 6-8/9")]
    [InlineData("bytes=0-99", 206, Digits, "bytes 0-8/9")]
    [InlineData("bytes=0-1,3-4", 200, Digits, null)]
    [InlineData("bytes=4-2", 200, Digits, null)]
    public async Task Ranges_are_answered(string range, int status, string body, string? contentRange)
    {
        await server.Send("PUT", "/bkt/range", Digits);

        var got = await server.Send("GET", "/bkt/range", "", "Range: " + range, "x-amz-checksum-mode: ENABLED");

        Assert.Equal((status, body, contentRange), (got.Status, got.Text, got.Header("Content-Range")));
        Assert.Equal(status == 200, got.Header("x-amz-checksum-crc64nvme") is not null);
    }

    [Theory]
    [InlineData(DigitsMd5, 206)]
    [InlineData("\"other\"", 200)]
    [InlineData("W/" + DigitsMd5, 200)]
    [InlineData("*", 200)]
    [InlineData("Sat, 29 Oct 1994 19:43:31 GMT", 200)]
    [InlineData("Thu, 29 Oct 2099 19:43:31 GMT", 200)]
    public async Task A_range_of_another_version_is_answered_by_the_whole(string ifRange, int status)
    {
        await server.Send("PUT", "/bkt/resumed", Digits);

        var got = await server.Send("GET", "/bkt/resumed", "", "Range: bytes=2-4", "If-Range: " + ifRange);

        Assert.Equal((status, status == 206 ? "345" : Digits), (got.Status, got.Text));
    }

    [Fact]
    public async Task A_range_of_the_version_of_that_second_is_answered()
    {
        await server.Send("PUT", "/bkt/resumed-by-date", Digits);
        var modified = (await server.Send("HEAD", "/bkt/resumed-by-date")).Header("Last-Modified");

        Assert.Equal("345", (await server.Send("GET", "/bkt/resumed-by-date", "", "Range: bytes=2-4", "If-Range: " + modified)).Text);
    }

    [Fact]
    public async Task A_range_behind_the_end_is_refused_with_the_size()
    {
        await server.Send("PUT", "/bkt/short", Digits);

        var got = await server.Send("GET", "/bkt/short", "", "Range: bytes=40-50");

        Assert.Equal((416, "InvalidRange"), (got.Status, got.Code));
        Assert.Equal(("bytes=40-50", "9"), (got.Element("RangeRequested"), got.Element("ActualObjectSize")));
        Assert.Equal("bytes */9", got.Header("Content-Range"));
    }

    [Theory]
    [InlineData("If-Match: " + DigitsMd5, 200)]
    [InlineData("If-Match: \"other\"", 412)]
    [InlineData("If-None-Match: " + DigitsMd5, 304)]
    [InlineData("If-None-Match: other", 200)]
    [InlineData("If-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT", 200)]
    [InlineData("If-Modified-Since: Thu, 29 Oct 2099 19:43:31 GMT", 304)]
    [InlineData("If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT", 412)]
    [InlineData("If-Unmodified-Since: Thu, 29 Oct 2099 19:43:31 GMT", 200)]
    public async Task The_four_conditions_of_a_read_hold(string condition, int status)
    {
        await server.Send("PUT", "/bkt/conditions", Digits);

        var got = await server.Send("GET", "/bkt/conditions", "", condition);

        Assert.Equal((status, status == 200 ? Digits : null), (got.Status, status == 200 ? got.Text : null));
        if (status == 304) Assert.Equal((DigitsMd5, 0), (got.Header("ETag"), got.Body.Length));
        if (status == 412) Assert.Equal(condition[..condition.IndexOf(':')], got.Element("Condition"));
    }

    [Fact]
    public async Task Conditions_of_a_write_hold()
    {
        Assert.Equal("NoSuchKey", (await server.Send("PUT", "/bkt/write", "x", "If-Match: *")).Code);
        Assert.Equal(200, (await server.Send("PUT", "/bkt/write", Digits, "If-None-Match: *")).Status);
        var again = await server.Send("PUT", "/bkt/write", "x", "If-None-Match: *");
        Assert.Equal((412, "PreconditionFailed", "If-None-Match"), (again.Status, again.Code, again.Element("Condition")));
        Assert.Equal(412, (await server.Send("PUT", "/bkt/write", "x", "If-Match: other")).Status);
        Assert.Equal(Digits, (await server.Send("GET", "/bkt/write")).Text);
        Assert.Equal(200, (await server.Send("PUT", "/bkt/write", "x", "If-Match: " + DigitsMd5)).Status);
        Assert.Equal(501, (await server.Send("PUT", "/bkt/write", "x", "If-Match: *", "If-None-Match: *")).Status);
        Assert.Equal(412, (await server.Send("DELETE", "/bkt/write", "", "If-Match: other")).Status);
        Assert.Equal(204, (await server.Send("DELETE", "/bkt/write", "", "If-Match: *")).Status);
        Assert.Equal(204, (await server.Send("DELETE", "/bkt/write", "", "If-Match: other")).Status);
        Assert.Equal(404, (await server.Send("GET", "/bkt/write")).Status);
    }

    [Fact]
    public async Task The_headers_of_an_answer_can_be_asked_for()
    {
        await server.Send("PUT", "/bkt/override", Digits, "Content-Type: text/plain");

        var got = await server.Send("GET", "/bkt/override?response-content-type=foo%2Fbar&response-content-encoding=aaa");

        Assert.Equal(("foo/bar", "aaa"), (got.Header("Content-Type"), got.Header("Content-Encoding")));
        Assert.Equal("InvalidArgument", (await server.Send("GET", "/bkt/override?response-expires=a%0D%0Ab")).Code);
    }

    [Theory]
    [InlineData("versionId=null", 200, null)]
    [InlineData("versionId=abc", 404, "NoSuchVersion")]
    [InlineData("versionId=", 400, "InvalidArgument")]
    [InlineData("partNumber=1", 206, null)]
    [InlineData("partNumber=2", 400, "InvalidPart")]
    [InlineData("partNumber=0", 400, "InvalidArgument")]
    public async Task Versions_and_parts_of_a_plain_object(string query, int status, string? code)
    {
        await server.Send("PUT", "/bkt/plain", Digits);

        var got = await server.Send("GET", "/bkt/plain?" + query);

        Assert.Equal((status, code), (got.Status, got.Code));
    }

    [Fact]
    public async Task A_read_that_nobody_signed_is_denied()
    {
        await server.Send("PUT", "/bkt/private", Digits);

        Assert.Equal("AccessDenied", (await server.SendUnsigned("GET", "/bkt/private")).Code);
    }

    [Fact]
    public async Task A_copy_takes_along_or_replaces_what_the_source_says_of_itself()
    {
        await server.Send("PUT", "/bkt/from%20here", Digits, "x-amz-meta-a: 1", "Content-Type: text/plain");

        var copy = await server.Send("PUT", "/bkt/copy", "", "x-amz-copy-source: bkt%2Ffrom%20here");
        Assert.Equal((200, DigitsMd5), (copy.Status, copy.Element("ETag")));
        Assert.Equal("rosUhgp5mIg=", copy.Element("ChecksumCRC64NVME"));
        var kept = await server.Send("GET", "/bkt/copy");
        Assert.Equal((Digits, "1", "text/plain"), (kept.Text, kept.Header("x-amz-meta-a"), kept.Header("Content-Type")));

        await server.Send("PUT", "/bkt/copy", "", "x-amz-copy-source: /bkt/from%20here", "x-amz-metadata-directive: REPLACE",
            "x-amz-meta-b: 2", "x-amz-checksum-algorithm: SHA256");
        var replaced = await server.Send("GET", "/bkt/copy", "", "x-amz-checksum-mode: ENABLED");
        Assert.Equal((Digits, null, "2"), (replaced.Text, replaced.Header("x-amz-meta-a"), replaced.Header("x-amz-meta-b")));
        Assert.Equal("binary/octet-stream", replaced.Header("Content-Type"));
        Assert.Equal(
            Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Digits))), replaced.Header("x-amz-checksum-sha256"));
    }

    [Theory]
    [InlineData(404, "NoSuchKey", "x-amz-copy-source: bkt/none")]
    [InlineData(404, "NoSuchBucket", "x-amz-copy-source: no-such-bucket/k")]
    [InlineData(404, "NoSuchVersion", "x-amz-copy-source: bkt/source?versionId=abc")]
    [InlineData(400, "InvalidArgument", "x-amz-copy-source: b")]
    [InlineData(400, "InvalidArgument", "x-amz-copy-source: bkt/source", "x-amz-metadata-directive: MERGE")]
    [InlineData(412, "PreconditionFailed", "x-amz-copy-source: bkt/source", "x-amz-copy-source-if-match: other")]
    [InlineData(412, "PreconditionFailed", "x-amz-copy-source: bkt/source", "x-amz-copy-source-if-none-match: *")]
    [InlineData(412, "PreconditionFailed", "x-amz-copy-source: bkt/source", "If-None-Match: *")]
    [InlineData(400, "InvalidRequest", "x-amz-copy-source: bkt/target")]
    public async Task A_copy_that_cannot_be_is_refused_and_changes_nothing(int status, string code, params string[] headers)
    {
        await server.Send("PUT", "/bkt/source", Digits);
        await server.Send("PUT", "/bkt/target", "as it was");

        var copy = await server.Send("PUT", "/bkt/target", "", headers);

        Assert.Equal((status, code), (copy.Status, copy.Code));
        Assert.Equal("as it was", (await server.Send("GET", "/bkt/target")).Text);
    }

    [Fact]
    public async Task Many_keys_are_deleted_at_once_and_each_has_its_answer()
    {
        foreach (var key in new[] { "d1", "d2", "d%26" }) await server.Send("PUT", "/bkt/" + key, Digits);
        const string Request = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>d1</Key></Object>"
            + "<Object><Key>d2</Key><ETag>\"other\"</ETag></Object><Object><Key>d&amp;</Key></Object>"
            + "<Object><Key>never</Key></Object></Delete>";

        var deleted = await server.Send("POST", "/bkt?delete", Request, "Content-MD5: " + Md5(Request));

        Assert.Equal(200, deleted.Status);
        Assert.Equal(["d1", "d&", "never", "d2"], deleted.Elements("Key"));
        Assert.Equal(["PreconditionFailed"], deleted.Elements("Code"));
        Assert.Equal(404, (await server.Send("HEAD", "/bkt/d1")).Status);
        Assert.Equal(200, (await server.Send("HEAD", "/bkt/d2")).Status);
        Assert.Equal(404, (await server.Send("HEAD", "/bkt/d%26")).Status);
    }

    [Fact]
    public async Task A_quiet_delete_names_only_errors()
    {
        const string Request = "<Delete><Quiet>true</Quiet><Object><Key>quiet</Key></Object></Delete>";

        var deleted = await server.Send("POST", "/bkt?delete", Request, "Content-MD5: " + Md5(Request));

        Assert.Equal(200, deleted.Status);
        Assert.Empty(deleted.Elements("Key"));
    }

    [Fact]
    public async Task A_delete_of_many_must_be_verifiable_and_well_formed()
    {
        const string One = "<Delete><Object><Key>k</Key></Object></Delete>";
        var tooMany = $"<Delete>{string.Concat(Enumerable.Repeat("<Object><Key>k</Key></Object>", 1001))}</Delete>";

        Assert.Equal("InvalidRequest", (await server.Send("POST", "/bkt?delete", One)).Code);
        Assert.Equal("BadDigest", (await server.Send("POST", "/bkt?delete", One, "Content-MD5: " + Md5("other"))).Code);
        Assert.Equal("BadDigest", (await server.Send("POST", "/bkt?delete", One, "x-amz-checksum-crc32: AAAAAA==")).Code);
        Assert.Equal("MalformedXML", (await server.Send("POST", "/bkt?delete", tooMany, "Content-MD5: " + Md5(tooMany))).Code);
        Assert.Equal("MalformedXML", (await server.Send("POST", "/bkt?delete", "<Delete/>", "Content-MD5: " + Md5("<Delete/>"))).Code);
    }

    private static string Md5(string text) => Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(text)));
}
