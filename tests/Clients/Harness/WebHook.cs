using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>A web hook of the tests' own: it remembers what it is told, and refuses what is not signed as it should be.</summary>
public sealed class WebHook : IAsyncDisposable
{
    /// <summary>What <c>ZENKOFN_NOTIFY_SECRET</c> is set to.</summary>
    public const string Secret = "secret of the web hook";

    private readonly WebApplication app;
    private readonly ConcurrentQueue<JsonElement> documents = new();

    private WebHook(WebApplication app) => this.app = app;

    /// <summary>Where it listens.</summary>
    public string Url => app.Urls.First() + "/events";

    /// <summary>Asked at each delivery whether to answer 503 instead of taking it.</summary>
    public Func<bool> Refuses { get; set; } = () => false;

    /// <summary>How many deliveries had a wrong signature, or none.</summary>
    public int Unsigned { get; private set; }

    /// <summary>All it was told so far, in order; what came twice is there twice.</summary>
    public IReadOnlyCollection<JsonElement> Documents => documents;

    /// <summary>Listens on a free port of this machine.</summary>
    public static async Task<WebHook> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var hook = new WebHook(builder.Build());
        hook.app.MapPost("/events", hook.Take);
        await hook.app.StartAsync();
        return hook;
    }

    /// <summary>The records of the events in a bucket so far.</summary>
    public IEnumerable<JsonElement> Records(string bucket) => documents
        .Where(document => document.TryGetProperty("Records", out _))
        .SelectMany(document => document.GetProperty("Records").EnumerateArray())
        .Where(record => record.GetProperty("s3").GetProperty("bucket").GetProperty("name").GetString() == bucket);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> Take(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (!IsSigned(request.Headers["x-zenkofn-signature"].ToString(), body.ToArray()))
        {
            Unsigned++;
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }
        if (Refuses()) return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        documents.Enqueue(JsonSerializer.Deserialize<JsonElement>(body.ToArray()));
        return Results.NoContent();
    }

    /// <summary>As docs/operating.md tells receivers to check.</summary>
    private static bool IsSigned(string header, byte[] body)
    {
        if (header.Split(',') is not [['t', '=', .. var time], ['v', '1', '=', .. var signature]]) return false;
        byte[] message = [.. Encoding.ASCII.GetBytes(time + "."), .. body];
        var age = DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(long.Parse(time, CultureInfo.InvariantCulture));
        return age.Duration() < TimeSpan.FromMinutes(5)
            && Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), message)) == signature;
    }
}
