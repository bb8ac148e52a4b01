using System.CommandLine;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>The options of commands that ask a running server: which, who signs, and how the answer is written.</summary>
internal static class RemoteOptions
{
    /// <summary>Where a command finds its server and its keys, for the help.</summary>
    public const string Sources = """
        Server: --endpoint; else that of a --data that is named; else ZENKOFN_ENDPOINT, AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL; else the one
        that runs on ./zenkofn-data; else http://127.0.0.1:8000.
        Keys: --credentials; else root-credentials of a --data that is named; else AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and
        AWS_SESSION_TOKEN); else AWS_SHARED_CREDENTIALS_FILE (and AWS_PROFILE); else root-credentials of ./zenkofn-data.
        """;

    /// <summary>The server.</summary>
    public static readonly Option<Uri?> Endpoint = new("--endpoint")
    {
        Description = "The server, http(s)://host:port. Otherwise the one that runs on --data, or ZENKOFN_ENDPOINT.",
        HelpName = "url",
        CustomParser = result =>
        {
            if (ParseEndpoint(result.Tokens[0].Value) is { } url) return url;
            result.AddError($"'{result.Tokens[0].Value}' is no endpoint: it must be http(s)://host or http(s)://host:port.");
            return null;
        },
    };

    /// <summary>The data directory of a server on this machine.</summary>
    public static readonly Option<string> Data = new("--data")
    {
        Description = "The data directory of a server on this machine, which is asked and whose root-credentials sign.",
        HelpName = "directory",
        DefaultValueFactory = _ => "./zenkofn-data",
    };

    /// <summary>A file of keys.</summary>
    public static readonly Option<FileInfo?> Credentials = new("--credentials")
    {
        Description = "A file with the keys that sign, in the form of AWS's shared credentials file. Otherwise AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --data.",
        HelpName = "file",
    };

    /// <summary>The region of signatures.</summary>
    public static readonly Option<string?> Region = new("--region")
    {
        Description = "The region to sign for. Otherwise that of AWS_REGION or AWS_DEFAULT_REGION, of the server on --data, or us-east-1.",
        HelpName = "name",
    };

    /// <summary>Whether the answer is written as JSON.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Writes JSON instead of a table." };

    /// <summary>A server that somebody named; null where it is none.</summary>
    public static Uri? ParseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/" ? url : null;

    /// <summary>A command that asks a server.</summary>
    /// <param name="command">The command, with its own options.</param>
    /// <param name="run">Asks; what it returns is the exit code.</param>
    /// <param name="hasJson">Whether there is a choice of how the answer is written.</param>
    public static Command Asking(this Command command, Func<RemoteServer, ParseResult, CancellationToken, Task<int>> run, bool hasJson = true)
    {
        foreach (var option in new Option[] { Endpoint, Data, Credentials, Region }) command.Add(option);
        if (hasJson) command.Add(Json);
        command.SetAction((parsed, ct) => Run(parsed, run, ct));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, Func<RemoteServer, ParseResult, CancellationToken, Task<int>> run, CancellationToken ct)
    {
        Target? target = null;
        try
        {
            target = Target.Of(parsed);
            using var server = new RemoteServer(target);
            return await run(server, parsed, ct);
        }
        catch (Exception e) when (IsTold(e))
        {
            return await Tell(e, target);
        }
    }

    /// <summary>Whether an exception is told in a line.</summary>
    public static bool IsTold(Exception e) => e is RemoteException or StartupException or IOException or UnauthorizedAccessException;

    /// <summary>Tells it; the exit code.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="target">Who was asked, as these options name it; null where others do.</param>
    public static async Task<int> Tell(Exception e, Target? target = null)
    {
        await Console.Error.WriteLineAsync($"zenkofn: {(e is RemoteException refused && target is not null ? Advice.Told(refused, target) : e.Message)}");
        return ExitCode.Failed;
    }
}
