using System.Xml.Linq;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Listings of blobs over the wire.</summary>
public sealed class ListBlobsTests(BlobFixture server) : IClassFixture<BlobFixture>
{
    private const string Sample = "bkt?restype=container&comp=list";

    [Fact]
    public async Task A_blob_is_listed_with_all_its_properties_in_Azures_order()
    {
        await server.Put("bkt/props/a.txt", "hello", "x-ms-blob-content-type: text/plain", "x-ms-meta-m: 1", "x-ms-tags: t=1");
        var blob = (await List("&prefix=props/&include=metadata,tags")).Element("Blobs")!.Elements("Blob").Single();
        Assert.Equal("props/a.txt", blob.Element("Name")!.Value);
        var properties = blob.Element("Properties")!;
        Assert.Equal(
            [
                "Creation-Time", "Last-Modified", "Etag", "Content-Length", "Content-Type", "Content-Encoding", "Content-Language", "Content-CRC64", "Content-MD5",
                "Cache-Control", "Content-Disposition", "BlobType", "AccessTier", "AccessTierInferred", "LeaseStatus", "LeaseState", "ServerEncrypted", "TagCount",
            ],
            properties.Elements().Select(element => element.Name.LocalName));
        Assert.Equal("5", properties.Element("Content-Length")!.Value);
        Assert.Equal("text/plain", properties.Element("Content-Type")!.Value);
        Assert.Equal("XUFAKrxLKna5cZ2REBfFkg==", properties.Element("Content-MD5")!.Value);
        Assert.Equal("BlockBlob", properties.Element("BlobType")!.Value);
        Assert.Equal("1", blob.Element("Metadata")!.Element("m")!.Value);
        Assert.Equal("t", blob.Element("Tags")!.Element("TagSet")!.Element("Tag")!.Element("Key")!.Value);
    }

    [Fact]
    public async Task Names_are_rolled_up_to_a_delimiter_of_several_characters_and_paged_by_markers()
    {
        foreach (var name in new[] { "h/a", "h/b::1", "h/b::2", "h/c" }) await server.Put("bkt/" + name, "x");
        var found = new List<string>();
        var marker = "";
        do
        {
            var page = await List($"&prefix=h/&delimiter=::&maxresults=1&marker={marker}");
            Assert.Equal("::", page.Element("Delimiter")!.Value);
            found.AddRange(page.Element("Blobs")!.Elements().Select(each => $"{each.Name}:{each.Element("Name")!.Value}"));
            marker = page.Element("NextMarker")!.Value;
        }
        while (marker.Length > 0);
        Assert.Equal(["Blob:h/a", "BlobPrefix:h/b::", "Blob:h/c"], found);
    }

    [Fact]
    public async Task A_name_that_XML_cannot_hold_is_encoded_and_says_so()
    {
        await server.Put("bkt/odd/%01x", "x");
        var name = (await List("&prefix=odd/")).Descendants("Name").Single();
        Assert.Equal("true", name.Attribute("Encoded")?.Value);
        Assert.Equal("odd%2F%01x", name.Value);
    }

    [Fact]
    public async Task Snapshots_are_listed_before_their_blob_where_they_are_asked_for()
    {
        await server.Put("bkt/snap/a", "one");
        var taken = await server.Send("PUT", "bkt/snap/a?comp=snapshot", null);
        await server.Put("bkt/snap/a", "three");
        Assert.Single((await List("&prefix=snap/")).Descendants("Blob"));
        var both = (await List("&prefix=snap/&include=snapshots")).Descendants("Blob").ToList();
        Assert.Equal([taken.Header("x-ms-snapshot"), null], both.Select(blob => blob.Element("Snapshot")?.Value));
    }

    [Fact]
    public async Task Versions_are_listed_with_their_ids_the_oldest_first()
    {
        Assert.Equal(200, (await server.S3("PUT", "/versioned")).Status);
        await server.S3("PUT", "/versioned?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        await server.Put("versioned/a", "1");
        await server.Put("versioned/a", "22");
        var blobs = XElement.Parse((await server.Send("GET", "versioned?restype=container&comp=list&include=versions", null)).Text).Descendants("Blob").ToList();
        Assert.Equal(["1", "2"], blobs.Select(blob => blob.Element("Properties")!.Element("Content-Length")!.Value));
        Assert.Equal([null, "true"], blobs.Select(blob => blob.Element("IsCurrentVersion")?.Value));
        Assert.Equal(2, blobs.Select(blob => blob.Element("VersionId")!.Value).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("&include=snapshots")]
    public async Task A_listing_starts_with_the_name_that_it_is_told_and_goes_on_from_its_markers(string include)
    {
        foreach (var name in new[] { "s/a", "s/b", "s/b/1", "s/c" }) await server.Put("bkt/" + name, "x");
        var first = await List($"&prefix=s/&startFrom=s/b&maxresults=2{include}");
        Assert.Equal(["s/b", "s/b/1"], first.Descendants("Name").Select(name => name.Value));
        var next = await List($"&prefix=s/&startFrom=s/b&maxresults=2{include}&marker={first.Element("NextMarker")!.Value}");
        Assert.Equal(["s/c"], next.Descendants("Name").Select(name => name.Value));
        Assert.Equal(["s/b/", "s/c"], (await List($"&prefix=s/&delimiter=/&startFrom=s/b/{include}")).Descendants("Name").Select(name => name.Value));
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "")]
    [InlineData(3, ",deleted,snapshots")]
    [InlineData(5000, ",versions")]
    public async Task Blobs_of_uncommitted_blocks_alone_are_listed_on_request_in_their_place(int most, string more)
    {
        foreach (var name in new[] { "a", "c", "d/1", "g" }) await server.Put("bkt/open/" + name, "x");
        foreach (var name in new[] { "b", "c", "d/2", "e/1", "e/2", "h" })
            Assert.Equal(201, (await server.Send("PUT", $"bkt/open/{name}?comp=block&blockid=AAAA", "block")).Status);
        Assert.Equal(["a:1", "b:0", "c:1", "d/1:1", "d/2:0", "e/1:0", "e/2:0", "g:1", "h:0"], await Pages(""));
        Assert.Equal(["a:1", "b:0", "c:1", "d/", "e/", "g:1", "h:0"], await Pages("&delimiter=/"));

        async Task<List<string>> Pages(string query)
        {
            List<string> names = [];
            for (var marker = "";;)
            {
                var page = await List($"&prefix=open/&include=uncommittedblobs{more}&maxresults={most}&marker={marker}{query}");
                var entries = page.Element("Blobs")!.Elements().ToList();
                Assert.InRange(entries.Count, 0, most);
                names.AddRange(entries.Select(entry => entry.Element("Name")!.Value["open/".Length..] + (entry.Element("Properties")?.Element("Content-Length") is { } size ? ":" + size.Value : "")));
                if ((marker = page.Element("NextMarker")!.Value).Length == 0) return names;
            }
        }
    }

    [Theory]
    [InlineData("&maxresults=0", "OutOfRangeQueryParameterValue")]
    [InlineData("&maxresults=x", "OutOfRangeQueryParameterValue")]
    [InlineData("&include=nothing", "InvalidQueryParameterValue")]
    [InlineData("&marker=abc", "InvalidQueryParameterValue")]
    public async Task What_a_listing_cannot_be_asked_is_refused(string query, string code)
    {
        var refused = await server.Send("GET", Sample + query, null);
        Assert.Equal((400, code), (refused.Status, refused.Header("x-ms-error-code")));
    }

    [Fact]
    public async Task More_than_5000_are_asked_for_and_the_answer_says_what_was_asked() =>
        Assert.Equal("6000", (await List("&maxresults=6000")).Element("MaxResults")!.Value);

    private async Task<XElement> List(string query)
    {
        var answer = await server.Send("GET", Sample + query, null);
        Assert.Equal(200, answer.Status);
        return XElement.Parse(answer.Text);
    }
}
