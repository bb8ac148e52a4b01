using System.Xml.Linq;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class ListObjectVersionsTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private static int buckets;

    [Fact]
    public async Task Versions_and_markers_are_listed_by_key_and_the_newest_first()
    {
        var bucket = await Bucket();
        var (a1, b1, a2) = (await Put(bucket, "a", "one"), await Put(bucket, "b", "x"), await Put(bucket, "a", "three"));
        var marker = (await server.Send("DELETE", $"/{bucket}/a")).Header("x-amz-version-id")!;

        var listed = await server.Send("GET", $"/{bucket}?versions");

        Assert.Equal(
            [$"DeleteMarker a {marker} true", $"Version a {a2} false", $"Version a {a1} false", $"Version b {b1} true"], Lines(listed));
        Assert.Equal(["5", "3", "1"], listed.Elements("Size"));
        Assert.Equal(["STANDARD", "STANDARD", "STANDARD"], listed.Elements("StorageClass"));
        Assert.Equal(["CRC64NVME", "CRC64NVME", "CRC64NVME"], listed.Elements("ChecksumAlgorithm"));
        Assert.Equal(4, listed.Elements("ID").Count);
        Assert.Equal(4, listed.Elements("LastModified").Count);
        Assert.Equal("false", listed.Element("IsTruncated"));
        Assert.Equal("1000", listed.Element("MaxKeys"));
        Assert.Null(listed.Element("NextKeyMarker"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&delimiter=/")]
    [InlineData("&prefix=d")]
    [InlineData("&prefix=d/&delimiter=/")]
    public async Task Pages_of_any_size_are_the_whole_listing_and_end_exactly(string parameters)
    {
        var bucket = await Bucket();
        foreach (var key in new[] { "a", "d/1", "d/2", "d/2/3", "e" })
            for (var i = 0; i < 3; i++) await Put(bucket, key, "x");
        await server.Send("DELETE", $"/{bucket}/d/1");
        await server.Send("PUT", $"/{bucket}?versioning", "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
        await Put(bucket, "d/2", "null version");
        var whole = Lines(await server.Send("GET", $"/{bucket}?versions{parameters}"));
        for (var size = 1; size <= whole.Count; size++)
        {
            var paged = new List<string>();
            var (markers, pages) = ("", 0);
            while (true)
            {
                var page = await server.Send("GET", $"/{bucket}?versions{parameters}&max-keys={size}{markers}");
                paged.AddRange(Lines(page));
                pages++;
                if (page.Element("IsTruncated") == "false") break;
                markers = "&key-marker=" + Uri.EscapeDataString(page.Element("NextKeyMarker")!);
                if (page.Element("NextVersionIdMarker") is { } id) markers += "&version-id-marker=" + id;
            }
            Assert.Equal(whole, paged.OrderBy(line => whole.IndexOf(line)));
            Assert.Equal((whole.Count + size - 1) / size, pages);
        }
    }

    [Fact]
    public async Task A_listing_goes_on_behind_a_version_that_is_gone()
    {
        var bucket = await Bucket();
        var ids = new[] { await Put(bucket, "k", "1"), await Put(bucket, "k", "2"), await Put(bucket, "k", "3") };
        await server.Send("DELETE", $"/{bucket}/k?versionId={ids[2]}");
        var page = await server.Send("GET", $"/{bucket}?versions&key-marker=k&version-id-marker={ids[2]}");
        Assert.Equal([$"Version k {ids[1]} true", $"Version k {ids[0]} false"], Lines(page));
        Assert.Empty(Lines(await server.Send("GET", $"/{bucket}?versions&key-marker=k")));
    }

    [Fact]
    public async Task The_null_version_can_be_the_marker()
    {
        var bucket = await Bucket(versioned: false);
        await Put(bucket, "k", "old");
        await server.Send("PUT", $"/{bucket}?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        await Put(bucket, "k", "new");
        Assert.Empty(Lines(await server.Send("GET", $"/{bucket}?versions&key-marker=k&version-id-marker=null")));
    }

    [Fact]
    public async Task An_unversioned_bucket_lists_null_versions()
    {
        var bucket = await Bucket(versioned: false);
        await Put(bucket, "k", "x");
        Assert.Equal(["Version k null true"], Lines(await server.Send("GET", $"/{bucket}?versions")));
    }

    [Fact]
    public async Task Names_are_encoded_where_that_is_asked_for()
    {
        var bucket = await Bucket();
        await Put(bucket, "a%20b/%C3%A9", "x");
        var listed = await server.Send("GET", $"/{bucket}?versions&encoding-type=url&prefix=a%20");
        Assert.Equal("a%20b/%C3%A9", listed.Element("Key"));
        Assert.Equal("url", listed.Element("EncodingType"));
        var rolled = await server.Send("GET", $"/{bucket}?versions&encoding-type=url&delimiter=/");
        Assert.Contains("a%20b/", rolled.Elements("Prefix"));
    }

    [Theory]
    [InlineData("version-id-marker=null")]
    [InlineData("key-marker=k&version-id-marker=a%20b")]
    [InlineData("max-keys=x")]
    [InlineData("max-keys=-1")]
    [InlineData("encoding-type=other")]
    public async Task Parameters_that_make_no_sense_are_refused(string parameters)
    {
        var listed = await server.Send("GET", $"/bkt?versions&{parameters}");
        Assert.Equal((400, "InvalidArgument"), (listed.Status, listed.Code));
    }

    [Fact]
    public async Task A_page_of_none_is_not_truncated()
    {
        var bucket = await Bucket();
        await Put(bucket, "k", "x");
        var listed = await server.Send("GET", $"/{bucket}?versions&max-keys=0");
        Assert.Empty(Lines(listed));
        Assert.Equal("false", listed.Element("IsTruncated"));
    }

    private static List<string> Lines(Answer listed)
    {
        Assert.Equal(200, listed.Status);
        var elements = XDocument.Parse(listed.Text).Root!.Elements();
        string Text(XElement element, string name) => element.Elements().Single(inner => inner.Name.LocalName == name).Value;
        return [.. elements.Where(e => e.Name.LocalName is "Version" or "DeleteMarker" or "CommonPrefixes").Select(e =>
            e.Name.LocalName == "CommonPrefixes" ? Text(e, "Prefix") : $"{e.Name.LocalName} {Text(e, "Key")} {Text(e, "VersionId")} {Text(e, "IsLatest")}")];
    }

    private async Task<string> Bucket(bool versioned = true)
    {
        var bucket = $"list-versions-{Interlocked.Increment(ref buckets)}";
        await server.Send("PUT", $"/{bucket}");
        if (versioned)
            await server.Send("PUT", $"/{bucket}?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        return bucket;
    }

    private async Task<string?> Put(string bucket, string key, string body) =>
        (await server.Send("PUT", $"/{bucket}/{key}", body)).Header("x-amz-version-id");
}
