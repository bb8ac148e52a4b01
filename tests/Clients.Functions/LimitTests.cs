using System.Security.Cryptography;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>Bodies as large as the platform lets through, and larger.</summary>
public sealed class LimitTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientTheory(Client.Rclone), InlineData(5L << 30), InlineData(100L << 20)]
    public async Task A_single_PUT_of_150_MiB_passes_below_the_limit_and_is_refused_with_a_hint_above_it_where_parts_pass(long limit)
    {
        await using var apps = await FunctionApps.Start(settings: ("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", $"{limit}"));
        var rclone = new RcloneCli(apps.Endpoint());
        using var s3 = Sdk.Client(apps.Endpoint());
        await s3.PutBucketAsync("large");
        var body = new byte[150 << 20];
        Random.Shared.NextBytes(body);
        await File.WriteAllBytesAsync(scratch["body"], body);

        string[] whole = ["--s3-upload-cutoff", "5G", "--s3-chunk-size", "5M"], inParts = ["--s3-upload-cutoff", "64M", "--s3-chunk-size", "64M"];
        var passes = body.Length <= limit;
        var single = await rclone.Try(["copyto", .. whole, scratch["body"], "z:large/body"]);
        if (!passes)
        {
            Assert.Contains("EntityTooLarge", single.Failed().Err, StringComparison.Ordinal);
            Assert.Contains("multipart upload", single.Err, StringComparison.Ordinal);
            Assert.Empty((await s3.ListObjectsV2Async(new() { BucketName = "large" })).S3Objects ?? []);
            Assert.Empty(await apps.Blobs());
            await rclone.Run(["copyto", .. inParts, scratch["body"], "z:large/body"]);
        }
        else
        {
            single.Succeeded();
        }

        var etag = (await s3.GetObjectMetadataAsync("large", "body")).ETag;
        Assert.Equal(passes, etag == $"\"{Convert.ToHexStringLower(MD5.HashData(body))}\"");
        Assert.Equal(!passes, etag.EndsWith("-3\"", StringComparison.Ordinal));
        await rclone.Run("copyto", "z:large/body", scratch["back"]);
        Assert.Equal(SHA256.HashData(body), SHA256.HashData(await File.ReadAllBytesAsync(scratch["back"])));
    }
}
