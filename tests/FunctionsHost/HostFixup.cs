using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.HostDouble;

/// <summary>What the host itself does on Linux before anything reads the request.</summary>
internal static class HostFixup
{
    /// <summary>The disguised host becomes the host, the forwarded protocol the scheme.</summary>
    public static Task Invoke(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        if (headers["DISGUISED-HOST"] is [{ Length: > 0 } host, ..]) context.Request.Host = new(host);
        if (headers["X-Forwarded-Proto"] is [{ Length: > 0 } scheme, ..]) context.Request.Scheme = scheme;
        return next(context);
    }
}
