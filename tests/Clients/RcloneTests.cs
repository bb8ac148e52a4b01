using System.Security.Cryptography;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>rclone, with provider Other and no flag that would spare the server anything.</summary>
[Trait("Speed", "Slow")]
public sealed class RcloneTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly Scratch scratch = new();
    private readonly RcloneCli rclone = new(server.Endpoint);

    public void Dispose() => scratch.Dispose();

    [ClientFact(Client.Rclone)]
    public async Task Copy_sync_and_check_agree_both_ways()
    {
        var bucket = server.NewBucketName("rclone");
        SampleTree.Create(scratch["up"]);
        await rclone.Run("copy", scratch["up"], $"z:{bucket}/in/a dir");
        await rclone.Run("check", scratch["up"], $"z:{bucket}/in/a dir");
        await rclone.Run("check", "--download", scratch["up"], $"z:{bucket}/in/a dir");

        File.Delete(scratch["up/deep/a/b.txt"]);
        File.WriteAllText(scratch["up/readme.txt"], "changed");
        await rclone.Run("sync", scratch["up"], $"z:{bucket}/in/a dir");
        await rclone.Run("sync", $"z:{bucket}/in/a dir", scratch["down"]);
        SampleTree.AssertSame(scratch["up"], scratch["down"]);

        await rclone.Run("copy", $"z:{bucket}/in", $"z:{bucket}/copied");
        await rclone.Run("check", scratch["up"], $"z:{bucket}/copied/a dir");
        await rclone.Run("move", $"z:{bucket}/copied", $"z:{bucket}/moved");
        Assert.Equal("", (await rclone.Run("lsf", "-R", "--files-only", $"z:{bucket}/copied")).Out);
        await rclone.Run("check", scratch["up"], $"z:{bucket}/moved/a dir");
        await rclone.Run("purge", $"z:{bucket}");
    }

    [ClientFact(Client.Rclone)]
    public async Task Multipart_and_streamed_uploads_keep_their_bytes_and_times()
    {
        var bucket = server.NewBucketName("rclone-big");
        File.WriteAllBytes(scratch["big"], RandomNumberGenerator.GetBytes(23 * 1024 * 1024 + 11));
        File.SetLastWriteTimeUtc(scratch["big"], new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc));

        await rclone.Run("copyto", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", scratch["big"], $"z:{bucket}/big");
        await rclone.Run("copyto", "--s3-copy-cutoff", "6M", $"z:{bucket}/big", $"z:{bucket}/copied by parts");
        await rclone.Run("copyto", $"z:{bucket}/copied by parts", scratch["back"]);

        Assert.Equal(SampleTree.Hashes(scratch.Path)[0].Split("  ")[1], SampleTree.Hashes(scratch.Path)[1].Split("  ")[1]);
        Assert.Equal(File.GetLastWriteTimeUtc(scratch["big"]), File.GetLastWriteTimeUtc(scratch["back"]), TimeSpan.FromMilliseconds(1));

        await rclone.RunWithInput(File.ReadAllBytes(scratch["big"]), "rcat", $"z:{bucket}/streamed");
        await rclone.Run("copyto", $"z:{bucket}/streamed", scratch["streamed"]);
        Assert.Single(SampleTree.Hashes(scratch.Path).Select(line => line.Split("  ")[1]).Distinct());
    }
}
