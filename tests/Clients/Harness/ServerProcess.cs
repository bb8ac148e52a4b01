using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>The built program, running as a process of its own.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    /// <summary>The root account's key that the tests fix.</summary>
    public const string AccessKey = "ZKFNTESTROOTKEY00001";

    /// <summary>Its secret.</summary>
    public const string SecretKey = "test/secret+key/of/the/root/account00001";

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly TaskCompletionSource<string> announced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process, string data) => (this.process, Data) = (process, data);

    /// <summary>The data directory.</summary>
    public string Data { get; }

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint { get; private set; } = "";

    /// <summary>Where it says that its console is, without a slash at its end.</summary>
    public string Console => ConsoleAddress().Match(Output) is { Success: true } found ? found.Groups[1].Value.TrimEnd('/') : throw new InvalidOperationException("The server has no console.");

    /// <summary>The process's id.</summary>
    public int Id => process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>What it wrote to stdout so far.</summary>
    public string Output
    {
        get { lock (output) return output.ToString(); }
    }

    /// <summary>What it wrote to stderr so far.</summary>
    public string Error
    {
        get { lock (error) return error.ToString(); }
    }

    /// <summary>Runs the program as one that asks this server, signed with the root's key.</summary>
    public Task<Ran> Zenkofn(params string[] arguments) => Shell.Run(
        "dotnet", [Repository.Program, .. arguments, "--endpoint", Endpoint],
        new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = AccessKey, ["AWS_SECRET_ACCESS_KEY"] = SecretKey, ["AWS_REGION"] = "us-east-1" });

    /// <summary>Starts the server on a free port and waits until it says that it listens.</summary>
    /// <param name="data">The data directory.</param>
    /// <param name="fixedKey">False lets the server make its own root key.</param>
    /// <param name="more">Further arguments.</param>
    public static async Task<ServerProcess> Start(string data, bool fixedKey = true, params string[] more)
    {
        var server = Launch(data, fixedKey, more);
        try
        {
            server.Endpoint = await server.announced.Task.WaitAsync(TimeSpan.FromSeconds(60));
            // Whether its certificate is right is the clients' to say.
            using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
            (await http.GetAsync(server.Endpoint + "/_/healthcheck")).EnsureSuccessStatusCode();
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not start. {e.Message}\n{server.Output}\n{server.Error}", e);
        }
    }

    /// <summary>Starts the program and does not wait for anything: for starts that are meant to fail.</summary>
    public static ServerProcess Launch(string data, bool fixedKey = true, params string[] more)
    {
        string[] port = more.Contains("--port") ? [] : ["--port", "0"];
        var start = new ProcessStartInfo("dotnet", [Repository.Program, "serve", "--data", data, .. port, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ZENKOFN_ROOT_ACCESS_KEY");
        start.Environment.Remove("ZENKOFN_ROOT_SECRET_KEY");
        if (fixedKey)
        {
            start.Environment["ZENKOFN_ROOT_ACCESS_KEY"] = AccessKey;
            start.Environment["ZENKOFN_ROOT_SECRET_KEY"] = SecretKey;
            start.Environment["ZENKOFN_NOTIFY_SECRET"] = WebHook.Secret;
        }
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var server = new ServerProcess(process, data);
        process.OutputDataReceived += (_, e) => server.Take(e.Data);
        process.ErrorDataReceived += (_, e) => Append(server.error, e.Data);
        process.Exited += (_, _) => server.announced.TrySetException(new InvalidOperationException("It ended."));
        process.Start();
        EndsWithUs.Add(process.Id);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return server;
    }

    /// <summary>SIGKILL: what a power cut does to a process.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; the exit code when it has ended.</summary>
    public async Task<int> Terminate()
    {
        Assert.Equal(0, SendSignal(process.Id, 15));
        return await Ended(TimeSpan.FromSeconds(40));
    }

    /// <summary>SIGTERM without waiting.</summary>
    public void Signal() => Assert.Equal(0, SendSignal(process.Id, 15));

    /// <summary>Waits for its end; its exit code.</summary>
    public async Task<int> Ended(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        await process.WaitForExitAsync(timeout.Token);
        return process.ExitCode;
    }

    /// <summary>The most memory that it had resident at once, in bytes (Linux).</summary>
    public long PeakMemory()
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await Kill();
        EndsWithUs.Remove(process.Id);
        process.Dispose();
    }

    private void Take(string? line)
    {
        Append(output, line);
        if (line is not null && Announcement().Match(line) is { Success: true } match)
            announced.TrySetResult(match.Groups[1].Value);
    }

    private static void Append(StringBuilder to, string? line)
    {
        if (line is null) return;
        lock (to) to.AppendLine(line);
    }

    [GeneratedRegex(@"console +(http\S+)")]
    private static partial Regex ConsoleAddress();

    [GeneratedRegex(@"serves S3 at (https?://\S+)")]
    private static partial Regex Announcement();

    /// <summary>Sends a signal to a process of ours; 0 where that was done.</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int SendSignal(int pid, int signal);
}
