using System.Diagnostics;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>The client programs that are on this machine.</summary>
public static class Installed
{
    private static readonly Lazy<string?> PythonWithBoto = new(() =>
        OnPath("python3").FirstOrDefault(python => Succeeds(python, "-c", "import boto3")));

    private static readonly Lazy<string?> PythonWithBoto2 = new(() =>
        OnPath("python3").FirstOrDefault(python => Succeeds(python, "-c", "import boto")));

    private static readonly Lazy<IReadOnlyList<string>> DistinctAws = new(() =>
        [.. OnPath("aws").Select(path => (path, version: Output(path, "--version").Split(' ')[0]))
            .Where(aws => aws.version.Length > 0).DistinctBy(aws => aws.version).Select(aws => aws.path)]);

    /// <summary>A Python that has boto3; not necessarily the first on the path. Null where there is none.</summary>
    public static string? Python => PythonWithBoto.Value;

    /// <summary>A Python that has boto, version 2; null where there is none.</summary>
    public static string? PythonOfBoto2 => PythonWithBoto2.Value;

    /// <summary>The aws CLIs on the path that differ in version: version 1 and 2 are different programs.</summary>
    public static IReadOnlyList<string> Aws => DistinctAws.Value;

    /// <summary>Whether this runs where a missing client is a failure rather than a skipped test.</summary>
    public static bool Demanded => Environment.GetEnvironmentVariable("CI") is "true" or "1";

    /// <summary>Where a program is; throws (failing the test that needs it) where it is not installed.</summary>
    public static string Find(string name) =>
        OnPath(name).FirstOrDefault() ?? throw new InvalidOperationException($"{name} is not installed.");

    /// <summary>Every place on the path that has the program.</summary>
    public static IEnumerable<string> OnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name)).Where(File.Exists);

    private static bool Succeeds(string file, params string[] arguments) => Try(file, arguments)?.Code == 0;

    private static string Output(string file, params string[] arguments) => Try(file, arguments)?.Output ?? "";

    private static (int Code, string Output)? Try(string file, string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}

/// <summary>The clients that tests drive.</summary>
public enum Client
{
    /// <summary>The aws CLI.</summary>
    Aws,

    /// <summary>Python's SDK.</summary>
    Boto3,

    /// <summary>Python's SDK before that, as CloudStack's users have it.</summary>
    Boto2,

    /// <summary>rclone.</summary>
    Rclone,

    /// <summary>s3cmd.</summary>
    S3cmd,

    /// <summary>restic.</summary>
    Restic,

    /// <summary>node and npm, for the JavaScript SDKs.</summary>
    Node,

    /// <summary>curl.</summary>
    Curl,

    /// <summary>Chromium, driven from node.</summary>
    Chromium,

    /// <summary>Azure's command line.</summary>
    Az,
}

/// <summary>A test that needs a client: skipped where it is not installed, unless CI=true demands it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientFactAttribute : FactAttribute
{
    /// <summary>A test of that client.</summary>
    public ClientFactAttribute(Client client) => Skip = ClientSkip.Reason(client);
}

/// <summary>The same for tests with several rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientTheoryAttribute : TheoryAttribute
{
    /// <summary>A test of that client.</summary>
    public ClientTheoryAttribute(Client client) => Skip = ClientSkip.Reason(client);
}

internal static class ClientSkip
{
    public static string? Reason(Client client)
    {
        if (Installed.Demanded) return null;
        var (there, install) = client switch
        {
            Client.Aws => (Installed.Aws.Count > 0, "apt-get install awscli"),
            Client.Boto3 => (Installed.Python is not null, "apt-get install python3-boto3"),
            Client.Boto2 => (Installed.PythonOfBoto2 is not null, "apt-get install python3-boto"),
            Client.Rclone => (Installed.OnPath("rclone").Any(), "apt-get install rclone"),
            Client.S3cmd => (Installed.OnPath("s3cmd").Any(), "apt-get install s3cmd"),
            Client.Restic => (Installed.OnPath("restic").Any(), "apt-get install restic"),
            Client.Node => (Installed.OnPath("node").Any() && Installed.OnPath("npm").Any(), "apt-get install nodejs npm"),
            Client.Az => (Installed.OnPath("az").Any(), "apt-get install --no-install-recommends azure-cli"),
            Client.Chromium => (Installed.OnPath("chromium").Any() && Installed.OnPath("node").Any() && Installed.OnPath("npm").Any(), "apt-get install chromium nodejs npm"),
            Client.Curl => (Installed.OnPath("curl").Any(), "apt-get install curl"),
            _ => throw new ArgumentOutOfRangeException(nameof(client)),
        };
        return there ? null : $"{client} is not installed: {install}";
    }
}
