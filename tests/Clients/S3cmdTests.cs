using System.Security.Cryptography;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>s3cmd, with signatures of version 4 and of version 2.</summary>
[Trait("Speed", "Slow")]
public sealed class S3cmdTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientTheory(Client.S3cmd), InlineData(false), InlineData(true)]
    public async Task Put_get_sync_ls_info_and_del_do_what_they_say(bool signatureV2)
    {
        var s3cmd = new S3cmdCli(server, scratch, signatureV2);
        var bucket = server.NewBucketName("s3cmd");
        await s3cmd.Run("mb", $"s3://{bucket}");
        SampleTree.Create(scratch["up"]);
        // s3cmd itself cannot write back what it listed under this name: it takes the percent for an encoding.
        await s3cmd.Run("sync", scratch["up"] + "/", $"s3://{bucket}/tree/");
        await s3cmd.Run("sync", $"s3://{bucket}/tree/", scratch["down"] + "/");
        SampleTree.AssertSame(scratch["up"], scratch["down"]);

        File.WriteAllBytes(scratch["big"], RandomNumberGenerator.GetBytes(17 * 1024 * 1024 + 3));
        await s3cmd.Run("put", "--multipart-chunk-size-mb=5", "--add-header=x-amz-meta-colour:blue", scratch["big"], $"s3://{bucket}/b i+g");
        await s3cmd.Run("cp", $"s3://{bucket}/b i+g", $"s3://{bucket}/copy");
        await s3cmd.Run("get", $"s3://{bucket}/copy", scratch["back"]);
        Assert.Equal(File.ReadAllBytes(scratch["big"]), File.ReadAllBytes(scratch["back"]));

        Assert.Contains($"s3://{bucket}/b i+g", (await s3cmd.Run("ls", $"s3://{bucket}")).Out, StringComparison.Ordinal);
        var info = (await s3cmd.Run("info", $"s3://{bucket}/b i+g")).Out;
        Assert.Contains("17825795", info, StringComparison.Ordinal);
        Assert.Contains("blue", info, StringComparison.Ordinal);

        await s3cmd.Run("del", $"s3://{bucket}/b i+g");
        Assert.DoesNotContain("b i+g", (await s3cmd.Run("ls", $"s3://{bucket}")).Out, StringComparison.Ordinal);
        await s3cmd.Run("del", "--recursive", "--force", $"s3://{bucket}/");
        await s3cmd.Run("rb", $"s3://{bucket}");
    }
}
