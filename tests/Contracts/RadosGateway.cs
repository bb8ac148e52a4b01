using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ZenkoFunctions.Contracts;

/// <summary>A real Ceph with its S3 gateway on free ports, everything in memory. It ends with the object, and with its maker's process.</summary>
public sealed class RadosGateway : IAsyncDisposable
{
    /// <summary>The access key of its user.</summary>
    public const string AccessKey = "ZKFNTESTCEPHKEY00001";

    /// <summary>Its secret.</summary>
    public const string SecretKey = "test/secret+key/of/the/ceph/gateway00001";

    private static readonly string[] Programs = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool", "setpriv"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    private readonly Process process;

    private RadosGateway(Process process, int port) => (this.process, Port) = (process, port);

    /// <summary>On 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => $"http://127.0.0.1:{Port}";

    /// <summary>Why tests with it cannot run here; null where they can, or where CI demands them.</summary>
    public static string? Missing =>
        Environment.GetEnvironmentVariable("CI") is "true" or "1" || Array.TrueForAll(Programs, IsOnPath)
            ? null
            : "Ceph is not installed: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common";

    /// <summary>Starts one and waits until it answers: some seconds.</summary>
    public static async Task<RadosGateway> Start()
    {
        // Somebody else may take a port between the look and the start.
        for (var attempt = 1; ; attempt++)
        {
            var (monitor, port) = FreePorts();
            var directory = Directory.CreateTempSubdirectory("rgw-");
            var start = new ProcessStartInfo("bash")
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                ArgumentList = { Script, directory.FullName, $"{monitor}", $"{port}", AccessKey, SecretKey },
            };
            var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var gateway = new RadosGateway(process, port);
            if (await gateway.Says("ready")) return gateway;
            await gateway.DisposeAsync();
            if (attempt == 3) throw new InvalidOperationException($"Ceph does not start. {await error}");
        }
    }

    /// <summary>SIGKILL for the gateway; what it has stored stays.</summary>
    public async Task KillGateway()
    {
        await process.StandardInput.WriteLineAsync("kill");
        await process.StandardInput.FlushAsync();
        if (!await Says("killed")) throw new InvalidOperationException("The gateway does not end.");
    }

    /// <summary>Starts the gateway again, on the same port, and waits until it answers.</summary>
    public async Task StartGateway()
    {
        await process.StandardInput.WriteLineAsync("start");
        await process.StandardInput.FlushAsync();
        if (!await Says("ready")) throw new InvalidOperationException("The gateway does not start again.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // So it ends, too, when our process does and this was never called.
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<bool> Says(string word)
    {
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
                if (line == word) return true;
        }
        catch (OperationCanceledException)
        {
            // It takes too long.
        }
        return false;
    }

    private static (int, int) FreePorts()
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, 2).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Stop();
        return (ports[0], ports[1]);
    }

    private static string Script => Path.Combine(AppContext.BaseDirectory, "rados-gateway.sh");

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Any(place => File.Exists(Path.Combine(place, program)));
}

/// <summary>A test that needs a Ceph gateway: skipped where Ceph is not installed, unless CI=true demands it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CephFactAttribute : FactAttribute
{
    /// <summary>A test with Ceph.</summary>
    public CephFactAttribute() => Skip = RadosGateway.Missing;
}
