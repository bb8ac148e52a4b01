using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ZenkoFunctions.HostDouble;

/// <summary>
/// The handler's process and who watches it. Exit code 0: it is left dead. 200, or a restart the host wants: started again. Any other code,
/// or no answer within initializationTimeout: started again, and after three such errors within thirty minutes the host stops.
/// Every start uses the same port.
/// </summary>
public sealed class HandlerProcess : IAsyncDisposable
{
    private const int MostErrors = 3;
    private const int RestartCode = 200;
    private static readonly TimeSpan ErrorWindow = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    private readonly App app;
    private readonly HostOptions options;
    private readonly HostLog log;
    private readonly string workerId = Guid.NewGuid().ToString();
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource firstReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient probe = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly List<string> errors = [];
    private readonly Lock gate = new();
    private Running? running;
    private Task supervision = Task.CompletedTask;

    internal HandlerProcess(App app, HostOptions options, HostLog log)
    {
        (this.app, this.options, this.log) = (app, options, log);
        Port = app.Host.Handler.Port ?? FreePort();
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>http://127.0.0.1:port/</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/");

    /// <summary>The id of the process that runs; null while none does.</summary>
    public int? ProcessId
    {
        get { lock (gate) return running?.Process.Id; }
    }

    /// <summary>How often it has been started.</summary>
    public int Starts { get; private set; }

    /// <summary>How often it has become ready.</summary>
    public int TimesReady { get; private set; }

    /// <summary>Completes when it has answered for the first time.</summary>
    public Task Ready => firstReady.Task;

    /// <summary>Completes, with the reason, when the host has given up on it.</summary>
    public Task<string> Stopped => stopped.Task;

    /// <summary>SIGKILL, as a crash: it is an error, and the host starts it again.</summary>
    public void Kill() => End(null);

    /// <summary>Ends it as though it had exited with that code.</summary>
    public void EndWithCode(int code) => End(code);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        End(0);
        await supervision;
        probe.Dispose();
        stopping.Dispose();
    }

    internal void Start() => supervision = Supervise();

    /// <summary>What the host does when an invocation has run out of time.</summary>
    internal void Restart(string reason)
    {
        log.Warning("host", $"Restarting the handler: {reason}");
        End(RestartCode);
    }

    private void End(int? code)
    {
        lock (gate)
        {
            if (running is null) return;
            running.CountsAs = code;
            try
            {
                running.Process.Kill(entireProcessTree: true);
            }
            catch (InvalidOperationException)
            {
                // It ended by itself.
            }
        }
    }

    private async Task Supervise()
    {
        var restarts = new Queue<long>();
        try
        {
            while (true)
            {
                var problem = await RunOnce();
                if (stopping.IsCancellationRequested) return;
                if (problem is null) continue;
                if (problem.Length == 0)
                {
                    const string left = "The handler ended with exit code 0. The host never starts it again: requests fail from now on. " +
                        "Let it run until it is killed, or exit with another code.";
                    log.Error("host", left);
                    if (!firstReady.Task.IsCompleted) stopped.TrySetResult(left);
                    return;
                }
                log.Error("host", problem);
                errors.Add(problem);
                restarts.Enqueue(Stopwatch.GetTimestamp());
                while (Stopwatch.GetElapsedTime(restarts.Peek()) > ErrorWindow) restarts.Dequeue();
                if (restarts.Count < MostErrors) continue;
                var reason = $"The handler failed {MostErrors} times within 30 minutes: {string.Join(" | ", errors.TakeLast(MostErrors))}";
                log.Error("host", "Function host is stopping. " + reason);
                stopped.TrySetResult(reason);
                return;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host is disposed of.
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            log.Error("host", e.Message);
            stopped.TrySetResult($"The handler {app.Executable} cannot be started: {e.Message}");
        }
    }

    /// <summary>Null: start it again without counting an error. Empty: leave it dead. Else the error.</summary>
    private async Task<string?> RunOnce()
    {
        var began = Stopwatch.GetTimestamp();
        var patience = app.Host.Handler.InitializationTimeout;
        if (Starts++ == 0 && options.StartDelay > TimeSpan.Zero)
        {
            await Task.Delay(options.StartDelay < patience ? options.StartDelay : patience, stopping.Token);
            if (options.StartDelay >= patience) return NotInTime(patience);
        }
        var process = Spawn();
        var mine = new Running(process);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += (_, _) => ended.TrySetResult();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        lock (gate) running = mine;
        if (stopping.IsCancellationRequested) End(0);
        try
        {
            log.Information("host", $"Started the handler {app.Executable} (process {process.Id}, port {Port}).");
            if (!await Answers(ended.Task, patience - Stopwatch.GetElapsedTime(began)))
            {
                process.Kill(entireProcessTree: true);
                await ended.Task;
                return NotInTime(patience);
            }
            if (!ended.Task.IsCompleted)
            {
                TimesReady++;
                log.Information("host", "The handler is ready.");
                firstReady.TrySetResult();
            }
            await ended.Task;
            var code = mine.CountsAs ?? process.ExitCode;
            return code switch
            {
                0 => "",
                RestartCode => null,
                _ => $"The handler exited with code {code}. {LastWords()}",
            };
        }
        finally
        {
            lock (gate) running = null;
            process.Dispose();
        }
    }

    private static string NotInTime(TimeSpan patience) =>
        $"The handler did not answer GET / within {patience}: raise customHandler.initializationTimeout, or let it listen earlier, on 127.0.0.1 " +
        "and the port in FUNCTIONS_CUSTOMHANDLER_PORT.";

    private string LastWords() => log.Entries.LastOrDefault(entry => entry.Source == "handler") is { } last
        ? $"Its last words: {last.Text}"
        : "It wrote nothing.";

    /// <summary>True when it answers, with whatever status, or has ended; false when the time is over.</summary>
    private async Task<bool> Answers(Task ended, TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        limit.CancelAfter(patience > TimeSpan.Zero ? patience : TimeSpan.Zero);
        try
        {
            while (!ended.IsCompleted)
            {
                try
                {
                    using var answer = await probe.GetAsync(Address, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                    return true;
                }
                catch (HttpRequestException)
                {
                    await Task.WhenAny(ended, Task.Delay(PollInterval, limit.Token));
                    limit.Token.ThrowIfCancellationRequested();
                }
            }
            return true;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            End(0);
            return true;
        }
    }

    private Process Spawn()
    {
        var handler = app.Host.Handler;
        var start = new ProcessStartInfo(app.Executable)
        {
            // Arguments are joined unquoted, as the host does.
            Arguments = app.Settings.Expand(string.Join(' ', handler.Arguments)),
            WorkingDirectory = Path.Combine(app.Folder, app.Settings.Expand(handler.WorkingDirectory)),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in app.Settings.Values) start.Environment[name] = value;
        var port = Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = port;
        start.Environment["FUNCTIONS_HTTPWORKER_PORT"] = port;
        start.Environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = workerId;
        start.Environment["FUNCTIONS_HTTPWORKER_ID"] = workerId;
        start.Environment["FUNCTIONS_APP_ROOT_PATH"] = app.Folder;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is not null) log.Information("handler", e.Data);
        };
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is null) return;
            if (e.Data.Contains("warn", StringComparison.OrdinalIgnoreCase)) log.Warning("handler", e.Data);
            else log.Error("handler", e.Data);
        };
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Running(Process process)
    {
        public Process Process { get; } = process;

        /// <summary>The exit code that its end is taken for; null for its own.</summary>
        public int? CountsAs { get; set; }
    }
}
