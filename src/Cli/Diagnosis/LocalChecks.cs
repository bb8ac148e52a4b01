using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using ZenkoFunctions.Api.Management.Monitoring;

namespace ZenkoFunctions.Cli.Diagnosis;

/// <summary>What can be seen of a server without asking it: its data directory on this machine.</summary>
/// <param name="root">The data directory.</param>
internal sealed class LocalChecks(string root)
{
    private const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    private const long Gib = 1L << 30;

    /// <summary>Whether the directory is there at all.</summary>
    public bool IsThere => Directory.Exists(root);

    /// <summary>Looks at the directory, the key that seals secrets, and the room that is left.</summary>
    public IEnumerable<CheckLine> Look()
    {
        yield return Rights();
        yield return MasterKey();
        yield return Space();
    }

    /// <summary>Who listens where a server is expected, and does not answer.</summary>
    public static CheckLine Port(Uri endpoint, string data)
    {
        if (!endpoint.IsLoopback) return new("port", Outcome.Problem, $"nobody answers at {endpoint.Authority}", "Look whether the server runs there, and whether a firewall is between.");
        var isTaken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(each => each.Port == endpoint.Port);
        return isTaken
            ? new("port", Outcome.Problem, $"something listens on port {endpoint.Port}, and is no ZenkoFunctions server", "Stop it, or start the server with another --port.")
            : new("port", Outcome.Problem, $"nothing listens on port {endpoint.Port}", $"Start the server: zenkofn serve --data {data}{(endpoint.Port == 8000 ? "" : string.Create(CultureInfo.InvariantCulture, $" --port {endpoint.Port}"))}");
    }

    private CheckLine Rights()
    {
        var probe = Path.Combine(root, $"doctor-{Environment.ProcessId}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new("data directory", Outcome.Problem, $"{root} cannot be written by {Environment.UserName}: {e.Message}", "Run as the server's user, or change owner, mode or mount of the directory.");
        }
        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(root) & Others) != 0
            ? new("data directory", Outcome.Warning, $"{root} is open to other users of this machine", $"chmod 700 {root}")
            : new("data directory", Outcome.Ok, $"{root} can be written, and by its owner only");
    }

    private CheckLine MasterKey()
    {
        var file = Path.Combine(root, "master.key");
        if (!File.Exists(file))
        {
            return File.Exists(Path.Combine(root, "state.db"))
                ? new("master.key", Outcome.Problem, $"{file} is missing: access keys and encrypted objects cannot be read without it", "Restore it from where you keep it apart, before the server starts and makes another.")
                : new("master.key", Outcome.Ok, "not made yet: the first start makes it");
        }
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0) return new("master.key", Outcome.Problem, $"{file} is open to other users: the server does not start like that", $"chmod 600 {file}");
        try
        {
            using var readable = File.OpenRead(file);
            return new("master.key", Outcome.Ok, "there, and readable by its owner only");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new("master.key", Outcome.Problem, e.Message, "Run as the server's user, or change the file's owner.");
        }
    }

    private CheckLine Space()
    {
        var drive = new DriveInfo(root);
        var (free, total) = (drive.AvailableFreeSpace, drive.TotalSize);
        var found = string.Create(CultureInfo.InvariantCulture, $"{free / (double)Gib:0.0} GiB of {total / (double)Gib:0.0} GiB are free");
        const string next = "Free some, or move the data directory: writes are refused when nothing is left, and nothing is lost.";
        return free < Gib / 4 ? new("disk space", Outcome.Problem, found, next) : free < total / 20 || free < 2 * Gib ? new("disk space", Outcome.Warning, found, next) : new("disk space", Outcome.Ok, found);
    }
}
