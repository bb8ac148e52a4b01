using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>How Azure's storage services answer.</summary>
public sealed class BlobDialect : Dialect
{
    /// <summary>The version that a request without one is answered in.</summary>
    public const string DefaultVersion = "2021-06-08";

    private const int EchoedIdLength = 1024;

    private static readonly XmlShape<Told> ErrorShape = new XmlShape<Told>("Error", xmlns: null)
        .Text("Code", told => BlobErrors.From(told.Reply.Error!).Code)
        .Text("Message", told => told.Reply.Detail ?? BlobErrors.From(told.Reply.Error!).Message)
        .Fields(told => told.Reply.Fields);

    /// <inheritdoc/>
    public override string ErrorType => "application/xml";

    /// <inheritdoc/>
    public override bool TellsTypeOfNothing => false;

    /// <inheritdoc/>
    public override void AddHeaders(IHeaderDictionary headers, Exchange exchange, Reply reply)
    {
        var request = exchange.Request.Headers;
        headers["x-ms-request-id"] = GuidOf(exchange.RequestId);
        headers["x-ms-version"] = request["x-ms-version"] is [{ Length: > 0 } version] && IsVersion(version) ? version : DefaultVersion;
        if (request["x-ms-client-request-id"] is [{ Length: > 0 and <= EchoedIdLength } id] && id.All(c => c is > ' ' and < '\x7f'))
            headers["x-ms-client-request-id"] = id;
        if (reply.Status == 401)
        {
            var host = $"{(exchange.Request.IsHttps ? "https" : "http")}://{exchange.Request.Headers.Host}";
            headers.WWWAuthenticate = $"Bearer authorization_uri={host}/adfs/oauth2/authorize resource_id=https://storage.azure.com";
        }
        if (reply.Error is { } error) headers["x-ms-error-code"] = BlobErrors.From(error).Code;
    }

    /// <inheritdoc/>
    public override void WriteError(IBufferWriter<byte> output, Exchange exchange, Reply reply) => ErrorShape.Write(output, new(reply));

    /// <summary>Whether it is the date that names a version of the protocol.</summary>
    public static bool IsVersion(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private readonly record struct Told(Reply Reply);

    // Clients parse it as a GUID.
    internal static string GuidOf(string requestId) => $"{requestId[..8]}-{requestId[8..12]}-{requestId[12..16]}-0000-000000000000".ToLowerInvariant();
}
