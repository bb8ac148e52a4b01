using System.Security.Cryptography;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>s3cmd, with signatures of version 4 and of version 2.</summary>
[Collection(ServerCollection.Name)]
[Trait("Speed", "Slow")]
public sealed class S3cmdTests(RunningServer server) : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientTheory(Client.S3cmd), InlineData(false), InlineData(true)]
    public async Task Put_get_sync_ls_info_and_del_do_what_they_say(bool signatureV2)
    {
        var bucket = server.NewBucketName("s3cmd");
        await S3cmd(signatureV2, "mb", $"s3://{bucket}");
        SampleTree.Create(scratch["up"]);
        // s3cmd itself cannot write back what it listed under this name: it takes the percent for an encoding.
        await S3cmd(signatureV2, "sync", scratch["up"] + "/", $"s3://{bucket}/tree/");
        await S3cmd(signatureV2, "sync", $"s3://{bucket}/tree/", scratch["down"] + "/");
        SampleTree.AssertSame(scratch["up"], scratch["down"]);

        File.WriteAllBytes(scratch["big"], RandomNumberGenerator.GetBytes(17 * 1024 * 1024 + 3));
        await S3cmd(signatureV2, "put", "--multipart-chunk-size-mb=5", "--add-header=x-amz-meta-colour:blue", scratch["big"], $"s3://{bucket}/b i+g");
        await S3cmd(signatureV2, "cp", $"s3://{bucket}/b i+g", $"s3://{bucket}/copy");
        await S3cmd(signatureV2, "get", $"s3://{bucket}/copy", scratch["back"]);
        Assert.Equal(File.ReadAllBytes(scratch["big"]), File.ReadAllBytes(scratch["back"]));

        Assert.Contains($"s3://{bucket}/b i+g", (await S3cmd(signatureV2, "ls", $"s3://{bucket}")).Out, StringComparison.Ordinal);
        var info = (await S3cmd(signatureV2, "info", $"s3://{bucket}/b i+g")).Out;
        Assert.Contains("17825795", info, StringComparison.Ordinal);
        Assert.Contains("blue", info, StringComparison.Ordinal);

        await S3cmd(signatureV2, "del", $"s3://{bucket}/b i+g");
        Assert.DoesNotContain("b i+g", (await S3cmd(signatureV2, "ls", $"s3://{bucket}")).Out, StringComparison.Ordinal);
        await S3cmd(signatureV2, "del", "--recursive", "--force", $"s3://{bucket}/");
        await S3cmd(signatureV2, "rb", $"s3://{bucket}");
    }

    private async Task<Ran> S3cmd(bool signatureV2, params string[] arguments)
    {
        File.WriteAllText(scratch["s3cfg"], $"""
            [default]
            access_key = {ServerProcess.AccessKey}
            secret_key = {ServerProcess.SecretKey}
            host_base = {server.Authority}
            host_bucket = {server.Authority}
            use_https = False
            bucket_location = us-east-1
            """);
        string[] signature = signatureV2 ? ["--signature-v2"] : [];
        return (await Shell.Run(
            Installed.Find("s3cmd"), ["--config", scratch["s3cfg"], "--no-progress", .. signature, .. arguments])).Succeeded();
    }
}
