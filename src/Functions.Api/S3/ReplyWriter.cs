using System.Text;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Api.S3;

/// <summary>Turns replies into bytes on the wire: the only place that touches the response.</summary>
public static class ReplyWriter
{
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
        exchange.Dialect.AddHeaders(response.Headers, exchange, reply);
        // The Functions host loses an answer with any other header.
        var onlyAscii = exchange.Request.InvocationId is not null;
        foreach (var (name, value) in reply.Headers) response.Headers[name] = Value(name, value, onlyAscii);
        if (exchange.Cors is { } cors)
            foreach (var (name, value) in cors) response.Headers[name] = Value(name, value, onlyAscii);
        // Where requests are streams of their own, an answer ends its stream.
        if (isLast && HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol)) response.Headers.Connection = "close";

        var length = body?.Length ?? reply.ContentLength;
        if (length is not null) response.Headers.AcceptRanges = "bytes";
        if (reply is { Error: not null, Xml: null, Status: not StatusCodes.Status304NotModified })
        {
            exchange.Sent = WriteError(response, exchange, reply);
        }
        else if (reply.Xml is not null)
        {
            response.ContentType = reply.ContentType ?? "application/xml";
            var before = response.BodyWriter.UnflushedBytes;
            reply.Xml(response.BodyWriter);
            exchange.Sent = response.BodyWriter.UnflushedBytes - before;
        }
        else if (length is not null)
        {
            response.ContentLength = length;
            if (body is not null) await Send(body, response, exchange, ct);
        }
        if (isLast) await response.CompleteAsync();
    }

    private static async ValueTask Send(IObjectBody body, HttpResponse response, Exchange exchange, CancellationToken ct)
    {
        var counted = new CountedWriter(response.BodyWriter);
        try
        {
            await (exchange.Pace is { } pace ? PacedBody.CopyTo(body, counted, pace, ct) : body.CopyTo(counted, ct));
        }
        finally
        {
            exchange.Sent = counted.Written;
        }
    }

    private static long WriteError(HttpResponse response, Exchange exchange, Reply reply)
    {
        var isHead = exchange.Request.Verb == "HEAD";
        if (!isHead || exchange.Dialect.TellsTypeOfNothing) response.ContentType = exchange.Dialect.ErrorType;
        if (isHead) return 0;
        var before = response.BodyWriter.UnflushedBytes;
        exchange.Dialect.WriteError(response.BodyWriter, exchange, reply);
        return response.BodyWriter.UnflushedBytes - before;
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
}
