using System.Text.Json;
using System.Xml.Linq;
using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>Indexes of searches on the wire: declared, built by the server's own jobs, used.</summary>
public sealed class SearchIndexTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Api = "/_/management/search/";

    private async Task<string> Find(string bucket, string expression) =>
        string.Join(' ', XElement.Parse((await server.Send("GET", $"/{bucket}?search={Uri.EscapeDataString(expression)}")).Text).Elements()
            .Where(each => each.Name.LocalName == "Contents").Select(each => each.Elements().First(part => part.Name.LocalName == "Key").Value));

    private async Task Ready(string bucket, string fields)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            using var status = JsonDocument.Parse((await server.Send("GET", Api + bucket)).Text);
            var all = status.RootElement.GetProperty("fields").EnumerateArray().ToList();
            Assert.Equal(fields, string.Join(' ', all.Select(field => field.GetProperty("name").GetString())));
            if (all.TrueForAll(field => field.GetProperty("state").GetString() == "ready")) return;
            await Task.Delay(50, patience.Token);
        }
    }

    [Fact]
    public async Task Fields_are_declared_built_and_used()
    {
        Assert.Equal(200, (await server.Send("PUT", "/indexed")).Status);
        Assert.Equal(200, (await server.Send("PUT", "/indexed/before", "x", "x-amz-meta-color: blue")).Status);
        Assert.Equal("""{"bucket":"indexed","fields":[]}""", (await server.Send("GET", Api + "indexed")).Text);
        Assert.Equal(200, (await server.Send("PUT", Api + "indexed", """{"fields":["x-amz-meta-color","tags.type"]}""")).Status);
        Assert.Equal(200, (await server.Send("PUT", "/indexed/since", "x", "x-amz-meta-color: blue", "x-amz-tagging: type=a%2Fb")).Status);
        await Ready("indexed", "tags.type x-amz-meta-color");
        Assert.Equal("before since", await Find("indexed", "x-amz-meta-color=blue"));
        Assert.Equal("since", await Find("indexed", "tags.type = 'a/b' AND x-amz-meta-color LIKE '^bl'"));
        const string Tags = "<Tagging><TagSet><Tag><Key>type</Key><Value>c</Value></Tag></TagSet></Tagging>";
        Assert.Equal(200, (await server.SendMessage("PUT", "/indexed/since?tagging", Tags)).Status);
        Assert.Equal("", await Find("indexed", "tags.type = 'a/b'"));
        Assert.Equal("since", await Find("indexed", "tags.type = c"));
        Assert.Equal(204, (await server.Send("DELETE", "/indexed/since")).Status);
        Assert.Equal("before", await Find("indexed", "x-amz-meta-color=blue"));

        var again = await server.Send("PUT", Api + "indexed", """{"rebuild":true}""");
        Assert.Contains("\"purpose\":\"search-index\"", again.Text, StringComparison.Ordinal);
        await Ready("indexed", "tags.type x-amz-meta-color");
        Assert.Equal("before", await Find("indexed", "x-amz-meta-color=blue"));
        Assert.Contains("\"fields\":[]", (await server.Send("DELETE", Api + "indexed")).Text, StringComparison.Ordinal);
        Assert.Equal("before", await Find("indexed", "x-amz-meta-color=blue"));
    }

    [Fact]
    public async Task It_can_be_tidied_up_from_time_to_time()
    {
        const string Timers = "/_/management/replication/timers";
        Assert.Equal(200, (await server.Send("PUT", Timers, """{"purpose":"search-index","bucket":"bkt","hours":24}""")).Status);
        Assert.Contains("search-index.all.bkt", (await server.Send("GET", Timers)).Text, StringComparison.Ordinal);
        Assert.Equal(400, (await server.Send("PUT", Timers, """{"purpose":"search-index","bucket":"bkt","site":"site","hours":24}""")).Status);
        Assert.Equal("{}", (await server.Send("DELETE", Timers + "/search-index.all.bkt")).Text);
    }

    [Theory]
    [InlineData("GET", "nothing", "", 404, "NoSuchBucket")]
    [InlineData("PUT", "nothing", """{"fields":["tags.a"]}""", 404, "NoSuchBucket")]
    [InlineData("PUT", "nothing", """{"rebuild":true}""", 404, "NoSuchBucket")]
    [InlineData("DELETE", "nothing", "", 404, "NoSuchBucket")]
    [InlineData("PUT", "bkt", "", 400, "MalformedBody")]
    [InlineData("PUT", "bkt", """{"fields":[null]}""", 400, "MalformedBody")]
    [InlineData("PUT", "bkt", """{"feels":["tags.a"]}""", 400, "MalformedBody")]
    [InlineData("PUT", "bkt", """{"fields":["key"]}""", 400, "InvalidRequest")]
    [InlineData("PUT", "bkt", """{"fields":["color"]}""", 400, "InvalidRequest")]
    [InlineData("PUT", "bkt", """{"fields":["tags.1","tags.2","tags.3","tags.4","tags.5","tags.6","tags.7","tags.8","tags.9","tags.10","tags.11"]}""", 400, "InvalidRequest")]
    public async Task What_makes_no_sense_is_refused_by_its_name(string verb, string bucket, string body, int status, string code)
    {
        var answer = await server.Send(verb, Api + bucket, body);
        Assert.Equal(status, answer.Status);
        Assert.StartsWith($$"""{"code":"{{code}}","message":""", answer.Text, StringComparison.Ordinal);
    }
}
