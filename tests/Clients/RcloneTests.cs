using System.Security.Cryptography;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>rclone, with provider Other and no flag that would spare the server anything.</summary>
[Collection(ServerCollection.Name)]
[Trait("Speed", "Slow")]
public sealed class RcloneTests(RunningServer server) : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientFact(Client.Rclone)]
    public async Task Copy_sync_and_check_agree_both_ways()
    {
        var bucket = server.NewBucketName("rclone");
        SampleTree.Create(scratch["up"]);
        await Rclone("copy", scratch["up"], $"z:{bucket}/in/a dir");
        await Rclone("check", scratch["up"], $"z:{bucket}/in/a dir");
        await Rclone("check", "--download", scratch["up"], $"z:{bucket}/in/a dir");

        File.Delete(scratch["up/deep/a/b.txt"]);
        File.WriteAllText(scratch["up/readme.txt"], "changed");
        await Rclone("sync", scratch["up"], $"z:{bucket}/in/a dir");
        await Rclone("sync", $"z:{bucket}/in/a dir", scratch["down"]);
        SampleTree.AssertSame(scratch["up"], scratch["down"]);

        await Rclone("copy", $"z:{bucket}/in", $"z:{bucket}/copied");
        await Rclone("check", scratch["up"], $"z:{bucket}/copied/a dir");
        await Rclone("move", $"z:{bucket}/copied", $"z:{bucket}/moved");
        Assert.Equal("", (await Rclone("lsf", "-R", "--files-only", $"z:{bucket}/copied")).Out);
        await Rclone("check", scratch["up"], $"z:{bucket}/moved/a dir");
        await Rclone("purge", $"z:{bucket}");
    }

    [ClientFact(Client.Rclone)]
    public async Task Multipart_and_streamed_uploads_keep_their_bytes_and_times()
    {
        var bucket = server.NewBucketName("rclone-big");
        File.WriteAllBytes(scratch["big"], RandomNumberGenerator.GetBytes(23 * 1024 * 1024 + 11));
        File.SetLastWriteTimeUtc(scratch["big"], new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc));

        await Rclone("copyto", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", scratch["big"], $"z:{bucket}/big");
        await Rclone("copyto", "--s3-copy-cutoff", "6M", $"z:{bucket}/big", $"z:{bucket}/copied by parts");
        await Rclone("copyto", $"z:{bucket}/copied by parts", scratch["back"]);

        Assert.Equal(SampleTree.Hashes(scratch.Path)[0].Split("  ")[1], SampleTree.Hashes(scratch.Path)[1].Split("  ")[1]);
        Assert.Equal(File.GetLastWriteTimeUtc(scratch["big"]), File.GetLastWriteTimeUtc(scratch["back"]), TimeSpan.FromMilliseconds(1));

        (await Shell.Run(Installed.Find("rclone"), ["rcat", $"z:{bucket}/streamed"], Environment(), input: File.ReadAllBytes(scratch["big"]))).Succeeded();
        await Rclone("copyto", $"z:{bucket}/streamed", scratch["streamed"]);
        Assert.Single(SampleTree.Hashes(scratch.Path).Select(line => line.Split("  ")[1]).Distinct());
    }

    private async Task<Ran> Rclone(params string[] arguments) =>
        (await Shell.Run(Installed.Find("rclone"), ["--retries", "1", "--low-level-retries", "1", .. arguments], Environment())).Succeeded();

    private Dictionary<string, string> Environment() => new()
    {
        ["RCLONE_CONFIG"] = "/dev/null",
        ["RCLONE_CONFIG_Z_TYPE"] = "s3",
        ["RCLONE_CONFIG_Z_PROVIDER"] = "Other",
        ["RCLONE_CONFIG_Z_ENDPOINT"] = server.Endpoint,
        ["RCLONE_CONFIG_Z_ACCESS_KEY_ID"] = ServerProcess.AccessKey,
        ["RCLONE_CONFIG_Z_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey,
    };
}
