using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>The console, driven by a browser as people do: the scenarios in <c>node/console</c>, each of which asserts by itself and ends with 0.</summary>
[Trait("Speed", "Slow")]
public sealed class ConsoleTests(RunningServer server) : IClassFixture<RunningServer>
{
    [ClientTheory(Client.Chromium)]
    [InlineData("buckets")]
    [InlineData("search")]
    [InlineData("movement")]
    [InlineData("uploads")]
    [InlineData("objects")]
    [InlineData("attack")]
    [InlineData("people")]
    [InlineData("accounts")]
    [InlineData("installation")]
    public async Task Scenario_runs_through(string scenario) => (await Drive(scenario, server.Console, server.Endpoint)).Succeeded();

    /// <summary>Runs a scenario.</summary>
    /// <param name="scenario">Its file, without the extension.</param>
    /// <param name="console">Where the console is.</param>
    /// <param name="endpoint">Where the objects are.</param>
    /// <param name="more">Further variables that it reads.</param>
    internal static Task<Ran> Drive(string scenario, string console, string endpoint, params (string Name, string Value)[] more) => NodeScript.Run($"console/{scenario}.mjs", new Dictionary<string, string>(more.Select(each => KeyValuePair.Create(each.Name, each.Value)))
    {
        ["CONSOLE"] = console, ["ENDPOINT"] = endpoint, ["ACCESS_KEY"] = ServerProcess.AccessKey, ["SECRET_KEY"] = ServerProcess.SecretKey, ["CHROMIUM"] = Installed.Find("chromium"),
        ["OTHER_ACCESS_KEY"] = RunningServer.OtherAccessKey, ["OTHER_SECRET_KEY"] = RunningServer.OtherSecretKey,
    }, TimeSpan.FromMinutes(10));
}
