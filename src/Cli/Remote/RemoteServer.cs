using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Xml;
using System.Xml.Linq;
using ZenkoFunctions.Cli.Probing;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>A running server; requests are signed.</summary>
internal sealed class RemoteServer(Target target) : IDisposable
{
    private readonly Signer signer = new(target.Key.Id, target.Key.Secret, target.Key.Token, target.Region, TimeProvider.System);
    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), SslOptions = { RemoteCertificateValidationCallback = new Trust(target.Authority).Check },
    })
    {
        Timeout = TimeSpan.FromMinutes(5),
    };

    /// <summary>Which it is, and who signs.</summary>
    public Target Target => target;

    /// <summary>Where it is.</summary>
    public Uri Endpoint => target.Endpoint;

    /// <summary>Asks the management API for a document.</summary>
    /// <param name="verb">The method.</param>
    /// <param name="path">From the root, its segments encoded by <see cref="Segment"/>.</param>
    /// <param name="type">What is answered.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="body">A JSON document; null for none.</param>
    /// <param name="query">Parameters, encoded by <see cref="Segment"/>.</param>
    /// <exception cref="RemoteException">The server refuses, or does not answer.</exception>
    public async Task<T> Ask<T>(string verb, string path, JsonTypeInfo<T> type, CancellationToken ct, byte[]? body = null, string query = "") =>
        Read(await Send(verb, path, body, query, ct), type);

    /// <summary>A document of JSON.</summary>
    public T Read<T>(byte[] answer, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw Unexpected();
        }
    }

    /// <summary>Asks for a document of XML.</summary>
    /// <inheritdoc cref="Send(Call, string, CancellationToken)"/>
    public async Task<XElement> AskXml(Call call, CancellationToken ct, string contentType = "application/xml")
    {
        try
        {
            return XElement.Parse(Encoding.UTF8.GetString((await Send(call, contentType, ct)).Body));
        }
        catch (XmlException)
        {
            throw Unexpected();
        }
    }

    /// <summary>The bytes of an answer of the management API.</summary>
    /// <inheritdoc cref="Ask"/>
    /// <param name="contentType">What the body is.</param>
    public async Task<byte[]> Send(string verb, string path, byte[]? body, string query, CancellationToken ct, string contentType = "application/json") =>
        (await Send(new(verb, path) { Query = query, Body = body }, contentType, ct)).Body;

    /// <summary>Sends any request of the server's, and takes its answer where that is no refusal.</summary>
    /// <param name="call">The request.</param>
    /// <param name="contentType">Of its body, where it has one.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="RemoteException">The server refuses, or does not answer.</exception>
    public async Task<RemoteAnswer> Send(Call call, string contentType, CancellationToken ct)
    {
        var answer = await Exchange(call, contentType, ct);
        return answer.Status is >= 200 and < 300 ? answer : throw Refused(answer.Status, answer.Body);
    }

    /// <summary>The same, refusals being answers, too.</summary>
    /// <inheritdoc cref="Send(Call, string, CancellationToken)"/>
    public async Task<RemoteAnswer> Exchange(Call call, string contentType, CancellationToken ct)
    {
        // As it was signed: a key may have dots between its slashes.
        var address = new Uri(At + call.Path + (call.Query.Length == 0 ? "" : "?" + call.Query), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new(call.Verb), address);
        foreach (var (name, value) in call.IsAnonymous ? [] : call.Headers.Concat(signer.Sign(call, Endpoint.Authority).Headers)) request.Headers.TryAddWithoutValidation(name, value);
        if (!call.Body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(call.Body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }
        try
        {
            using var answer = await http.SendAsync(request, ct);
            return new((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(ct), answer.Headers.Date);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new RemoteException(0, RemoteException.Untrusted, $"{At} has a certificate that is not trusted here ({e.InnerException?.Message ?? e.Message}). Name it by a name that its certificate has, and let SSL_CERT_FILE name its authority.");
        }
        catch (HttpRequestException e)
        {
            throw new RemoteException(0, RemoteException.Unreachable, $"No server answers at {At} ({e.Message}), which {target.EndpointFrom} names. Start one with 'zenkofn serve', or name another with --endpoint.");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new RemoteException(0, RemoteException.Unreachable, $"{At} did not answer within {http.Timeout.TotalMinutes:0} minutes.");
        }
    }

    /// <summary>Percent-encodes a segment of a path, or a value of a query.</summary>
    public static string Segment(string text) => Session.Encode(text, slashes: true);

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private string At => Endpoint.GetLeftPart(UriPartial.Authority);

    private RemoteException Unexpected() => new(200, "", $"{Endpoint.Authority} did not answer as this version of zenkofn expects. Is it a ZenkoFunctions server, and of this version?");

    private RemoteException Refused(int status, byte[] bytes)
    {
        try
        {
            // S3 and IAM answer with XML.
            if (bytes is [(byte)'<', ..] && XElement.Parse(Encoding.UTF8.GetString(bytes)).DescendantsAndSelf().FirstOrDefault(each => each.Name.LocalName == "Error") is { } error)
                return new(status, error.Of("Code") ?? "", error.Of("Message") ?? "");
            using var document = JsonDocument.Parse(bytes);
            return new(status, document.RootElement.GetProperty("code").GetString()!, document.RootElement.GetProperty("message").GetString()!);
        }
        catch (Exception e) when (e is JsonException or XmlException or KeyNotFoundException or InvalidOperationException)
        {
            return new(status, "", $"{Endpoint.Authority} answered {status}: {Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 300)))}");
        }
    }
}

/// <summary>An answer.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">All of it.</param>
/// <param name="Date">The server's time.</param>
internal sealed record RemoteAnswer(int Status, byte[] Body, DateTimeOffset? Date);

/// <summary>XML whatever its namespace.</summary>
internal static class Xml
{
    /// <summary>The text of a child; null where there is none.</summary>
    public static string? Of(this XElement element, string name) => element.Elements().FirstOrDefault(each => each.Name.LocalName == name)?.Value;

    /// <summary>All elements of that name below.</summary>
    public static IEnumerable<XElement> All(this XElement element, string name) => element.Descendants().Where(each => each.Name.LocalName == name);
}

/// <summary>A server refuses, or does not answer.</summary>
/// <param name="status">The status; 0 where nobody answered.</param>
/// <param name="code">The code of the refusal; empty for none.</param>
/// <param name="message">In words for people.</param>
internal sealed class RemoteException(int status, string code, string message) : Exception(message)
{
    /// <summary>The codes of those that are not the server's.</summary>
    public const string Unreachable = "zenkofn.Unreachable", Untrusted = "zenkofn.Untrusted";

    public int Status => status;

    public string Code => code;
}
