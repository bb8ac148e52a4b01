using System.Text;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Blob;

public sealed class BlockBlobTests(BlobFixture fixture) : IClassFixture<BlobFixture>
{
    [Fact]
    public async Task Blocks_are_staged_listed_committed_and_read_by_both_protocols()
    {
        await Stage("bkt/flow", "1", "Hello, ");
        await Stage("bkt/flow", "2", "world");
        Assert.Equal(404, (await fixture.Send("GET", "bkt/flow", null)).Status);
        var open = await fixture.Send("GET", "bkt/flow?comp=blocklist&blocklisttype=all", null);
        Assert.Contains($"<CommittedBlocks></CommittedBlocks><UncommittedBlocks><Block><Name>{Id("1")}</Name><Size>7</Size></Block>", open.Text, StringComparison.Ordinal);

        var made = await Commit("bkt/flow", $"<Latest>{Id("1")}</Latest><Uncommitted>{Id("2")}</Uncommitted>", "x-ms-blob-content-type: text/plain", "x-ms-meta-who: me");
        Assert.Equal(201, made.Status);
        var read = await fixture.Send("GET", "bkt/flow", null);
        Assert.Equal("Hello, world", read.Text);
        Assert.Equal("text/plain", read.Header("Content-Type"));
        Assert.Equal("me", read.Header("x-ms-meta-who"));
        Assert.Equal(made.Header("ETag"), read.Header("ETag"));
        var s3 = await fixture.S3("GET", "/bkt/flow");
        Assert.Equal("Hello, world", s3.Text);
        Assert.EndsWith("-2\"", s3.Header("ETag"), StringComparison.Ordinal);
        var committed = await fixture.Send("GET", "bkt/flow?comp=blocklist", null);
        Assert.Contains("<Size>5</Size>", committed.Text, StringComparison.Ordinal);
        Assert.Equal("12", committed.Header("x-ms-blob-content-length"));
    }

    [Fact]
    public async Task An_empty_list_makes_an_empty_blob_and_a_put_drops_what_was_staged()
    {
        await Stage("bkt/empty", "1", "dropped");
        Assert.Equal(201, (await Commit("bkt/empty", "")).Status);
        Assert.Equal("0", (await fixture.Send("HEAD", "bkt/empty", null)).Header("Content-Length"));
        await Stage("bkt/empty", "1", "dropped");
        Assert.Equal(201, (await fixture.Put("bkt/empty", "whole")).Status);
        Assert.DoesNotContain("<Block>", (await fixture.Send("GET", "bkt/empty?comp=blocklist&blocklisttype=all", null)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bkt/wrong?comp=block", "x", "MissingRequiredQueryParameter")]
    [InlineData("bkt/wrong?comp=block&blockid=%21", "x", "InvalidQueryParameterValue")]
    [InlineData("bkt/wrong?comp=block&blockid=YWE%3D", "", "InvalidHeaderValue")]
    [InlineData("bkt/wrong?comp=blocklist", "<BlockList><Latest>YWE=</Latest></BlockList>", "InvalidBlockList")]
    [InlineData("bkt/wrong?comp=blocklist", "<BlockList><Latest>!</Latest></BlockList>", "InvalidBlockId")]
    [InlineData("bkt/wrong?comp=blocklist", "<BlockList><Other/></BlockList>", "InvalidXmlDocument")]
    [InlineData("bkt/wrong?comp=blocklist", "<BlockList", "InvalidXmlDocument")]
    public async Task Malformed_requests_get_the_protocols_error(string target, string body, string code) =>
        Assert.Equal(code, (await fixture.Send("PUT", target, body)).Header("x-ms-error-code"));

    [Fact]
    public async Task Ids_of_two_lengths_and_wrong_checksums_are_refused()
    {
        await Stage("bkt/ids", "1", "x");
        Assert.Equal("InvalidBlobOrBlock", (await fixture.Send("PUT", Block("bkt/ids", "22"), "x")).Header("x-ms-error-code"));
        Assert.Equal("Md5Mismatch", (await fixture.Send("PUT", Block("bkt/ids", "2"), "x", "Content-MD5: " + Convert.ToBase64String(new byte[16]))).Header("x-ms-error-code"));
        Assert.Equal("Crc64Mismatch", (await fixture.Send("PUT", Block("bkt/ids", "2"), "x", "x-ms-content-crc64: AAAAAAAAAAA=")).Header("x-ms-error-code"));
    }

    [Fact]
    public async Task Conditions_are_looked_at_when_the_list_is_committed()
    {
        await fixture.Put("bkt/there", "old");
        await Stage("bkt/there", "1", "new");
        var refused = await Commit("bkt/there", $"<Latest>{Id("1")}</Latest>", "If-None-Match: *");
        Assert.Equal((409, "BlobAlreadyExists"), (refused.Status, refused.Header("x-ms-error-code")));
        Assert.Equal("old", (await fixture.Send("GET", "bkt/there", null)).Text);
        var tag = (await fixture.Send("HEAD", "bkt/there", null)).Header("ETag");
        Assert.Equal(201, (await Commit("bkt/there", $"<Latest>{Id("1")}</Latest>", "If-Match: " + tag)).Status);
    }

    [Fact]
    public async Task Blocks_and_blobs_are_copied_from_this_servers_own_blobs()
    {
        await fixture.Put("bkt/source", "0123456789", "x-ms-blob-content-type: text/plain", "x-ms-meta-a: b");
        var source = fixture.Url("bkt/source");
        Assert.Equal(201, (await fixture.Send("PUT", Block("bkt/target", "1"), null, "x-ms-copy-source: " + source, "x-ms-source-range: bytes=2-4")).Status);
        Assert.Equal(201, (await Commit("bkt/target", $"<Latest>{Id("1")}</Latest>")).Status);
        Assert.Equal("234", (await fixture.Send("GET", "bkt/target", null)).Text);

        var copied = await fixture.Send("PUT", "bkt/copy", null, "x-ms-copy-source: " + source);
        Assert.Equal((202, "success"), (copied.Status, copied.Header("x-ms-copy-status")));
        var read = await fixture.Send("GET", "bkt/copy", null);
        Assert.Equal(("0123456789", "text/plain", "b", copied.Header("x-ms-copy-id")), (read.Text, read.Header("Content-Type"), read.Header("x-ms-meta-a"), read.Header("x-ms-copy-id")));
        Assert.Equal(201, (await fixture.Send("PUT", "bkt/put", null, "x-ms-copy-source: " + source, "x-ms-blob-type: BlockBlob")).Status);
        Assert.Equal("0123456789", (await fixture.Send("GET", "bkt/put", null)).Text);
        Assert.Equal("NoPendingCopyOperation", (await fixture.Send("PUT", "bkt/copy?comp=copy&copyid=x", null, "x-ms-copy-action: abort")).Header("x-ms-error-code"));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/a/b/c")]
    [InlineData("http://[::1]:1/a/b/c")]
    [InlineData("http://[::ffff:10.0.0.1]/a/b/c")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    public async Task Foreign_sources_at_addresses_that_are_not_public_are_refused(string source)
    {
        var answer = await fixture.Send("PUT", "bkt/inside", null, "x-ms-copy-source: " + source);
        Assert.Equal((400, "CannotVerifyCopySource"), (answer.Status, answer.Header("x-ms-error-code")));
        Assert.Contains("not public", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x-ms-source-if-none-match: *", 412, "SourceConditionNotMet")]
    [InlineData("x-ms-source-range: bytes=50-60", 416, "InvalidRange")]
    public async Task Conditions_and_ranges_of_a_source_are_its_own(string header, int status, string code)
    {
        await fixture.Put("bkt/conditioned", "0123456789");
        var answer = await fixture.Send("PUT", Block("bkt/unwritten", "1"), null, "x-ms-copy-source: " + fixture.Url("bkt/conditioned"), header);
        Assert.Equal((status, code), (answer.Status, answer.Header("x-ms-error-code")));
    }

    private static string Id(string name) => Convert.ToBase64String(Encoding.ASCII.GetBytes(name));

    private static string Block(string blob, string id) => $"{blob}?comp=block&blockid={Uri.EscapeDataString(Id(id))}";

    private async Task Stage(string blob, string id, string body) => Assert.Equal(201, (await fixture.Send("PUT", Block(blob, id), body)).Status);

    private async Task<Answer> Commit(string blob, string list, params string[] headers) =>
        await fixture.Send("PUT", blob + "?comp=blocklist", $"<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{list}</BlockList>", headers);

    [Fact]
    public async Task A_foreign_source_at_an_address_that_is_not_public_is_fetched_where_the_setting_lets_it_be()
    {
        var here = new Uri(fixture.Url("bkt/foreign"));
        var refused = await Assert.ThrowsAsync<S3Exception>(async () => await ForeignSources.Get(here, [], isAny: false, default));
        Assert.Equal("CannotVerifyCopySource", refused.Error.Code);
        using var answer = await ForeignSources.Get(here, [KeyValuePair.Create("x-ms-version", "2021-12-02")], isAny: true, default);
        Assert.Equal(404, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("", 200, null)]
    [InlineData("&blocklisttype=committed", 200, null)]
    [InlineData("&blocklisttype=uncommitted", 401, "NoAuthenticationInformation")]
    [InlineData("&blocklisttype=all", 401, "NoAuthenticationInformation")]
    public async Task Of_a_public_blob_only_the_committed_blocks_are_public(string type, int status, string? code)
    {
        await fixture.Send("PUT", "openblocks?restype=container", null, "x-ms-blob-public-access: blob");
        await fixture.Put("openblocks/a", "x");
        await fixture.Send("PUT", "openblocks/a?comp=block&blockid=YQ%3D%3D", "staged");
        var told = await fixture.SendAs(Principal.Anonymous, "GET", "openblocks/a?comp=blocklist" + type);
        Assert.Equal((status, code), (told.Status, told.Header("x-ms-error-code")));
        Assert.DoesNotContain("YQ==", told.Text, StringComparison.Ordinal);
    }
}
