using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Azure;

/// <summary>rclone's <c>azureblob</c> and restic's <c>azure:</c>.</summary>
[Trait("Speed", "Slow")]
public sealed class BlobToolTests(BlobServices services) : IClassFixture<BlobServices>, IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientTheory(Client.Rclone), InlineData(true), InlineData(false)]
    public async Task Rclone_copies_syncs_and_checks(bool isOurs)
    {
        var service = isOurs ? services.Ours : await BlobServices.Azurite();
        var signature = new BlobServiceClient(service.ConnectionString)
            .GenerateAccountSasUri(AccountSasPermissions.All, DateTimeOffset.UtcNow.AddHours(1), AccountSasResourceTypes.All);
        var environment = new Dictionary<string, string>
        {
            ["RCLONE_CONFIG"] = "/dev/null",
            ["RCLONE_CONFIG_Z_TYPE"] = "azureblob",
            ["RCLONE_CONFIG_Z_SAS_URL"] = signature.AbsoluteUri,
            ["RCLONE_CONFIG_Z_CHUNK_SIZE"] = "4M",
        };
        SampleTree.Create(scratch["up"]);
        await Rclone("mkdir", "z:tools");
        await Rclone("copy", scratch["up"], "z:tools/in/a dir");
        await Rclone("check", scratch["up"], "z:tools/in/a dir");
        await Rclone("check", "--download", scratch["up"], "z:tools/in/a dir");
        File.Delete(scratch["up/deep/a/b.txt"]);
        File.WriteAllText(scratch["up/readme.txt"], "changed");
        await Rclone("sync", scratch["up"], "z:tools/in/a dir");
        await Rclone("sync", "z:tools/in/a dir", scratch["down"]);
        SampleTree.AssertSame(scratch["up"], scratch["down"]);
        Assert.Equal("ange", (await Rclone("cat", "--offset", "2", "--count", "4", "z:tools/in/a dir/readme.txt")).Out);
        await Rclone("copy", "z:tools/in", "z:tools/copied");
        await Rclone("check", scratch["up"], "z:tools/copied/a dir");
        await Rclone("delete", "z:tools/in");
        Assert.Equal("", (await Rclone("lsf", "-R", "--files-only", "z:tools/in")).Out);
        await Rclone("purge", "z:tools");
        await Rclone("mkdir", "z:empty");
        await Rclone("rmdir", "z:empty");
        Assert.DoesNotContain("empty", (await Rclone("lsd", "z:")).Out, StringComparison.Ordinal);

        async Task<Ran> Rclone(params string[] arguments) =>
            (await Shell.Run(Installed.Find("rclone"), ["--retries", "1", "--low-level-retries", "1", .. arguments], environment)).Succeeded();
    }

    /// <summary>
    /// restic 0.14 knows no endpoint but <c>https://ACCOUNT.blob.core.windows.net</c>. So the server is of that domain, and a proxy takes
    /// the connections to it.
    /// </summary>
    [ClientFact(Client.Restic)]
    public async Task Restic_backs_up_checks_restores_and_forgets()
    {
        await using var server = await ServerProcess.Start(scratch["data"], more: ["--tls", "auto", "--domain", "blob.core.windows.net", "--domain", "core.windows.net"]);
        await using var proxy = new ConnectProxy(new Uri(server.Endpoint).Port);
        var authority = Path.Combine(server.Data, "tls", "ca.pem");
        var keys = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey, ["SSL_CERT_FILE"] = authority };
        var service = new BlobService((await Command("create")).ExitCode == 0 ? (await Command("show-connection-string")).Out.Trim() : "");
        var environment = new Dictionary<string, string>
        {
            ["HTTPS_PROXY"] = proxy.Address,
            ["SSL_CERT_FILE"] = authority,
            ["AZURE_ACCOUNT_NAME"] = "backups",
            ["AZURE_ACCOUNT_KEY"] = service.Key,
            ["RESTIC_REPOSITORY"] = "azure:nightly:/repository",
        };
        await Restic.BackUpAndRestore(scratch, environment);

        async Task<Ran> Command(string what) =>
            (await Shell.Run("dotnet", [Repository.Program, "storage-account", what, "backups", "--endpoint", server.Endpoint], keys)).Succeeded();
    }
}
