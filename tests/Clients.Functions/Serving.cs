using ZenkoFunctions.Contracts;
using ZenkoFunctions.HostDouble;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>What the tests of clients run against here: both function apps, each under a Functions host of its own, over Azurite.</summary>
internal sealed class Serving(Azurite azurite, FunctionsHost api, FunctionsHost jobs) : IAsyncDisposable
{
    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => api.Address.ToString().TrimEnd('/');

    /// <summary>Starts all of it.</summary>
    /// <param name="scratch">Takes the master key.</param>
    /// <param name="setup">What the apps are to know.</param>
    public static async Task<Serving> Start(Scratch scratch, Setup setup)
    {
        var azurite = await Azurite.Start();
        // Accounts come from a file only at the start of a server; the apps find them in the tables, sealed under the same key.
        await using (await ServerProcess.Start(scratch["data"], more: ["--storage", azurite.ConnectionString, "--accounts", setup.AccountsFile]))
        {
        }
        var settings = new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = azurite.ConnectionString,
            ["ZENKOFN_MASTER_KEY"] = Convert.ToBase64String(await File.ReadAllBytesAsync(Path.Combine(scratch["data"], "master.key"))),
            ["ZENKOFN_ROOT_ACCESS_KEY"] = ServerProcess.AccessKey,
            ["ZENKOFN_ROOT_SECRET_KEY"] = ServerProcess.SecretKey,
            ["ZENKOFN_KMS_KEYS"] = setup.KmsKey,
            ["ZENKOFN_NOTIFY"] = $"hook={setup.Hook}",
            ["ZENKOFN_LOG_LEVEL"] = "Warning",
        };
        var api = await FunctionsHost.Start(new() { AppFolder = Folder("Functions.Api"), Settings = settings });
        return new(azurite, api, await FunctionsHost.Start(new() { AppFolder = Folder("Functions.Replication"), Settings = settings }));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        await jobs.DisposeAsync();
        await azurite.DisposeAsync();
    }

    // What the build left there: the folder that func start is called in.
    private static string Folder(string app) =>
        Path.GetDirectoryName(Repository.Program)!.Replace(Path.Combine("src", "Cli"), Path.Combine("src", app), StringComparison.Ordinal);
}
