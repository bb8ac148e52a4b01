using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>
/// An S3 that acknowledges everything, whatever it keeps of it: as little as HEAD, GET, PUT of objects and an empty listing. It asks nobody who he is.
/// </summary>
internal sealed class LyingService : IAsyncDisposable
{
    private sealed record Kept(byte[] Bytes, IReadOnlyDictionary<string, string> Headers);

    private readonly ConcurrentDictionary<string, Kept> objects = new();
    private readonly WebApplication app;

    private LyingService(WebApplication app) => this.app = app;

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => app.Urls.First();

    /// <summary>What it keeps of what it is given; null for nothing.</summary>
    public Func<byte[], byte[]?> Keep { get; set; } = static bytes => bytes;

    /// <summary>PUTs so far.</summary>
    public int Puts => puts;

    private int puts;

    public static async Task<LyingService> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var service = new LyingService(builder.Build());
        service.app.Run(service.Answer);
        await service.app.StartAsync();
        return service;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task Answer(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        if (path.Trim('/').Split('/').Length == 1)
        {
            await http.Response.WriteAsync("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
            return;
        }
        if (http.Request.Query.ContainsKey("tagging"))
        {
            await http.Response.WriteAsync("<Tagging><TagSet></TagSet></Tagging>");
            return;
        }
        if (http.Request.Method == "PUT")
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            Interlocked.Increment(ref puts);
            http.Response.Headers.ETag = Tag(body.ToArray());
            var headers = http.Request.Headers.Where(header => header.Key.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase));
            if (Keep(body.ToArray()) is { } kept) objects[path] = new(kept, headers.ToDictionary(header => header.Key, header => header.Value.ToString()));
            return;
        }
        if (!objects.TryGetValue(path, out var found))
        {
            http.Response.StatusCode = 404;
            return;
        }
        http.Response.Headers.ETag = Tag(found.Bytes);
        http.Response.ContentLength = found.Bytes.Length;
        foreach (var (name, value) in found.Headers) http.Response.Headers[name] = value;
        if (http.Request.Method == "GET") await http.Response.Body.WriteAsync(found.Bytes);
    }

    private static string Tag(byte[] bytes) => $"\"{Convert.ToHexStringLower(MD5.HashData(bytes))}\"";
}
