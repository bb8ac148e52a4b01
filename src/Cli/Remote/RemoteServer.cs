using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Xml;
using System.Xml.Linq;
using ZenkoFunctions.Cli.Probing;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>The management API of a running server; requests are signed.</summary>
internal sealed class RemoteServer(Uri endpoint, Signer signer) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) })
    {
        BaseAddress = endpoint,
        Timeout = TimeSpan.FromMinutes(5),
    };

    /// <summary>Where it is.</summary>
    public Uri Endpoint => endpoint;

    /// <summary>Asks for a document.</summary>
    /// <param name="verb">The method.</param>
    /// <param name="path">From the root, its segments encoded by <see cref="Segment"/>.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="body">A JSON document; null for none.</param>
    /// <param name="query">Parameters in order of name, each with '=', encoded by <see cref="Segment"/>.</param>
    /// <exception cref="RemoteException">The server refuses, or does not answer.</exception>
    public async Task<T> Ask<T>(string verb, string path, JsonTypeInfo<T> type, CancellationToken ct, byte[]? body = null, string query = "")
    {
        return Read(await Send(verb, path, body, query, ct), type);
    }

    /// <summary>Reads an answer.</summary>
    /// <exception cref="RemoteException">It is none that is expected.</exception>
    public T Read<T>(byte[] answer, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new RemoteException(200, "", $"{endpoint.Authority} did not answer as this version of zenkofn expects. Is it a ZenkoFunctions server, and of this version?");
        }
    }

    /// <summary>The bytes of an answer.</summary>
    /// <inheritdoc cref="Ask"/>
    /// <param name="mediaType">What the body is.</param>
    public async Task<byte[]> Send(string verb, string path, byte[]? body, string query, CancellationToken ct, string mediaType = "application/json")
    {
        var (headers, _) = signer.Sign(new(verb, path) { Query = query, Body = body }, endpoint.Authority);
        using var request = new HttpRequestMessage(new(verb), query.Length == 0 ? path : $"{path}?{query}");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        }
        try
        {
            using var answer = await http.SendAsync(request, ct);
            var bytes = await answer.Content.ReadAsByteArrayAsync(ct);
            return answer.IsSuccessStatusCode ? bytes : throw Refused((int)answer.StatusCode, bytes);
        }
        catch (HttpRequestException e)
        {
            throw new RemoteException(0, "", $"No server answers at {endpoint.GetLeftPart(UriPartial.Authority)} ({e.Message}). Start one with 'zenkofn serve', or name another with --endpoint.");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new RemoteException(0, "", $"{endpoint.GetLeftPart(UriPartial.Authority)} did not answer within {http.Timeout.TotalMinutes:0} minutes.");
        }
    }

    /// <summary>Percent-encodes a segment of a path, or a value of a query.</summary>
    public static string Segment(string text) => Session.Encode(text, slashes: true);

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private RemoteException Refused(int status, byte[] bytes)
    {
        try
        {
            // S3 answers with XML.
            if (bytes is [(byte)'<', ..] && XElement.Parse(Encoding.UTF8.GetString(bytes)) is { Name.LocalName: "Error" } error)
                return new(status, error.Element("Code")?.Value ?? "", error.Element("Message")?.Value ?? "");
            using var document = JsonDocument.Parse(bytes);
            return new(status, document.RootElement.GetProperty("code").GetString()!, document.RootElement.GetProperty("message").GetString()!);
        }
        catch (Exception e) when (e is JsonException or XmlException or KeyNotFoundException or InvalidOperationException)
        {
            return new(status, "", $"{endpoint.Authority} answered {status}: {Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 300)))}");
        }
    }
}

/// <summary>A server refuses, or does not answer.</summary>
/// <param name="status">The status; 0 where nobody answered.</param>
/// <param name="code">The code of the refusal; empty for none.</param>
/// <param name="message">In words for people.</param>
internal sealed class RemoteException(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    public string Code => code;
}
