using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.Console.Pages;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Console;

/// <summary>
/// The APIs of the server, asked within the process in the name of who is signed in. Requests go the way of any other: routed, judged by
/// the person's policies as they are now, limited, logged and counted. Nothing else of the server is within a page's reach.
/// </summary>
/// <param name="page">The request of the browser, for its address and its agent, which policies may look at.</param>
/// <param name="key">Who is signed in.</param>
internal sealed class ConsoleApi(Exchange page, AccessKey key)
{
    // Under no domain, so that paths are what they say. RFC 6761: nobody's.
    private const string Host = "console.invalid";

    /// <summary>Sends a request; refusals are answers, too.</summary>
    /// <param name="verb">The method.</param>
    /// <param name="path">From the root of the APIs, its segments encoded.</param>
    /// <param name="query">As <see cref="Query"/> makes it, with its question mark.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">Further headers.</param>
    public ValueTask<ApiAnswer> Send(string verb, string path, string query, CancellationToken ct, byte[]? body = null, params (string Name, string Value)[] headers) =>
        Send(verb, path, query, null, body, headers, ct);

    /// <summary>Asks IAM; refusals are answers, too.</summary>
    /// <param name="action">The action.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="parameters">Its parameters; null values are left out.</param>
    public ValueTask<ApiAnswer> Iam(string action, CancellationToken ct, params (string Name, string? Value)[] parameters) => Send(
        "POST", "/", "", "iam", Encoding.UTF8.GetBytes(Query([("Action", action), ("Version", "2010-05-08"), .. parameters])[1..]), [("Content-Type", "application/x-www-form-urlencoded")], ct);

    private async ValueTask<ApiAnswer> Send(
        string verb, string path, string query, string? service, byte[]? body, (string Name, string Value)[] headers, CancellationToken ct)
    {
        var outer = page.Request;
        var all = new HeaderDictionary { ["Host"] = Host, ["User-Agent"] = outer.Headers.UserAgent };
        foreach (var (name, value) in headers) all[name] = value;
        // Documents of S3 are to be told with a sum; with an upload's parts it would be taken for the object's.
        if (body is not null && !query.StartsWith("?uploadId=", StringComparison.Ordinal)) all["x-amz-checksum-sha256"] = Convert.ToBase64String(SHA256.HashData(body));
        var content = new ReadOnlySequence<byte>(body ?? []);
        var reply = await page.Within!(
            new(verb, path, query.TrimStart('?'), all, PipeReader.Create(content), body is null ? null : body.Length, outer.Peer, outer.IsHttps) { SignedIn = key, SignedInService = service }, ct);
        if (reply.Body is { } bytes) await bytes.DisposeAsync();
        if (reply.Error is { } error) return new(reply, new(reply.Status, error.Code, reply.Detail ?? error.Message), default);
        var document = new ArrayBufferWriter<byte>();
        reply.Xml?.Invoke(document);
        return new(reply, null, document.WrittenMemory);
    }

    /// <summary>Bytes of an object from its beginning; null where they cannot be had.</summary>
    /// <param name="at">The object.</param>
    /// <param name="most">How many at most; whatever the answer, no more are held.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<byte[]?> Begin(ObjectAddress at, int most, CancellationToken ct)
    {
        var headers = new HeaderDictionary { ["Host"] = Host, ["User-Agent"] = page.Request.Headers.UserAgent, ["Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes=0-{most - 1}") };
        var reply = await page.Within!(
            new("GET", at.Path, at.Query.TrimStart('?'), headers, PipeReader.Create(ReadOnlySequence<byte>.Empty), null, page.Request.Peer, page.Request.IsHttps) { SignedIn = key }, ct);
        if (reply.Body is not { } body) return null;
        await using var bytes = body;
        // A server need not heed a range.
        if (body.Length > most) return null;
        using var read = new MemoryStream((int)body.Length);
        var writer = PipeWriter.Create(read, new(leaveOpen: true));
        await body.CopyTo(writer, ct);
        await writer.CompleteAsync();
        return read.ToArray();
    }

    /// <summary>Sends a request that is to succeed.</summary>
    /// <exception cref="ConsoleException">It is refused.</exception>
    public async ValueTask<ApiAnswer> Do(string verb, string path, string query, CancellationToken ct, byte[]? body = null, params (string Name, string Value)[] headers) =>
        (await Send(verb, path, query, ct, body, headers)).OrThrow();

    /// <summary>Asks for a document of XML.</summary>
    /// <exception cref="ConsoleException">It is refused.</exception>
    public async ValueTask<XElement> Xml(string path, string query, CancellationToken ct) => (await Do("GET", path, query, ct)).Xml();

    /// <summary>Asks for a document of JSON.</summary>
    /// <exception cref="ConsoleException">It is refused.</exception>
    public async ValueTask<T> Json<T>(string path, string query, JsonTypeInfo<T> type, CancellationToken ct) => (await Do("GET", path, query, ct)).Json(type);

    /// <summary>The pages of a list in JSON: each says what comes after it as its <c>next</c>.</summary>
    /// <exception cref="ConsoleException">One of them is refused.</exception>
    public async IAsyncEnumerable<JsonObject> Pages(string path, [EnumeratorCancellation] CancellationToken ct, params (string Name, string? Value)[] parameters)
    {
        string? marker = null;
        do
        {
            var page = JsonNode.Parse((await Do("GET", path, Query([.. parameters, ("marker", marker)]), ct)).Body.Span)!.AsObject();
            yield return page;
            marker = page["next"]?.GetValue<string>();
        }
        while (marker is not null);
    }

    /// <summary>The path of a bucket, or of an object in it.</summary>
    /// <exception cref="ConsoleException">It is no name of a bucket: the path would be something else's.</exception>
    public static string PathOf(string bucket, string? key = null)
    {
        if (BucketName.Fault(bucket) is { } fault) throw new ConsoleException(S3Errors.InvalidBucketName.Status, S3Errors.InvalidBucketName.Code, fault);
        return key is null ? "/" + bucket : $"/{bucket}/{Uri.EscapeDataString(key).Replace("%2F", "/", StringComparison.Ordinal)}";
    }

    /// <summary>Parameters as a query, with its question mark; empty where there are none. Null values are left out.</summary>
    public static string Query(params (string Name, string? Value)[] parameters)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parameters)
            if (value is not null) query.Append(query.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        return query.ToString();
    }
}

/// <summary>What an API answered.</summary>
/// <param name="Reply">Its status and headers.</param>
/// <param name="Refusal">Why not; null where it was done.</param>
/// <param name="Body">The document; empty where there is none.</param>
internal sealed record ApiAnswer(Reply Reply, ConsoleException? Refusal, ReadOnlyMemory<byte> Body)
{
    /// <summary>The status.</summary>
    public int Status => Reply.Status;

    /// <summary>The code of the refusal; null where it is none.</summary>
    public string? Code => Refusal?.Code;

    /// <summary>Itself.</summary>
    /// <exception cref="ConsoleException">It is a refusal.</exception>
    public ApiAnswer OrThrow() => Refusal is null ? this : throw Refusal;

    /// <summary>The document, as XML.</summary>
    public XElement Xml()
    {
        // Keys may hold what XML cannot; listings are asked for percent-encoded, other documents are as they come.
        using var reader = XmlReader.Create(new MemoryStream(Body.ToArray()), new() { DtdProcessing = DtdProcessing.Prohibit, CheckCharacters = false });
        return XElement.Load(reader);
    }

    /// <summary>The document, as JSON.</summary>
    public T Json<T>(JsonTypeInfo<T> type) => JsonSerializer.Deserialize(Body.Span, type) ?? throw new JsonException("The document is null.");

    /// <summary>The document, as text.</summary>
    public string Text() => Encoding.UTF8.GetString(Body.Span);
}

/// <summary>XML whatever its namespace.</summary>
internal static class ApiXml
{
    /// <summary>The text of a child; null where there is none.</summary>
    public static string? Of(this XElement element, string name) => element.Child(name)?.Value;

    /// <summary>A child; null where there is none.</summary>
    public static XElement? Child(this XElement element, string name) => element.Elements().FirstOrDefault(each => each.Name.LocalName == name);

    /// <summary>All elements of that name below.</summary>
    public static IEnumerable<XElement> All(this XElement element, string name) => element.Descendants().Where(each => each.Name.LocalName == name);

    /// <summary>A percent-encoded name in a listing.</summary>
    public static string Name(this XElement element, string name) => Uri.UnescapeDataString(element.Of(name) ?? "");
}
