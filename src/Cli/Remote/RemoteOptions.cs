using System.CommandLine;
using ZenkoFunctions.Cli.Probing;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>The options of commands that ask a running server, and who signs for them.</summary>
internal static class RemoteOptions
{
    private static readonly Option<Uri> Endpoint = new("--endpoint")
    {
        Description = "The server, http(s)://host:port.",
        HelpName = "url",
        DefaultValueFactory = _ => new("http://127.0.0.1:8000"),
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/") return url;
            result.AddError($"'{result.Tokens[0].Value}' is no endpoint: it must be http(s)://host or http(s)://host:port.");
            return null!;
        },
    };

    private static readonly Option<string> Data = new("--data")
    {
        Description = "The server's data directory, whose root-credentials sign where AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set.",
        HelpName = "directory",
        DefaultValueFactory = _ => "./zenkofn-data",
    };

    /// <summary>The region of signatures.</summary>
    public static Option<string?> Region { get; } = new("--region")
    {
        Description = "The region to sign for; otherwise that of AWS_REGION or AWS_DEFAULT_REGION, or us-east-1.",
        HelpName = "name",
    };

    /// <summary>Whether the answer is written as JSON.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Writes JSON instead of a table." };

    /// <summary>A command that asks a server.</summary>
    /// <param name="command">The command, with its own options.</param>
    /// <param name="run">Asks; what it returns is the exit code.</param>
    public static Command Asking(this Command command, Func<RemoteServer, ParseResult, CancellationToken, Task<int>> run)
    {
        foreach (var option in new Option[] { Endpoint, Data, Region, Json }) command.Add(option);
        command.SetAction((parsed, ct) => Run(parsed, run, ct));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, Func<RemoteServer, ParseResult, CancellationToken, Task<int>> run, CancellationToken ct)
    {
        try
        {
            var (id, secret, token) = Keys(parsed.GetRequiredValue(Data));
            using var server = new RemoteServer(parsed.GetRequiredValue(Endpoint), new(id, secret, token, RegionOf(parsed), TimeProvider.System));
            return await run(server, parsed, ct);
        }
        catch (Exception e) when (IsTold(e))
        {
            return await Tell(e);
        }
    }

    /// <summary>The region to sign for.</summary>
    public static string RegionOf(ParseResult parsed) => parsed.GetValue(Region) ?? Setting("AWS_REGION") ?? Setting("AWS_DEFAULT_REGION") ?? "us-east-1";

    /// <summary>Whether an exception is told in a line.</summary>
    public static bool IsTold(Exception e) => e is RemoteException or StartupException or IOException or UnauthorizedAccessException;

    /// <summary>Tells it; the exit code.</summary>
    public static async Task<int> Tell(Exception e)
    {
        await Console.Error.WriteLineAsync($"zenkofn: {e.Message}");
        return ExitCode.Failed;
    }

    private static (string Id, string Secret, string? Token) Keys(string directory)
    {
        if (Setting("AWS_ACCESS_KEY_ID") is { } id && Setting("AWS_SECRET_ACCESS_KEY") is { } secret) return (id, secret, Setting("AWS_SESSION_TOKEN"));
        var file = Path.Combine(directory, DataDirectory.RootCredentialsName);
        if (!File.Exists(file))
            throw new StartupException($"There is no {file}. Name the server's data directory with --data, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the keys of an administrator.");
        var (rootId, rootSecret) = RootCredentials.Read(file);
        return (rootId, rootSecret, null);
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
