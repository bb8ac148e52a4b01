using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ZenkoFunctions.Core.Locations.Disk;
using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn backup</c>: the data directory as it is at one moment, while a server uses it or not.</summary>
internal static class Backup
{
    private const string Examples = """
        Examples:
          zenkofn backup /backups/monday                   a backup of ./zenkofn-data
          zenkofn backup --data /srv/objects /srv/monday   on the same file system: bodies are linked, which takes no room and little time
          zenkofn serve --data /backups/monday             serves a backup, which is a data directory like others

        The server goes on meanwhile. Links share their bytes with the data directory: copy the backup to another disk with the tool
        of your choice (rsync, restic, tar), and remove it. What lies in other locations than the data directory is not part of it.
        """;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly Argument<string> Target = new("directory") { Description = "Where it goes. Made where it is missing; nothing may be in it." };

    private static readonly Option<string> Data = new("--data")
    {
        Description = "The server's data directory.",
        HelpName = "directory",
        DefaultValueFactory = _ => "./zenkofn-data",
    };

    private static readonly Option<bool> WithoutKeys = new("--without-keys")
    {
        Description = "Leaves out master.key, without which no backup can be used, and the root account's key. Keep master.key elsewhere then.",
    };

    private static readonly Option<int> KeepReplaced = new("--keep-replaced")
    {
        Description = "What the server was started with: for how many seconds replaced bytes stay. The backup must be taken within that time, or it fails.",
        HelpName = "seconds",
        DefaultValueFactory = _ => 300,
    };

    /// <summary>The command with its options.</summary>
    public static Command Command()
    {
        var command = new Command("backup", "Makes a backup of a data directory, while its server goes on.") { Target, Data, WithoutKeys, KeepReplaced, HelpWithExamples.Option(Examples) };
        command.SetAction(async (parsed, ct) =>
        {
            try
            {
                return await Task.Run(() => Run(parsed, ct), ct);
            }
            catch (Exception e) when (e is StartupException or IOException or UnauthorizedAccessException or SqliteException)
            {
                await Console.Error.WriteLineAsync($"zenkofn: {e.Message}");
                return ExitCode.Failed;
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync("zenkofn: The backup was given up; remove what there is of it.");
                return ExitCode.Interrupted;
            }
        });
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken ct)
    {
        var (from, to) = (Path.GetFullPath(parsed.GetRequiredValue(Data)), Path.GetFullPath(parsed.GetRequiredValue(Target)));
        if (!File.Exists(Path.Combine(from, "state.db"))) throw new StartupException($"There is no server's data in {from}. Name its directory with --data.");
        if (Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any()) throw new StartupException($"{to} is not empty. Name a new directory for each backup.");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(to);
        else Directory.CreateDirectory(to, OwnerOnly);

        var bodies = new DiskBackup(Path.Combine(from, "objects"), Path.Combine(to, "objects"));
        // Nearly all of them before the moment that counts, and behind it those that came meanwhile: what was replaced since is still there.
        bodies.Take(Progress, ct);
        var moment = Stopwatch.GetTimestamp();
        // Not under its own name until all of it is there.
        var unfinished = Path.Combine(to, "state.part");
        SqliteStore.Copy(from, unfinished);
        bodies.Take(Progress, ct);
        if (!Console.IsErrorRedirected) Console.Error.WriteLine();
        var took = Stopwatch.GetElapsedTime(moment);
        if (took.TotalSeconds >= parsed.GetValue(KeepReplaced))
            throw new StartupException(string.Create(CultureInfo.InvariantCulture,
                $"This took {took.TotalSeconds:0} seconds, longer than replaced bytes are kept: some may be missing. Start the server with a longer --keep-replaced, say it here, too, and begin again in an empty directory."));
        if (!parsed.GetValue(WithoutKeys))
            foreach (var key in new[] { "master.key", DataDirectory.RootCredentialsName })
                if (File.Exists(Path.Combine(from, key))) File.Copy(Path.Combine(from, key), Path.Combine(to, key));
        File.Move(unfinished, Path.Combine(to, "state.db"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{to}: the state ({new FileInfo(Path.Combine(to, "state.db")).Length:N0} bytes) and {bodies.Bodies:N0} bodies ({bodies.Copied:N0} copied, the others linked)."));
        return ExitCode.Done;

        void Progress()
        {
            if (!Console.IsErrorRedirected) Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{bodies.Bodies:N0} bodies"));
        }
    }
}
