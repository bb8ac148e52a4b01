using System.CommandLine;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn console</c>: a link that signs a browser in.</summary>
internal static class ConsoleLinkCommand
{
    private const string Examples = """
        Examples:
          zenkofn console
          zenkofn console --endpoint https://s3.example.com --credentials my-keys

        Whoever opens the link signs in as the key that made it, once, within five minutes: keep it to yourself.
        """;

    /// <summary>The command.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(
        new Command("console", "Makes a link that signs a browser in to the console, once.").Asking(Make), Examples);

    private static async Task<int> Make(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var link = await server.Ask("POST", "/_/management/console/links", ConsoleLinkJson.Default.ConsoleLink, ct);
        return await Output.Write(parsed, link, ConsoleLinkJson.Default.ConsoleLink, () => link.Url + Environment.NewLine);
    }
}
