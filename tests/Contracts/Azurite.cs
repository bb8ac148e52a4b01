using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ZenkoFunctions.Contracts;

/// <summary>A real Azurite of one's own on free ports, everything in memory. It ends with the object.</summary>
public sealed class Azurite : IAsyncDisposable
{
    private const string AccountName = "devstoreaccount1";
    private const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    // Runners kill the process of tests that is slow to end, and then nobody is left to end this one but the pipe that breaks.
    private const string EndWithUs = "process.stdin.resume().on('end', () => process.exit()); require(process.argv[1])";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly DirectoryInfo directory;

    private Azurite(Process process, DirectoryInfo directory, int blob, int queue, int table)
    {
        (this.process, this.directory) = (process, directory);
        // One that tests share is disposed by nobody.
        AppDomain.CurrentDomain.ProcessExit += Kill;
        ConnectionString =
            $"DefaultEndpointsProtocol=http;AccountName={AccountName};AccountKey={AccountKey};BlobEndpoint=http://127.0.0.1:{blob}/{AccountName};"
            + $"QueueEndpoint=http://127.0.0.1:{queue}/{AccountName};TableEndpoint=http://127.0.0.1:{table}/{AccountName};";
    }

    /// <summary>What clients connect by.</summary>
    public string ConnectionString { get; }

    /// <summary>Why tests with Azurite cannot run here; null where they can, or where CI demands them.</summary>
    public static string? Missing =>
        Environment.GetEnvironmentVariable("CI") is "true" or "1" || Program() is not null
            ? null
            : "Azurite is not installed: npm ci --ignore-scripts in tests/Clients/node";

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<Azurite> Start()
    {
        var program = Program() ?? throw new InvalidOperationException(Missing ?? "Azurite is not installed: npm ci --ignore-scripts in tests/Clients/node");
        // Somebody else may take a port between the look and the start.
        for (var attempt = 1; ; attempt++)
        {
            var (blob, queue, table) = FreePorts();
            var directory = Directory.CreateTempSubdirectory("azurite-");
            var start = new ProcessStartInfo("node")
            {
                WorkingDirectory = directory.FullName,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                ArgumentList =
                {
                    "-e", EndWithUs, program, "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent",
                    "--blobPort", $"{blob}", "--queuePort", $"{queue}", "--tablePort", $"{table}",
                },
            };
            var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var azurite = new Azurite(process, directory, blob, queue, table);
            if (await azurite.Answers(blob, queue, table)) return azurite;
            await azurite.DisposeAsync();
            if (attempt == 3) throw new InvalidOperationException("Azurite does not start.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= Kill;
        Kill(null, EventArgs.Empty);
        await process.WaitForExitAsync();
        process.Dispose();
        directory.Delete(recursive: true);
    }

    private void Kill(object? sender, EventArgs e)
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
    }

    private async Task<bool> Answers(params int[] ports)
    {
        var started = Stopwatch.StartNew();
        foreach (var port in ports)
        {
            while (true)
            {
                if (process.HasExited || started.Elapsed > StartPatience) return false;
                using var socket = new TcpClient();
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port);
                    break;
                }
                catch (SocketException)
                {
                    await Task.Delay(50);
                }
            }
        }
        return true;
    }

    private static (int, int, int) FreePorts()
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, 3).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Stop();
        return (ports[0], ports[1], ports[2]);
    }

    private static string? Program()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(Path.Combine(directory.FullName, "ZenkoFunctions.sln"))) continue;
            var program = Path.Combine(directory.FullName, "tests/Clients/node/node_modules/azurite/dist/src/azurite.js");
            return File.Exists(program) ? program : null;
        }
        return null;
    }
}

/// <summary>A test that needs Azurite: skipped where it is not installed, unless CI=true demands it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AzuriteFactAttribute : FactAttribute
{
    /// <summary>A test with Azurite.</summary>
    public AzuriteFactAttribute() => Skip = Azurite.Missing;
}

/// <summary>The same for tests with several rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AzuriteTheoryAttribute : TheoryAttribute
{
    /// <summary>A test with Azurite.</summary>
    public AzuriteTheoryAttribute() => Skip = Azurite.Missing;
}
