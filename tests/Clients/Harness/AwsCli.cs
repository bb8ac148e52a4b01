using System.Text.Json;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>The aws CLI, pointed at the server.</summary>
/// <param name="server">The server.</param>
/// <param name="version">Index into <see cref="Installed.Aws"/>.</param>
public sealed class AwsCli(RunningServer server, int version = 0)
{
    private readonly string program = Installed.Aws.ElementAtOrDefault(version) ?? throw new InvalidOperationException("The aws CLI is not installed.");

    /// <summary>Its environment; to be changed where a test wants another.</summary>
    public Dictionary<string, string> Environment { get; } = server.AwsEnvironment;

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<Ran> Run(params string[] arguments) => (await Try(arguments)).Succeeded();

    /// <summary>Runs a command.</summary>
    public Task<Ran> Try(params string[] arguments) => Shell.Run(program, With(arguments), Environment);

    /// <summary>Runs a command that must be refused with that code.</summary>
    public async Task Refused(string code, params string[] arguments) =>
        Assert.Contains($"({code})", (await Try(arguments)).Failed().Err, StringComparison.Ordinal);

    /// <summary>Runs a command that reads its stdin.</summary>
    public async Task<Ran> RunWithInput(byte[] input, params string[] arguments) =>
        (await Shell.Run(program, With(arguments), Environment, input: input)).Succeeded();

    /// <summary>Runs a command that must succeed; what it printed.</summary>
    public async Task<JsonDocument> Json(params string[] arguments) => JsonDocument.Parse((await Run(arguments)).Out);

    /// <summary>Runs a command that must succeed; what <c>--query</c> chooses of its answer, as text.</summary>
    public async Task<string> Query(string query, params string[] arguments) =>
        (await Run([.. arguments, "--query", query, "--output", "text"])).Out.Trim();

    private string[] With(string[] arguments)
    {
        var moves = arguments is ["s3", "cp" or "sync" or "mv", ..];
        string[] quiet = moves ? ["--no-progress"] : [];
        string[] output = arguments.Contains("--output") ? [] : ["--output", "json"];
        return ["--endpoint-url", server.Endpoint, .. output, .. arguments, .. quiet];
    }
}
