using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>SSE-S3, SSE-KMS and SSE-C as programs ask for them, in one piece and by parts.</summary>
[Trait("Speed", "Slow")]
public sealed class ServerSideEncryptionTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private const int Part = 5 << 20;

    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientFact(Client.Aws)]
    public async Task The_aws_CLI_encrypts_with_the_servers_key_and_with_its_own()
    {
        var aws = new AwsCli(server);
        var bucket = server.NewBucketName("aws-sse");
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync(bucket);
        var body = Body("body", (8 << 20) + 77); // two parts, as the CLI cuts them
        File.WriteAllBytes(scratch["key"], RandomNumberGenerator.GetBytes(32));
        string[] own = ["--sse-c", "AES256", "--sse-c-key", $"fileb://{scratch["key"]}"];
        string[] ownOfObject = ["--sse-customer-algorithm", "AES256", "--sse-customer-key", $"fileb://{scratch["key"]}"];

        await aws.Run("s3", "cp", "--sse", "AES256", scratch["body"], $"s3://{bucket}/s3");
        Assert.Equal("AES256", await aws.Query("ServerSideEncryption", "s3api", "head-object", "--bucket", bucket, "--key", "s3"));
        await aws.Run("s3", "cp", $"s3://{bucket}/s3", scratch["back"]);
        Assert.Equal(body, File.ReadAllBytes(scratch["back"]));

        await aws.Run(["s3", "cp", .. own, scratch["body"], $"s3://{bucket}/own"]);
        Assert.Contains("400", (await aws.Try("s3", "cp", $"s3://{bucket}/own", scratch["none"])).Failed().Err, StringComparison.Ordinal);
        await aws.Run(["s3api", "get-object", "--bucket", bucket, "--key", "own", "--range", "bytes=8388600-8388700", .. ownOfObject, scratch["range"]]);
        Assert.Equal(body[8388600..], File.ReadAllBytes(scratch["range"]));

        // From one's own key to the server's, by a copy of parts.
        await aws.Run("s3", "cp", "--sse-c-copy-source", "AES256", "--sse-c-copy-source-key", $"fileb://{scratch["key"]}", "--sse", "aws:kms", "--sse-kms-key-id", RunningServer.KmsKey, $"s3://{bucket}/own", $"s3://{bucket}/kms");
        Assert.Equal("aws:kms", await aws.Query("ServerSideEncryption", "s3api", "head-object", "--bucket", bucket, "--key", "kms"));
        await aws.Run("s3", "cp", $"s3://{bucket}/kms", scratch["again"]);
        Assert.Equal(body, File.ReadAllBytes(scratch["again"]));
    }

    [ClientTheory(Client.Rclone), InlineData("AES256"), InlineData("aws:kms"), InlineData("customer")]
    public async Task Rclone_encrypts_in_one_piece_and_by_parts(string kind)
    {
        await using var proxy = new TlsProxy(server.Endpoint);
        var rclone = new RcloneCli(proxy.Endpoint);
        var bucket = server.NewBucketName("rclone-sse");
        Directory.CreateDirectory(scratch["up"]);
        Body("up/small", 1000);
        Body("up/large", Part + Part / 2);
        string[] sse = kind switch
        {
            // It sends its key over TLS only.
            "customer" => ["--s3-sse-customer-algorithm", "AES256", "--s3-sse-customer-key", "0123456789abcdef0123456789abcdef"],
            "aws:kms" => ["--s3-server-side-encryption", kind, "--s3-sse-kms-key-id", RunningServer.KmsKey],
            _ => ["--s3-server-side-encryption", kind],
        };

        await rclone.Run(["copy", "--no-check-certificate", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", .. sse, scratch["up"], $"z:{bucket}/tree"]);
        await rclone.Run(["copy", "--no-check-certificate", .. sse, $"z:{bucket}/tree", scratch["down"]]);

        SampleTree.AssertSame(scratch["up"], scratch["down"]);
        using var s3 = Sdk.Client(server.Endpoint);
        if (kind == "customer")
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => s3.GetObjectMetadataAsync(bucket, "tree/large"))).StatusCode);
        else
            Assert.Equal(kind, (await s3.GetObjectMetadataAsync(bucket, "tree/large")).ServerSideEncryptionMethod.Value);
    }

    [ClientFact(Client.S3cmd)]
    public async Task S3cmd_encrypts_in_one_piece_and_by_parts()
    {
        var s3cmd = new S3cmdCli(server, scratch);
        var bucket = server.NewBucketName("s3cmd-sse");
        await s3cmd.Run("mb", $"s3://{bucket}");
        var body = Body("large", Part + 1);
        await s3cmd.Run("put", "--server-side-encryption", "--multipart-chunk-size-mb=5", scratch["large"], $"s3://{bucket}/large");
        Body("small", 10);
        await s3cmd.Run("put", "--server-side-encryption", "--server-side-encryption-kms-id=" + RunningServer.KmsKey, scratch["small"], $"s3://{bucket}/small");

        Assert.Contains("SSE:       AES256", (await s3cmd.Run("info", $"s3://{bucket}/large")).Out, StringComparison.Ordinal);
        Assert.Contains("SSE:       aws:kms", (await s3cmd.Run("info", $"s3://{bucket}/small")).Out, StringComparison.Ordinal);
        await s3cmd.Run("get", $"s3://{bucket}/large", scratch["back"]);
        Assert.Equal(body, File.ReadAllBytes(scratch["back"]));
    }

    [Fact]
    public async Task AWSSDK_uses_keys_by_name_and_its_own_and_the_buckets_default()
    {
        using var s3 = Sdk.Client(server.Endpoint);
        using var transfer = new TransferUtility(s3);
        var bucket = server.NewBucketName("dotnet-sse");
        await s3.PutBucketAsync(bucket);
        await s3.PutBucketEncryptionAsync(new()
        {
            BucketName = bucket,
            ServerSideEncryptionConfiguration = new()
            {
                ServerSideEncryptionRules = [new() { ServerSideEncryptionByDefault = new() { ServerSideEncryptionAlgorithm = "aws:kms", ServerSideEncryptionKeyManagementServiceKeyId = RunningServer.KmsKey } }],
            },
        });
        var body = Body("large", 2 * Part + 9);

        await transfer.UploadAsync(new TransferUtilityUploadRequest { BucketName = bucket, Key = "by default", FilePath = scratch["large"], PartSize = Part });
        var head = await s3.GetObjectMetadataAsync(bucket, "by default");
        Assert.Equal((ServerSideEncryptionMethod.AWSKMS, true), (head.ServerSideEncryptionMethod, head.ServerSideEncryptionKeyManagementServiceKeyId.EndsWith(RunningServer.KmsKey, StringComparison.Ordinal)));
        await transfer.DownloadAsync(scratch["back"], bucket, "by default");
        Assert.Equal(body, File.ReadAllBytes(scratch["back"]));

        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await transfer.UploadAsync(new TransferUtilityUploadRequest
        {
            BucketName = bucket, Key = "own", FilePath = scratch["large"], PartSize = Part,
            ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256, ServerSideEncryptionCustomerProvidedKey = key,
        });
        using var got = await s3.GetObjectAsync(new GetObjectRequest
        {
            BucketName = bucket, Key = "own", ByteRange = new(Part - 10, 2 * Part + 3),
            ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256, ServerSideEncryptionCustomerProvidedKey = key,
        });
        using var bytes = new MemoryStream();
        await got.ResponseStream.CopyToAsync(bytes);
        Assert.Equal(body[(Part - 10)..(2 * Part + 4)], bytes.ToArray());
        var unknown = await Assert.ThrowsAsync<AmazonS3Exception>(() => s3.PutObjectAsync(new()
        {
            BucketName = bucket, Key = "none", ContentBody = "x",
            ServerSideEncryptionMethod = ServerSideEncryptionMethod.AWSKMS, ServerSideEncryptionKeyManagementServiceKeyId = "no-such-key",
        }));
        Assert.Equal("KMS.NotFoundException", unknown.ErrorCode);
    }

    private byte[] Body(string file, int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        File.WriteAllBytes(scratch[file], bytes);
        return bytes;
    }
}
