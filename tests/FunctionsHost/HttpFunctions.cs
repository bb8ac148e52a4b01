using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace ZenkoFunctions.HostDouble;

/// <summary>HTTP functions: the host's own (older) router, then the host's own call of YARP.</summary>
internal sealed class HttpFunctions : IDisposable
{
    /// <summary>The version the host says it has.</summary>
    public const string HostVersion = "4.1037.0.0";

    private readonly App app;
    private readonly HandlerProcess handler;
    private readonly Faults faults;
    private readonly HostLog log;
    private readonly HttpMessageInvoker invoker;
    private readonly ForwarderRequestConfig config;

    public HttpFunctions(App app, HandlerProcess handler, Faults faults, HostOptions options, HostLog log)
    {
        (this.app, this.handler, this.faults, this.log) = (app, handler, faults, log);
        config = new() { ActivityTimeout = options.ActivityTimeout };
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
        invoker = new(new RetryHandler(new LosingHandler(sockets, faults), log));
    }

    /// <summary>The routes, as the host makes them: no constraint on methods unless the function names some.</summary>
    public IRouter Router(IApplicationBuilder builder)
    {
        var routes = new RouteBuilder(builder);
        var resolver = builder.ApplicationServices.GetRequiredService<IInlineConstraintResolver>();
        var forwarder = builder.ApplicationServices.GetRequiredService<IHttpForwarder>();
        foreach (var function in app.Functions.OfType<HttpFunction>())
        {
            var constraints = new Dictionary<string, object>();
            if (function.Methods is { } methods) constraints["httpMethod"] = new HttpMethodRouteConstraint([.. methods]);
            var template = app.Host.RoutePrefix.Length == 0 ? function.Route : $"{app.Host.RoutePrefix}/{function.Route}";
            routes.Routes.Add(new Route(
                new RouteHandler(context => Invoke(context, function, forwarder)), function.Name, template, [], constraints, [], resolver));
        }
        return routes.Build();
    }

    public void Dispose() => invoker.Dispose();

    private async Task Invoke(HttpContext context, HttpFunction function, IHttpForwarder forwarder)
    {
        var id = Guid.NewGuid().ToString();
        var headers = context.Request.Headers;
        headers["X-Azure-Functions-HostVersion"] = HostVersion;
        headers["X-Azure-Functions-InvocationId"] = id;
        headers["x-ms-invocation-id"] = id;
        if (faults.TakeKill() is { } bytes)
        {
            var killed = false;
            context.Request.Body = new WatchedStream(context.Request.Body, read =>
            {
                // Once: what is read later may be on its way to nobody, while the next handler is there already.
                if (killed || read < bytes) return;
                killed = true;
                handler.Kill();
            });
        }

        var began = Stopwatch.GetTimestamp();
        var client = context.RequestAborted;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(client);
        using var deadline = new Timer(
            _ =>
            {
                handler.Restart($"{function.Name} ran longer than functionTimeout ({app.Host.FunctionTimeout}).");
                limit.Cancel();
            },
            null, app.Host.FunctionTimeout, Timeout.InfiniteTimeSpan);
        context.RequestAborted = limit.Token;
        log.Information("host", $"Executing 'Functions.{function.Name}' (Id={id}, {context.Request.Method} {context.Request.Path})");
        var error = await forwarder.SendAsync(context, handler.Address, invoker, config);
        context.RequestAborted = client;
        var took = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (error == ForwarderError.None)
        {
            log.Information("host", $"Executed 'Functions.{function.Name}' (Succeeded, Id={id}, Duration={took}ms)");
            return;
        }
        var cause = context.GetForwarderErrorFeature()?.Exception;
        log.Error("host", $"Executed 'Functions.{function.Name}' (Failed, Id={id}, Duration={took}ms): {error}. {cause?.Message}");
        if (context.Response.HasStarted || client.IsCancellationRequested) return;
        // A body over the limit keeps Kestrel's own status; any other failure of the forwarder is a failure of the function.
        context.Response.Clear();
        context.Response.StatusCode = TooLarge(cause)
            ? StatusCodes.Status413PayloadTooLarge
            : StatusCodes.Status500InternalServerError;
    }

    private static bool TooLarge(Exception? cause) => cause switch
    {
        null => false,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => true,
        AggregateException several => several.InnerExceptions.Any(TooLarge),
        _ => TooLarge(cause.InnerException),
    };
}
