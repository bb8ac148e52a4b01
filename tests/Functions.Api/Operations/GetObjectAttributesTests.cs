using System.Globalization;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>What there is to say of an object, as far as it is asked for.</summary>
public sealed class GetObjectAttributesTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string All = "x-amz-object-attributes: ETag,Checksum,ObjectParts,StorageClass,ObjectSize";
    private const int PartSize = 5 << 20;

    [Fact]
    public async Task Everything_that_is_asked_for_is_said_and_nothing_else()
    {
        var put = await server.Send("PUT", "/bkt/said", "abc", "x-amz-checksum-sha256: ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");

        var all = await server.Send("GET", "/bkt/said?attributes", "", All);
        Assert.Equal(("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "FULL_OBJECT"), (all.Element("ChecksumSHA256"), all.Element("ChecksumType")));
        Assert.Equal((put.Header("ETag")!.Trim('"'), "STANDARD", "3"), (all.Element("ETag"), all.Element("StorageClass"), all.Element("ObjectSize")));
        Assert.Empty(all.Elements("ObjectParts"));
        Assert.NotNull(all.Header("Last-Modified"));
        Assert.Null(all.Header("x-amz-version-id"));

        var size = await server.Send("GET", "/bkt/said?attributes", "", "x-amz-object-attributes: ObjectSize, StorageClass");
        Assert.Equal(("3", "STANDARD"), (size.Element("ObjectSize"), size.Element("StorageClass")));
        Assert.Empty(size.Elements("ETag").Concat(size.Elements("Checksum")));
    }

    [Fact]
    public async Task The_storage_class_is_the_one_it_was_written_with()
    {
        await server.Send("PUT", "/bkt/cold", "abc", "x-amz-storage-class: STANDARD_IA");
        Assert.Equal("STANDARD_IA", (await server.Send("GET", "/bkt/cold?attributes", "", All)).Element("StorageClass"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("x-amz-object-attributes: ,")]
    [InlineData("x-amz-object-attributes: ETag,Owner")]
    [InlineData("x-amz-object-attributes: etag")]
    public async Task Attributes_that_do_not_exist_cannot_be_asked_for(string? header)
    {
        await server.Send("PUT", "/bkt/said", "abc");
        Assert.Equal("InvalidArgument", (await server.Send("GET", "/bkt/said?attributes", "", header is null ? [] : [header])).Code);
    }

    [Theory]
    [InlineData("x-amz-max-parts: many")]
    [InlineData("x-amz-max-parts: -1")]
    [InlineData("x-amz-part-number-marker: x")]
    public async Task A_page_is_named_by_numbers(string header)
    {
        await server.Send("PUT", "/bkt/said", "abc");
        Assert.Equal("InvalidArgument", (await server.Send("GET", "/bkt/said?attributes", "", All, header)).Code);
    }

    [Fact]
    public async Task What_is_not_there_has_none() =>
        Assert.Equal("NoSuchKey", (await server.Send("GET", "/bkt/missing?attributes", "", All)).Code);

    [Fact]
    public async Task Parts_are_told_page_by_page()
    {
        var sums = await Upload("/bkt/parts", 3, "x-amz-checksum-algorithm: SHA256");

        var whole = await server.Send("GET", "/bkt/parts?attributes", "", All);
        Assert.Equal(("3", "false", "COMPOSITE"), (whole.Element("PartsCount"), whole.Element("IsTruncated"), whole.Element("ChecksumType")));
        Assert.Equal(["1", "2", "3"], whole.Elements("PartNumber"));
        Assert.Equal([$"{PartSize}", $"{PartSize}", "1"], whole.Elements("Size"));
        Assert.Equal(sums, whole.Elements("ChecksumSHA256").Skip(1));
        Assert.EndsWith("-3", whole.Element("ChecksumSHA256"), StringComparison.Ordinal);
        Assert.Equal((PartSize * 2L + 1).ToString(CultureInfo.InvariantCulture), whole.Element("ObjectSize"));

        var page = await server.Send("GET", "/bkt/parts?attributes", "", All, "x-amz-max-parts: 1", "x-amz-part-number-marker: 1");
        Assert.Equal(
            ("1", "2", "1", "true"),
            (page.Element("PartNumberMarker"), page.Element("NextPartNumberMarker"), page.Element("MaxParts"), page.Element("IsTruncated")));
        Assert.Equal(["2"], page.Elements("PartNumber"));
        Assert.Equal("3", page.Element("PartsCount"));

        var last = await server.Send("GET", "/bkt/parts?attributes", "", All, "x-amz-max-parts: 9", "x-amz-part-number-marker: 2");
        Assert.Equal("false", last.Element("IsTruncated"));
        Assert.Equal(["3"], last.Elements("PartNumber"));
        var beyond = await server.Send("GET", "/bkt/parts?attributes", "", All, "x-amz-part-number-marker: 2147483647");
        Assert.Equal("false", beyond.Element("IsTruncated"));
        Assert.Empty(beyond.Elements("PartNumber"));
    }

    [Fact]
    public async Task Parts_without_checksums_of_their_own_are_only_counted()
    {
        await Upload("/bkt/counted", 2);
        var answer = await server.Send("GET", "/bkt/counted?attributes", "", "x-amz-object-attributes: ObjectParts");
        Assert.Equal(("2", "2"), (answer.Element("PartsCount"), answer.Element("NextPartNumberMarker")));
        Assert.Empty(answer.Elements("Part"));
    }

    /// <summary>Uploads so many parts, the last of one byte; their checksums.</summary>
    private async Task<List<string>> Upload(string target, int parts, params string[] headers)
    {
        var upload = (await server.Send("POST", target + "?uploads", "", headers)).Element("UploadId");
        var (list, sums) = ("", new List<string>());
        for (var number = 1; number <= parts; number++)
        {
            var part = await server.SendBytes("PUT", $"{target}?partNumber={number}&uploadId={upload}", new byte[number == parts ? 1 : PartSize]);
            list += $"<Part><PartNumber>{number}</PartNumber><ETag>{part.Header("ETag")}</ETag></Part>";
            if (part.Header("x-amz-checksum-sha256") is { } sum) sums.Add(sum);
        }
        Assert.Equal(200, (await server.Send("POST", $"{target}?uploadId={upload}", $"<CompleteMultipartUpload>{list}</CompleteMultipartUpload>")).Status);
        return sums;
    }
}
