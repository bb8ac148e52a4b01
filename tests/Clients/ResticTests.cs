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
        var environment = server.AwsEnvironment;
        environment["RESTIC_REPOSITORY"] = $"s3:{server.Endpoint}/{bucket}/repository";
        await Restic.BackUpAndRestore(scratch, environment);
    }
}
