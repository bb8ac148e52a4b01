using System.Net;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>AWSSDK.S3: chunks signed one by one, with a trailing checksum, whatever else it does by default.</summary>
public sealed class AwsSdkTests(RunningServer server) : IClassFixture<RunningServer>, IAsyncLifetime, IDisposable
{
    private readonly Scratch scratch = new();
    private readonly AmazonS3Client s3 = Sdk.Client(server.Endpoint);
    private readonly string bucket = server.NewBucketName("dotnet");

    public Task InitializeAsync() => s3.PutBucketAsync(bucket);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        s3.Dispose();
        scratch.Dispose();
    }

    [Fact]
    public async Task An_object_keeps_its_bytes_headers_and_metadata()
    {
        var put = new PutObjectRequest { BucketName = bucket, Key = "dir/ä b+c%d", ContentBody = "hello", ContentType = "text/x-test" };
        put.Metadata["colour"] = "blue";
        put.Headers.CacheControl = "no-store";
        var written = await s3.PutObjectAsync(put);
        Assert.Equal("\"5d41402abc4b2a76b9719d911017c592\"", written.ETag);

        using var got = await s3.GetObjectAsync(bucket, "dir/ä b+c%d");
        Assert.Equal("hello", await new StreamReader(got.ResponseStream).ReadToEndAsync());
        Assert.Equal("text/x-test", got.Headers.ContentType);
        Assert.Equal("no-store", got.Headers.CacheControl);
        Assert.Equal("blue", got.Metadata["colour"]);
        Assert.True(string.IsNullOrEmpty(got.Headers.ContentEncoding), got.Headers.ContentEncoding);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(81920), InlineData(81921), InlineData(3_000_000)]
    public async Task Streams_of_any_length_come_back(int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "stream", InputStream = new MemoryStream(bytes) });
        Assert.Equal(bytes, await Read("stream"));
    }

    [Theory, InlineData("CRC32"), InlineData("SHA1"), InlineData("SHA256")]
    public async Task Checksums_are_kept_and_given_back(string algorithm)
    {
        await s3.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket, Key = "sum", ContentBody = "123456789", ChecksumAlgorithm = ChecksumAlgorithm.FindValue(algorithm),
        });
        var head = await s3.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = bucket, Key = "sum", ChecksumMode = ChecksumMode.ENABLED });
        var (got, wanted) = algorithm switch
        {
            "CRC32" => (head.ChecksumCRC32, "y/Q5Jg=="),
            "SHA1" => (head.ChecksumSHA1, Convert.ToBase64String(SHA1.HashData("123456789"u8))),
            _ => (head.ChecksumSHA256, Convert.ToBase64String(SHA256.HashData("123456789"u8))),
        };
        Assert.Equal(wanted, got);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Payloads_may_be_signed_by_chunk_or_whole(bool chunked)
    {
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "signed", ContentBody = "payload", UseChunkEncoding = chunked });
        Assert.Equal("payload", Encoding.UTF8.GetString(await Read("signed")));
    }

    [Fact]
    public async Task TransferUtility_moves_a_large_file_by_parts()
    {
        var bytes = RandomNumberGenerator.GetBytes(23 * 1024 * 1024 + 9);
        await File.WriteAllBytesAsync(scratch["up"], bytes);
        using var transfer = new TransferUtility(s3);
        await transfer.UploadAsync(new TransferUtilityUploadRequest
        {
            BucketName = bucket, Key = "large", FilePath = scratch["up"], PartSize = 5 * 1024 * 1024,
        });
        await transfer.DownloadAsync(scratch["down"], bucket, "large");

        Assert.Equal(bytes, await File.ReadAllBytesAsync(scratch["down"]));
        var head = await s3.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = bucket, Key = "large", ChecksumMode = ChecksumMode.ENABLED });
        Assert.EndsWith("-5\"", head.ETag, StringComparison.Ordinal);
        Assert.Equal(ChecksumType.FULL_OBJECT, head.ChecksumType);
        Assert.NotNull(head.ChecksumCRC32);
    }

    [Fact]
    public async Task TransferUtility_moves_a_directory_both_ways()
    {
        Directory.CreateDirectory(scratch["tree/sub dir"]);
        for (var i = 0; i < 20; i++) await File.WriteAllTextAsync(scratch[$"tree/sub dir/{i}+ü.txt"], $"file {i}");
        using var transfer = new TransferUtility(s3);
        await transfer.UploadDirectoryAsync(new TransferUtilityUploadDirectoryRequest
        {
            BucketName = bucket, KeyPrefix = "a prefix", Directory = scratch["tree"], SearchOption = SearchOption.AllDirectories,
        });
        await transfer.DownloadDirectoryAsync(bucket, "a prefix", scratch["back"]);
        SampleTree.AssertSame(scratch["tree"], scratch["back"]);
    }

    [Fact]
    public async Task Presigned_addresses_put_and_get_and_cannot_be_changed()
    {
        string Sign(HttpVerb verb, string key) => s3.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = bucket, Key = key, Verb = verb, Expires = DateTime.UtcNow.AddMinutes(5), Protocol = Protocol.HTTP,
        });
        using var http = new HttpClient();
        using var put = await http.PutAsync(new Uri(Sign(HttpVerb.PUT, "pre signed/ü")), new StringContent("by address"));
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        var get = Sign(HttpVerb.GET, "pre signed/ü");
        Assert.Equal("by address", await http.GetStringAsync(new Uri(get)));
        using var changed = await http.GetAsync(new Uri(get.Replace("X-Amz-Expires=", "X-Amz-Expires=1", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Forbidden, changed.StatusCode);
    }

    [Fact]
    public async Task Conditional_writes_hold()
    {
        Task<PutObjectResponse> Put(string body, string? none = null, string? match = null) =>
            s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "cond", ContentBody = body, IfNoneMatch = none, IfMatch = match });

        var first = await Put("1", none: "*");
        var refused = await Assert.ThrowsAsync<AmazonS3Exception>(() => Put("2", none: "*"));
        Assert.Equal(("PreconditionFailed", HttpStatusCode.PreconditionFailed), (refused.ErrorCode, refused.StatusCode));
        await Put("3", match: first.ETag);
        refused = await Assert.ThrowsAsync<AmazonS3Exception>(() => Put("4", match: first.ETag));
        Assert.Equal("PreconditionFailed", refused.ErrorCode);
        Assert.Equal("3", Encoding.UTF8.GetString(await Read("cond")));
    }

    [Fact]
    public async Task Of_many_writers_who_all_demand_absence_one_wins()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            try
            {
                await s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "race", ContentBody = $"{i}", IfNoneMatch = "*" });
                return $"{i}";
            }
            catch (AmazonS3Exception e)
            {
                Assert.Contains(e.ErrorCode, (string[])["PreconditionFailed", "ConditionalRequestConflict"]);
                return null;
            }
        }));
        Assert.Equal(Assert.Single(answers, answer => answer is not null), Encoding.UTF8.GetString(await Read("race")));
    }

    [Fact]
    public async Task Ranges_copies_and_deletions_work()
    {
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "a/ö 1", ContentBody = "0123456789" });
        using (var got = await s3.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = "a/ö 1", ByteRange = new ByteRange(2, 4) }))
            Assert.Equal("234", await new StreamReader(got.ResponseStream).ReadToEndAsync());
        await s3.CopyObjectAsync(bucket, "a/ö 1", bucket, "b c");
        Assert.Equal("0123456789", Encoding.UTF8.GetString(await Read("b c")));

        var gone = await s3.DeleteObjectsAsync(new DeleteObjectsRequest
        {
            BucketName = bucket, Objects = [new KeyVersion { Key = "a/ö 1" }, new KeyVersion { Key = "b c" }, new KeyVersion { Key = "none" }],
        });
        Assert.Equal(3, gone.DeletedObjects.Count);
        var missing = await Assert.ThrowsAsync<NoSuchKeyException>(() => s3.GetObjectAsync(bucket, "b c"));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        await s3.DeleteBucketAsync(bucket);
        await Assert.ThrowsAsync<NoSuchBucketException>(() => s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }));
    }

    [Fact]
    public async Task Listings_page_through_keys_and_common_prefixes()
    {
        for (var i = 0; i < 30; i++)
            await s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = $"{i / 10}/{i:00}", ContentBody = "x" });
        var keys = new List<string>();
        await foreach (var o in s3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = bucket, MaxKeys = 7 }).S3Objects) keys.Add(o.Key);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{i / 10}/{i:00}"), keys);
        var prefixes = new List<string>();
        await foreach (var p in s3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = bucket, Delimiter = "/", MaxKeys = 2 }).CommonPrefixes) prefixes.Add(p);
        Assert.Equal(["0/", "1/", "2/"], prefixes);
    }

    private async Task<byte[]> Read(string key)
    {
        using var got = await s3.GetObjectAsync(bucket, key);
        using var bytes = new MemoryStream();
        await got.ResponseStream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
