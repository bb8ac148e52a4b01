using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.Hosting;

/// <summary>
/// The host's call of a function that is not an HTTP function: a POST to the function's name with a JSON envelope. It comes
/// through the same port as what clients send.
/// </summary>
public static class Invocation
{
    /// <summary>
    /// Bytes of the largest envelope: 64 KiB of a message, escaped twice, and once more among the metadata.
    /// </summary>
    private const int EnvelopeBytes = 1024 * 1024;

    // What the host puts on each request that it passes on, and no client can take away; the host's own calls have none of them.
    private static readonly string[] MarksOfClients = ["X-Forwarded-Host", "X-Forwarded-For", "x-ms-invocation-id"];

    /// <summary>The answer to a call that succeeded. Were it empty, the host would wait until its time-out, then restart us.</summary>
    public static ReadOnlyMemory<byte> Succeeded { get; } = """{"Outputs":{},"Logs":[],"ReturnValue":null}"""u8.ToArray();

    /// <summary>Whether the host itself sent it, rather than a client who imitates the host.</summary>
    public static bool IsFromHost(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } peer && IPAddress.IsLoopback(peer)
        && !Array.Exists(MarksOfClients, http.Request.Headers.ContainsKey);

    /// <summary>Whether it has the form of a call.</summary>
    public static bool IsCall(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && request.QueryString.Value is null or ""
        && request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The message of a queue in the envelope of a call.</summary>
    /// <exception cref="InvalidDataException">The envelope is too large, or has no message.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> Message(HttpRequest request, CancellationToken ct)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, ct) is > 0 and var read)
        {
            if (bytes.Length + read > EnvelopeBytes) throw new InvalidDataException($"The envelope of a call has more than {EnvelopeBytes} bytes.");
            bytes.Write(buffer, 0, read);
        }
        try
        {
            using var envelope = JsonDocument.Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
            if (envelope.RootElement.ValueKind == JsonValueKind.Object && envelope.RootElement.TryGetProperty("Data", out var data)
                && data.ValueKind == JsonValueKind.Object && data.TryGetProperty(QueueFunction.Binding, out var message))
                return Encoding.UTF8.GetBytes(Text(message));
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException("The envelope of a call is no JSON.", wrong);
        }
        throw new InvalidDataException($"The envelope of a call has no Data.{QueueFunction.Binding}.");
    }

    // Measured of the host: a string whose content is a string again. Its documentation shows it encoded once; an object has been seen, too.
    private static string Text(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.String) return message.GetRawText();
        var text = message.GetString()!;
        if (!text.StartsWith('"')) return text;
        try
        {
            return JsonSerializer.Deserialize(text, InvocationJson.Default.String) ?? text;
        }
        catch (JsonException)
        {
            return text;
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class InvocationJson : System.Text.Json.Serialization.JsonSerializerContext;
