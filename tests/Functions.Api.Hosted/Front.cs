using System.Collections.Concurrent;
using ZenkoFunctions.HostDouble;

namespace ZenkoFunctions.Api.Tests;

internal sealed partial class Way
{
    private static readonly ConcurrentDictionary<Uri, FunctionsHost> Hosts = [];

    /// <summary>The scheme that clients use: the front end ends TLS and says so.</summary>
    public const string Scheme = "https";

    /// <summary>Whether headers may come in UTF-8: the host refuses them.</summary>
    public const bool TakesUtf8Headers = false;

    /// <summary>What stands between clients and the server: App Service's front end, and the Functions host.</summary>
    public static HostHop? Hop { get; } = new([], "X-Client-IP", 5L << 30);

    /// <summary>The host that clients reach at that address.</summary>
    public static FunctionsHost HostAt(Uri address) => Hosts[address];

    /// <summary>
    /// A double of the Functions host before a server that listens at that address. The host thinks that a process of its own
    /// listens there: it starts one that does nothing.
    /// </summary>
    public static async Task<IFront> Front(Uri address)
    {
        var folder = Directory.CreateTempSubdirectory("app-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "host.json"), $$"""
            {
              "version": "2.0",
              "extensions": { "http": { "routePrefix": "" } },
              "customHandler": {
                "enableProxyingHttpRequest": true,
                "port": {{address.Port}},
                "description": { "defaultExecutablePath": "sleep", "arguments": ["86400"] }
              }
            }
            """);
        Hosting.Function.WriteAll(folder.FullName, Program.Functions);
        var host = await FunctionsHost.Start(new() { AppFolder = folder.FullName, FrontEnd = true, BodyLimit = 5L << 30 });
        Hosts[host.Address] = host;
        return new Hosted(folder, host);
    }

    private sealed class Hosted(DirectoryInfo folder, FunctionsHost host) : IFront
    {
        public Uri Address => host.Address;

        public async ValueTask DisposeAsync()
        {
            Hosts.TryRemove(host.Address, out _);
            await host.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }
}
