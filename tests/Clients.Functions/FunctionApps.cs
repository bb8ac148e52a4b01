using Azure.Storage.Blobs;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.HostDouble;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>Both function apps, each under Functions hosts of its own, over an Azurite of their own.</summary>
internal sealed class FunctionApps(
    Azurite azurite, IReadOnlyDictionary<string, string> settings, IReadOnlyList<FunctionsHost> api, FunctionsHost jobs) : IAsyncDisposable
{
    /// <summary>The hosts of the app that answers clients, one for each instance.</summary>
    public IReadOnlyList<FunctionsHost> Api => api;

    /// <summary>The host of the app that does the work of queues.</summary>
    public FunctionsHost Jobs => jobs;

    /// <summary>The storage account.</summary>
    public string ConnectionString => azurite.ConnectionString;

    /// <summary>http://127.0.0.1:port of an instance.</summary>
    public string Endpoint(int instance = 0) => api[instance].Address.ToString().TrimEnd('/');

    /// <summary>Starts all of it.</summary>
    /// <param name="accounts">A file of further accounts, or null.</param>
    /// <param name="options">Of the hosts of the first app, but for what is the same for all.</param>
    /// <param name="instances">Of the app that answers clients.</param>
    /// <param name="jobs">The folder of the app that does the work of queues, where it is not the built one.</param>
    /// <param name="settings">App settings beyond those that say where everything is.</param>
    public static async Task<FunctionApps> Start(
        string? accounts = null, Func<HostOptions, HostOptions>? options = null, int instances = 1, string? jobs = null,
        params (string Name, string Value)[] settings)
    {
        var azurite = await Azurite.Start();
        var all = new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = azurite.ConnectionString,
            ["ZENKOFN_ROOT_ACCESS_KEY"] = ServerProcess.AccessKey,
            ["ZENKOFN_ROOT_SECRET_KEY"] = ServerProcess.SecretKey,
            ["ZENKOFN_LOG_LEVEL"] = "Warning",
        };
        if (accounts is not null) all["ZENKOFN_MASTER_KEY"] = await Seed(azurite, accounts);
        foreach (var (name, value) in settings) all[name] = value;
        var api = await Task.WhenAll(Enumerable.Range(0, instances).Select(_ =>
        {
            var own = new HostOptions { AppFolder = Folder("Functions.Api"), Settings = all };
            return FunctionsHost.Start(options?.Invoke(own) ?? own);
        }));
        return new(azurite, all, api, await FunctionsHost.Start(new() { AppFolder = jobs ?? Folder("Functions.Replication"), Settings = all }));
    }

    /// <summary>One more instance of the app that answers clients.</summary>
    public Task<FunctionsHost> StartAnother(Func<HostOptions, HostOptions> options) =>
        FunctionsHost.Start(options(new() { AppFolder = Folder("Functions.Api"), Settings = settings }));

    /// <summary>The folder of an app, as the build left it: the one that func start is called in.</summary>
    public static string Folder(string app) =>
        Path.GetDirectoryName(Repository.Program)!.Replace(Path.Combine("src", "Cli"), Path.Combine("src", app), StringComparison.Ordinal);

    /// <summary>The names of the blobs that bytes of objects are in.</summary>
    public async Task<List<string>> Blobs()
    {
        var container = new BlobContainerClient(ConnectionString, "objects");
        var names = new List<string>();
        if (!await container.ExistsAsync()) return names;
        await foreach (var blob in container.GetBlobsAsync()) names.Add(blob.Name);
        return names;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in api) await host.DisposeAsync();
        await jobs.DisposeAsync();
        await azurite.DisposeAsync();
    }

    // Accounts come from a file only at the start of a server; the apps find them in the tables, sealed under the key that is returned.
    private static async Task<string> Seed(Azurite azurite, string accounts)
    {
        using var scratch = new Scratch();
        await using (await ServerProcess.Start(scratch["data"], more: ["--storage", azurite.ConnectionString, "--accounts", accounts]))
        {
        }
        return Convert.ToBase64String(await File.ReadAllBytesAsync(scratch["data/master.key"]));
    }
}
