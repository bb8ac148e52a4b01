using System.Xml.Linq;

namespace ZenkoFunctions.Api.Tests.S3;

/// <summary>The parameter <c>search</c> of the three listings, over HTTP and a real store.</summary>
public sealed class SearchTests : IAsyncLifetime
{
    private BucketServer server = null!;

    public async Task InitializeAsync()
    {
        server = await BucketServer.Start();
        await server.Bucket("bucket");
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    private async Task Put(string key, string? color = null, string? tags = null, string body = "")
    {
        List<(string, string)> headers = [];
        if (color is not null) headers.Add(("x-amz-meta-color", color));
        if (tags is not null) headers.Add(("x-amz-tagging", tags));
        Assert.True((await server.Send(HttpMethod.Put, "/bucket/" + key, body: body, headers: [.. headers])).IsSuccessStatusCode);
    }

    private Task<XElement> Search(string expression, string more = "") => server.Get($"/bucket?search={Uri.EscapeDataString(expression)}{more}");

    private static string Keys(XElement page) => string.Join(' ', page.Elements("Contents").Select(e => e.Element("Key")!.Value));

    private static string Prefixes(XElement page) => string.Join(' ', page.Elements("CommonPrefixes").Select(e => e.Element("Prefix")!.Value));

    [Fact]
    public async Task Finds_objects_by_what_they_are()
    {
        await Put("findMe", "pizza", "item-type=main", "some bytes");
        await Put("leaveMeAlone", tags: "item-type=dessert");
        Assert.Equal("findMe", Keys(await Search("key=\"findMe\"")));
        Assert.Equal("findMe", Keys(await Search("key LIKE \"find.*\"")));
        Assert.Equal("findMe", Keys(await Search("key LIKE \"/FIND.*/i\"")));
        Assert.Equal("", Keys(await Search("key LIKE \"/NOTFOUND.*/i\"")));
        Assert.Equal("findMe", Keys(await Search("x-amz-meta-color=\"pizza\"")));
        Assert.Equal("findMe", Keys(await Search("tags.item-type=\"main\"")));
        Assert.Equal("leaveMeAlone", Keys(await Search("content-length < 5")));
        Assert.Equal("", Keys(await Search("x-amz-meta-color=\"nosuchfood\"")));
        Assert.Equal("findMe leaveMeAlone", Keys(await Search("key LIKE '^f' OR tags.item-type=dessert")));
        await Put("findMe", "cake");
        Assert.Equal("", Keys(await Search("x-amz-meta-color=\"pizza\"")));
        Assert.Equal("findMe", Keys(await Search("x-amz-meta-color=\"cake\"")));
    }

    [Fact]
    public async Task A_page_is_that_of_a_listing()
    {
        for (var i = 0; i < 6; i++) await Put($"k{i}", i % 2 == 0 ? "blue" : "red");
        var page = await Search("x-amz-meta-color=blue", "&max-keys=2");
        Assert.Equal(("ListBucketResult", "k0 k2", "true"), (page.Name.LocalName, Keys(page), page.Element("IsTruncated")!.Value));
        // Red ones were looked at behind the last of the page, and need not be again.
        var marker = page.Element("NextMarker")?.Value ?? "k2";
        page = await Search("x-amz-meta-color=blue", $"&max-keys=2&marker={marker}");
        Assert.Equal(("k4", "false", null), (Keys(page), page.Element("IsTruncated")!.Value, page.Element("NextMarker")?.Value));
        Assert.Equal("k4", Keys(await Search("x-amz-meta-color=blue", "&marker=k2")));
        Assert.Equal("k1 k3 k5", Keys(await Search("x-amz-meta-color=red", "&list-type=2&max-keys=3")));

        page = await Search("x-amz-meta-color=red", "&list-type=2&max-keys=2&fetch-owner=true&start-after=k1");
        Assert.Equal(("k3 k5", "2", "false"), (Keys(page), page.Element("KeyCount")!.Value, page.Element("IsTruncated")!.Value));
        Assert.NotNull(page.Element("Contents")!.Element("Owner"));
        page = await Search("x-amz-meta-color=red", "&list-type=2&max-keys=2");
        page = await Search("x-amz-meta-color=red", $"&list-type=2&max-keys=2&continuation-token={page.Element("NextContinuationToken")!.Value}");
        Assert.Equal(("k5", "false"), (Keys(page), page.Element("IsTruncated")!.Value));
        Assert.Equal(("", "false"), (Keys(page = await Search("x-amz-meta-color=red", "&max-keys=0")), page.Element("IsTruncated")!.Value));
    }

    [Fact]
    public async Task Common_prefixes_are_those_of_what_is_found()
    {
        foreach (var key in (string[])["a/1", "a/2", "b/1", "c"]) await Put(Uri.EscapeDataString(key), "red");
        foreach (var key in (string[])["a/0", "a/3", "b/2", "d/1", "d/2", "e"]) await Put(Uri.EscapeDataString(key), "blue");
        var page = await Search("x-amz-meta-color=blue", "&delimiter=%2F");
        Assert.Equal(("a/ b/ d/", "e"), (Prefixes(page), Keys(page)));
        page = await Search("x-amz-meta-color=red", "&delimiter=%2F");
        Assert.Equal(("a/ b/", "c"), (Prefixes(page), Keys(page)));
        page = await Search("x-amz-meta-color=blue", "&delimiter=%2F&prefix=a%2F");
        Assert.Equal(("", "a/0 a/3"), (Prefixes(page), Keys(page)));

        List<string> seen = [];
        for (string? marker = ""; marker is not null; marker = page.Element("IsTruncated")!.Value == "true" ? page.Element("NextMarker")!.Value : null)
        {
            page = await Search("x-amz-meta-color=blue", $"&delimiter=%2F&max-keys=1&marker={Uri.EscapeDataString(marker)}");
            seen.Add(Prefixes(page) + Keys(page));
        }
        Assert.Equal(["a/", "b/", "d/", "e"], seen);
    }

    [Fact]
    public async Task Versions_and_delete_markers_are_found()
    {
        Assert.True((await server.Send(HttpMethod.Put, "/bucket?versioning", body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).IsSuccessStatusCode);
        await Put("one", "blue");
        await Put("one", "red");
        await Put("two", "blue");
        await server.Send(HttpMethod.Delete, "/bucket/two");
        await Put("three", "red");

        var page = await Search("x-amz-meta-color=blue", "&versions");
        Assert.Equal("ListVersionsResult", page.Name.LocalName);
        Assert.Equal(["one", "two"], page.Elements("Version").Select(v => v.Element("Key")!.Value));
        Assert.All(page.Elements("Version"), version => Assert.Equal("false", version.Element("IsLatest")!.Value));
        Assert.Empty(page.Elements("DeleteMarker"));
        Assert.Equal("", Keys(await Search("x-amz-meta-color=blue")));
        Assert.Equal(["two"], (await Search("isDeleteMarker=true", "&versions")).Elements("DeleteMarker").Select(v => v.Element("Key")!.Value));

        page = await Search("x-amz-meta-color LIKE '.'", "&versions&max-keys=1");
        List<string> seen = [];
        while (true)
        {
            seen.AddRange(page.Elements("Version").Select(v => v.Element("Key")!.Value));
            if (page.Element("IsTruncated")!.Value == "false") break;
            var id = page.Element("NextVersionIdMarker")?.Value;
            page = await Search(
                "x-amz-meta-color LIKE '.'", $"&versions&max-keys=1&key-marker={page.Element("NextKeyMarker")!.Value}{(id is null ? "" : "&version-id-marker=" + id)}");
        }
        Assert.Equal(["one", "one", "three", "two"], seen);
        var id1 = page.Element("Version")!.Element("VersionId")!.Value;
        Assert.Equal("two", (await Search($"versionId='{id1}'", "&versions")).Element("Version")!.Element("Key")!.Value);
    }

    [Theory]
    [InlineData("x-amz-meta-color=", "Invalid sql where clause sent as search query")]
    [InlineData("color=blue", "Search param contains unknown attribute: color")]
    [InlineData("key LIKE '(a)\\1'", "LIKE patterns run without backtracking")]
    public async Task What_is_wrong_is_told(string expression, string told)
    {
        foreach (var form in (string[])["", "&list-type=2", "&versions"])
        {
            var error = await Search(expression, form);
            Assert.Equal("InvalidArgument", error.Element("Code")!.Value);
            Assert.StartsWith(told, error.Element("Message")!.Value);
        }
    }

    [Fact]
    public async Task Parameters_that_are_wrong_and_other_accounts_are_refused()
    {
        Assert.Equal("InvalidArgument", (await Search("key=a", "&list-type=3")).Element("Code")!.Value);
        Assert.Equal("InvalidArgument", (await Search("key=a", "&encoding-type=base64")).Element("Code")!.Value);
        Assert.Equal("InvalidArgument", (await Search("key=a", "&max-keys=-1")).Element("Code")!.Value);
        Assert.Equal("NoSuchBucket", (await server.Get("/none?search=key%3Da")).Element("Code")!.Value);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await server.Send(HttpMethod.Get, "/bucket?search=key%3Da", account: "other")).StatusCode);
        await server.Bucket("empty");
        Assert.Equal("false", (await server.Get("/empty?search=key%3Da")).Element("IsTruncated")!.Value);
    }

    [Fact]
    public async Task Names_are_encoded_when_the_client_asks_for_it()
    {
        await Put("a%20b", "blue");
        Assert.Equal("a%20b", Keys(await Search("key = 'a b'", "&encoding-type=url")));
    }
}
