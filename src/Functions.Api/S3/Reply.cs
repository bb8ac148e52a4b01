using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Api.S3;

/// <summary>What an operation answers. Only the reply writer turns it into bytes on the wire.</summary>
public sealed class Reply
{
    private readonly List<KeyValuePair<string, string>> headers = [];
    private List<KeyValuePair<string, string>>? fields;

    private Reply(int status) => Status = status;

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>Headers in order; x-amz-request-id, Date and the like are added by the writer.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => headers;

    /// <summary>Writes an XML document (or one of <see cref="ContentType"/>); null for none.</summary>
    public Action<IBufferWriter<byte>>? Xml { get; private init; }

    /// <summary>The type of a document that is not XML; null otherwise. An object's is among its headers.</summary>
    public string? ContentType { get; private init; }

    /// <summary>The object's bytes; null for none. The writer disposes it.</summary>
    public IObjectBody? Body { get; private init; }

    /// <summary>The error to be written as XML; null on success.</summary>
    public S3Error? Error { get; private init; }

    /// <summary>What the error's message adds for this case, or null.</summary>
    public string? Detail { get; private init; }

    /// <summary>Further elements of the error document, in order. Key, BucketName and Method are added by the gateway.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => fields ?? (IReadOnlyList<KeyValuePair<string, string>>)[];

    /// <summary>
    /// The length of the body that a GET would have had, for a HEAD; null where <see cref="Body"/> or Xml tells.
    /// </summary>
    public long? ContentLength { get; private init; }

    /// <summary>What became of each key, where the request was about many: the access log tells of each.</summary>
    public IReadOnlyList<KeyOutcome> Keys { get; private set; } = [];

    /// <summary>A reply without a body.</summary>
    public static Reply Empty(int status = 200) => new(status);

    /// <summary>A reply whose body is an XML document.</summary>
    public static Reply Document<T>(XmlShape<T> shape, T message, int status = 200) where T : class, new() =>
        new(status) { Xml = writer => shape.Write(writer, message) };

    /// <summary>A reply whose body is a short document that is not XML.</summary>
    public static Reply Document(byte[] utf8, string contentType, int status = 200) =>
        new(status) { Xml = writer => writer.Write(utf8), ContentType = contentType };

    /// <summary>A reply whose body is a JSON document.</summary>
    public static Reply Json<T>(JsonTypeInfo<T> type, T message, int status = 200) =>
        Document(JsonSerializer.SerializeToUtf8Bytes(message, type), "application/json", status);

    /// <summary>A reply that streams an object.</summary>
    public static Reply Bytes(IObjectBody body, int status) => new(status) { Body = body };

    /// <summary>A HEAD's reply: only the length that a GET would have.</summary>
    public static Reply LengthOnly(long length, int status) => new(status) { ContentLength = length };

    /// <summary>An error of the protocol.</summary>
    public static Reply Refused(S3Error error, string? detail = null) => new(error.Status) { Error = error, Detail = detail };

    /// <summary>An error of another protocol, in a document of its own.</summary>
    public static Reply Refused<T>(S3Error error, XmlShape<T> shape, T message, string? detail = null) where T : class, new() =>
        new(error.Status) { Error = error, Detail = detail, Xml = writer => shape.Write(writer, message) };

    /// <summary>What malformed input is answered.</summary>
    public static Reply Refused(S3Exception malformed) =>
        new(malformed.Error.Status) { Error = malformed.Error, Detail = malformed.Detail, fields = [.. malformed.Fields] };

    /// <summary>A refusal of the domain, in S3's terms.</summary>
    public static Reply Refused<T>(Result<T> result) =>
        Refused(S3Errors.From(result.Refusal!.Value), result.Detail);

    /// <summary>Adds what became of each key.</summary>
    public Reply WithKeys(IReadOnlyList<KeyOutcome> keys)
    {
        Keys = keys;
        return this;
    }

    /// <summary>The same answer under another status.</summary>
    public Reply As(int status)
    {
        var other = new Reply(status)
        {
            Xml = Xml, ContentType = ContentType, Body = Body, Error = Error, Detail = Detail, ContentLength = ContentLength, fields = fields,
        };
        other.headers.AddRange(headers);
        return other;
    }

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name)
    {
        foreach (var header in headers)
            if (header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) return header.Value;
        return null;
    }

    /// <summary>Adds a header; a null value adds nothing.</summary>
    public Reply With(string name, string? value)
    {
        if (value is not null) headers.Add(new(name, value));
        return this;
    }

    /// <summary>Puts headers in place of those of their names.</summary>
    public Reply Instead(IReadOnlyDictionary<string, string> others)
    {
        headers.RemoveAll(header => others.Keys.Contains(header.Key, StringComparer.OrdinalIgnoreCase));
        headers.AddRange(others);
        return this;
    }

    /// <summary>Adds an element to the error document (ArgumentName, RangeRequested …); a null value adds nothing.</summary>
    public Reply About(string name, string? value)
    {
        if (value is not null) (fields ??= []).Add(new(name, value));
        return this;
    }
}
