using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Blob;

public sealed class AppendBlobTests(BlobFixture fixture) : IClassFixture<BlobFixture>
{
    [Fact]
    public async Task Blocks_are_appended_until_the_blob_is_sealed_and_S3_reads_them()
    {
        Assert.Equal(201, (await fixture.Send("PUT", "bkt/log", null, "x-ms-blob-type: AppendBlob")).Status);
        var first = await fixture.Send("PUT", "bkt/log?comp=appendblock", "one ");
        Assert.Equal((201, "0", "1"), (first.Status, first.Header("x-ms-blob-append-offset"), first.Header("x-ms-blob-committed-block-count")));
        Assert.Equal((await fixture.Put("bkt/from", "one ")).Header("x-ms-content-crc64"), first.Header("x-ms-content-crc64"));
        await fixture.Put("bkt/from", "0123456789");
        var second = await fixture.Send("PUT", "bkt/log?comp=appendblock", null, "x-ms-copy-source: " + fixture.Url("bkt/from"), "x-ms-source-range: bytes=3-5");
        Assert.Equal((201, "4", "2"), (second.Status, second.Header("x-ms-blob-append-offset"), second.Header("x-ms-blob-committed-block-count")));
        Assert.NotEqual(first.Header("ETag"), second.Header("ETag"));
        Assert.Equal("one 345", (await fixture.Send("GET", "bkt/log", null)).Text);
        Assert.Equal("one 345", (await fixture.S3("GET", "/bkt/log")).Text);
        var head = await fixture.Send("HEAD", "bkt/log", null);
        Assert.Equal(("AppendBlob", "false"), (head.Header("x-ms-blob-type"), head.Header("x-ms-blob-sealed")));

        Assert.Equal("AppendPositionConditionNotMet", (await fixture.Send("PUT", "bkt/log?comp=appendblock", "x", "x-ms-blob-condition-appendpos: 4")).Header("x-ms-error-code"));
        Assert.Equal("MaxBlobSizeConditionNotMet", (await fixture.Send("PUT", "bkt/log?comp=appendblock", "x", "x-ms-blob-condition-maxsize: 7")).Header("x-ms-error-code"));
        Assert.Equal(412, (await fixture.Send("PUT", "bkt/log?comp=appendblock", "x", "If-Match: " + first.Header("ETag"))).Status);
        Assert.Equal("true", (await fixture.Send("PUT", "bkt/log?comp=seal", null)).Header("x-ms-blob-sealed"));
        Assert.Equal("BlobIsSealed", (await fixture.Send("PUT", "bkt/log?comp=appendblock", "x")).Header("x-ms-error-code"));
    }

    [Fact]
    public async Task Of_an_append_blob_only_what_was_said_of_its_MD5_is_told()
    {
        await fixture.Send("PUT", "bkt/sum", null, "x-ms-blob-type: AppendBlob");
        Assert.Null((await fixture.Send("HEAD", "bkt/sum", null)).Header("Content-MD5"));
        await fixture.Send("PUT", "bkt/sum", null, "x-ms-blob-type: AppendBlob", "x-ms-blob-content-md5: AQIDBAU=");
        Assert.Equal("AQIDBAU=", (await fixture.Send("HEAD", "bkt/sum", null)).Header("Content-MD5"));
    }

    [Fact]
    public async Task Only_append_blobs_are_appended_to_and_only_block_blobs_have_blocks()
    {
        await fixture.Put("bkt/block", "x");
        Assert.Equal((409, "InvalidBlobType"), Told(await fixture.Send("PUT", "bkt/block?comp=appendblock", "x")));
        Assert.Equal((404, "BlobNotFound"), Told(await fixture.Send("PUT", "bkt/nothing?comp=appendblock", "x")));
        await fixture.Send("PUT", "bkt/append", null, "x-ms-blob-type: AppendBlob");
        Assert.Equal((409, "InvalidBlobType"), Told(await fixture.Send("PUT", "bkt/append?comp=block&blockid=YQ%3D%3D", "x")));
        Assert.Equal((409, "InvalidBlobType"), Told(await fixture.Send("GET", "bkt/append?comp=blocklist", null)));
        Assert.Equal((400, "InvalidHeaderValue"), Told(await fixture.Send("PUT", "bkt/append2", "bytes", "x-ms-blob-type: AppendBlob")));
    }

    private static (int, string?) Told(Answer answer) => (answer.Status, answer.Header("x-ms-error-code"));
}
