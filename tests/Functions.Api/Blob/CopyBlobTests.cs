using System.Xml.Linq;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Copies that outlast their request.</summary>
public sealed class CopyBlobTests(BlobFixture fixture) : IClassFixture<BlobFixture>
{
    private const string Id = "22222222-2222-2222-2222-222222222222";

    [Fact]
    public async Task A_large_blob_is_copied_by_a_job_whose_progress_is_told()
    {
        var body = string.Concat(Enumerable.Range(0, 100_001).Select(i => $"{i:d9}\n"));
        await fixture.Put("bkt/large", body, "x-ms-meta-m: 1", "x-ms-blob-content-type: text/plain");
        await fixture.Put("bkt/large-copy", "old");
        var begun = await Copy("bkt/large-copy", "bkt/large");
        Assert.Equal((202, "pending"), (begun.Status, begun.Header("x-ms-copy-status")));
        var id = begun.Header("x-ms-copy-id");
        var told = await Ended("bkt/large-copy");
        Assert.Equal(("success", id, "1000010/1000010"), (told.Header("x-ms-copy-status"), told.Header("x-ms-copy-id"), told.Header("x-ms-copy-progress")));
        Assert.Equal(("text/plain", "1", "1000010"), (told.Header("Content-Type"), told.Header("x-ms-meta-m"), told.Header("Content-Length")));
        var source = await fixture.Send("HEAD", "bkt/large", null);
        Assert.Equal((source.Header("Content-MD5"), fixture.Url("bkt/large")), (told.Header("Content-MD5"), told.Header("x-ms-copy-source")));
        Assert.NotEqual(begun.Header("ETag"), told.Header("ETag"));
        Assert.NotNull(told.Header("x-ms-copy-completion-time"));
        Assert.Equal(body, (await fixture.Send("GET", "bkt/large-copy", null)).Text);
        Assert.Equal("NoPendingCopyOperation", (await Abort("bkt/large-copy", id!)).Code);
    }

    [Fact]
    public async Task A_large_blob_goes_over_no_blob_that_must_not_be_there_and_over_itself_at_once()
    {
        await fixture.Put("bkt/itself", new string('a', 1_000_001));
        var there = await Copy("bkt/itself", "bkt/itself", "If-None-Match: *");
        Assert.Equal((409, "BlobAlreadyExists"), (there.Status, there.Code));
        var onto = await Copy("bkt/itself", "bkt/itself", "x-ms-meta-m: 2");
        Assert.Equal((202, "success"), (onto.Status, onto.Header("x-ms-copy-status")));
        Assert.Equal("1000001", (await fixture.Send("HEAD", "bkt/itself", null)).Header("Content-Length"));
        var synchronous = await Copy("bkt/at-once", "bkt/itself", "x-ms-requires-sync: true");
        Assert.Equal((202, "success"), (synchronous.Status, synchronous.Header("x-ms-copy-status")));
    }

    [Fact]
    public async Task Copies_of_page_blobs_and_append_blobs_are_such_again()
    {
        var page = new string('p', 512);
        await fixture.Send("PUT", "bkt/pages", null, "x-ms-blob-type: PageBlob", "x-ms-blob-content-length: 10485760", "x-ms-blob-sequence-number: 7", "x-ms-meta-a: b");
        await fixture.Send("PUT", "bkt/pages?comp=page", page, "x-ms-page-write: update", "x-ms-range: bytes=1024-1535");
        var large = await Copy("bkt/pages-copy", "bkt/pages");
        Assert.Equal((202, "pending"), (large.Status, large.Header("x-ms-copy-status")));
        var told = await Ended("bkt/pages-copy");
        Assert.Equal(
            ("success", "10485760/10485760", "PageBlob", "10485760", "7", "b"),
            (told.Header("x-ms-copy-status"), told.Header("x-ms-copy-progress"), told.Header("x-ms-blob-type"), told.Header("Content-Length"), told.Header("x-ms-blob-sequence-number"), told.Header("x-ms-meta-a")));
        const string Ranges = "<PageList><PageRange><Start>1024</Start><End>1535</End></PageRange></PageList>";
        Assert.Contains(Ranges, (await fixture.Send("GET", "bkt/pages-copy?comp=pagelist", null)).Text, StringComparison.Ordinal);
        var snapshot = (await fixture.Send("PUT", "bkt/pages?comp=snapshot", null)).Header("x-ms-snapshot");
        await fixture.Send("PUT", "bkt/pages?comp=page", null, "x-ms-page-write: clear", "x-ms-range: bytes=0-2047");
        Assert.Equal(202, (await Copy("bkt/pages", $"bkt/pages?snapshot={snapshot}")).Status);
        Assert.Equal("success", (await Ended("bkt/pages")).Header("x-ms-copy-status"));
        Assert.Contains(Ranges, (await fixture.Send("GET", "bkt/pages?comp=pagelist", null)).Text, StringComparison.Ordinal);
        Assert.Equal("success", (await Copy("bkt/pages", "bkt/pages", "x-ms-meta-c: d")).Header("x-ms-copy-status"));
        var itself = await fixture.Send("GET", "bkt/pages", null, "x-ms-range: bytes=1024-1535");
        Assert.Equal((page, "d", null, "PageBlob"), (itself.Text, itself.Header("x-ms-meta-c"), itself.Header("x-ms-meta-a"), itself.Header("x-ms-blob-type")));

        await fixture.Send("PUT", "bkt/log", null, "x-ms-blob-type: AppendBlob");
        await fixture.Send("PUT", "bkt/log?comp=appendblock", "one;");
        var small = await Copy("bkt/log-copy", "bkt/log");
        Assert.Equal((202, "success"), (small.Status, small.Header("x-ms-copy-status")));
        Assert.Equal(small.Header("ETag"), (await fixture.Send("HEAD", "bkt/log-copy", null)).Header("ETag"));
        Assert.Equal("4", (await fixture.Send("PUT", "bkt/log-copy?comp=appendblock", "two;")).Header("x-ms-blob-append-offset"));
        var log = await fixture.Send("GET", "bkt/log-copy", null);
        Assert.Equal(("one;two;", "AppendBlob", "2"), (log.Text, log.Header("x-ms-blob-type"), log.Header("x-ms-blob-committed-block-count")));
        await Copy("bkt/log-flat", "bkt/log", "x-ms-requires-sync: true");
        Assert.Equal("BlockBlob", (await fixture.Send("HEAD", "bkt/log-flat", null)).Header("x-ms-blob-type"));
    }

    [Fact]
    public async Task A_copy_goes_over_no_blob_of_another_type()
    {
        string[] types = ["BlockBlob", "AppendBlob", "PageBlob"];
        foreach (var type in types) await Make("from", type);
        await fixture.Put("bkt/type-large", new string('a', 1_000_001));
        foreach (var there in types)
        {
            foreach (var from in types)
            {
                await Same(there, $"bkt/type-from-{from}", from);
                await Same(there, $"bkt/type-from-{from}", "BlockBlob", "x-ms-requires-sync: true");
                await Same(there, $"bkt/type-from-{from}", "BlockBlob", "x-ms-blob-type: BlockBlob");
            }
            await Same(there, "bkt/type-large", "BlockBlob");
        }
        // S3's writers know of no types.
        await Make("to", "PageBlob");
        Assert.Equal(200, (await fixture.S3("PUT", "/bkt/type-to", "x")).Status);
        Assert.Equal(202, (await Copy("bkt/type-to", "bkt/type-from-BlockBlob")).Status);

        async Task Same(string there, string source, string type, params string[] headers)
        {
            await Make("to", there);
            var before = await fixture.Send("HEAD", "bkt/type-to", null);
            var copied = await Copy("bkt/type-to", source, headers);
            if (there == type)
            {
                Assert.InRange(copied.Status, 201, 202);
                await Ended("bkt/type-to");
                return;
            }
            var after = await fixture.Send("HEAD", "bkt/type-to", null);
            Assert.Equal((409, "InvalidBlobType", before.Header("ETag"), there), (copied.Status, copied.Code, after.Header("ETag"), after.Header("x-ms-blob-type")));
        }

        async Task Make(string name, string type)
        {
            var key = name == "from" ? $"bkt/type-from-{type}" : "bkt/type-to";
            string[] size = type == "PageBlob" ? ["x-ms-blob-content-length: 512"] : [];
            Assert.Equal(201, (await fixture.Send("PUT", key, type == "BlockBlob" ? "x" : null, ["x-ms-blob-type: " + type, .. size])).Status);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1_000_001)]
    public async Task An_archived_blob_is_copied_where_the_copy_has_another_tier(int size)
    {
        var (from, to, body) = ($"bkt/cold-{size}", $"bkt/warm-{size}", new string('a', size));
        await fixture.Put(from, body, "x-ms-access-tier: Archive", "x-ms-meta-a: b", "x-ms-blob-content-type: text/x");
        foreach (var headers in new string[][] { [], ["x-ms-access-tier: Archive"], ["x-ms-requires-sync: true"], ["x-ms-blob-type: BlockBlob", "x-ms-access-tier: Hot"] })
        {
            var refused = await Copy(to, from, headers);
            Assert.Equal((409, "BlobArchived"), (refused.Status, refused.Code));
            Assert.Equal(404, (await fixture.Send("HEAD", to, null)).Status);
        }
        var itself = await Copy(from, from, "x-ms-access-tier: Hot");
        Assert.Equal((409, "BlobArchived"), (itself.Status, itself.Code));
        foreach (var kind in new[] { "x-ms-meta-c: d", "x-ms-requires-sync: true" })
        {
            Assert.Equal(202, (await Copy(to, from, kind, "x-ms-access-tier: Cool")).Status);
            Assert.Equal("success", (await Ended(to)).Header("x-ms-copy-status"));
            var copy = await fixture.Send("GET", to, null);
            Assert.Equal((200, body, "Cool", "text/x"), (copy.Status, copy.Text, copy.Header("x-ms-access-tier"), copy.Header("Content-Type")));
        }
        Assert.Equal("b", (await fixture.Send("HEAD", to, null)).Header("x-ms-meta-a"));
        Assert.Equal((409, "Archive"), ((await fixture.Send("GET", from, null)).Status, (await fixture.Send("HEAD", from, null)).Header("x-ms-access-tier")));
        // Who may not read it does not learn that it is archived.
        fixture.Letters = "cw";
        Assert.NotEqual("BlobArchived", (await Copy(to, from, "x-ms-access-tier: Cool")).Code);
        fixture.Letters = null;
    }

    [Theory]
    [InlineData("x-ms-meta-a: b")]
    [InlineData("x-ms-requires-sync: true")]
    [InlineData("x-ms-blob-type: BlockBlob")]
    public async Task Tags_of_the_source_are_taken_where_the_request_says_so_and_both_signatures_let_it(string kind)
    {
        await fixture.Put("bkt/tagged", "x", "x-ms-tags: a=b&c=d%2Fe");
        var status = kind.Contains("type", StringComparison.Ordinal) ? 201 : 202;
        Assert.Equal(status, (await Copy("bkt/tagged-copy", "bkt/tagged", kind, "x-ms-copy-source-tag-option: COPY")).Status);
        var tags = XDocument.Parse((await fixture.Send("GET", "bkt/tagged-copy?comp=tags", null)).Text).Descendants("Tag").Select(tag => (tag.Element("Key")!.Value, tag.Element("Value")!.Value));
        Assert.Equal([("a", "b"), ("c", "d/e")], tags);
        Assert.Equal(status, (await Copy("bkt/tagged-copy", "bkt/tagged", kind, "x-ms-copy-source-tag-option: REPLACE")).Status);
        Assert.Null((await fixture.Send("HEAD", "bkt/tagged-copy", null)).Header("x-ms-tag-count"));
        Assert.Equal((400, "InvalidHeaderValue"), await Told("x-ms-copy-source-tag-option: COPY", "x-ms-tags: a=b"));
        Assert.Equal((400, "InvalidHeaderValue"), await Told("x-ms-copy-source-tag-option: copy"));
        fixture.Letters = "rcw";
        Assert.Equal((403, "AuthorizationPermissionMismatch"), await Told("x-ms-copy-source-tag-option: COPY"));
        fixture.Letters = null;
        Assert.Equal("x", (await fixture.Send("GET", "bkt/tagged-copy", null)).Text);

        async Task<(int, string?)> Told(params string[] headers) => await Copy("bkt/tagged-copy", "bkt/tagged", [kind, .. headers]) is var answer ? (answer.Status, answer.Code) : default;
    }

    [Fact]
    public async Task While_a_copy_is_under_way_the_blob_is_told_of_and_changed_by_nobody()
    {
        await fixture.Put("bkt/from", "small");
        await Pending("bkt/pending");
        foreach (var (verb, target, headers) in new (string, string, string[])[]
        {
            ("PUT", "bkt/pending", ["x-ms-blob-type: BlockBlob"]),
            ("PUT", "bkt/pending", ["x-ms-copy-source: " + fixture.Url("bkt/from")]),
            ("PUT", "bkt/pending?comp=block&blockid=AAAA", []),
            ("PUT", "bkt/pending?comp=metadata", ["x-ms-meta-a: b"]),
            ("PUT", "bkt/pending?comp=properties", ["x-ms-blob-content-type: text/plain"]),
            ("PUT", "bkt/pending?comp=snapshot", []),
            ("DELETE", "bkt/pending", []),
        })
        {
            var refused = await fixture.Send(verb, target, verb == "PUT" ? "x" : null, headers);
            if (headers is [['x', '-', 'm', 's', '-', 'c', ..], ..] || target.EndsWith("snapshot", StringComparison.Ordinal)) refused = await fixture.Send(verb, target, null, headers);
            Assert.Equal((409, "PendingCopyOperation"), (refused.Status, refused.Code));
        }
        var told = await fixture.Send("HEAD", "bkt/pending", null);
        Assert.Equal((200, "pending", "7/10", null), (told.Status, told.Header("x-ms-copy-status"), told.Header("x-ms-copy-progress"), told.Header("x-ms-copy-completion-time")));
        var listed = XDocument.Parse((await fixture.Send("GET", "bkt?restype=container&comp=list&prefix=pending&include=copy", null)).Text).Descendants("Properties").Single();
        Assert.Equal(("pending", "7/10", Id), (listed.Element("CopyStatus")!.Value, listed.Element("CopyProgress")!.Value, listed.Element("CopyId")!.Value));
        Assert.Equal(200, (await fixture.S3("PUT", "/bkt/pending")).Status);
        Assert.Null((await fixture.Send("HEAD", "bkt/pending", null)).Header("x-ms-copy-status"));
    }

    [Fact]
    public async Task A_copy_is_aborted_by_its_id_and_under_the_lease()
    {
        const string Lease = "33333333-3333-3333-3333-333333333333";
        await Pending("bkt/aborted");
        Assert.Equal(201, (await fixture.Send("PUT", "bkt/aborted?comp=lease", null, "x-ms-lease-action: acquire", "x-ms-lease-duration: -1", "x-ms-proposed-lease-id: " + Lease)).Status);
        Assert.Equal((409, "CopyIdMismatch"), await Code("another"));
        Assert.Equal((412, "LeaseIdMissing"), await Code(Id));
        Assert.Equal((412, "LeaseIdMismatchWithBlobOperation"), await Code(Id, "x-ms-lease-id: " + Id));
        Assert.Equal(204, (await Abort("bkt/aborted", Id, "x-ms-lease-id: " + Lease)).Status);
        Assert.Equal((409, "NoPendingCopyOperation"), await Code(Id, "x-ms-lease-id: " + Lease));
        var told = await fixture.Send("HEAD", "bkt/aborted", null);
        Assert.Equal(("aborted", "0", "b"), (told.Header("x-ms-copy-status"), told.Header("Content-Length"), told.Header("x-ms-meta-a")));
        Assert.NotNull(told.Header("x-ms-copy-completion-time"));

        async Task<(int, string?)> Code(string id, params string[] headers) => await Abort("bkt/aborted", id, headers) is var answer ? (answer.Status, answer.Code) : default;
    }

    private Task<Answer> Copy(string target, string source, params string[] headers) =>
        fixture.Send("PUT", target, null, ["x-ms-copy-source: " + fixture.Url(source), .. headers]);

    private Task<Answer> Abort(string target, string id, params string[] headers) =>
        fixture.Send("PUT", $"{target}?comp=copy&copyid={id}", null, ["x-ms-copy-action: abort", .. headers]);

    /// <summary>The blob as it is told once the copy to it is not pending any more.</summary>
    private async Task<Answer> Ended(string target)
    {
        Answer told;
        do told = await fixture.Send("HEAD", target, null);
        while (told.Header("x-ms-copy-status") == "pending");
        return told;
    }

    /// <summary>A blob like one that a copy goes to which never ends.</summary>
    private async Task Pending(string target)
    {
        await fixture.Put(target, "", "x-ms-meta-a: b");
        var bucket = (await fixture.Installation.Buckets.Find("bkt", default))!;
        Assert.Null((await fixture.Installation.Objects.Amend(
            bucket, target["bkt/".Length..], null,
            version => version with { Blob = (version.Blob ?? new()) with { Copy = new(Id, "http://example.com/a", BlobCopy.Pending, 7, 10) } }, default)).Refusal);
    }
}
