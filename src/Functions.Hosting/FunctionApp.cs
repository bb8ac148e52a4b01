using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Composition;

namespace ZenkoFunctions.Hosting;

/// <summary>
/// A custom handler: the process that the Functions host starts and hands everything to, over HTTP on a port of this machine.
/// </summary>
public sealed class FunctionApp
{
    /// <summary>The port on which the host expects us, in its environment.</summary>
    public const string PortSetting = "FUNCTIONS_CUSTOMHANDLER_PORT";

    /// <summary>Writes the <c>function.json</c> files into the folder behind it, and ends.</summary>
    private const string WriteFunctions = "--write-functions";

    /// <summary>Writes <c>local.settings.json</c>, too.</summary>
    private const string ForLocalUse = "--for-local-use";

    /// <summary>The port of the host where it runs on a developer's machine.</summary>
    public required int LocalPort { get; init; }

    /// <summary>The functions of the app.</summary>
    public required IReadOnlyList<Function> Functions { get; init; }

    /// <summary>Sets limits of the server beyond those of a function app.</summary>
    public Action<IWebHostBuilder> Limits { get; init; } = _ => { };

    /// <summary>Puts the app together; called once. What comes meanwhile waits.</summary>
    public required Func<AppSettings, ILoggerFactory, CancellationToken, Task<FunctionHandlers>> Open { get; init; }

    /// <summary>Does what the arguments say; serves, where they say nothing. The process's exit code, never 0 for a failure: the host would not start it again.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever stops a start is told in words, here at the outermost place.")]
    public async Task<int> Run(string[] args)
    {
        if (args is [WriteFunctions, var folder, .. var rest])
        {
            Function.WriteAll(folder, Functions);
            if (rest is [ForLocalUse]) LocalSettings.Write(folder, Assembly.GetEntryAssembly()!.GetName().Name!, LocalPort);
            return 0;
        }
        try
        {
            var settings = AppSettings.OfEnvironment();
            if (!int.TryParse(Environment.GetEnvironmentVariable(PortSetting), CultureInfo.InvariantCulture, out var port))
                throw new FormatException($"{PortSetting} is not set: this program is started by the Functions host (func start), in the folder of the app.");
            using var telemetry = TelemetryExport.Start("zenkofn-" + Assembly.GetEntryAssembly()!.GetName().Name!.Split('.')[^1].ToLowerInvariant());
            await using var app = Build(settings, port);
            // Beside the server's own start: the host looks for its first answer, which needs nothing of ours.
            var opening = Task.Run(() => Open(settings, app.Services.GetRequiredService<ILoggerFactory>(), app.Lifetime.ApplicationStopping));
            app.Run(http => Handle(http, opening));
            await app.StartAsync();
            await using var handlers = await opening;
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e is FormatException or InvalidDataException or IOException ? e.Message : $"The app cannot start. {e}");
            return 1;
        }
    }

    private WebApplication Build(AppSettings settings, int port)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        Limits(builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            // The host has bounded it already, and operations bound it again.
            server.Limits.MaxRequestBodySize = null;
            server.Listen(IPAddress.Loopback, port); // where the host looks: IPv4
        }));
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(settings.LogLevel);
        builder.Logging.AddFilter("Microsoft", settings.LogLevel > LogLevel.Warning ? settings.LogLevel : LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // The host logs what comes on stderr as errors.
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Error);
        builder.Logging.AddSimpleConsole(text => text.SingleLine = true);
        return builder.Build();
    }

    private async Task Handle(HttpContext http, Task<FunctionHandlers> opening)
    {
        var isFromHost = Invocation.IsFromHost(http);
        // Whether we are there yet, and later whether we still are.
        if (isFromHost && HttpMethods.IsGet(http.Request.Method) && http.Request.Path == "/") return;
        var handlers = await opening;
        if (!isFromHost)
        {
            await handlers.Request(http);
            return;
        }
        var called = Invocation.IsCall(http.Request) ? Functions.FirstOrDefault(function => http.Request.Path == "/" + function.Name) : null;
        if (called is QueueFunction queue) await Call(http, queue, handlers);
        else http.Response.StatusCode = called is null ? StatusCodes.Status404NotFound : StatusCodes.Status501NotImplemented;
        if (called is HttpFunction) Log.HostIsOld(handlers.Logger);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Any failure of a job is the host's to deliver again.")]
    private static async Task Call(HttpContext http, QueueFunction function, FunctionHandlers handlers)
    {
        try
        {
            await handlers.Message(function.Queue, await Invocation.Message(http.Request, http.RequestAborted), http.RequestAborted);
        }
        catch (Exception e)
        {
            Log.CallFailed(handlers.Logger, e, function.Name);
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(Invocation.Succeeded, CancellationToken.None);
    }
}

/// <summary>What a function app does with what the host hands it.</summary>
/// <param name="Logger">Where failures of calls go.</param>
public abstract record FunctionHandlers(ILogger Logger) : IAsyncDisposable
{
    /// <summary>Answers what a client sent.</summary>
    public abstract Task Request(HttpContext http);

    /// <summary>Does the work of a message of a queue; throws where it is to be delivered again.</summary>
    public abstract ValueTask Message(string queue, ReadOnlyMemory<byte> message, CancellationToken ct);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
