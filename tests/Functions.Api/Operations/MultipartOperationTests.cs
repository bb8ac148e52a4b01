using System.Globalization;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class MultipartOperationTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const int MinPart = 5 << 20;

    [Fact]
    public async Task Parts_become_an_object_whose_parts_can_be_read()
    {
        var first = new byte[MinPart];
        Random.Shared.NextBytes(first);
        var id = await Create("/bkt/whole", "x-amz-meta-a: 1", "Content-Type: text/plain");
        var second = await server.Send("PUT", $"/bkt/whole?partNumber=7&uploadId={id}", "tail");
        var one = await server.SendBytes("PUT", $"/bkt/whole?partNumber=2&uploadId={id}", first);

        var listed = await server.Send("GET", $"/bkt/whole?uploadId={id}&max-parts=1");
        Assert.Equal(("2", "true", "2"), (listed.Element("PartNumber"), listed.Element("IsTruncated"), listed.Element("NextPartNumberMarker")));
        Assert.Equal(MinPart.ToString(CultureInfo.InvariantCulture), listed.Element("Size"));
        var rest = await server.Send("GET", $"/bkt/whole?uploadId={id}&part-number-marker=2");
        Assert.Equal(("7", "false", "4"), (rest.Element("PartNumber"), rest.Element("IsTruncated"), rest.Element("Size")));

        var list = Complete((2, one.Header("ETag")!), (7, second.Header("ETag")!));
        var completed = await server.Send("POST", $"/bkt/whole?uploadId={id}", list, $"x-amz-mp-object-size: {MinPart + 4}");
        Assert.Equal(200, completed.Status);
        Assert.EndsWith("-2\"", completed.Element("ETag"));
        Assert.EndsWith("/bkt/whole", completed.Element("Location")!.Split('?')[0]);
        Assert.Equal(("bkt", "whole"), (completed.Element("Bucket"), completed.Element("Key")));
        Assert.Equal(completed.Text, (await server.Send("POST", $"/bkt/whole?uploadId={id}", list, $"x-amz-mp-object-size: {MinPart + 4}")).Text);

        var got = await server.Send("GET", "/bkt/whole");
        Assert.Equal([.. first, .. "tail"u8], got.Body);
        Assert.Equal(("1", "text/plain"), (got.Header("x-amz-meta-a"), got.Header("Content-Type")));
        var part = await server.Send("GET", "/bkt/whole?partNumber=2");
        Assert.Equal((206, "tail", "2"), (part.Status, part.Text, part.Header("x-amz-mp-parts-count")));
        Assert.Equal($"bytes {MinPart}-{MinPart + 3}/{MinPart + 4}", part.Header("Content-Range"));
        Assert.Equal("InvalidPart", (await server.Send("GET", "/bkt/whole?partNumber=3")).Code);
        Assert.Equal("NoSuchUpload", (await server.Send("GET", $"/bkt/whole?uploadId={id}")).Code);
    }

    [Theory]
    [InlineData("CRC32", "FULL_OBJECT", "y/Q5Jg==", "y/Q5Jg==")]
    [InlineData("CRC32C", "FULL_OBJECT", "4waSgw==", "4waSgw==")]
    [InlineData("CRC64NVME", "FULL_OBJECT", "rosUhgp5mIg=", "rosUhgp5mIg=")]
    [InlineData("SHA256", "COMPOSITE", "FeKw08M4kKu8QyFFiSUz9aJNaJJ+Kt8ZvJm3hQ1MVaU=", null)]
    public async Task An_upload_carries_its_checksum_through(string algorithm, string type, string part, string? whole)
    {
        var (target, header) = ("/bkt/sum" + algorithm, "x-amz-checksum-" + algorithm.ToLowerInvariant());
        var created = await server.Send("POST", target + "?uploads", "", "x-amz-checksum-algorithm: " + algorithm);
        if (algorithm is "CRC32" or "CRC32C")
            created = await server.Send(
                "POST", target + "?uploads", "", "x-amz-checksum-algorithm: " + algorithm, "x-amz-checksum-type: " + type);
        Assert.Equal((algorithm, type), (created.Header("x-amz-checksum-algorithm"), created.Header("x-amz-checksum-type")));
        var id = created.Element("UploadId");

        var uploaded = await server.Send("PUT", $"{target}?partNumber=1&uploadId={id}", "123456789");
        var sum = uploaded.Header(header)!;
        if (whole is not null) Assert.Equal(part, sum);
        var list = $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{uploaded.Header("ETag")}</ETag>"
            + $"<Checksum{algorithm}>{sum}</Checksum{algorithm}></Part></CompleteMultipartUpload>";

        Assert.Equal("BadDigest", (await server.Send("POST", $"{target}?uploadId={id}", list, header + ": bad")).Code);
        var completed = await server.Send("POST", $"{target}?uploadId={id}", list);

        Assert.Equal((200, type), (completed.Status, completed.Element("ChecksumType")));
        var answered = completed.Element("Checksum" + algorithm)!;
        if (whole is not null) Assert.Equal(whole, answered);
        else Assert.EndsWith("-1", answered);
        var head = await server.Send("HEAD", target, "", "x-amz-checksum-mode: ENABLED");
        Assert.Equal((answered, type), (head.Header(header), head.Header("x-amz-checksum-type")));
    }

    [Fact]
    public async Task A_part_can_be_copied_from_an_object()
    {
        await server.Send("PUT", "/bkt/from", "0123456789");
        var id = await Create("/bkt/copied");
        var target = $"/bkt/copied?partNumber=1&uploadId={id}";

        var copied = await server.Send("PUT", target, "", "x-amz-copy-source: bkt/from", "x-amz-copy-source-range: bytes=2-5");
        Assert.Equal(200, copied.Status);
        Assert.Equal(200, (await server.Send("POST", $"/bkt/copied?uploadId={id}", Complete((1, copied.Element("ETag")!)))).Status);
        Assert.Equal("2345", (await server.Send("GET", "/bkt/copied")).Text);
    }

    [Theory]
    [InlineData("InvalidRange", "x-amz-copy-source: bkt/src", "x-amz-copy-source-range: bytes=0-21")]
    [InlineData("InvalidArgument", "x-amz-copy-source: bkt/src", "x-amz-copy-source-range: 0-2")]
    [InlineData("NoSuchKey", "x-amz-copy-source: bkt/none")]
    [InlineData("PreconditionFailed", "x-amz-copy-source: bkt/src", "x-amz-copy-source-if-match: other")]
    public async Task A_part_that_cannot_be_copied_is_refused(string code, params string[] headers)
    {
        await server.Send("PUT", "/bkt/src", "12345");
        var id = await Create("/bkt/never");

        Assert.Equal(code, (await server.Send("PUT", $"/bkt/never?partNumber=1&uploadId={id}", "", headers)).Code);
    }

    [Fact]
    public async Task Lists_that_do_not_fit_the_parts_are_refused()
    {
        var id = await Create("/bkt/list");
        var one = (await server.Send("PUT", $"/bkt/list?partNumber=1&uploadId={id}", "a")).Header("ETag")!;
        var two = (await server.Send("PUT", $"/bkt/list?partNumber=2&uploadId={id}", "b")).Header("ETag")!;
        async Task<string?> Try(string list, params string[] headers) =>
            (await server.Send("POST", $"/bkt/list?uploadId={id}", list, headers)).Code;

        Assert.Equal("MalformedXML", await Try(""));
        Assert.Equal("MalformedXML", await Try("<CompleteMultipartUpload></CompleteMultipartUpload>"));
        Assert.Equal("MalformedXML", await Try("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>"));
        Assert.Equal("InvalidPartOrder", await Try(Complete((2, two), (1, one))));
        Assert.Equal("InvalidPart", await Try(Complete((1, two))));
        Assert.Equal("InvalidPart", await Try(Complete((1, one), (3, two))));
        Assert.Equal("InvalidArgument", await Try(Complete((0, one))));
        Assert.Equal("EntityTooSmall", await Try(Complete((1, one), (2, two))));
        Assert.Equal("InvalidRequest", await Try(Complete((1, one)), "x-amz-mp-object-size: 7"));
        Assert.Equal("NoSuchKey", await Try(Complete((1, one)), "If-Match: *"));
        Assert.Null(await Try(Complete((1, two), (1, one))));
        Assert.Equal("a", (await server.Send("GET", "/bkt/list")).Text);
    }

    [Fact]
    public async Task An_aborted_upload_is_gone()
    {
        var id = await Create("/bkt/aborted");

        Assert.Equal(204, (await server.Send("DELETE", $"/bkt/aborted?uploadId={id}")).Status);

        Assert.Equal("NoSuchUpload", (await server.Send("DELETE", $"/bkt/aborted?uploadId={id}")).Code);
        Assert.Equal("NoSuchUpload", (await server.Send("PUT", $"/bkt/aborted?partNumber=1&uploadId={id}", "x")).Code);
        Assert.Equal("NoSuchUpload", (await server.Send("POST", "/bkt/aborted?uploadId=a%00%2F%3F", Complete((1, "x")))).Code);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("x")]
    public async Task Part_numbers_out_of_bounds_are_refused(string number)
    {
        var id = await Create("/bkt/bounds");

        Assert.Equal("InvalidArgument", (await server.Send("PUT", $"/bkt/bounds?partNumber={number}&uploadId={id}", "x")).Code);
    }

    private async Task<string> Create(string target, params string[] headers) =>
        (await server.Send("POST", target + "?uploads", "", headers)).Element("UploadId")!;

    private static string Complete(params (int Number, string ETag)[] parts) =>
        "<CompleteMultipartUpload>"
        + string.Concat(parts.Select(p => $"<Part><ETag>{p.ETag}</ETag><PartNumber>{p.Number}</PartNumber></Part>"))
        + "</CompleteMultipartUpload>";
}
