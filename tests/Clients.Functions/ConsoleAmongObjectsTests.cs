using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>The console under its path, on the origin of the objects: what is stored there may not act as a page of it.</summary>
public sealed class ConsoleAmongObjectsTests
{
    [ClientFact(Client.Chromium)]
    public async Task A_stored_page_runs_nothing_and_uploads_go_there()
    {
        await using var apps = await FunctionApps.Start(options: host => host with { FrontEnd = true }, settings: ("ZENKOFN_CONSOLE", "path"));
        await using var proxy = new TlsProxy(apps.Endpoint());
        foreach (var scenario in (string[])["attack", "uploads"])
            (await ConsoleTests.Drive(scenario, proxy.Endpoint + "/_/console", apps.Endpoint(), ("LARGE_MIB", "40"))).Succeeded();
    }
}
