using Amazon.S3;
using Amazon.S3.Model;
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

    private static string Sorted(Ran ran) =>
        string.Concat(ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(line => line + "\n"));

    private Task<Ran> KmsKey(string command, params string[] ids) =>
        Shell.Run("dotnet", [Repository.Program, "kms-key", command, .. ids, "--data", scratch["data"]]);

    private static Task<PutObjectResponse> Put(AmazonS3Client s3, string key, string body, ServerSideEncryptionMethod method, string? keyId) =>
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
