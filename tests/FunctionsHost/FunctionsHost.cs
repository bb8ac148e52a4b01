using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.HostDouble;

/// <summary>
/// A double of the Azure Functions host for custom handlers: it hosts an app folder as the real one does, on 127.0.0.1, for tests and by hand.
/// </summary>
public sealed class FunctionsHost : IAsyncDisposable
{
    private const long DefaultBodyLimit = 104_857_600;

    private readonly WebApplication web;
    private readonly HttpFunctions http;
    private readonly Invocations invocations;
    private readonly Triggers triggers;
    private readonly HostOptions options;
    private readonly CancellationTokenSource stopping = new();
    private Task listening = Task.CompletedTask;

    private FunctionsHost(HostOptions options)
    {
        this.options = options;
        Log = new(options.OnLog);
        var app = App.Read(options);
        Handler = new(app, options, Log);
        http = new(app, Handler, Faults, options, Log);
        invocations = new(app, Handler, Faults, options, Log);
        triggers = new(app, invocations, Faults, options, Log);
        web = Build(app);
    }

    /// <summary>http://127.0.0.1:port/</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What the host and the handler said.</summary>
    public HostLog Log { get; }

    /// <summary>The handler's process.</summary>
    public HandlerProcess Handler { get; }

    /// <summary>What shall go wrong.</summary>
    public Faults Faults { get; } = new();

    /// <summary>Answers to trigger calls that would hang the real host. Unless emptied they make <see cref="DisposeAsync"/> throw.</summary>
    public IReadOnlyCollection<string> Violations => invocations.Violations;

    /// <summary>
    /// Reads the app folder, starts its handler and waits until it answers. Throws <see cref="HostStartException"/> with every problem found.
    /// </summary>
    public static async Task<FunctionsHost> Start(HostOptions options)
    {
        var host = new FunctionsHost(options);
        try
        {
            await host.web.StartAsync();
            host.Address = new(host.web.Urls.First() + "/");
            host.Handler.Start();
            host.listening = host.Listen();
            if (options.WaitUntilReady && await Task.WhenAny(host.Handler.Ready, host.Handler.Stopped) == host.Handler.Stopped)
                throw new HostStartException([await host.Handler.Stopped]);
            return host;
        }
        catch
        {
            await host.Stop();
            throw;
        }
    }

    /// <summary>Calls a timer function now, as the host's administration does; its status stays as it is.</summary>
    public Task<InvocationResult> FireTimer(string function, CancellationToken cancellation = default) =>
        triggers.Fire(function, null, cancellation);

    /// <summary>Calls a queue function with a message of the caller's, past the queue.</summary>
    public Task<InvocationResult> CallQueue(string function, string message, CancellationToken cancellation = default) =>
        triggers.Fire(function, message, cancellation);

    /// <summary>Waits until a queue function has found its queue empty twice with nothing in hand; messages that are not yet visible do not count.</summary>
    public Task Drained(string function, TimeSpan? within = null) => triggers.Drained(function, within ?? TimeSpan.FromSeconds(30));

    /// <summary>Forgets the violations seen so far and returns them: for tests that provoke them.</summary>
    public IReadOnlyList<string> TakeViolations()
    {
        var taken = invocations.Violations.ToList();
        invocations.Violations.Clear();
        return taken;
    }

    /// <summary>Stops listening, waits for calls in flight, kills the handler; throws if an answer would have hung a real host.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stop();
        if (!invocations.Violations.IsEmpty) throw new InvalidOperationException(string.Join('\n', invocations.Violations));
    }

    private async Task Stop()
    {
        await stopping.CancelAsync();
        await listening;
        await Handler.DisposeAsync();
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2))) await web.StopAsync(limit.Token);
        await web.DisposeAsync();
        http.Dispose();
        invocations.Dispose();
        stopping.Dispose();
    }

    /// <summary>Triggers listen once the handler is ready, until the host stops.</summary>
    private async Task Listen()
    {
        try
        {
            if (await Task.WhenAny(Handler.Ready, Handler.Stopped).WaitAsync(stopping.Token) == Handler.Ready)
                await triggers.Listen(Handler.Stopped, stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopped before it was ready.
        }
    }

    private WebApplication Build(App app)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = options.BodyLimit ??
            (long.TryParse(app.Settings["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"], out var limit) ? limit : DefaultBodyLimit));
        builder.Services.AddRouting();
        builder.Services.AddHttpForwarder();
        var built = builder.Build();
        built.Use(new FrontEnd(options, Log).Invoke);
        built.Use(HostFixup.Invoke);
        built.Use(new Administration(app, Handler, triggers).Invoke);
        built.Use(WaitForHandler);
        built.UseRouter(http.Router(built));
        built.Run(context =>
        {
            // No function's route matched. The home page is an empty answer here.
            context.Response.StatusCode = context.Request.Path.Value is not ("/" or "") ? StatusCodes.Status404NotFound
                : app.Settings["AzureWebJobsDisableHomepage"] is "true" or "1" ? StatusCodes.Status204NoContent
                : StatusCodes.Status200OK;
            return Task.CompletedTask;
        });
        return built;
    }

    private async Task WaitForHandler(HttpContext context, RequestDelegate next)
    {
        if (!Handler.Ready.IsCompleted)
            await Task.WhenAny(Handler.Ready, Handler.Stopped, Task.Delay(options.RequestPatience, context.RequestAborted));
        if (Handler.Ready.IsCompleted && !Handler.Stopped.IsCompleted)
        {
            await next(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        await context.Response.WriteAsync("Function host is not running.");
    }
}
