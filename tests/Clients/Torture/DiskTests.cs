using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>A disk that is full, read-only, or to be given back.</summary>
[Trait("Speed", "Slow")]
public sealed class DiskTests
{
    [TmpfsFact]
    public async Task A_full_disk_is_told_and_survived_and_loses_nothing()
    {
        using var disk = await Tmpfs.Mount(96);
        var data = Path.Combine(disk.Path, "data");
        await using var server = await ServerProcess.Start(data);
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync("bucket");
        var kept = new Dictionary<string, byte[]>();
        for (var i = 0; i < 10; i++) await Keep($"before/{i}", i % 2 == 0 ? 1000 : 500_000);

        var filler = disk.Fill(spare: 3_000_000);
        // Large bodies first, which want the objects' directory; small ones then, which want the state file.
        var refused = 0;
        for (var i = 0; i < 200 && refused < 20; i++)
        {
            var (key, length) = i < 20 ? ($"during/{i}", 700_000) : ($"during/{i}", 30_000);
            try
            {
                await Keep(key, length);
            }
            catch (AmazonS3Exception e)
            {
                Assert.True((int)e.StatusCode is 503 or 507, $"{e.StatusCode} {e.ErrorCode} {e.Message}");
                refused++;
            }
        }
        Assert.NotEqual(0, refused);
        Assert.False(server.HasExited, server.Error);
        await AssertKept();

        File.Delete(filler);
        await Keep("after/small", 1000);
        await Keep("after/large", 5_000_000);
        await AssertKept();

        // Killed and started again: what was said to be stored still is.
        await server.Kill();
        await using var again = await ServerProcess.Start(data);
        using var reader = Sdk.Client(again.Endpoint);
        await AssertKeptBy(reader);

        async Task Keep(string key, int length)
        {
            var bytes = RandomNumberGenerator.GetBytes(length);
            await s3.PutObjectAsync(new PutObjectRequest { BucketName = "bucket", Key = key, InputStream = new MemoryStream(bytes) });
            kept[key] = MD5.HashData(bytes);
        }

        Task AssertKept() => AssertKeptBy(s3);

        async Task AssertKeptBy(IAmazonS3 client)
        {
            foreach (var (key, md5) in kept)
            {
                using var got = await client.GetObjectAsync("bucket", key);
                Assert.Equal(md5, await MD5.HashDataAsync(got.ResponseStream));
            }
            var listed = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = "bucket" });
            Assert.Equal(kept.Keys.Order(StringComparer.Ordinal), listed.S3Objects.Select(o => o.Key));
        }
    }

    [TmpfsFact]
    public async Task A_disk_that_is_full_at_the_start_is_named()
    {
        using var disk = await Tmpfs.Mount(8);
        disk.Fill(spare: 0);
        await using var server = ServerProcess.Launch(Path.Combine(disk.Path, "data"));
        Assert.Equal(1, await server.Ended(TimeSpan.FromSeconds(30)));
        Assert.Contains("no space", server.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", server.Error, StringComparison.Ordinal);
    }

    [TmpfsFact]
    public async Task A_read_only_directory_is_named_and_usable_again_when_it_can_be_written()
    {
        using var disk = await Tmpfs.Mount(64);
        var data = Path.Combine(disk.Path, "data");
        await using (var first = await ServerProcess.Start(data))
        {
            using var s3 = Sdk.Client(first.Endpoint);
            await s3.PutBucketAsync("bucket");
            Assert.Equal(0, await first.Terminate());
        }
        await disk.ReadOnly(true);
        await using (var second = ServerProcess.Launch(data))
        {
            Assert.Equal(1, await second.Ended(TimeSpan.FromSeconds(30)));
            Assert.Contains("read-only", second.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", second.Error, StringComparison.Ordinal);
        }
        await disk.ReadOnly(false);
        await using var third = await ServerProcess.Start(data);
        using var again = Sdk.Client(third.Endpoint);
        Assert.Equal("bucket", Assert.Single((await again.ListBucketsAsync()).Buckets).BucketName);
    }

    [Fact]
    public async Task Bytes_that_overwrites_deletes_and_aborts_leave_behind_vanish()
    {
        using var scratch = new Scratch();
        await using var server = await ServerProcess.Start(scratch["data"], true, "--keep-replaced", "1");
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync("bucket");
        Task Put(string key, int mebibytes) => s3.PutObjectAsync(new PutObjectRequest
        {
            BucketName = "bucket", Key = key, InputStream = new MemoryStream(RandomNumberGenerator.GetBytes(mebibytes << 20)),
        });
        for (var i = 0; i < 8; i++) await Put($"{i}", 2);
        for (var i = 0; i < 8; i++) await Put($"{i}", 1);
        for (var i = 1; i < 8; i++) await s3.DeleteObjectAsync("bucket", $"{i}");
        var upload = await s3.InitiateMultipartUploadAsync("bucket", "m");
        for (var part = 1; part <= 2; part++)
            await s3.UploadPartAsync(new UploadPartRequest
            {
                BucketName = "bucket", Key = "m", UploadId = upload.UploadId, PartNumber = part, InputStream = new MemoryStream(new byte[5 << 20]),
            });
        await s3.AbortMultipartUploadAsync("bucket", "m", upload.UploadId);

        // One object of 1 MiB is all that is left.
        await Eventually.Holds(() => Bytes(scratch["data/objects"]) == 1 << 20, "all bytes but those of the one object are gone", TimeSpan.FromMinutes(3));
        Assert.Equal(1 << 20, (await s3.GetObjectMetadataAsync("bucket", "0")).ContentLength);
    }

    private static long Bytes(string directory)
    {
        long sum = 0;
        foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            var info = new FileInfo(file);
            // Gone between the two calls: a job has just removed it.
            if (info.Exists) sum += info.Length;
        }
        return sum;
    }
}
