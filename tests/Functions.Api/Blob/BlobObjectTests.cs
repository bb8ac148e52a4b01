using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>Blobs over HTTP: written, read, described, deleted; and what S3's clients see of them.</summary>
public sealed class BlobObjectTests(BlobFixture server) : IClassFixture<BlobFixture>
{
    private static string Md5(string text) => Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Crc64(string text)
    {
        using var digest = Checksums.Start(ChecksumAlgorithm.Crc64Nvme);
        digest.Append(Encoding.UTF8.GetBytes(text));
        var sum = digest.Finish();
        Array.Reverse(sum);
        return Convert.ToBase64String(sum);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("HEAD", "")]
    [InlineData("GET", "?comp=metadata")]
    public async Task What_another_account_wrote_to_a_bucket_and_owns_is_not_the_containers_owners_to_read(string verb, string query)
    {
        if (await server.Installation.Buckets.Find("theirs", default) is null)
            Assert.Equal(200, (await server.S3("PUT", "/theirs", "", "x-amz-object-ownership: ObjectWriter")).Status);
        var bucket = await server.Installation.Buckets.Find("theirs", default);
        var content = new Content(PipeReader.Create(new MemoryStream("theirs"u8.ToArray())), 6);
        Assert.Null((await server.Installation.Objects.Put(bucket!, "theirs", new("another", "Another"), new(), content, Conditions.None, default)).Refusal);
        Assert.Equal(201, (await server.Put("theirs/ours", "ours")).Status);

        var refused = await server.Send(verb, "theirs/theirs" + query, null);
        Assert.Equal(403, refused.Status);
        Assert.Equal("AuthorizationPermissionMismatch", refused.Header("x-ms-error-code"));
        Assert.Equal(200, (await server.Send(verb, "theirs/ours" + query, null)).Status);
    }

    [Fact]
    public async Task A_blob_is_read_as_it_was_written()
    {
        var put = await server.Put("bkt/dir/a.txt", "hello", "Content-Type: text/plain", "x-ms-blob-cache-control: no-cache", "x-ms-meta-One: 1", "x-ms-tags: k=v&l=w");
        Assert.Equal(201, put.Status);
        Assert.Equal(Md5("hello"), put.Header("Content-MD5"));
        Assert.Equal(Crc64("hello"), put.Header("x-ms-content-crc64"));
        Assert.Equal("false", put.Header("x-ms-request-server-encrypted"));
        Assert.Null(put.Header("x-ms-version-id"));

        var get = await server.Send("GET", "bkt/dir/a.txt", null);
        Assert.Equal(200, get.Status);
        Assert.Equal("hello", get.Text);
        Assert.Equal("text/plain", get.Header("Content-Type"));
        Assert.Equal("no-cache", get.Header("Cache-Control"));
        Assert.Equal("1", get.Header("x-ms-meta-one"));
        Assert.Equal("2", get.Header("x-ms-tag-count"));
        Assert.Equal("BlockBlob", get.Header("x-ms-blob-type"));
        Assert.Equal("available", get.Header("x-ms-lease-state"));
        Assert.Equal(put.Header("ETag"), get.Header("ETag"));
        Assert.StartsWith("\"0x8", get.Header("ETag"), StringComparison.Ordinal);

        var head = await server.Send("HEAD", "bkt/dir/a.txt", null);
        Assert.Equal(200, head.Status);
        Assert.Equal("5", head.Header("Content-Length"));
        Assert.Equal(Md5("hello"), head.Header("Content-MD5"));
    }

    [Fact]
    public async Task A_range_is_always_partial_and_tells_the_checksum_of_its_bytes()
    {
        await server.Put("bkt/range", "0123456789");
        var get = await server.Send("GET", "bkt/range", null, "x-ms-range: bytes=2-4", "Range: bytes=0-0", "x-ms-range-get-content-md5: true");
        Assert.Equal(206, get.Status);
        Assert.Equal("234", get.Text);
        Assert.Equal("bytes 2-4/10", get.Header("Content-Range"));
        Assert.Equal(Md5("234"), get.Header("Content-MD5"));
        Assert.Equal(Md5("0123456789"), get.Header("x-ms-blob-content-md5"));
        var crc = await server.Send("GET", "bkt/range", null, "Range: bytes=5-", "x-ms-range-get-content-crc64: true");
        Assert.Equal(Crc64("56789"), crc.Header("x-ms-content-crc64"));
        Assert.Null(crc.Header("Content-MD5"));
        Assert.Equal(206, (await server.Send("GET", "bkt/range", null, "Range: bytes=0-")).Status);
        var beyond = await server.Send("GET", "bkt/range", null, "Range: bytes=10-");
        Assert.Equal((416, "InvalidRange"), (beyond.Status, beyond.Code));
        Assert.Equal(400, (await server.Send("GET", "bkt/range", null, "x-ms-range-get-content-md5: true")).Status);
    }

    [Fact]
    public async Task An_empty_blob_has_no_range()
    {
        Assert.Equal(201, (await server.Put("bkt/empty", "")).Status);
        Assert.Equal(200, (await server.Send("GET", "bkt/empty", null)).Status);
        Assert.Equal(416, (await server.Send("GET", "bkt/empty", null, "Range: bytes=0-9")).Status);
    }

    [Fact]
    public async Task A_body_that_is_not_what_was_announced_is_not_kept()
    {
        var md5 = await server.Put("bkt/wrong", "hello", "Content-MD5: " + Md5("other"));
        Assert.Equal((400, "Md5Mismatch"), (md5.Status, md5.Code));
        var crc = await server.Put("bkt/wrong", "hello", "x-ms-content-crc64: " + Crc64("other"));
        Assert.Equal((400, "Crc64Mismatch"), (crc.Status, crc.Code));
        Assert.Equal((400, "InvalidMd5"), ((await server.Put("bkt/wrong", "x", "Content-MD5: abc")).Status, (await server.Put("bkt/wrong", "x", "Content-MD5: abc")).Code));
        Assert.Equal(404, (await server.Send("HEAD", "bkt/wrong", null)).Status);
        Assert.Equal("BothCrc64AndMd5HeaderPresent", (await server.Put("bkt/wrong", "hello", "x-ms-content-crc64: " + Crc64("hello"), "Content-MD5: " + Md5("hello"))).Code);
        Assert.Equal(404, (await server.Send("HEAD", "bkt/wrong", null)).Status);
        Assert.Equal(201, (await server.Put("bkt/right", "hello", "x-ms-content-crc64: " + Crc64("hello"))).Status);
        Assert.Equal(201, (await server.Put("bkt/right", "hello", "x-ms-blob-content-md5: " + Md5("hello"), "Content-MD5: " + Md5("other"))).Status);
        Assert.Equal("Md5Mismatch", (await server.Put("bkt/right", "hello", "x-ms-blob-content-md5: " + Md5("other"), "Content-MD5: " + Md5("hello"))).Code);
    }

    [Fact]
    public async Task Conditions_compare_the_ETag_of_this_protocol()
    {
        var first = (await server.Put("bkt/cond", "1")).Header("ETag")!;
        var exists = await server.Put("bkt/cond", "2", "If-None-Match: *");
        Assert.Equal((409, "BlobAlreadyExists"), (exists.Status, exists.Code));
        var second = await server.Put("bkt/cond", "2", "If-Match: " + first);
        Assert.Equal(201, second.Status);
        var old = await server.Put("bkt/cond", "3", "If-Match: " + first);
        Assert.Equal((412, "ConditionNotMet"), (old.Status, old.Code));
        Assert.Equal(304, (await server.Send("GET", "bkt/cond", null, "If-None-Match: " + second.Header("ETag"))).Status);
        Assert.Equal(412, (await server.Send("GET", "bkt/cond", null, "If-Match: " + first)).Status);
        Assert.Equal((400, "UnsatisfiableCondition"), ((await server.Send("GET", "bkt/cond", null, "If-None-Match: *")).Status, (await server.Send("GET", "bkt/cond", null, "If-None-Match: *")).Code));
        Assert.Equal(412, (await server.Send("DELETE", "bkt/cond", null, "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT")).Status);
        Assert.Equal(412, (await server.Put("bkt/cond", "3", "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT")).Status);
        Assert.Equal(412, (await server.Put("bkt/cond-none", "3", "If-Match: " + first)).Status);
        Assert.Equal(400, (await server.Put("bkt/cond", "3", "If-Modified-Since: soon")).Status);
        Assert.Equal(412, (await server.Send("DELETE", "bkt/cond", null, "If-None-Match: *")).Status);
        Assert.Equal(202, (await server.Send("DELETE", "bkt/cond", null, "If-Match: " + second.Header("ETag"))).Status);
        var gone = await server.Send("DELETE", "bkt/cond", null);
        Assert.Equal((404, "BlobNotFound"), (gone.Status, gone.Code));
    }

    [Fact]
    public async Task Metadata_and_properties_are_set_together_and_move_the_ETag_but_not_that_of_S3()
    {
        var put = await server.Put("bkt/props", "hello", "Content-Type: text/plain", "x-ms-meta-a: 1");
        var s3 = (await server.S3("HEAD", "/bkt/props")).Header("ETag");
        var set = await server.Send("PUT", "bkt/props?comp=metadata", null, "x-ms-meta-b: 2");
        Assert.Equal(200, set.Status);
        Assert.NotEqual(put.Header("ETag"), set.Header("ETag"));
        var get = await server.Send("GET", "bkt/props?comp=metadata", null);
        Assert.Equal((null, "2"), (get.Header("x-ms-meta-a"), get.Header("x-ms-meta-b")));
        var headers = await server.Send("PUT", "bkt/props?comp=properties", null, "x-ms-blob-content-language: de");
        Assert.NotEqual(set.Header("ETag"), headers.Header("ETag"));
        var head = await server.Send("HEAD", "bkt/props", null);
        Assert.Equal((null, "de", null), (head.Header("Content-Type"), head.Header("Content-Language"), head.Header("Content-MD5")));
        Assert.Equal(headers.Header("ETag"), head.Header("ETag"));
        var seen = await server.S3("HEAD", "/bkt/props");
        Assert.Equal((s3, "2", "de"), (seen.Header("ETag"), seen.Header("x-amz-meta-b"), seen.Header("Content-Language")));
        Assert.Equal("InvalidMetadata", (await server.Send("PUT", "bkt/props?comp=metadata", null, "x-ms-meta-a-b: 2")).Code);
        Assert.Equal("BlobNotFound", (await server.Send("PUT", "bkt/none?comp=metadata", null, "x-ms-meta-b: 2")).Code);
        Assert.Null((await server.Send("HEAD", "bkt/none", null)).Header("Content-Type"));
        await server.Send("PUT", "bkt/props?comp=properties", null, "x-ms-blob-content-md5: AQIDBA==");
        Assert.Equal("AQIDBA==", (await server.Send("HEAD", "bkt/props", null)).Header("Content-MD5"));
        Assert.Equal("InvalidMd5", (await server.Send("PUT", "bkt/props?comp=properties", null, "x-ms-blob-content-md5: ?")).Code);
    }

    [Fact]
    public async Task Tags_are_the_tags_of_S3_and_conditions_ask_for_them()
    {
        var put = await server.Put("bkt/tags", "x");
        var set = await server.Send("PUT", "bkt/tags?comp=tags", "<Tags><TagSet><Tag><Key>Status</Key><Value>done</Value></Tag></TagSet></Tags>");
        Assert.Equal(204, set.Status);
        Assert.Equal("done", (await server.Send("GET", "bkt/tags?comp=tags", null)).Element("Value"));
        Assert.Equal("Status", (await server.S3("GET", "/bkt/tags?tagging")).Element("Key"));
        Assert.Equal(put.Header("ETag"), (await server.Send("HEAD", "bkt/tags", null)).Header("ETag"));
        Assert.Equal(200, (await server.Send("GET", "bkt/tags", null, "x-ms-if-tags: \"Status\" = 'done' AND Status <> 'x'")).Status);
        Assert.Equal(412, (await server.Send("GET", "bkt/tags", null, "x-ms-if-tags: \"Status\" = 'open' OR (Status > 'x')")).Status);
        Assert.Equal(412, (await server.Put("bkt/tags", "y", "x-ms-if-tags: \"Status\" = 'open'")).Status);
        Assert.Equal(400, (await server.Send("GET", "bkt/tags", null, "x-ms-if-tags: Status =")).Status);
    }

    [Fact]
    public async Task An_archived_blob_cannot_be_read_until_it_has_another_tier()
    {
        await server.Put("bkt/tier", "x", "x-ms-access-tier: Cool");
        Assert.Equal("Cool", (await server.Send("HEAD", "bkt/tier", null)).Header("x-ms-access-tier"));
        Assert.Equal(200, (await server.Send("PUT", "bkt/tier?comp=tier", null, "x-ms-access-tier: Archive")).Status);
        var archived = await server.Send("GET", "bkt/tier", null);
        Assert.Equal((409, "BlobArchived"), (archived.Status, archived.Code));
        Assert.Equal("Archive", (await server.Send("HEAD", "bkt/tier", null)).Header("x-ms-access-tier"));
        Assert.Equal(202, (await server.Send("PUT", "bkt/tier?comp=tier", null, "x-ms-access-tier: Hot")).Status);
        Assert.Equal(200, (await server.Send("GET", "bkt/tier", null)).Status);
        Assert.Equal(400, (await server.Send("PUT", "bkt/tier?comp=tier", null, "x-ms-access-tier: Lukewarm")).Status);
    }

    [Fact]
    public async Task What_S3_writes_is_a_block_blob_and_what_Blob_writes_is_an_object()
    {
        await server.S3("PUT", "/bkt/s3", "from s3", "Content-Type: text/x", "x-amz-meta-who: s3", "x-amz-tagging: a=b");
        var blob = await server.Send("GET", "bkt/s3", null);
        Assert.Equal(("from s3", "text/x", "s3", "1"), (blob.Text, blob.Header("Content-Type"), blob.Header("x-ms-meta-who"), blob.Header("x-ms-tag-count")));
        Assert.Equal(Md5("from s3"), blob.Header("Content-MD5"));
        await server.Put("bkt/az", "from blob", "x-ms-blob-content-type: text/y", "x-ms-meta-who: az");
        var s3 = await server.S3("GET", "/bkt/az");
        Assert.Equal(("from blob", "text/y", "az"), (s3.Text, s3.Header("Content-Type"), s3.Header("x-amz-meta-who")));
        Assert.Equal($"\"{Convert.ToHexStringLower(Convert.FromBase64String(Md5("from blob")))}\"", s3.Header("ETag"));
    }

    [Fact]
    public async Task Metadata_of_a_versioned_bucket_make_a_new_version_in_both_protocols()
    {
        await server.S3("PUT", "/renewed");
        await server.S3("PUT", "/renewed?versioning", "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>");
        var first = (await server.Put("renewed/a", "1", "x-ms-meta-a: 1")).Header("x-ms-version-id");
        var set = await server.Send("PUT", "renewed/a?comp=metadata", null, "x-ms-meta-a: 2");
        Assert.Equal(200, set.Status);
        Assert.NotEqual(first, set.Header("x-ms-version-id"));
        var now = await server.Send("GET", "renewed/a", null);
        Assert.Equal(("1", "2", set.Header("ETag"), set.Header("x-ms-version-id")), (now.Text, now.Header("x-ms-meta-a"), now.Header("ETag"), now.Header("x-ms-version-id")));
        Assert.Equal("1", (await server.Send("HEAD", "renewed/a?versionid=" + first, null)).Header("x-ms-meta-a"));
        Assert.Equal("1", (await server.S3("GET", $"/renewed/a?versionId={first}")).Header("x-amz-meta-a"));
        // Properties change the version itself.
        var changed = await server.Send("PUT", "renewed/a?comp=properties", null, "x-ms-blob-content-type: text/x");
        Assert.Equal(200, changed.Status);
        Assert.Equal(set.Header("x-ms-version-id"), (await server.Send("HEAD", "renewed/a", null)).Header("x-ms-version-id"));
    }

    [Fact]
    public async Task A_versioned_bucket_has_versions_in_both_protocols()
    {
        await server.S3("PUT", "/versioned");
        await server.S3("PUT", "/versioned?versioning", "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>");
        var first = (await server.Put("versioned/a", "1")).Header("x-ms-version-id");
        var second = (await server.S3("PUT", "/versioned/a", "2")).Header("x-amz-version-id");
        Assert.NotNull(first);
        Assert.Equal("1", (await server.Send("GET", "versioned/a?versionid=" + first, null)).Text);
        Assert.Equal(second, (await server.Send("HEAD", "versioned/a", null)).Header("x-ms-version-id"));
        Assert.Equal(202, (await server.Send("DELETE", "versioned/a", null)).Status);
        Assert.Equal(404, (await server.Send("GET", "versioned/a", null)).Status);
        Assert.Equal(404, (await server.Send("DELETE", "versioned/a", null)).Status);
        Assert.Equal("2", (await server.S3("GET", "/versioned/a?versionId=" + second)).Text);
        Assert.Equal(202, (await server.Send("DELETE", "versioned/a?versionid=" + first, null)).Status);
        Assert.Equal(404, (await server.Send("GET", "versioned/a?versionid=" + first, null)).Status);
    }

    [Fact]
    public async Task The_letters_of_a_SAS_bound_what_a_write_may_do()
    {
        await server.Put("bkt/letters", "x");
        try
        {
            server.Letters = "c";
            Assert.Equal(201, (await server.Put("bkt/letters-new", "x")).Status);
            var over = await server.Put("bkt/letters", "y");
            Assert.Equal((403, "UnauthorizedBlobOverwrite"), (over.Status, over.Code));
            Assert.Equal("AuthorizationPermissionMismatch", (await server.Put("bkt/letters-tags", "y", "x-ms-tags: a=b")).Code);
            Assert.Equal("AuthorizationPermissionMismatch", (await server.Send("GET", "bkt/letters", null)).Code);
            server.Letters = "x";
            Assert.Equal("AuthorizationPermissionMismatch", (await server.Send("DELETE", "bkt/letters", null)).Code);
            server.Letters = "wt";
            Assert.Equal(201, (await server.Put("bkt/letters", "z", "x-ms-tags: a=b")).Status);
        }
        finally
        {
            server.Letters = null;
        }
    }

    [Fact]
    public async Task Keys_of_the_customer_are_refused_rather_than_passed_over()
    {
        var put = await server.Put("bkt/cpk", "x", "x-ms-encryption-key: AAAA");
        Assert.Equal((501, "NotImplemented"), (put.Status, put.Code));
        Assert.Equal(404, (await server.Send("HEAD", "bkt/cpk", null)).Status);
    }

    [Fact]
    public async Task A_multipart_object_of_S3_is_read_as_a_blob()
    {
        var id = (await server.S3("POST", "/bkt/parts?uploads")).Element("UploadId");
        var etag = (await server.S3("PUT", $"/bkt/parts?partNumber=1&uploadId={id}", new string('p', 3000))).Header("ETag");
        var done = await server.S3("POST", $"/bkt/parts?uploadId={id}",
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>");
        Assert.Equal(200, done.Status);
        var get = await server.Send("GET", "bkt/parts", null, "x-ms-range: bytes=2990-");
        Assert.Equal((206, new string('p', 10), null), (get.Status, get.Text, get.Header("x-ms-blob-content-md5")));
        var made = await server.Send("PUT", "bkt/parts?comp=snapshot", null);
        Assert.Equal(201, made.Status);
        await server.S3("PUT", "/bkt/parts", "x");
        Assert.Equal(3000, (await server.Send("GET", $"bkt/parts?snapshot={Uri.EscapeDataString(made.Header("x-ms-snapshot")!)}", null)).Body.Length);
    }

    [Fact]
    public async Task Holds_and_policies_are_those_of_object_lock()
    {
        var none = await server.Put("bkt/hold", "x");
        Assert.Equal(201, none.Status);
        Assert.Equal(409, (await server.Send("PUT", "bkt/hold?comp=legalhold", null, "x-ms-legal-hold: true")).Status);
        await server.S3("PUT", "/locked", "", "x-amz-bucket-object-lock-enabled: true");
        var version = (await server.Put("locked/a", "x")).Header("x-ms-version-id");
        Assert.Equal(200, (await server.Send("PUT", "locked/a?comp=legalhold", null, "x-ms-legal-hold: true")).Status);
        var refused = await server.Send("DELETE", $"locked/a?versionid={version}", null);
        Assert.Equal((409, "BlobImmutableDueToPolicy"), (refused.Status, refused.Code));
        Assert.Equal("ON", (await server.S3("GET", "/locked/a?legal-hold")).Element("Status"));
        Assert.Equal("true", (await server.Send("HEAD", "locked/a", null)).Header("x-ms-legal-hold"));
        Assert.Equal(200, (await server.Send("PUT", "locked/a?comp=legalhold", null, "x-ms-legal-hold: false")).Status);
        var until = DateTimeOffset.UtcNow.AddDays(1).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(200, (await server.Send("PUT", "locked/a?comp=immutabilityPolicies", null, "x-ms-immutability-policy-until-date: " + until)).Status);
        Assert.Equal(409, (await server.Send("DELETE", $"locked/a?versionid={version}", null)).Status);
        Assert.Equal(200, (await server.Send("DELETE", "locked/a?comp=immutabilityPolicies", null)).Status);
        Assert.Equal(202, (await server.Send("DELETE", $"locked/a?versionid={version}", null)).Status);
    }
}
