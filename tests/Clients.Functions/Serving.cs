namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>What the tests of clients run against here: both function apps, each under a Functions host of its own, over Azurite, and a front end before them.</summary>
internal sealed class Serving(FunctionApps apps) : IAsyncDisposable
{
    private const string ConsoleHost = "console.localhost";

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => apps.Endpoint();

    /// <summary>Where the console is, on a host of its own.</summary>
    public string Console => new UriBuilder(Endpoint) { Host = ConsoleHost }.Uri.ToString().TrimEnd('/');

    /// <summary>Starts all of it.</summary>
    /// <param name="scratch">Takes nothing here.</param>
    /// <param name="setup">What the apps are to know.</param>
    public static async Task<Serving> Start(Scratch scratch, Setup setup) => new(await FunctionApps.Start(
        setup.AccountsFile, host => host with { FrontEnd = true },
        settings: [("ZENKOFN_CONSOLE", ConsoleHost), ("ZENKOFN_KMS_KEYS", setup.KmsKey), ("ZENKOFN_NOTIFY", $"hook={setup.Hook}"), ("ZENKOFN_NOTIFY_SECRET", WebHook.Secret)]));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => apps.DisposeAsync();
}
