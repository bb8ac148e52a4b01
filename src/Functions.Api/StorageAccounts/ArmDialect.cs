using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>How Azure's Resource Manager answers: errors are <c>{"error":{"code":…,"message":…}}</c>.</summary>
public sealed class ArmDialect : Dialect
{
    private const int EchoedIdLength = 256;

    /// <inheritdoc/>
    public override string ErrorType => "application/json; charset=utf-8";

    /// <inheritdoc/>
    public override void AddHeaders(IHeaderDictionary headers, Exchange exchange, Reply reply)
    {
        headers["x-ms-request-id"] = exchange.RequestId;
        if (exchange.Request.Headers["x-ms-client-request-id"] is [{ Length: > 0 and <= EchoedIdLength } id] && id.All(c => c is > ' ' and < '\x7f'))
            headers["x-ms-client-request-id"] = id;
        // Tokens, keys and forms are in these answers.
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        if (reply.Error is { Status: 401 } error) headers.WWWAuthenticate = $"Bearer error=\"invalid_token\", error_description=\"{error.Code}\"";
        if (reply.Error is not null) headers["x-ms-failure-cause"] = "gateway";
    }

    /// <inheritdoc/>
    public override void WriteError(IBufferWriter<byte> output, Exchange exchange, Reply reply)
    {
        var error = reply.Error == S3Errors.InternalError ? ArmErrors.InternalServerError : reply.Error!;
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("code"u8, error.Code);
        json.WriteString("message"u8, reply.Detail ?? error.Message);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
