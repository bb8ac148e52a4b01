using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3;

/// <summary>Turns replies into bytes on the wire: the only place that touches the response.</summary>
public static class ReplyWriter
{
    private const string Xml = "application/xml", Json = "application/json";

    // Names the process that answered; AWS's is opaque, too.
    private static readonly string HostId = Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));

    private static readonly XmlShape<ErrorDocument> ErrorShape = new XmlShape<ErrorDocument>("Error", xmlns: null)
        .Text("Code", e => e.Reply.Error!.Code)
        .Text("Message", e => e.Reply.Detail ?? e.Reply.Error!.Message)
        .Fields(e => e.Reply.Fields)
        .Text("Key", e => e.Reply.Error == S3Errors.NoSuchKey ? e.Exchange.Address?.Key : null)
        .Text("BucketName", e => e.Reply.Error == S3Errors.NoSuchBucket ? e.Exchange.Address?.Bucket : null)
        .Text("Method", e => e.Reply.Error == S3Errors.MethodNotAllowed ? e.Exchange.Request.Verb : null)
        .Text("Resource", e => e.Resource)
        .Text("RequestId", e => e.Exchange.RequestId)
        .Text("HostId", e => e.HostId);

    /// <summary>
    /// Writes the reply and disposes its body. Throws when the body fails midway; nothing can mend such an answer, so the
    /// caller must cut the connection.
    /// </summary>
    /// <param name="response">Not started yet.</param>
    /// <param name="exchange">What is known of the request.</param>
    /// <param name="reply">What to answer.</param>
    /// <param name="isLast">Whether to say that the connection ends behind it, and to send it off before the request's rest is read.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task Write(HttpResponse response, Exchange exchange, Reply reply, bool isLast, CancellationToken ct)
    {
        await using var body = reply.Body;
        response.StatusCode = reply.Status;
        response.Headers.Server = "ZenkoFunctions";
        response.Headers["x-amz-request-id"] = exchange.RequestId;
        response.Headers["x-amz-id-2"] = HostId;
        // The Functions host loses an answer with any other header.
        var onlyAscii = exchange.Request.InvocationId is not null;
        foreach (var (name, value) in reply.Headers) response.Headers[name] = Value(name, value, onlyAscii);
        if (exchange.Cors is { } cors)
            foreach (var (name, value) in cors) response.Headers[name] = Value(name, value, onlyAscii);
        if (isLast) response.Headers.Connection = "close";

        var length = body?.Length ?? reply.ContentLength;
        if (length is not null) response.Headers.AcceptRanges = "bytes";
        if (reply is { Error: not null, Xml: null, Status: not StatusCodes.Status304NotModified })
        {
            WriteError(response, exchange, reply);
        }
        else if (reply.Xml is not null)
        {
            response.ContentType = reply.ContentType ?? Xml;
            reply.Xml(response.BodyWriter);
        }
        else if (length is not null)
        {
            response.ContentLength = length;
            if (body is not null) await body.CopyTo(response.BodyWriter, ct);
        }
        if (isLast) await response.CompleteAsync();
    }

    private static void WriteError(HttpResponse response, Exchange exchange, Reply reply)
    {
        response.ContentType = exchange.IsPage ? ErrorPage.ContentType : exchange.IsManagement ? Json : Xml;
        if (exchange.IsPage)
            foreach (var (name, value) in ErrorPage.Headers(reply.Error!)) response.Headers[name] = value;
        if (exchange.Request.Verb == "HEAD") return;
        if (exchange.IsManagement) WriteJson(response.BodyWriter, reply);
        else if (exchange.IsPage) ErrorPage.Write(response.BodyWriter, exchange, reply, HostId);
        else ErrorShape.Write(response.BodyWriter, new(exchange, reply, HostId));
    }

    private static void WriteJson(IBufferWriter<byte> writer, Reply reply)
    {
        using var json = new Utf8JsonWriter(writer);
        json.WriteStartObject();
        json.WriteString("code"u8, reply.Error!.Code);
        json.WriteString("message"u8, reply.Detail ?? reply.Error.Message);
        json.WriteEndObject();
    }

    private static string Value(string name, string value, bool onlyAscii) =>
        Ascii.IsValid(value) ? Clean(value)
        : name == "Location" ? string.Concat(value.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString()))) // RFC 3986
        : onlyAscii ? EncodedWords.Encode(value)
        : Clean(value);

    // What a client stored or asked for (response-content-type) may hold what no header can: it becomes blanks.
    private static string Clean(string value) => value.AsSpan().ContainsAnyInRange('\0', '\x1f') || value.Contains('\x7f')
        ? string.Create(value.Length, value, (to, from) =>
        {
            for (var i = 0; i < to.Length; i++) to[i] = char.IsControl(from[i]) ? ' ' : from[i];
        })
        : value;

    private readonly record struct ErrorDocument(Exchange Exchange, Reply Reply, string HostId)
    {
        /// <summary>The path, decoded where it could be.</summary>
        public string Resource => Exchange.Address switch
        {
            null => Exchange.Request.RawPath,
            { Target: Target.Service } => "/",
            { Target: Target.Bucket } address => $"/{address.Bucket}",
            { } address => $"/{address.Bucket}/{address.Key}",
        };
    }
}
