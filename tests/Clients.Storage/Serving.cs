using ZenkoFunctions.Contracts;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>What the tests of clients run against here: the server on one machine whose state, messages and bytes are in Azurite.</summary>
internal sealed class Serving(Azurite azurite, ServerProcess server) : IAsyncDisposable
{
    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => server.Endpoint;

    /// <summary>Where the console is.</summary>
    public string Console => server.Console;

    /// <summary>What clients of AWS need here in their environment: nothing.</summary>
    public static IReadOnlyDictionary<string, string> AwsEnvironment { get; } = new Dictionary<string, string>();

    /// <summary>Starts both.</summary>
    /// <param name="scratch">Takes the master key.</param>
    /// <param name="setup">What the server is to know.</param>
    public static async Task<Serving> Start(Scratch scratch, Setup setup)
    {
        var azurite = await Azurite.Start();
        return new(azurite, await ServerProcess.Start(scratch["data"], more: ["--storage", azurite.ConnectionString, .. setup.Arguments]));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await azurite.DisposeAsync();
    }
}
