using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Readers that are sent to the location, with a location that has links but no service behind them.</summary>
public sealed class RedirectTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Setting = "<RedirectConfiguration><MinimumBytes>5000</MinimumBytes></RedirectConfiguration>";

    [Fact]
    public async Task The_setting_is_made_told_and_removed()
    {
        await server.Send("PUT", "/told");
        var none = await server.Send("GET", "/told?zenkofn-redirect");
        Assert.Equal((404, "NoSuchRedirectConfiguration"), (none.Status, none.Code));
        Assert.Equal(200, (await server.Send("PUT", "/told?zenkofn-redirect", Setting)).Status);
        Assert.Equal("5000", (await server.Send("GET", "/told?zenkofn-redirect")).Element("MinimumBytes"));
        Assert.Equal(200, (await server.Send("PUT", "/told?zenkofn-redirect", "<RedirectConfiguration/>")).Status);
        Assert.Equal("8388608", (await server.Send("GET", "/told?zenkofn-redirect")).Element("MinimumBytes"));
        foreach (var wrong in new[] { "-1", "many", "1.5", "" })
        {
            var refused = await server.Send("PUT", "/told?zenkofn-redirect", $"<RedirectConfiguration><MinimumBytes>{wrong}</MinimumBytes></RedirectConfiguration>");
            Assert.Equal((400, "InvalidArgument"), (refused.Status, refused.Code));
        }
        Assert.Equal("MalformedXML", (await server.Send("PUT", "/told?zenkofn-redirect", "<Redirect/>")).Code);
        Assert.Equal(204, (await server.Send("DELETE", "/told?zenkofn-redirect")).Status);
        Assert.Equal(404, (await server.Send("GET", "/told?zenkofn-redirect")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Range: bytes=0-4999")]
    [InlineData("Range: bytes=1000-")]
    public async Task A_large_read_is_sent_to_the_location_for_a_short_time(string header)
    {
        await Made("large");
        var answer = await server.Send("GET", "/large/k", "", header.Length > 0 ? [header] : []);
        Assert.Equal(307, answer.Status);
        Assert.Empty(answer.Body);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        var (at, headers, life) = server.Linked.Last;
        Assert.Equal($"https://bytes.example/{at.Name}?sig=a%2Fb", answer.Header("Location"));
        Assert.Equal(new LinkHeaders("text/x-poem", null, null, "cy", "max-age=9"), headers);
        Assert.Equal(TimeSpan.FromSeconds(150), life); // half of the five minutes for which replaced bytes are kept
    }

    [Fact]
    public async Task What_the_request_says_of_the_reply_goes_before_what_the_object_says()
    {
        await Made("overridden");
        Assert.Equal(307, (await server.Send("GET", "/overridden/k?response-content-type=text%2Fplain&response-content-disposition=attachment")).Status);
        Assert.Equal(new LinkHeaders("text/plain", "attachment", null, "cy", "max-age=9"), server.Linked.Last.Headers);
    }

    [Theory]
    [InlineData("GET", "/direct/k", "Range: bytes=0-4998")] // less than the setting says
    [InlineData("GET", "/direct/k", "Range: bytes=-5000")] // the service knows no such range
    [InlineData("GET", "/direct/k", "If-None-Match: \"x\"")] // nor our ETags
    [InlineData("GET", "/direct/k?partNumber=1", null)]
    [InlineData("HEAD", "/direct/k", null)]
    [InlineData("GET", "/direct/small", null)]
    [InlineData("GET", "/direct/encrypted", null)]
    [InlineData("GET", "/direct/parts", null)]
    public async Task What_the_location_would_answer_otherwise_is_answered_here(string verb, string target, string? header)
    {
        await Made("direct");
        await server.Send("PUT", "/direct/small", new string('s', 4000));
        await server.Send("PUT", "/direct/encrypted", new string('e', 9000), "x-amz-server-side-encryption: AES256");
        var upload = (await server.Send("POST", "/direct/parts?uploads")).Element("UploadId");
        var etag = (await server.Send("PUT", $"/direct/parts?partNumber=1&uploadId={upload}", new string('p', 9000))).Header("ETag");
        await server.Send("POST", $"/direct/parts?uploadId={upload}", $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>");

        var answer = await server.Send(verb, target, "", header is null ? [] : [header]);

        Assert.Contains(answer.Status, new[] { 200, 206 });
        Assert.Null(answer.Header("Location"));
    }

    [Fact]
    public async Task Without_the_setting_nobody_is_redirected()
    {
        await server.Send("PUT", "/plain");
        await server.Send("PUT", "/plain/k", new string('k', 9000));
        Assert.Equal(200, (await server.Send("GET", "/plain/k")).Status);
    }

    [Fact]
    public async Task Who_may_not_read_gets_no_link()
    {
        await Made("closed");
        Assert.Equal(403, (await server.SendUnsigned("GET", "/closed/k")).Status);
    }

    [Fact]
    public async Task Where_the_location_has_no_link_just_now_the_bytes_come_from_here()
    {
        await Made("linkless");
        server.Linked.HasLinks = false;
        try
        {
            Assert.Equal(200, (await server.Send("GET", "/linkless/k")).Status);
        }
        finally
        {
            server.Linked.HasLinks = true;
        }
    }

    private async Task Made(string bucket)
    {
        await server.Send("PUT", "/" + bucket);
        await server.Send("PUT", $"/{bucket}/k", new string('k', 9000), "Content-Type: text/x-poem", "Content-Language: cy", "Cache-Control: max-age=9");
        Assert.Equal(200, (await server.Send("PUT", $"/{bucket}?zenkofn-redirect", Setting)).Status);
    }
}
