namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>What the tests of clients run against here: both function apps, each under a Functions host of its own, over Azurite, and a front end before them.</summary>
internal sealed class Serving(FunctionApps apps, TlsProxy proxy) : IAsyncDisposable
{
    private const string ConsoleHost = "console.localhost";

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => apps.Endpoint();

    /// <summary>Where the console is, on a host of its own, by HTTPS as the front end says; so are the objects for it, on 127.0.0.1 and the same port.</summary>
    public string Console => new UriBuilder(proxy.Endpoint) { Host = ConsoleHost }.Uri.ToString().TrimEnd('/');

    /// <summary>What clients of AWS need here in their environment: botocore misreads what a host answers behind an empty upload, see docs/functions.md.</summary>
    public static IReadOnlyDictionary<string, string> AwsEnvironment { get; } = new Dictionary<string, string> { ["BOTO_EXPERIMENTAL__NO_EMPTY_CONTINUE"] = "true" };

    /// <summary>Starts all of it.</summary>
    /// <param name="scratch">Takes nothing here.</param>
    /// <param name="setup">What the apps are to know.</param>
    public static async Task<Serving> Start(Scratch scratch, Setup setup)
    {
        var apps = await FunctionApps.Start(
            setup.AccountsFile, host => host with { FrontEnd = true },
            settings: [("ZENKOFN_CONSOLE", ConsoleHost), ("ZENKOFN_PUBLIC_HOSTS", "127.0.0.1"), ("ZENKOFN_KMS_KEYS", setup.KmsKey), ("ZENKOFN_NOTIFY", $"hook={setup.Hook}"), ("ZENKOFN_NOTIFY_SECRET", WebHook.Secret)]);
        return new(apps, new(apps.Endpoint()));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        await apps.DisposeAsync();
    }
}
