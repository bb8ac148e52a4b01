using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.HostDouble;

/// <summary>The host's own endpoints. Nothing below these paths reaches a function, whatever its route.</summary>
internal sealed class Administration(App app, HandlerProcess handler, Triggers triggers)
{
    private static readonly PathString[] Own =
        ["/admin/host", "/admin/functions", "/admin/instance", "/admin/vfs", "/admin/zip", "/runtime/webhooks"];

    public Task Invoke(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        return Own.Any(own => path.StartsWithSegments(own, StringComparison.OrdinalIgnoreCase)) ? Answer(context, path) : next(context);
    }

    private async Task Answer(HttpContext context, PathString path)
    {
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method) && path.Equals("/admin/host/ping", StringComparison.OrdinalIgnoreCase)) return;
        if (!context.Request.Headers.ContainsKey("x-functions-key") && !context.Request.Query.ContainsKey("code"))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else if (HttpMethods.IsGet(method) && path.Equals("/admin/host/status", StringComparison.OrdinalIgnoreCase))
        {
            var state = handler.Stopped.IsCompleted ? "Error" : handler.Ready.IsCompleted ? "Running" : "Default";
            await context.Response.WriteAsJsonAsync(new { id = "double", state, version = HttpFunctions.HostVersion });
        }
        else if (HttpMethods.IsPost(method) && path.StartsWithSegments("/admin/functions", out var name) &&
            app.Functions.FirstOrDefault(f => name.Equals("/" + f.Name, StringComparison.OrdinalIgnoreCase)) is { } function and not HttpFunction)
        {
            await Call(context, function);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private async Task Call(HttpContext context, Function function)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var input = JsonFile.Property(json.RootElement, "input") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
            // Accepted, not awaited: as the host does.
            _ = triggers.Fire(function.Name, input ?? "", CancellationToken.None);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        catch (JsonException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("Send {\"input\":\"…\"} as application/json.");
        }
    }
}
