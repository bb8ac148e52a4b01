using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ZenkoFunctions.HostDouble;

/// <summary>What stands before the host on App Service: it ends TLS, adds headers, and gives up on silence with 502.</summary>
internal sealed class FrontEnd(HostOptions options, HostLog log)
{
    public async Task Invoke(HttpContext context, RequestDelegate next)
    {
        if (options.SwallowOptions && HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        if (!options.FrontEnd)
        {
            await next(context);
            return;
        }
        Stamp(context);
        await Watch(context, next);
    }

    private static void Stamp(HttpContext context)
    {
        var headers = context.Request.Headers;
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var ip = context.Connection.RemoteIpAddress!.ToString();
        var port = context.Connection.RemotePort.ToString(CultureInfo.InvariantCulture);
        headers["DISGUISED-HOST"] = headers.Host;
        headers["WAS-DEFAULT-HOSTNAME"] = "double.azurewebsites.net";
        headers["X-SITE-DEPLOYMENT-ID"] = "double";
        headers["X-Original-URL"] = target;
        headers["X-WAWS-Unencoded-URL"] = target;
        headers["X-Forwarded-For"] = $"{ip}:{port}";
        headers["X-Client-IP"] = ip;
        headers["X-Client-Port"] = port;
        headers["CLIENT-IP"] = $"{ip}:{port}";
        headers["X-Forwarded-Proto"] = "https";
        headers["X-AppService-Proto"] = "https";
        headers["X-ARR-LOG-ID"] = Guid.NewGuid().ToString();
        headers["X-ARR-SSL"] = "2048|256|CN=double|CN=*.azurewebsites.net";
        headers["Max-Forwards"] = "10";
        // Only the front end says it, and it was shown none.
        headers.Remove("X-ARR-ClientCert");
    }

    private async Task Watch(HttpContext context, RequestDelegate next)
    {
        var aborted = context.RequestAborted;
        var silence = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        // Not at the end of this method: the response may start after it.
        context.Response.RegisterForDispose(silence);
        silence.CancelAfter(options.FrontEndTimeout);
        context.RequestAborted = silence.Token;
        context.Request.Body = new WatchedStream(context.Request.Body, _ => silence.CancelAfter(options.FrontEndTimeout));
        context.Response.OnStarting(() =>
        {
            silence.CancelAfter(Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        });
        await next(context);
        if (!silence.IsCancellationRequested || aborted.IsCancellationRequested || context.Response.HasStarted) return;
        log.Warning("front end", $"Nothing moved for {options.FrontEndTimeout}: answered 502 to {context.Request.Method} {context.Request.Path}.");
        context.Response.Clear();
        context.Response.StatusCode = StatusCodes.Status502BadGateway;
    }
}
