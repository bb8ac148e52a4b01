using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ZenkoFunctions.HostDouble.Echo;

/// <summary>A request as the handler got it.</summary>
internal sealed record Received(string Method, string Target, Dictionary<string, string[]> Headers, string Body, long Length, int Process)
{
    // A body longer than this is counted, not repeated.
    private const int Repeated = 64 * 1024;

    public static async Task<Received> Read(HttpContext context)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[64 * 1024];
        long length = 0;
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var count)
        {
            if (length + count <= Repeated) kept.Write(buffer, 0, count);
            length += count;
        }
        return new(
            context.Request.Method,
            context.Features.Get<IHttpRequestFeature>()!.RawTarget,
            context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.Select(v => v ?? "").ToArray()),
            System.Text.Encoding.UTF8.GetString(kept.ToArray()),
            length,
            Environment.ProcessId);
    }
}
