using System.Net.Http.Headers;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class BucketQuotaTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Theory]
    [InlineData("quota-json", "{\"quota\": 1000}")]
    [InlineData("quota-text", "{\"quota\": \"1000\"}")]
    [InlineData("quota-xml", "<QuotaConfiguration><Quota>1000</Quota></QuotaConfiguration>")]
    public async Task A_quota_is_set_told_and_removed(string bucket, string body)
    {
        await server.Send("PUT", "/" + bucket);
        var none = await server.Send("GET", $"/{bucket}?quota");
        Assert.Equal((404, "NoSuchQuota"), (none.Status, none.Code));

        Assert.Equal(200, (await server.Send("PUT", $"/{bucket}?quota", body)).Status);

        var set = await server.Send("GET", $"/{bucket}?quota");
        Assert.Equal((bucket, "1000"), (set.Element("Name"), set.Element("Quota")));
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}?quota")).Status);
        Assert.Equal("NoSuchQuota", (await server.Send("GET", $"/{bucket}?quota")).Code);
    }

    [Theory]
    [InlineData("", "InvalidArgument")]
    [InlineData("[1]", "InvalidArgument")]
    [InlineData("{}", "InvalidArgument")]
    [InlineData("{\"quota\": 0}", "InvalidArgument")]
    [InlineData("{\"quota\": -5}", "InvalidArgument")]
    [InlineData("{\"quota\": 1.5}", "InvalidArgument")]
    [InlineData("{\"quota\": null}", "InvalidArgument")]
    [InlineData("<QuotaConfiguration><Quota>much</Quota></QuotaConfiguration>", "InvalidArgument")]
    [InlineData("<Quota>5</Quota>", "MalformedXML")]
    public async Task What_is_no_quota_changes_nothing(string body, string code)
    {
        await server.Send("PUT", "/quota-strict");
        await server.Send("PUT", "/quota-strict?quota", "{\"quota\": 7}");

        var refused = await server.Send("PUT", "/quota-strict?quota", body);

        Assert.Equal((400, code), (refused.Status, refused.Code));
        Assert.Equal("7", (await server.Send("GET", "/quota-strict?quota")).Element("Quota"));
    }

    [Fact]
    public async Task Every_write_is_refused_that_the_quota_has_no_room_for_and_changes_nothing()
    {
        await server.Send("PUT", "/quota-full");
        await server.Send("PUT", "/quota-full?quota", "{\"quota\": 100}");
        Assert.Equal(200, (await server.Send("PUT", "/quota-full/kept", new string('x', 60))).Status);
        var upload = (await server.Send("POST", "/quota-full/parts?uploads")).Element("UploadId");

        var large = new string('y', 41);
        Answer[] refused =
        [
            await server.Send("PUT", "/quota-full/put", large),
            await server.SendWithTrailer("PUT", "/quota-full/put", large, "x-amz-checksum-crc32", "AAAAAA=="),
            await server.Send("PUT", "/quota-full/copy", "", "x-amz-copy-source: /quota-full/kept"),
            await server.Send("PUT", $"/quota-full/parts?partNumber=1&uploadId={upload}", large),
            await server.Send("PUT", $"/quota-full/parts?partNumber=1&uploadId={upload}", "", "x-amz-copy-source: /quota-full/kept"),
            await Post("/quota-full", new PostForm { File = Encoding.UTF8.GetBytes(large) }.With("key", "form")
                .SignV4(server.Key, """{"bucket": "quota-full"}, {"key": "form"}""")),
        ];
        Assert.All(refused, answer => Assert.Equal((429, "QuotaExceeded"), (answer.Status, answer.Code)));
        Assert.Equal(["kept"], (await server.Send("GET", "/quota-full")).Elements("Key"));
        Assert.Equal("60", (await server.Send("GET", "/quota-full?quota")).Header("x-zenkofn-usage-bytes"));
        Assert.Equal("1", (await server.Send("GET", "/quota-full?quota")).Header("x-zenkofn-usage-versions"));

        // A part takes room too; and in a bucket that holds more than it may, nothing is completed.
        var part = await server.Send("PUT", $"/quota-full/parts?partNumber=1&uploadId={upload}", new string('y', 40));
        Assert.Equal(429, (await server.Send("PUT", "/quota-full/put", "1")).Status);
        await server.Send("PUT", "/quota-full?quota", "{\"quota\": 99}");
        var complete = $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Header("ETag")}</ETag></Part></CompleteMultipartUpload>";
        var full = await server.Send("POST", $"/quota-full/parts?uploadId={upload}", complete);
        Assert.Equal((429, "QuotaExceeded"), (full.Status, full.Code));

        Assert.Equal(204, (await server.Send("DELETE", "/quota-full/kept")).Status);
        Assert.Equal(200, (await server.Send("POST", $"/quota-full/parts?uploadId={upload}", complete)).Status);
        Assert.Equal(200, (await server.Send("PUT", "/quota-full/put", large)).Status);
        Assert.Equal("81", (await server.Send("GET", "/quota-full?quota")).Header("x-zenkofn-usage-bytes"));
    }

    private async Task<Answer> Post(string target, PostForm form)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, target)) { Content = new ByteArrayContent(form.Bytes()) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(form.ContentType);
        return await Answer.Of(await client.SendAsync(request));
    }
}
