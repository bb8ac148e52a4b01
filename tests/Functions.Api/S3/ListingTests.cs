using System.Xml.Linq;
using ZenkoFunctions.Api.S3.Listing;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Api.Tests.S3;

/// <summary>ListObjects, ListObjectsV2 and ListMultipartUploads over HTTP and a real store.</summary>
public sealed class ListingTests : IAsyncLifetime
{
    private BucketServer server = null!;

    public async Task InitializeAsync() => server = await BucketServer.Start();

    public async Task DisposeAsync() => await server.DisposeAsync();

    private static IEnumerable<string> Keys(XElement page) => page.Elements("Contents").Select(e => e.Element("Key")!.Value);

    private static IEnumerable<string> Prefixes(XElement page) => page.Elements("CommonPrefixes").Select(e => e.Element("Prefix")!.Value);

    private static string? Value(XElement page, string name) => page.Element(name)?.Value;

    [Fact]
    public async Task Version_1_pages_through_keys_and_prefixes()
    {
        await server.Bucket("list", "asdf", "boo/bar", "boo/baz/xyzzy", "cquux/bla", "cquux/thud");

        var page = await server.Get("/list?delimiter=%2F&max-keys=2");
        Assert.Equal(["asdf"], Keys(page));
        Assert.Equal(["boo/"], Prefixes(page));
        Assert.Equal(("true", "boo/", "2", "/", "", ""), (Value(page, "IsTruncated"), Value(page, "NextMarker"), Value(page, "MaxKeys"), Value(page, "Delimiter"), Value(page, "Prefix"), Value(page, "Marker")));

        page = await server.Get("/list?delimiter=%2F&max-keys=2&marker=boo%2F");
        Assert.Equal(["cquux/"], Prefixes(page));
        Assert.Equal(("false", null, "boo/"), (Value(page, "IsTruncated"), Value(page, "NextMarker"), Value(page, "Marker")));

        page = await server.Get("/list?max-keys=1");
        Assert.Equal(("true", null, null), (Value(page, "IsTruncated"), Value(page, "NextMarker"), Value(page, "Delimiter")));
    }

    [Fact]
    public async Task Version_2_pages_by_token_and_counts()
    {
        await server.Bucket("list", "a", "b/1", "b/2", "c");
        var page = await server.Get("/list?list-type=2&delimiter=%2F&max-keys=2&start-after=0");
        Assert.Equal(["a"], Keys(page));
        Assert.Equal(["b/"], Prefixes(page));
        Assert.Equal(("true", "2", "0", null), (Value(page, "IsTruncated"), Value(page, "KeyCount"), Value(page, "StartAfter"), Value(page, "ContinuationToken")));
        Assert.Null(page.Element("Contents")!.Element("Owner"));

        var token = Value(page, "NextContinuationToken")!;
        page = await server.Get($"/list?list-type=2&delimiter=%2F&start-after=0&fetch-owner=true&continuation-token={token}");
        Assert.Equal(["c"], Keys(page));
        Assert.Equal(("false", "1", "0", token), (Value(page, "IsTruncated"), Value(page, "KeyCount"), Value(page, "StartAfter"), Value(page, "ContinuationToken")));
        Assert.Equal("owner", page.Element("Contents")!.Element("Owner")!.Element("DisplayName")!.Value);
    }

    [Fact]
    public async Task An_entry_tells_what_AWS_tells()
    {
        await server.Bucket("list", "key");
        var entry = (await server.Get("/list")).Element("Contents")!;
        Assert.Equal(
            ["Key", "LastModified", "ETag", "ChecksumAlgorithm", "ChecksumType", "Size", "Owner", "StorageClass"],
            entry.Elements().Select(e => e.Name.LocalName));
        Assert.Equal("\"d41d8cd98f00b204e9800998ecf8427e\"", Value(entry, "ETag"));
        Assert.Equal(("CRC64NVME", "FULL_OBJECT", "0", "STANDARD"), (Value(entry, "ChecksumAlgorithm"), Value(entry, "ChecksumType"), Value(entry, "Size"), Value(entry, "StorageClass")));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", Value(entry, "LastModified"));
    }

    [Fact]
    public async Task Names_are_encoded_when_the_client_asks_for_it()
    {
        await server.Bucket("list", "foo+1/bar", "quux ab/thud", "asdf+b", "\u0001", "ä<&>");
        var page = await server.Get("/list?list-type=2&delimiter=%2F&encoding-type=url&prefix=");
        Assert.Equal(["%01", "asdf%2Bb", "%C3%A4%3C%26%3E"], Keys(page));
        Assert.Equal(["foo%2B1/", "quux%20ab/"], Prefixes(page));
        Assert.Equal(("url", "/"), (Value(page, "EncodingType"), Value(page, "Delimiter")));
        Assert.Equal("%2B", Value(await server.Get("/list?encoding-type=url&marker=%2B&max-keys=0"), "Marker"));
    }

    [Fact]
    public async Task A_page_of_no_keys_is_not_truncated_and_a_page_has_a_thousand_at_most()
    {
        await server.Bucket("list", Enumerable.Range(0, 1001).Select(i => $"{i:D4}"));
        var none = await server.Get("/list?max-keys=0");
        Assert.Equal(("false", "0"), (Value(none, "IsTruncated"), Value(none, "MaxKeys")));
        Assert.Empty(Keys(none));
        var most = await server.Get("/list?list-type=2&max-keys=5000");
        Assert.Equal(("true", "1000", "1000"), (Value(most, "IsTruncated"), Value(most, "MaxKeys"), Value(most, "KeyCount")));
        Assert.Equal(["1000"], Keys(await server.Get($"/list?list-type=2&continuation-token={Value(most, "NextContinuationToken")}")));
    }

    [Fact]
    public async Task An_empty_delimiter_or_token_counts_as_none()
    {
        await server.Bucket("list", "a/b");
        var page = await server.Get("/list?list-type=2&delimiter=&continuation-token=");
        Assert.Equal(["a/b"], Keys(page));
        Assert.Equal((null, ""), (Value(page, "Delimiter"), Value(page, "ContinuationToken")));
    }

    [Theory]
    [InlineData("max-keys=blah")]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=2147483648")]
    [InlineData("encoding-type=base64")]
    [InlineData("list-type=2&continuation-token=blah")]
    [InlineData("list-type=2&continuation-token=a_w")]
    [InlineData("list-type=3")]
    [InlineData("uploads&max-uploads=x")]
    public async Task A_bad_parameter_is_an_invalid_argument(string query)
    {
        await server.Bucket("list");
        Assert.Equal("InvalidArgument", Value(await server.Get("/list?" + query), "Code"));
    }

    [Fact]
    public async Task A_prefix_longer_than_a_key_is_an_invalid_argument()
    {
        await server.Bucket("list");
        Assert.Equal("InvalidArgument", Value(await server.Get("/list?prefix=" + new string('a', 1025)), "Code"));
        Assert.Equal("list", Value(await server.Get("/list?prefix=" + new string('a', 1024)), "Name"));
    }

    [Fact]
    public async Task Uploads_are_paged_by_key_and_id()
    {
        var bucket = await server.Bucket("list");
        var ids = new List<string>();
        foreach (var key in new[] { "a", "b", "b", "c/1", "c/2" })
        {
            var made = await server.Services.Uploads.Create(
                bucket, key, new(BucketServer.Owner.CanonicalId, "owner"), new(), ChecksumAlgorithm.Crc32, ChecksumType.FullObject, default);
            ids.Add(made.Value.Id);
        }
        var seen = new List<string>();
        var query = "/list?uploads&delimiter=%2F&max-uploads=1";
        for (var page = await server.Get(query); ; page = await server.Get($"{query}&key-marker={Uri.EscapeDataString(Value(page, "NextKeyMarker")!)}&upload-id-marker={Value(page, "NextUploadIdMarker")}"))
        {
            seen.AddRange(page.Elements("Upload").Select(u => $"{Value(u, "Key")} {Value(u, "UploadId")}"));
            seen.AddRange(Prefixes(page));
            Assert.Equal("1", Value(page, "MaxUploads"));
            if (Value(page, "IsTruncated") == "false") break;
        }
        Assert.Equal([$"a {ids[0]}", $"b {ids[1]}", $"b {ids[2]}", "c/"], seen);

        var upload = (await server.Get("/list?uploads")).Element("Upload")!;
        Assert.Equal(
            ["Key", "UploadId", "Initiator", "Owner", "StorageClass", "Initiated", "ChecksumAlgorithm", "ChecksumType"],
            upload.Elements().Select(e => e.Name.LocalName));
        Assert.Equal(("CRC32", "FULL_OBJECT", "STANDARD"), (Value(upload, "ChecksumAlgorithm"), Value(upload, "ChecksumType"), Value(upload, "StorageClass")));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("ä/\u0001")]
    public void A_token_gives_back_its_name(string name) => Assert.Equal(name, ContinuationToken.Read(ContinuationToken.Write(name)));
}
