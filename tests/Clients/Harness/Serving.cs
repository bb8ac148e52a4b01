namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>What the tests of clients run against here: the server on one machine. Other assemblies put another in its place.</summary>
internal sealed class Serving(ServerProcess server) : IAsyncDisposable
{
    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => server.Endpoint;

    /// <summary>Where the console is, on a port of its own.</summary>
    public string Console => server.Console;

    /// <summary>What clients of AWS need here in their environment: nothing.</summary>
    public static IReadOnlyDictionary<string, string> AwsEnvironment { get; } = new Dictionary<string, string>();

    /// <summary>Starts it.</summary>
    /// <param name="scratch">Takes its data.</param>
    /// <param name="setup">What it is to know.</param>
    public static async Task<Serving> Start(Scratch scratch, Setup setup) =>
        new(await ServerProcess.Start(scratch["data"], more: setup.Arguments));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => server.DisposeAsync();
}
