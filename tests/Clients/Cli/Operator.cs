using System.Text;
using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Cli;

/// <summary>A server of its own, and <c>zenkofn</c> as an operator on its machine runs it.</summary>
public sealed class Operator : IAsyncLifetime
{
    private readonly Scratch scratch = new();
    private int names;

    /// <summary>The server.</summary>
    public ServerProcess Server { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync() => Server = await ServerProcess.Start(scratch["data"]);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        scratch.Dispose();
    }

    /// <summary>A name that nobody has used yet.</summary>
    public string NewName(string what) => $"{what}{Interlocked.Increment(ref names)}";

    /// <summary>A file with that text.</summary>
    public async Task<string> File(string name, string text)
    {
        await System.IO.File.WriteAllTextAsync(scratch[name], text);
        return scratch[name];
    }

    /// <summary>Runs the program, which finds server and keys in the data directory.</summary>
    public Task<Ran> Run(params string[] arguments) => RunAny([.. arguments, "--data", Server.Data]);

    /// <summary>The same, with something typed.</summary>
    public Task<Ran> Type(string text, params string[] arguments) => RunAny([.. arguments, "--data", Server.Data], text);

    /// <summary>The same, its answer as JSON.</summary>
    public async Task<JsonElement> Json(params string[] arguments) => Parsed((await Run([.. arguments, "--json"])).Succeeded());

    /// <summary>The same with a key.</summary>
    public async Task<Ran> As(string key, string secret, params string[] arguments) =>
        await RunAny([.. arguments, "--endpoint", Server.Endpoint, "--credentials", await File(NewName("keys"), $"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")]);

    /// <summary>Runs the program.</summary>
    public static Task<Ran> RunAny(string[] arguments, string? input = null, Dictionary<string, string>? environment = null) =>
        Shell.Run("dotnet", [Repository.Program, .. arguments], environment, input: input is null ? null : Encoding.UTF8.GetBytes(input));

    /// <summary>What it wrote.</summary>
    public static JsonElement Parsed(Ran ran)
    {
        using var document = JsonDocument.Parse(ran.Out);
        return document.RootElement.Clone();
    }
}
