using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>Encryption by the real program: keys made by an option, rotated by a command, kept over restarts.</summary>
public sealed class EncryptionTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task What_was_encrypted_is_read_after_restarts_and_rotations()
    {
        var large = new string('x', 3 << 20);
        await using (var first = await ServerProcess.Start(scratch["data"], more: ["--kms-key", "orders", "--kms-key", "other"]))
        {
            using var s3 = Sdk.Client(first.Endpoint);
            await s3.PutBucketAsync("bucket");
            await Put(s3, "s3", large, ServerSideEncryptionMethod.AES256, null);
            await Put(s3, "kms", "small", ServerSideEncryptionMethod.AWSKMS, "orders");
            var locked = await KmsKey("rotate");
            Assert.Equal(1, locked.ExitCode);
            Assert.Contains("in use by another server", locked.Err, StringComparison.Ordinal);
            await first.Terminate();
        }
        Assert.Equal(1, (await KmsKey("rotate", "orders", "none")).ExitCode);
        Assert.Equal("SSE-S3\t1\norders\t1\nother\t1\n", Sorted(await KmsKey("list")));
        Assert.Equal("orders\t2\n", (await KmsKey("rotate", "orders")).Out);
        Assert.Equal("SSE-S3\t2\norders\t3\nother\t2\n", Sorted(await KmsKey("rotate")));

        await using var second = await ServerProcess.Start(scratch["data"]);
        using var client = Sdk.Client(second.Endpoint);
        Assert.Equal(large, await Get(client, "s3"));
        Assert.Equal("small", await Get(client, "kms"));
        await Put(client, "kms-2", "new", ServerSideEncryptionMethod.AWSKMS, "orders");
        Assert.Equal("new", await Get(client, "kms-2"));
        var unknown = await Assert.ThrowsAsync<AmazonS3Exception>(() => Put(client, "k", "", ServerSideEncryptionMethod.AWSKMS, "none"));
        Assert.Equal("KMS.NotFoundException", unknown.ErrorCode);
    }

    [Fact]
    public async Task Nothing_of_what_is_encrypted_lies_on_the_disk_in_plain()
    {
        const string secret = "only the owner of the key may read this sentence. ";
        var small = string.Concat(Enumerable.Repeat(secret, 20));
        var large = string.Concat(Enumerable.Repeat(secret, 120_000)); // 6 MB: a file each, of one piece and of parts
        var ownKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await using (var server = await ServerProcess.Start(scratch["data"], more: ["--kms-key", "orders"]))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync("bucket");
            foreach (var (name, body) in new[] { ("small", small), ("large", large) })
            {
                await Put(s3, name + "-s3", body, ServerSideEncryptionMethod.AES256, null);
                await Put(s3, name + "-kms", body, ServerSideEncryptionMethod.AWSKMS, "orders");
                await s3.PutObjectAsync(new()
                {
                    BucketName = "bucket", Key = name + "-own", ContentBody = body,
                    ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256, ServerSideEncryptionCustomerProvidedKey = ownKey,
                });
            }
            using var transfer = new TransferUtility(s3);
            await transfer.UploadAsync(new()
            {
                BucketName = "bucket", Key = "parts", PartSize = 5 << 20, ServerSideEncryptionMethod = ServerSideEncryptionMethod.AES256,
                InputStream = new MemoryStream(Encoding.UTF8.GetBytes(large)),
            });
            await s3.CopyObjectAsync(new() { SourceBucket = "bucket", SourceKey = "large-kms", DestinationBucket = "bucket", DestinationKey = "copy", ServerSideEncryptionMethod = ServerSideEncryptionMethod.AES256 });
            Assert.Equal(large, await Get(s3, "copy"));
            AssertHidden();

            // The same look finds what is not encrypted, small or large.
            await Put(s3, "plain", small, null, null);
            Assert.Contains(Holding(secret), file => file.StartsWith("state.db", StringComparison.Ordinal));
            await s3.DeleteObjectAsync("bucket", "plain");
            await Put(s3, "plain-large", large, null, null);
            Assert.Contains(Holding(secret), file => file.StartsWith("objects", StringComparison.Ordinal));
        }

        void AssertHidden()
        {
            Assert.Empty(Holding(secret));
            Assert.Empty(Holding(ownKey));
            Assert.Empty(Holding(Convert.FromBase64String(ownKey)));
        }
    }

    private List<string> Holding(string text) => Holding(Encoding.UTF8.GetBytes(text));

    /// <summary>The files of the data directory in which these bytes stand.</summary>
    private List<string> Holding(byte[] bytes) =>
        [.. Directory.EnumerateFiles(scratch["data"], "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "lock" && Read(file).AsSpan().IndexOf(bytes) >= 0).Select(file => Path.GetRelativePath(scratch["data"], file))];

    private static byte[] Read(string file)
    {
        // The server has its state open.
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes;
    }

    private static string Sorted(Ran ran) =>
        string.Concat(ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(line => line + "\n"));

    private Task<Ran> KmsKey(string command, params string[] ids) =>
        Shell.Run("dotnet", [Repository.Program, "kms-key", command, .. ids, "--data", scratch["data"]]);

    private static Task<PutObjectResponse> Put(AmazonS3Client s3, string key, string body, ServerSideEncryptionMethod? method, string? keyId) =>
        s3.PutObjectAsync(new()
        {
            BucketName = "bucket", Key = key, ContentBody = body, ServerSideEncryptionMethod = method, ServerSideEncryptionKeyManagementServiceKeyId = keyId,
        });

    private static async Task<string> Get(AmazonS3Client s3, string key)
    {
        using var got = await s3.GetObjectAsync("bucket", key);
        using var text = new StreamReader(got.ResponseStream);
        return await text.ReadToEndAsync();
    }
}
