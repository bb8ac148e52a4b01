using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>restic: a backup that cannot be restored is none.</summary>
[Trait("Speed", "Slow")]
public sealed class ResticTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientFact(Client.Restic)]
    public async Task A_backup_is_checked_restored_and_forgotten()
    {
        var bucket = server.NewBucketName("restic");
        SampleTree.Create(scratch["tree"]);
        var environment = server.AwsEnvironment;
        environment["RESTIC_REPOSITORY"] = $"s3:{server.Endpoint}/{bucket}/repository";
        environment["RESTIC_PASSWORD"] = "secret";
        environment["RESTIC_CACHE_DIR"] = scratch["cache"];

        await Restic("init");
        await Restic("backup", ".");
        File.WriteAllText(scratch["tree/readme.txt"], "changed");
        await Restic("backup", ".");
        await Restic("check", "--read-data");
        await Restic("restore", "latest", "--target", scratch["restored"]);
        SampleTree.AssertSame(scratch["tree"], scratch["restored"]);

        await Restic("forget", "--keep-last", "1", "--prune");
        await Restic("check", "--read-data");

        async Task<Ran> Restic(params string[] arguments) =>
            (await Shell.Run(Installed.Find("restic"), arguments, environment, directory: scratch["tree"])).Succeeded();
    }
}
