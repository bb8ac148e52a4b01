using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.Api.S3;

/// <summary>How answers are told in a protocol: the headers that each has, and the document of an error.</summary>
public abstract class Dialect
{
    /// <summary>S3's: XML.</summary>
    public static readonly Dialect S3 = new S3Dialect();

    /// <summary>A website's: what is S3's, but errors are pages.</summary>
    public static readonly Dialect Page = new PageDialect();

    /// <summary>The management API's: <c>{"code":…,"message":…}</c>.</summary>
    public static readonly Dialect Management = new JsonDialect();

    /// <summary>The type of an error's document.</summary>
    public abstract string ErrorType { get; }

    /// <summary>Whether an error's type is told where its document is not: in an answer to HEAD.</summary>
    public virtual bool TellsTypeOfNothing => true;

    /// <summary>Adds the headers that every answer has, or every error's.</summary>
    public abstract void AddHeaders(IHeaderDictionary headers, Exchange exchange, Reply reply);

    /// <summary>Writes an error's document.</summary>
    public abstract void WriteError(IBufferWriter<byte> output, Exchange exchange, Reply reply);

    private class S3Dialect : Dialect
    {
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
            .Text("HostId", _ => HostId);

        public override string ErrorType => "application/xml";

        public override void AddHeaders(IHeaderDictionary headers, Exchange exchange, Reply reply)
        {
            headers["x-amz-request-id"] = exchange.RequestId;
            headers["x-amz-id-2"] = HostId;
        }

        public override void WriteError(IBufferWriter<byte> output, Exchange exchange, Reply reply) => ErrorShape.Write(output, new(exchange, reply));

        protected static void WritePage(IBufferWriter<byte> output, Exchange exchange, Reply reply) => ErrorPage.Write(output, exchange, reply, HostId);
    }

    private sealed class PageDialect : S3Dialect
    {
        public override string ErrorType => ErrorPage.ContentType;

        public override void AddHeaders(IHeaderDictionary headers, Exchange exchange, Reply reply)
        {
            base.AddHeaders(headers, exchange, reply);
            if (reply is not { Error: { } error, Xml: null }) return;
            foreach (var (name, value) in ErrorPage.Headers(error)) headers[name] = value;
        }

        public override void WriteError(IBufferWriter<byte> output, Exchange exchange, Reply reply) => WritePage(output, exchange, reply);
    }

    private sealed class JsonDialect : S3Dialect
    {
        public override string ErrorType => "application/json";

        public override void WriteError(IBufferWriter<byte> output, Exchange exchange, Reply reply)
        {
            using var json = new Utf8JsonWriter(output);
            json.WriteStartObject();
            json.WriteString("code"u8, reply.Error!.Code);
            json.WriteString("message"u8, reply.Detail ?? reply.Error.Message);
            json.WriteEndObject();
        }
    }

    private readonly record struct ErrorDocument(Exchange Exchange, Reply Reply)
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
