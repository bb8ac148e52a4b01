using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Encryption;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Server-side encryption as clients see it.</summary>
public sealed class EncryptionTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string S3 = "x-amz-server-side-encryption: AES256";
    private const string Kms = "x-amz-server-side-encryption: aws:kms";
    private const string KmsKey = "x-amz-server-side-encryption-aws-kms-key-id: ";
    private const string Text = "the plaintext nobody may find below the data directory";

    private static readonly byte[] KeyA = RandomNumberGenerator.GetBytes(32), KeyB = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public async Task SSE_S3_is_told_by_every_answer_about_the_object()
    {
        var put = await server.Send("PUT", "/bkt/s3", Text, S3);
        var copy = await server.Send("PUT", "/bkt/s3-copy", "", "x-amz-copy-source: /bkt/s3", S3);
        foreach (var answer in new[] { put, copy, await server.Send("GET", "/bkt/s3"), await server.Send("HEAD", "/bkt/s3-copy") })
        {
            Assert.Equal((200, "AES256"), (answer.Status, answer.Header("x-amz-server-side-encryption")));
            Assert.Null(answer.Header("x-amz-server-side-encryption-aws-kms-key-id"));
        }
        Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(Text)))}\"", put.Header("ETag"));
        Assert.Equal(Text, (await server.Send("GET", "/bkt/s3-copy")).Text);
        // A copy is encrypted as it asks, not as its source is.
        Assert.Null((await server.Send("PUT", "/bkt/s3-copy", "", "x-amz-copy-source: /bkt/s3")).Header("x-amz-server-side-encryption"));
    }

    [Fact]
    public async Task SSE_KMS_tells_the_key_as_it_was_named()
    {
        await server.Ring.Ensure(KeyRing.OfId("testkey"), default);
        foreach (var name in new[] { "testkey", "alias/testkey", "arn:aws:kms:us-east-1:111122223333:key/testkey" })
        {
            var put = await server.Send("PUT", "/bkt/kms", Text, Kms, KmsKey + name, "x-amz-server-side-encryption-bucket-key-enabled: true");
            var got = await server.Send("GET", "/bkt/kms");
            foreach (var answer in new[] { put, got })
            {
                Assert.Equal(
                    (200, "aws:kms", name, "true"),
                    (answer.Status, answer.Header("x-amz-server-side-encryption"), answer.Header("x-amz-server-side-encryption-aws-kms-key-id"),
                        answer.Header("x-amz-server-side-encryption-bucket-key-enabled")));
            }
            Assert.Equal(Text, got.Text);
        }
    }

    [Fact]
    public async Task The_default_key_of_SSE_KMS_needs_no_name_and_can_be_named_by_what_was_told()
    {
        var put = await server.Send("PUT", "/bkt/kms-default", Text, Kms);
        var arn = put.Header("x-amz-server-side-encryption-aws-kms-key-id")!;
        Assert.Matches("^arn:aws:kms:us-east-1:[0-9]{12}:alias/aws/s3$", arn);
        Assert.Equal(200, (await server.Send("PUT", "/bkt/kms-default", Text, Kms, KmsKey + arn)).Status);
        Assert.Equal(Text, (await server.Send("GET", "/bkt/kms-default")).Text);
    }

    [Fact]
    public async Task The_context_is_told_to_its_writer_only()
    {
        var context = Convert.ToBase64String("""{"department":"10"}"""u8);
        var put = await server.Send("PUT", "/bkt/context", Text, Kms, "x-amz-server-side-encryption-context: " + context);
        Assert.Equal(context, put.Header("x-amz-server-side-encryption-context"));
        var got = await server.Send("GET", "/bkt/context");
        Assert.Equal((Text, null), (got.Text, got.Header("x-amz-server-side-encryption-context")));
    }

    [Theory]
    [InlineData("x-amz-server-side-encryption: aes:kms", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption: AES192", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption: aws:kms:dsse", 501, "NotImplemented")]
    [InlineData("x-amz-server-side-encryption-aws-kms-key-id: testkey", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption: AES256|x-amz-server-side-encryption-aws-kms-key-id: testkey", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption: aws:kms|x-amz-server-side-encryption-aws-kms-key-id: none", 400, "KMS.NotFoundException")]
    [InlineData("x-amz-server-side-encryption: aws:kms|x-amz-server-side-encryption-aws-kms-key-id: a/../b", 400, "KMS.NotFoundException")]
    [InlineData("x-amz-server-side-encryption-context: e30=", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption: aws:kms|x-amz-server-side-encryption-context: {}", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption: aws:kms|x-amz-server-side-encryption-context: WzFd", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption: aws:kms|x-amz-server-side-encryption-context: eyJhIjoxfQ==", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption: aws:kms|x-amz-server-side-encryption-bucket-key-enabled: maybe", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption-customer-algorithm: AES192", 400, "InvalidEncryptionAlgorithmError")]
    [InlineData("x-amz-server-side-encryption-customer-algorithm: AES256", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption-customer-key: AAAA", 400, "InvalidArgument")]
    [InlineData("x-amz-server-side-encryption-customer-key-md5: AAAA", 400, "InvalidArgument")]
    public async Task Headers_that_cannot_be_followed_are_refused_and_nothing_is_stored(string headers, int status, string code)
    {
        foreach (var (verb, target, more) in new[]
        {
            ("PUT", "/bkt/refused", ""), ("POST", "/bkt/refused?uploads", ""), ("PUT", "/bkt/refused", "x-amz-copy-source: /bkt/source"),
        })
        {
            await server.Send("PUT", "/bkt/source", Text);
            string[] sent = more.Length > 0 ? [more, .. headers.Split('|')] : headers.Split('|');
            var answer = await server.Send(verb, target, "", sent);
            Assert.Equal((status, code), (answer.Status, answer.Code));
        }
        Assert.Equal(404, (await server.Send("GET", "/bkt/refused")).Status);
        Assert.DoesNotContain("<Upload>", (await server.Send("GET", "/bkt?uploads&prefix=refused")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_customer_s_key_excludes_every_other_encryption()
    {
        foreach (var other in new[] { S3, Kms, KmsKey + "testkey" })
            Assert.Equal("InvalidArgument", (await server.Send("PUT", "/bkt/both", Text, [other, .. Customer(KeyA)])).Code);
    }

    [Theory]
    [InlineData("short", 31, true)]
    [InlineData("long", 33, true)]
    [InlineData("other md5", 32, false)]
    public async Task A_malformed_customer_s_key_is_refused_and_never_repeated(string what, int length, bool md5Fits)
    {
        var key = RandomNumberGenerator.GetBytes(length);
        var base64 = Convert.ToBase64String(key);
        var answer = await server.Send(
            "PUT", "/bkt/malformed-" + length, what, "x-amz-server-side-encryption-customer-algorithm: AES256",
            "x-amz-server-side-encryption-customer-key: " + base64,
            "x-amz-server-side-encryption-customer-key-md5: " + Convert.ToBase64String(MD5.HashData(md5Fits ? key : KeyB)));
        Assert.Equal((400, "InvalidArgument"), (answer.Status, answer.Code));
        Assert.DoesNotContain(base64, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_under_a_customer_s_key_needs_that_key_to_be_read()
    {
        var put = await server.Send("PUT", "/bkt/c", Text, Customer(KeyA));
        Assert.Equal((200, "AES256", Md5(KeyA)), (
            put.Status, put.Header("x-amz-server-side-encryption-customer-algorithm"), put.Header("x-amz-server-side-encryption-customer-key-md5")));
        Assert.Null(put.Header("x-amz-server-side-encryption-customer-key"));
        foreach (var verb in new[] { "GET", "HEAD" })
        {
            Assert.Equal(400, (await server.Send(verb, "/bkt/c")).Status);
            Assert.Equal(400, (await server.Send(verb, "/bkt/c", "", Customer(KeyB))).Status);
            Assert.Equal(400, (await server.Send(verb, "/bkt/c", "", S3)).Status);
            var read = await server.Send(verb, "/bkt/c", "", Customer(KeyA));
            Assert.Equal((200, Md5(KeyA)), (read.Status, read.Header("x-amz-server-side-encryption-customer-key-md5")));
        }
        Assert.Equal("InvalidRequest", (await server.Send("GET", "/bkt/c")).Code);
        Assert.DoesNotContain(Text, (await server.Send("GET", "/bkt/c", "", Customer(KeyB))).Text, StringComparison.Ordinal);
        var range = await server.Send("GET", "/bkt/c", "", [.. Customer(KeyA), "Range: bytes=4-12"]);
        Assert.Equal((206, Text[4..13]), (range.Status, range.Text));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task A_read_says_nothing_of_encryption_but_a_customer_s_key_where_there_is_one(string verb)
    {
        await server.Send("PUT", "/bkt/plain", Text);
        Assert.Equal(400, (await server.Send(verb, "/bkt/plain", "", Customer(KeyA))).Status);
        foreach (var header in new[] { S3, Kms, KmsKey + "testkey", "x-amz-server-side-encryption-context: e30=" })
            Assert.Equal(400, (await server.Send(verb, "/bkt/plain", "", header)).Status);
    }

    [Fact]
    public async Task A_copy_reads_by_one_customer_s_key_and_writes_by_another()
    {
        await server.Send("PUT", "/bkt/from", Text, Customer(KeyA));
        const string Source = "x-amz-copy-source: /bkt/from";
        Assert.Equal(400, (await server.Send("PUT", "/bkt/to", "", Source)).Status);
        Assert.Equal(400, (await server.Send("PUT", "/bkt/to", "", [Source, .. CopySource(KeyB)])).Status);
        Assert.Equal(404, (await server.Send("GET", "/bkt/to")).Status);

        var copied = await server.Send("PUT", "/bkt/to", "", [Source, .. CopySource(KeyA), .. Customer(KeyB)]);
        Assert.Equal((200, Md5(KeyB)), (copied.Status, copied.Header("x-amz-server-side-encryption-customer-key-md5")));
        Assert.Equal(Text, (await server.Send("GET", "/bkt/to", "", Customer(KeyB))).Text);

        await server.Send("PUT", "/bkt/plain-source", Text);
        Assert.Equal(400, (await server.Send("PUT", "/bkt/to", "", ["x-amz-copy-source: /bkt/plain-source", .. CopySource(KeyA)])).Status);
    }

    [Theory]
    [InlineData(PlainCustomerKeys.Never, 400)]
    [InlineData(PlainCustomerKeys.Local, 200)]
    [InlineData(PlainCustomerKeys.Always, 200)]
    public async Task Customers_keys_over_plain_HTTP_are_the_operator_s_choice_and_over_HTTPS_always_taken(PlainCustomerKeys choice, int status)
    {
        await using var plain = await BucketServer.Start(customerKeys: choice);
        await plain.Bucket("plain");
        var headers = Customer(KeyA).Select(header => header.Split(": ")).Select(parts => (parts[0], parts[1])).ToArray();
        Assert.Equal(Way.Scheme == "https" ? 200 : status, (int)(await plain.Send(HttpMethod.Put, "/plain/k", body: Text, headers: headers)).StatusCode);
    }

    [Fact]
    public async Task What_there_is_to_say_of_an_object_needs_its_customer_s_key_too()
    {
        await server.Send("PUT", "/bkt/attributes", Text, Customer(KeyA));
        const string Asked = "x-amz-object-attributes: ObjectSize,ETag";
        Assert.Equal(400, (await server.Send("GET", "/bkt/attributes?attributes", "", Asked)).Status);
        Assert.Equal(400, (await server.Send("GET", "/bkt/attributes?attributes", "", [Asked, .. Customer(KeyB)])).Status);
        var told = await server.Send("GET", "/bkt/attributes?attributes", "", [Asked, .. Customer(KeyA)]);
        Assert.Equal((200, $"{Text.Length}"), (told.Status, told.Element("ObjectSize")));
    }

    [Fact]
    public async Task Older_versions_keep_their_encryption()
    {
        await server.Send("PUT", "/versions-encrypted");
        const string On = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        await server.Send("PUT", "/versions-encrypted?versioning", On, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(On))));
        var first = (await server.Send("PUT", "/versions-encrypted/k", Text + 1, Customer(KeyA))).Header("x-amz-version-id");
        await server.Send("PUT", "/versions-encrypted/k", Text + 2, S3);
        Assert.Equal(Text + 2, (await server.Send("GET", "/versions-encrypted/k")).Text);
        Assert.Equal(400, (await server.Send("GET", "/versions-encrypted/k?versionId=" + first)).Status);
        Assert.Equal(Text + 1, (await server.Send("GET", "/versions-encrypted/k?versionId=" + first, "", Customer(KeyA))).Text);
        string[] copy = [$"x-amz-copy-source: /versions-encrypted/k?versionId={first}", .. CopySource(KeyA), Kms];
        Assert.Equal(200, (await server.Send("PUT", "/versions-encrypted/k", "", copy)).Status);
        Assert.Equal(Text + 1, (await server.Send("GET", "/versions-encrypted/k")).Text);
    }

    [Fact]
    public async Task An_object_changes_its_encryption_by_a_copy_onto_itself()
    {
        await server.Send("PUT", "/bkt/self", Text, Customer(KeyA));
        const string Source = "x-amz-copy-source: /bkt/self";
        Assert.Equal(200, (await server.Send("PUT", "/bkt/self", "", [Source, .. CopySource(KeyA), .. Customer(KeyB)])).Status);
        Assert.Equal(200, (await server.Send("PUT", "/bkt/self", "", [Source, .. CopySource(KeyB), S3])).Status);
        Assert.Equal((Text, "AES256"), ((await server.Send("GET", "/bkt/self")) is var got ? got.Text : "", got.Header("x-amz-server-side-encryption")));
        Assert.Equal("InvalidRequest", (await server.Send("PUT", "/bkt/self", "", Source)).Code);
    }

    [Fact]
    public async Task Every_part_of_an_upload_comes_with_its_customer_s_key()
    {
        var started = await server.Send("POST", "/bkt/mp?uploads", "", Customer(KeyA));
        Assert.Equal(Md5(KeyA), started.Header("x-amz-server-side-encryption-customer-key-md5"));
        var upload = "/bkt/mp?uploadId=" + started.Element("UploadId");
        Assert.Equal(400, (await server.Send("PUT", upload + "&partNumber=1", "part")).Status);
        Assert.Equal(400, (await server.Send("PUT", upload + "&partNumber=1", "part", Customer(KeyB))).Status);
        Assert.Equal(400, (await server.Send("PUT", upload + "&partNumber=1", "part", S3)).Status);

        var first = new string('a', 5 << 20);
        var one = await server.Send("PUT", upload + "&partNumber=1", first, Customer(KeyA));
        Assert.Equal((200, Md5(KeyA)), (one.Status, one.Header("x-amz-server-side-encryption-customer-key-md5")));
        await server.Send("PUT", "/bkt/part-source", "0123456789", Customer(KeyB));
        string[] copy = ["x-amz-copy-source: /bkt/part-source", "x-amz-copy-source-range: bytes=2-5", .. CopySource(KeyB)];
        Assert.Equal(400, (await server.Send("PUT", upload + "&partNumber=2", "", copy)).Status);
        var two = await server.Send("PUT", upload + "&partNumber=2", "", [.. copy, .. Customer(KeyA)]);
        Assert.Equal((200, Md5(KeyA)), (two.Status, two.Header("x-amz-server-side-encryption-customer-key-md5")));
        Assert.Equal(["5242880", "4"], (await server.Send("GET", upload)).Elements("Size"));

        var list = $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{one.Header("ETag")}</ETag></Part>"
            + $"<Part><PartNumber>2</PartNumber><ETag>{two.Element("ETag")}</ETag></Part></CompleteMultipartUpload>";
        Assert.Equal(400, (await server.Send("POST", upload, list, Customer(KeyB))).Status);
        Assert.Equal(200, (await server.Send("POST", upload, list, Customer(KeyA))).Status);
        Assert.Equal(first + "2345", (await server.Send("GET", "/bkt/mp", "", Customer(KeyA))).Text);
        var tail = await server.Send("GET", "/bkt/mp?partNumber=2", "", Customer(KeyA));
        Assert.Equal((206, "2345", "bytes 5242880-5242883/5242884"), (tail.Status, tail.Text, tail.Header("Content-Range")));
        Assert.Equal(["5242884"], (await server.Send("GET", "/bkt?prefix=mp")).Elements("Size"));
    }

    [Fact]
    public async Task An_upload_with_checksums_is_completed_by_who_has_its_key()
    {
        foreach (var (init, status) in new[] { ("x-amz-checksum-algorithm: CRC32", 400), ("x-amz-meta-a: b", 200) })
        {
            var started = await server.Send("POST", "/bkt/checked-parts?uploads", "", [init, .. Customer(KeyA)]);
            var upload = "/bkt/checked-parts?uploadId=" + started.Element("UploadId");
            var part = await server.Send("PUT", upload + "&partNumber=1", "part", Customer(KeyA));
            var list = $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Header("ETag")}</ETag></Part></CompleteMultipartUpload>";
            Assert.Equal(status, (await server.Send("POST", upload, list)).Status);
        }
    }

    [Fact]
    public async Task A_bucket_s_encryption_is_set_told_and_removed()
    {
        await server.Send("PUT", "/encrypted");
        Assert.Equal("ServerSideEncryptionConfigurationNotFoundError", (await server.Send("GET", "/encrypted?encryption")).Code);
        Assert.Equal(204, (await server.Send("DELETE", "/encrypted?encryption")).Status);
        await server.Send("PUT", "/encrypted/before", Text);

        Assert.Equal(200, (await Configure("/encrypted", "<SSEAlgorithm>AES256</SSEAlgorithm>")).Status);
        Assert.Equal(("AES256", "false"), (await server.Send("GET", "/encrypted?encryption")) is var told
            ? (told.Element("SSEAlgorithm"), told.Element("BucketKeyEnabled")) : default);
        Assert.Equal("AES256", (await server.Send("PUT", "/encrypted/a", Text)).Header("x-amz-server-side-encryption"));
        Assert.Equal("AES256", (await server.Send("POST", "/encrypted/b?uploads")).Header("x-amz-server-side-encryption"));
        Assert.Equal("AES256", (await server.Send("PUT", "/encrypted/c", "", "x-amz-copy-source: /encrypted/before")).Header("x-amz-server-side-encryption"));
        Assert.Null((await server.Send("GET", "/encrypted/before")).Header("x-amz-server-side-encryption"));
        Assert.Null((await server.Send("PUT", "/encrypted/d", Text, Customer(KeyA))).Header("x-amz-server-side-encryption"));

        await server.Ring.Ensure(KeyRing.OfId("bucketkey"), default);
        Assert.Equal(200, (await Configure("/encrypted", "<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>bucketkey</KMSMasterKeyID>", "true")).Status);
        var put = await server.Send("PUT", "/encrypted/e", Text);
        Assert.Equal(("aws:kms", "bucketkey", "true"), (
            put.Header("x-amz-server-side-encryption"), put.Header("x-amz-server-side-encryption-aws-kms-key-id"),
            put.Header("x-amz-server-side-encryption-bucket-key-enabled")));
        Assert.Null((await server.Send("PUT", "/encrypted/e", Text, "x-amz-server-side-encryption-bucket-key-enabled: false"))
            .Header("x-amz-server-side-encryption-bucket-key-enabled"));

        Assert.Equal(204, (await server.Send("DELETE", "/encrypted?encryption")).Status);
        Assert.Equal(404, (await server.Send("GET", "/encrypted?encryption")).Status);
        Assert.Null((await server.Send("PUT", "/encrypted/f", Text)).Header("x-amz-server-side-encryption"));
        foreach (var key in new[] { "a", "c", "e" }) Assert.Equal(Text, (await server.Send("GET", "/encrypted/" + key)).Text);
    }

    [Theory]
    [InlineData("<ServerSideEncryptionConfiguration/>", 400, "MalformedXML")]
    [InlineData("<ServerSideEncryptionConfiguration><Rule/></ServerSideEncryptionConfiguration>", 400, "MalformedXML")]
    [InlineData("<SSEAlgorithm>AES512</SSEAlgorithm>", 400, "MalformedXML")]
    [InlineData("<KMSMasterKeyID>a</KMSMasterKeyID>", 400, "MalformedXML")]
    [InlineData("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>a</KMSMasterKeyID>", 400, "InvalidArgument")]
    [InlineData("<SSEAlgorithm>aws:kms:dsse</SSEAlgorithm>", 501, "NotImplemented")]
    [InlineData("<Two/>", 400, "MalformedXML")]
    public async Task A_configuration_that_cannot_be_followed_changes_nothing(string content, int status, string code)
    {
        await server.Send("PUT", "/malformed");
        var rule = $"<Rule><ApplyServerSideEncryptionByDefault>{content}</ApplyServerSideEncryptionByDefault></Rule>";
        var answer = content.StartsWith("<Server", StringComparison.Ordinal)
            ? await Send("/malformed", content)
            : await Send("/malformed", $"<ServerSideEncryptionConfiguration>{rule}</ServerSideEncryptionConfiguration>");
        Assert.Equal((status, code), (answer.Status, answer.Code));
        var two = "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>";
        Assert.Equal("MalformedXML", (await Send("/malformed", $"<ServerSideEncryptionConfiguration>{two}{two}</ServerSideEncryptionConfiguration>")).Code);
        Assert.Equal(404, (await server.Send("GET", "/malformed?encryption")).Status);
    }

    [Fact]
    public async Task Nothing_of_an_encrypted_body_is_kept_in_the_clear()
    {
        const string Marked = "zebra-crossing-7731-";
        var large = string.Concat(Enumerable.Repeat(Marked, 30_000));
        foreach (var (name, headers) in new (string, string[])[] { ("s3", [S3]), ("kms", [Kms]), ("c", Customer(KeyA)) })
        {
            await server.Send("PUT", "/bkt/hidden-small-" + name, Marked, headers);
            await server.Send("PUT", "/bkt/hidden-large-" + name, large, headers);
            await server.Send("PUT", "/bkt/hidden-copy-" + name, "", ["x-amz-copy-source: /bkt/hidden-large-s3", .. headers]);
        }
        Assert.Equal(large, (await server.Send("GET", "/bkt/hidden-copy-kms")).Text);
        Assert.False(await IsKept(Encoding.ASCII.GetBytes(Marked)));
        Assert.False(await IsKept(KeyA));
        Assert.False(await IsKept(Encoding.ASCII.GetBytes(Convert.ToBase64String(KeyA))));
        await server.Send("PUT", "/bkt/open", "giraffe-crossing-8842");
        Assert.True(await IsKept(Encoding.ASCII.GetBytes("giraffe-crossing-8842"))); // the scan finds what is there
    }

    private Task<Answer> Configure(string bucket, string byDefault, string? bucketKey = null) => Send(
        bucket,
        $"<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ApplyServerSideEncryptionByDefault>{byDefault}"
        + "</ApplyServerSideEncryptionByDefault>"
        + (bucketKey is null ? "" : $"<BucketKeyEnabled>{bucketKey}</BucketKeyEnabled>") + "</Rule></ServerSideEncryptionConfiguration>");

    private Task<Answer> Send(string bucket, string document) => server.Send(
        "PUT", bucket + "?encryption", document, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document))));

    private async Task<bool> IsKept(byte[] bytes)
    {
        await foreach (var content in server.Kept())
            if (content.Span.IndexOf(bytes) >= 0) return true;
        return false;
    }

    private static string Md5(byte[] key) => Convert.ToBase64String(MD5.HashData(key));

    private static string[] Customer(byte[] key) => Headers("x-amz-server-side-encryption-customer-", key);

    private static string[] CopySource(byte[] key) => Headers("x-amz-copy-source-server-side-encryption-customer-", key);

    private static string[] Headers(string prefix, byte[] key) =>
        [prefix + "algorithm: AES256", prefix + "key: " + Convert.ToBase64String(key), prefix + "key-MD5: " + Md5(key)];
}
