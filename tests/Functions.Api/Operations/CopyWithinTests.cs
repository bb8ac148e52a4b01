namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Copies that the location makes, and those that it must not.</summary>
public sealed class CopyWithinTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private static readonly string Body = new('b', 9000);

    [Theory]
    [InlineData("plain", true)]
    [InlineData("same-checksum", true, "x-amz-checksum-algorithm: CRC64NVME")]
    [InlineData("other-checksum", false, "x-amz-checksum-algorithm: SHA256")]
    [InlineData("encrypted", false, "x-amz-server-side-encryption: AES256")]
    [InlineData("elsewhere", false, "x-amz-metadata-directive: REPLACE", "x-amz-meta-scal-location-constraint: far")]
    public async Task The_location_copies_what_needs_no_look_at_the_bytes(string key, bool byLocation, params string[] headers)
    {
        var put = await server.Send("PUT", $"/bkt/{key}", Body, "x-amz-meta-a: 1");
        var before = server.Linked.Copies;

        var copied = await server.Send("PUT", $"/bkt/{key}-copy", "", ["x-amz-copy-source: /bkt/" + key, .. headers]);

        Assert.Equal(200, copied.Status);
        Assert.Equal(byLocation ? 1 : 0, server.Linked.Copies - before);
        await server.Send("DELETE", $"/bkt/{key}");
        var read = await server.Send("GET", $"/bkt/{key}-copy", "", "x-amz-checksum-mode: ENABLED");
        Assert.Equal(Body, read.Text);
        Assert.Equal(put.Header("ETag"), copied.Element("ETag"));
        if (byLocation) Assert.Equal(put.Header("x-amz-checksum-crc64nvme"), read.Header("x-amz-checksum-crc64nvme"));
    }

    [Fact]
    public async Task Encrypted_sources_parts_and_small_bodies_pass_through()
    {
        await server.Send("PUT", "/bkt/e", Body, "x-amz-server-side-encryption: AES256");
        await server.Send("PUT", "/bkt/s", "small");
        var upload = (await server.Send("POST", "/bkt/p?uploads")).Element("UploadId");
        var etag = (await server.Send("PUT", $"/bkt/p?partNumber=1&uploadId={upload}", Body)).Header("ETag");
        await server.Send("POST", $"/bkt/p?uploadId={upload}", $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>");
        var before = server.Linked.Copies;
        foreach (var (key, body) in new[] { ("e", Body), ("s", "small"), ("p", Body) })
        {
            Assert.Equal(200, (await server.Send("PUT", $"/bkt/{key}-copy", "", "x-amz-copy-source: /bkt/" + key)).Status);
            Assert.Equal(body, (await server.Send("GET", $"/bkt/{key}-copy")).Text);
        }
        Assert.Equal(before, server.Linked.Copies);
    }
}
