using System.Globalization;

namespace ZenkoFunctions.Cli;

/// <summary>
/// The directory that holds everything a server on one machine keeps. Owned by one process at a time: a lock on a file
/// in it is held until it is disposed, and is released by the system when the process dies.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    /// <summary>The name of the location that is the directory of the objects.</summary>
    public const string LocationName = "disk";

    /// <summary>The name of the file with the root account's key.</summary>
    public const string RootCredentialsName = "root-credentials";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream held;

    private DataDirectory(string root, FileStream held) => (Root, this.held) = (root, held);

    /// <summary>Full path.</summary>
    public string Root { get; }

    /// <summary>The directory of the objects' bytes.</summary>
    public string Objects => Path.Combine(Root, "objects");

    /// <summary>The key under which secrets are encrypted.</summary>
    public string MasterKey => Path.Combine(Root, "master.key");

    /// <summary>The root account's access key, in the form of AWS's shared credentials file.</summary>
    public string RootCredentials => Path.Combine(Root, RootCredentialsName);

    /// <summary>Tells the commands on this machine where the server listens, and for which region they have to sign.</summary>
    public void Announce(string endpoint, string region) => File.WriteAllText(EndpointFile(Root), $"{endpoint}\n{region}\n");

    /// <summary>Where the server of a data directory says that it listens, and its region; null where it says nothing: none runs.</summary>
    public static (Uri Endpoint, string Region)? Announced(string root) =>
        File.Exists(EndpointFile(root)) && File.ReadAllLines(EndpointFile(root)) is [var endpoint, { Length: > 0 } region] && Uri.TryCreate(endpoint, UriKind.Absolute, out var url)
            ? (Reachable(url), region) : null;

    /// <summary>Makes it where it is absent (for its owner only), and locks it.</summary>
    /// <exception cref="StartupException">It is in use by another process.</exception>
    public static DataDirectory Open(string root)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(root);
        else Directory.CreateDirectory(root, OwnerOnly);

        FileStream held;
        try
        {
            // Exclusive by flock; nothing else opens this file, because .NET takes a lock for every way of opening one.
            held = new FileStream(Path.Combine(root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new StartupException(
                $"The data directory {root} is in use by another server{Holder(root)}. Stop that one first (it finishes its "
                + "requests when it gets SIGTERM), or give this one a directory of its own with --data.");
        }
        File.Delete(EndpointFile(root)); // of one that was killed
        File.WriteAllText(PidFile(root), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        return new DataDirectory(root, held);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(EndpointFile(Root));
        held.Dispose();
    }

    // EAGAIN of flock (Linux, macOS), and Windows' sharing violation.
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    // Who listens everywhere is met on this machine.
    private static Uri Reachable(Uri url) => url.Host switch
    {
        "0.0.0.0" => new UriBuilder(url) { Host = "127.0.0.1" }.Uri,
        "[::]" => new UriBuilder(url) { Host = "[::1]" }.Uri,
        _ => url,
    };

    private static string EndpointFile(string root) => Path.Combine(root, "endpoint");

    private static string PidFile(string root) => Path.Combine(root, "pid");

    // " (process 123)", or "" where its number cannot be read.
    private static string Holder(string root)
    {
        try
        {
            return int.TryParse(File.ReadAllText(PidFile(root)), CultureInfo.InvariantCulture, out var pid) ? $" (process {pid})" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

/// <summary>Why the server cannot start, in one paragraph that says what to do.</summary>
internal sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
