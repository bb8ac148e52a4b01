using System.Security.Cryptography;
using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>The aws CLI: every version that is installed.</summary>
[Trait("Speed", "Slow")]
public sealed class AwsCliTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly Scratch scratch = new();

    /// <summary>Index into <see cref="Installed.Aws"/>: paths would make the tests' names differ between machines.</summary>
    public static TheoryData<int> Versions => [.. Enumerable.Range(0, Math.Max(1, Installed.Aws.Count))];

    public void Dispose() => scratch.Dispose();

    [ClientTheory(Client.Aws), MemberData(nameof(Versions))]
    public async Task Sync_brings_a_real_tree_up_and_down_again_byte_for_byte(int version)
    {
        var aws = new AwsCli(server, version);
        var bucket = server.NewBucketName("aws-sync");
        SampleTree.Create(scratch["up"]);
        await aws.Run("s3", "mb", $"s3://{bucket}");

        await aws.Run("s3", "sync", scratch["up"], $"s3://{bucket}/a prefix");
        await aws.Run("s3", "sync", $"s3://{bucket}/a prefix", scratch["down"]);

        SampleTree.AssertSame(scratch["up"], scratch["down"]);
        // Nothing left to do: sizes and times agree, so the second run says nothing.
        Assert.Equal("", (await aws.Run("s3", "sync", scratch["up"], $"s3://{bucket}/a prefix")).Out);

        File.Delete(scratch["up/readme.txt"]);
        File.WriteAllText(scratch["up/new file.txt"], "new");
        await aws.Run("s3", "sync", "--delete", scratch["up"], $"s3://{bucket}/a prefix");
        await aws.Run("s3", "sync", "--delete", $"s3://{bucket}/a prefix", scratch["down"]);
        SampleTree.AssertSame(scratch["up"], scratch["down"]);

        await aws.Run("s3", "sync", $"s3://{bucket}/a prefix", $"s3://{bucket}/copy");
        await aws.Run("s3", "sync", $"s3://{bucket}/copy", scratch["copied"]);
        SampleTree.AssertSame(scratch["up"], scratch["copied"]);

        (await aws.Try("s3", "rb", $"s3://{bucket}")).Failed();
        await aws.Run("s3", "rb", "--force", $"s3://{bucket}");
        (await aws.Try("s3", "ls", $"s3://{bucket}")).Failed();
    }

    [ClientTheory(Client.Aws), MemberData(nameof(Versions))]
    public async Task Cp_ls_mv_and_rm_do_what_they_say(int version)
    {
        var aws = new AwsCli(server, version);
        var bucket = server.NewBucketName("aws-cp");
        await aws.Run("s3", "mb", $"s3://{bucket}");
        var bytes = RandomNumberGenerator.GetBytes(20 * 1024 * 1024 + 7);
        File.WriteAllBytes(scratch["big"], bytes);

        await aws.Run("s3", "cp", scratch["big"], $"s3://{bucket}/dir/big", "--metadata", "colour=blue", "--content-type", "x/y");
        await aws.Run("s3", "cp", $"s3://{bucket}/dir/big", $"s3://{bucket}/dir/copy of big");
        await aws.Run("s3", "mv", $"s3://{bucket}/dir/copy of big", $"s3://{bucket}/moved");
        await aws.Run("s3", "cp", $"s3://{bucket}/moved", scratch["back"]);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(scratch["back"]))));

        await aws.RunWithInput("from stdin"u8.ToArray(), "s3", "cp", "-", $"s3://{bucket}/stdin");
        Assert.Equal("from stdin", (await aws.Run("s3", "cp", $"s3://{bucket}/stdin", "-")).Out);

        var listing = (await aws.Run("s3", "ls", $"s3://{bucket}/")).Out;
        Assert.Contains("PRE dir/", listing, StringComparison.Ordinal);
        Assert.Contains("moved", listing, StringComparison.Ordinal);
        Assert.Contains(bucket, (await aws.Run("s3", "ls")).Out, StringComparison.Ordinal);
        Assert.Contains("Total Objects: 3", (await aws.Run("s3", "ls", "--recursive", "--summarize", $"s3://{bucket}")).Out, StringComparison.Ordinal);

        using var head = await aws.Json("s3api", "head-object", "--bucket", bucket, "--key", "dir/big");
        Assert.Equal("blue", head.RootElement.GetProperty("Metadata").GetProperty("colour").GetString());
        Assert.Equal("x/y", head.RootElement.GetProperty("ContentType").GetString());
        Assert.EndsWith("-3\"", head.RootElement.GetProperty("ETag").GetString(), StringComparison.Ordinal);

        await aws.Run("s3", "rm", "--recursive", $"s3://{bucket}/");
        await aws.Run("s3", "rb", $"s3://{bucket}");
    }

    [ClientTheory(Client.Aws), MemberData(nameof(Versions))]
    public async Task S3api_calls_answer_as_documented(int version)
    {
        var aws = new AwsCli(server, version);
        var bucket = server.NewBucketName("aws-api");
        await aws.Run("s3api", "create-bucket", "--bucket", bucket);
        await aws.Run("s3api", "head-bucket", "--bucket", bucket);
        using (var place = await aws.Json("s3api", "get-bucket-location", "--bucket", bucket))
            Assert.Equal(JsonValueKind.Null, place.RootElement.GetProperty("LocationConstraint").ValueKind);

        File.WriteAllText(scratch["body"], "0123456789");
        foreach (var algorithm in new[] { "CRC32", "SHA1", "SHA256" })
        {
            using var put = await aws.Json("s3api", "put-object", "--bucket", bucket, "--key", $"sum/{algorithm}", "--body", scratch["body"], "--checksum-algorithm", algorithm);
            using var head = await aws.Json("s3api", "head-object", "--bucket", bucket, "--key", $"sum/{algorithm}", "--checksum-mode", "ENABLED");
            Assert.Equal(
                put.RootElement.GetProperty("Checksum" + algorithm).GetString(), head.RootElement.GetProperty("Checksum" + algorithm).GetString());
        }
        using (var range = await aws.Json("s3api", "get-object", "--bucket", bucket, "--key", "sum/SHA1", "--range", "bytes=2-4", scratch["range"]))
            Assert.Equal("bytes 2-4/10", range.RootElement.GetProperty("ContentRange").GetString());
        Assert.Equal("234", File.ReadAllText(scratch["range"]));

        foreach (var key in new[] { "a/1", "a/2", "b/1", "c", "ü/ä b+c%d" })
            await aws.Run("s3api", "put-object", "--bucket", bucket, "--key", key, "--body", scratch["body"]);
        using (var page = await aws.Json("s3api", "list-objects-v2", "--bucket", bucket, "--delimiter", "/", "--page-size", "2"))
        {
            Assert.Equal(["a/", "b/", "sum/", "ü/"], page.RootElement.GetProperty("CommonPrefixes").EnumerateArray().Select(p => p.GetProperty("Prefix").GetString()));
            Assert.Equal(["c"], page.RootElement.GetProperty("Contents").EnumerateArray().Select(p => p.GetProperty("Key").GetString()));
        }
        using (var page = await aws.Json("s3api", "list-objects", "--bucket", bucket, "--prefix", "ü/"))
            Assert.Equal("ü/ä b+c%d", page.RootElement.GetProperty("Contents")[0].GetProperty("Key").GetString());

        await aws.Run("s3api", "copy-object", "--bucket", bucket, "--key", "copied", "--copy-source", $"{bucket}/ü/ä b+c%d");
        using (var deleted = await aws.Json("s3api", "delete-objects", "--bucket", bucket, "--delete", """{"Objects":[{"Key":"copied"},{"Key":"ü/ä b+c%d"},{"Key":"never was"}]}"""))
            Assert.Equal(3, deleted.RootElement.GetProperty("Deleted").GetArrayLength());
        var missing = (await aws.Try("s3api", "get-object", "--bucket", bucket, "--key", "copied", scratch["none"])).Failed();
        Assert.Contains("NoSuchKey", missing.Err, StringComparison.Ordinal);
    }

    [ClientTheory(Client.Aws), MemberData(nameof(Versions))]
    public async Task A_multipart_upload_by_hand_lists_completes_and_aborts(int version)
    {
        var aws = new AwsCli(server, version);
        var bucket = server.NewBucketName("aws-mpu");
        await aws.Run("s3api", "create-bucket", "--bucket", bucket);
        File.WriteAllBytes(scratch["part"], RandomNumberGenerator.GetBytes(5 * 1024 * 1024));
        string[] at = ["--bucket", bucket, "--key", "m"];

        using var made = await aws.Json(["s3api", "create-multipart-upload", .. at]);
        var id = made.RootElement.GetProperty("UploadId").GetString()!;
        var tags = new List<string>();
        for (var number = 1; number <= 2; number++)
        {
            using var part = await aws.Json(["s3api", "upload-part", .. at, "--upload-id", id, "--part-number", $"{number}", "--body", scratch["part"]]);
            tags.Add(part.RootElement.GetProperty("ETag").GetString()!);
        }
        using (var parts = await aws.Json(["s3api", "list-parts", .. at, "--upload-id", id]))
            Assert.Equal(2, parts.RootElement.GetProperty("Parts").GetArrayLength());
        using (var uploads = await aws.Json("s3api", "list-multipart-uploads", "--bucket", bucket))
            Assert.Equal(id, uploads.RootElement.GetProperty("Uploads")[0].GetProperty("UploadId").GetString());

        File.WriteAllText(scratch["list.json"], JsonSerializer.Serialize(
            new { Parts = tags.Select((tag, i) => new { ETag = tag, PartNumber = i + 1 }) }));
        await aws.Run(["s3api", "complete-multipart-upload", .. at, "--upload-id", id, "--multipart-upload", $"file://{scratch["list.json"]}"]);
        using (var head = await aws.Json(["s3api", "head-object", .. at]))
            Assert.Equal(10 * 1024 * 1024, head.RootElement.GetProperty("ContentLength").GetInt64());

        using var other = await aws.Json(["s3api", "create-multipart-upload", .. at]);
        await aws.Run(["s3api", "abort-multipart-upload", .. at, "--upload-id", other.RootElement.GetProperty("UploadId").GetString()!]);
        Assert.DoesNotContain("UploadId", (await aws.Run("s3api", "list-multipart-uploads", "--bucket", bucket)).Out, StringComparison.Ordinal);
    }

    [ClientTheory(Client.Aws), MemberData(nameof(Versions))]
    public async Task A_presigned_address_works_without_credentials_until_it_is_changed(int version)
    {
        var aws = new AwsCli(server, version);
        var bucket = server.NewBucketName("aws-sign");
        await aws.Run("s3", "mb", $"s3://{bucket}");
        await aws.RunWithInput("shared"u8.ToArray(), "s3", "cp", "-", $"s3://{bucket}/a b/ü");
        var address = (await aws.Run("s3", "presign", $"s3://{bucket}/a b/ü")).Out.Trim();

        using var http = new HttpClient();
        Assert.Equal("shared", await http.GetStringAsync(new Uri(address)));
        using var changed = await http.GetAsync(new Uri(address.Replace("a%20b", "a%20c", StringComparison.Ordinal)));
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, changed.StatusCode);
    }

    [ClientTheory(Client.Aws), MemberData(nameof(Versions))]
    public async Task A_wrong_secret_is_told_so(int version)
    {
        var aws = new AwsCli(server, version);
        aws.Environment["AWS_SECRET_ACCESS_KEY"] = "wrong";
        Assert.Contains("SignatureDoesNotMatch", (await aws.Try("s3", "ls")).Failed().Err, StringComparison.Ordinal);
        aws.Environment["AWS_ACCESS_KEY_ID"] = "NOBODY";
        Assert.Contains("InvalidAccessKeyId", (await aws.Try("s3", "ls")).Failed().Err, StringComparison.Ordinal);
    }
}
