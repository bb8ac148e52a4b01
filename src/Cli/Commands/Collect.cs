using System.CommandLine;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Cli.Replication;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn collect</c>: looks for bytes that no object has now, instead of when its time comes.</summary>
internal static class Collect
{
    private const string Examples = """
        Examples:
          zenkofn collect --wait                  remove what no object has, and watch until that is done
          zenkofn collect --wait --report-only    only count it

        A crash, or a machine that was switched off, may leave bytes of writes that were never acknowledged. Nobody sees them, but they take
        room. A server removes them by itself every day, a week after they came (serve --keep-unreferenced).
        """;

    private static readonly Option<bool> ReportOnly = new("--report-only") { Description = "Removes nothing." };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Watches until it has ended." };

    /// <summary>The command with its options.</summary>
    public static Command Command() =>
        new Command("collect", "Removes bytes from the locations that no object has.") { ReportOnly, Wait, HelpWithExamples.Option(Examples) }.Asking(Run);

    private static Task<int> Run(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        WalkWatch.Begin(server, "collect", new() { ReportOnly = parsed.GetValue(ReportOnly) }, parsed.GetValue(Wait), parsed.GetValue(RemoteOptions.Json), ct);
}
