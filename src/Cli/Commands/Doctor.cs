using System.CommandLine;
using ZenkoFunctions.Api.Management.Monitoring;
using ZenkoFunctions.Cli.Diagnosis;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn doctor</c>: what is wrong with a server, and what to do about it.</summary>
internal static class Doctor
{
    private const string Examples = """
        Examples:
          zenkofn doctor                                 the server on ./zenkofn-data
          zenkofn doctor --data /srv/zenkofn
          zenkofn doctor --endpoint https://s3.example.com --credentials admin-keys --json

        It looks at the data directory (rights, master.key, free space), the port, clocks (this machine's, the server's, each location's),
        tables, queues and locations, into each of which it writes an object and removes it, certificates, and versions.

        Exit codes: 0 all is well, 1 there are warnings, 2 there are problems (or the command line makes no sense).
        """;

    /// <summary>The command.</summary>
    public static Command Command()
    {
        var command = new Command("doctor", "Looks what is wrong with a server and its surroundings, and says what to do.") { HelpWithExamples.Option(Examples) }.Asking((_, _, _) => Task.FromResult(ExitCode.Done));
        // Having no server or key is a finding, too.
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        List<CheckLine> lines = [];
        var local = new LocalChecks(Path.GetFullPath(parsed.GetRequiredValue(RemoteOptions.Data)));
        if (local.IsThere) lines.AddRange(local.Look());
        try
        {
            var target = Target.Of(parsed);
            using var server = new RemoteServer(target);
            lines.AddRange(await new ServerChecks(server, TimeProvider.System).Look(ct));
        }
        catch (StartupException e)
        {
            lines.Add(new("server", Outcome.Problem, "it cannot be asked", e.Message));
        }
        var report = new CheckReport(lines);
        await Output.Write(parsed, report, CliJson.Default.CheckReport, report.Text);
        return report.ExitCode;
    }
}
