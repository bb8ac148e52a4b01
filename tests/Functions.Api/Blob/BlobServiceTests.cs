using System.Xml.Linq;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>What is asked of a storage account's Blob service as a whole.</summary>
public sealed class BlobServiceTests(BlobFixture server) : IClassFixture<BlobFixture>
{
    private const string Properties = "?restype=service&comp=properties";

    [Fact]
    public async Task Properties_come_back_as_they_were_set_and_the_others_stay()
    {
        var retention = "<DeleteRetentionPolicy><Enabled>true</Enabled><Days>7</Days></DeleteRetentionPolicy>";
        Assert.Equal(202, (await server.Send("PUT", Properties, $"<StorageServiceProperties>{retention}</StorageServiceProperties>")).Status);
        var website = "<StaticWebsite><Enabled>true</Enabled><IndexDocument>i.html</IndexDocument></StaticWebsite>";
        Assert.Equal(202, (await server.Send("PUT", Properties, $"<StorageServiceProperties>{website}</StorageServiceProperties>")).Status);
        var told = (await server.Send("GET", Properties, null)).Text;
        Assert.Contains(retention, told);
        Assert.Contains(website, told);
        var wrong = await server.Send("PUT", Properties, "<StorageServiceProperties><DeleteRetentionPolicy><Enabled>true</Enabled></DeleteRetentionPolicy></StorageServiceProperties>");
        Assert.Equal((400, "InvalidXmlNodeValue"), (wrong.Status, wrong.Header("x-ms-error-code")));
    }

    [Fact]
    public async Task Pages_of_an_origin_that_a_rule_names_may_ask_and_others_may_not()
    {
        var rule = "<CorsRule><AllowedOrigins>https://page.example</AllowedOrigins><AllowedMethods>GET,PUT</AllowedMethods><MaxAgeInSeconds>60</MaxAgeInSeconds>"
            + "<ExposedHeaders>x-ms-request-id</ExposedHeaders><AllowedHeaders>x-ms-*</AllowedHeaders></CorsRule>";
        await server.Send("PUT", Properties, $"<StorageServiceProperties><Cors>{rule}</Cors></StorageServiceProperties>");
        string[] preflight = ["Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-ms-version"];
        var allowed = await server.Send("OPTIONS", "bkt/a", null, [.. preflight, "Origin: https://page.example"]);
        Assert.Equal((200, "https://page.example"), (allowed.Status, allowed.Header("Access-Control-Allow-Origin")));
        var refused = await server.Send("OPTIONS", "bkt/a", null, [.. preflight, "Origin: https://other.example"]);
        Assert.Equal((403, "CorsPreflightFailure"), (refused.Status, refused.Header("x-ms-error-code")));
        await server.Put("bkt/cors", "x");
        Assert.Equal("https://page.example", (await server.Send("GET", "bkt/cors", null, "Origin: https://page.example")).Header("Access-Control-Allow-Origin"));
        var other = await server.Send("GET", "bkt/cors", null, "Origin: https://other.example");
        Assert.Equal((null, "Origin"), (other.Header("Access-Control-Allow-Origin"), other.Header("Vary")));
        Assert.Equal("Origin", (await server.Send("GET", "bkt/cors", null, "Origin: https://page.example")).Header("Vary"));
        Assert.Null((await server.Send("GET", "bkt/cors", null)).Header("Vary"));
        await server.Send("PUT", Properties, $"<StorageServiceProperties><Cors>{rule.Replace("https://page.example", "*")}</Cors></StorageServiceProperties>");
        var any = await server.Send("GET", "bkt/cors", null, "Origin: https://other.example");
        Assert.Equal(("*", null), (any.Header("Access-Control-Allow-Origin"), any.Header("Vary")));
    }

    [Fact]
    public async Task A_search_is_about_up_to_ten_tags_and_knows_no_other_name_with_an_at_sign()
    {
        async Task<(int, string?)> Ask(string where)
        {
            var answer = await server.Send("GET", "?comp=blobs&where=" + Uri.EscapeDataString(where), null);
            return (answer.Status, answer.Header("x-ms-error-code"));
        }
        Assert.Equal((200, null), await Ask(string.Join(" and ", Enumerable.Range(0, 10).Select(i => $"t{i} > 'x' and t{i} < 'y'")) + " and @container = 'bkt'"));
        Assert.Equal((400, "InvalidQueryParameterValue"), await Ask(string.Join(" and ", Enumerable.Range(0, 11).Select(i => $"t{i} = 'x'"))));
        Assert.Equal((400, "InvalidQueryParameterValue"), await Ask("t = 'x' and @other = 'y'"));
    }

    [Fact]
    public async Task Blobs_are_found_by_their_tags_in_all_containers_or_one_page_by_page()
    {
        await server.Send("PUT", "tagged?restype=container", null);
        foreach (var blob in new[] { "bkt/t1", "tagged/t2", "tagged/t3" }) Assert.Equal(201, (await server.Put(blob, "x", "x-ms-tags: find=me")).Status);
        await server.Put("tagged/t4", "x", "x-ms-tags: find=other");
        Assert.Equal(["t1", "t2", "t3"], await Found("?comp=blobs&where=" + Uri.EscapeDataString("find = 'me'")));
        Assert.Equal(["t2", "t3"], await Found("?comp=blobs&where=" + Uri.EscapeDataString("@container = 'tagged' AND find = 'me'")));
        Assert.Equal(["t4"], await Found("tagged?restype=container&comp=blobs&where=" + Uri.EscapeDataString("find > 'me'")));
        var refused = await server.Send("GET", "?comp=blobs&where=nonsense", null);
        Assert.Equal((400, "InvalidQueryParameterValue"), (refused.Status, refused.Header("x-ms-error-code")));
    }

    [Fact]
    public async Task A_search_looks_at_so_many_blobs_a_page_and_goes_on_behind_them()
    {
        await server.Send("PUT", "search?restype=container", null);
        await server.Send("PUT", "search-empty?restype=container", null);
        foreach (var i in Enumerable.Range(0, 7)) await server.Put($"search/{i}", "x", i is 2 or 6 ? "x-ms-tags: searched=yes" : "x-ms-meta-not: tagged");
        var (pages, found, marker) = (0, new List<string>(), "");
        do
        {
            var page = await Search("search?restype=container&comp=blobs&where=" + Uri.EscapeDataString("searched = 'yes'") + "&marker=" + marker, Target.Bucket);
            Assert.InRange(page.Descendants("Name").Count(), 0, 3);
            found.AddRange(page.Descendants("Name").Select(name => name.Value));
            marker = page.Element("NextMarker")!.Value;
            pages++;
        }
        while (marker.Length > 0);
        Assert.Equal(("2 6", 3), (string.Join(' ', found), pages));

        for (found.Clear(), pages = 0; marker.Length > 0 || pages == 0; pages++)
        {
            var page = await Search("?comp=blobs&where=" + Uri.EscapeDataString("searched = 'yes'") + "&marker=" + marker, Target.Service);
            found.AddRange(page.Descendants("Name").Select(name => name.Value));
            marker = page.Element("NextMarker")!.Value;
            Assert.True(pages < 100);
        }
        Assert.Equal(["2", "6"], found);
        Assert.True(pages >= 3);
    }

    /// <summary>A page of a search that looks at three blobs at most.</summary>
    private async Task<XElement> Search(string target, Target of)
    {
        var search = new FindBlobsByTags(of) { MostLooks = 3 };
        var request = BlobSenders.Request("GET", "/" + target);
        var address = BlobAddress.Parse("acct", request);
        var account = (await server.Installation.BlobAccounts.Find("acct", default))!;
        var reply = await search.Run(
            new()
            {
                Request = request, Address = address, Account = account, Sender = new(Principal.Anonymous), Spec = search.Spec, RequestId = "", Version = "2021-12-02",
                BucketRow = of == Target.Service ? null : await server.Installation.Containers.Find(account, address.Container, default), Installation = server.Installation,
                Ask = (_, _) => throw new InvalidOperationException(), AskSource = (_, _, _) => throw new InvalidOperationException(), MaySee = (_, _) => new(true),
                Locate = (_, _) => throw new InvalidOperationException(),
            },
            default);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        reply.Xml!(output);
        return XElement.Parse(System.Text.Encoding.UTF8.GetString(output.WrittenSpan).TrimStart('\ufeff'));
    }

    [Fact]
    public async Task Each_part_of_a_batch_is_answered_by_itself()
    {
        await server.Put("bkt/batch", "x");
        var body = string.Concat(new[] { "/acct/bkt/batch", "/acct/bkt/absent" }.Select((path, id) =>
            $"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\nDELETE {path} HTTP/1.1\r\nContent-Length: 0\r\n\r\n")) + "--b--\r\n";
        var answer = await server.Send("POST", "?comp=batch", body, "Content-Type: multipart/mixed; boundary=b");
        Assert.Equal(202, answer.Status);
        Assert.StartsWith("multipart/mixed; boundary=batchresponse_", answer.Header("Content-Type"));
        Assert.Matches("(?s)Content-ID: 0\r\n\r\nHTTP/1.1 202 Accepted.*Content-ID: 1\r\n\r\nHTTP/1.1 404 Not Found.*x-ms-error-code: BlobNotFound.*<Code>BlobNotFound", answer.Text);
        Assert.Equal(404, (await server.Send("HEAD", "bkt/batch", null)).Status);
        var foreign = await server.Send("POST", "bkt?restype=container&comp=batch", body.Replace("/bkt/", "/other/"), "Content-Type: multipart/mixed; boundary=b");
        Assert.Equal(202, foreign.Status);
        Assert.Matches("(?s)Content-ID: 0\r\n\r\nHTTP/1.1 400 Bad Request.*InvalidInput.*Content-ID: 1\r\n\r\nHTTP/1.1 400", foreign.Text);
        foreach (var type in new[] { "multipart/mixed", "multipart/mixed; boundary=", "text/plain; boundary=b" })
            Assert.Equal("InvalidHeaderValue", (await server.Send("POST", "?comp=batch", body, "Content-Type: " + type)).Header("x-ms-error-code"));
        Assert.Equal("InvalidInput", (await server.Send("POST", "?comp=batch", body, "Content-Type: multipart/mixed; boundary=c")).Header("x-ms-error-code"));
    }

    [Fact]
    public async Task There_is_no_secondary_endpoint_to_tell_of()
    {
        var refused = await server.Send("GET", "?restype=service&comp=stats", null);
        Assert.Equal((403, "InsufficientAccountPermissions"), (refused.Status, refused.Header("x-ms-error-code")));
    }

    private async Task<List<string>> Found(string query)
    {
        var found = new List<string>();
        for (var marker = ""; ;)
        {
            var page = XElement.Parse((await server.Send("GET", $"{query}&maxresults=1&marker={marker}", null)).Text);
            found.AddRange(page.Descendants("Name").Select(name => name.Value));
            if ((marker = page.Element("NextMarker")!.Value).Length == 0) return found;
        }
    }
}
