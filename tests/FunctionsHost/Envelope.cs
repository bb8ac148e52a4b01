using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ZenkoFunctions.HostDouble;

/// <summary>The JSON of a trigger call, byte for byte as the host's serialiser writes it.</summary>
internal static class Envelope
{
    /// <summary>{"Data":{…},"Metadata":{…,"sys":{…}}}</summary>
    /// <param name="parameter">The binding's name.</param>
    /// <param name="data">Its value as JSON.</param>
    /// <param name="metadata">Names with values as JSON, in order; a name sys replaces the host's.</param>
    /// <param name="function">Its name.</param>
    /// <param name="id">The invocation's id.</param>
    /// <param name="now">The time of the call.</param>
    public static string Write(
        string parameter, string data, IReadOnlyList<(string Name, string Json)> metadata, string function, Guid id, DateTimeOffset now)
    {
        var text = new StringBuilder();
        text.Append("{\"Data\":{").Append(Quote(parameter)).Append(':').Append(data).Append("},\"Metadata\":{");
        foreach (var (name, json) in metadata) text.Append(Quote(name)).Append(':').Append(json).Append(',');
        if (metadata.Any(item => item.Name.Equals("sys", StringComparison.OrdinalIgnoreCase))) text.Length--;
        else
            text.Append("\"sys\":{\"MethodName\":").Append(Quote(function))
                .Append(",\"UtcNow\":").Append(Quote(now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + "Z"))
                .Append(",\"RandGuid\":").Append(Quote(id.ToString())).Append('}');
        return text.Append("}}").ToString();
    }

    /// <summary>The metadata of a queue message, and of its top-level properties if it is a JSON object; those win.</summary>
    public static IReadOnlyList<(string Name, string Json)> OfMessage(
        string message, long dequeued, string id, string receipt, DateTimeOffset? inserted, DateTimeOffset? expires, DateTimeOffset? visible)
    {
        var all = new List<(string Name, string Json)>
        {
            ("DequeueCount", Quote(dequeued.ToString(CultureInfo.InvariantCulture))),
            ("ExpirationTime", Seconds(expires)),
            ("Id", TwiceEncoded(id)),
            ("InsertionTime", Seconds(inserted)),
            ("NextVisibleTime", Seconds(visible)),
            ("PopReceipt", TwiceEncoded(receipt)),
        };
        foreach (var (name, json) in Properties(message))
        {
            var at = all.FindIndex(item => item.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (at >= 0) all[at] = (all[at].Name, json);
            else all.Add((name, json));
        }
        return all;
    }

    /// <summary>The value of a timer binding.</summary>
    public static string OfTimer(TimerStatus? status, bool pastDue) =>
        "{\"Schedule\":{\"AdjustForDST\":true},\"ScheduleStatus\":" +
        (status is null
            ? "null"
            : $"{{\"Last\":{Time(status.Last)},\"Next\":{Time(status.Next)},\"LastUpdated\":{Time(status.LastUpdated)}}}") +
        $",\"IsPastDue\":{(pastDue ? "true" : "false")}}}";

    /// <summary>A string whose content is a JSON string: what the host makes of text.</summary>
    public static string TwiceEncoded(string text) => Quote(Quote(text));

    /// <summary>The request that carries it: always chunked.</summary>
    public static HttpRequestMessage Request(Uri to, string body, Guid id)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
        var request = new HttpRequestMessage(HttpMethod.Post, to)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Add("X-Azure-Functions-HostVersion", HttpFunctions.HostVersion);
        request.Headers.Add("X-Azure-Functions-InvocationId", id.ToString());
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Azure-Functions-Host", HttpFunctions.HostVersion));
        request.Headers.TransferEncodingChunked = true;
        return request;
    }

    /// <summary>A JSON string with the escapes that Newtonsoft's serialiser uses by default; all else stays as it is.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\b' => quoted.Append("\\b"),
                '\t' => quoted.Append("\\t"),
                '\n' => quoted.Append("\\n"),
                '\f' => quoted.Append("\\f"),
                '\r' => quoted.Append("\\r"),
                < ' ' or '\u0085' or '\u2028' or '\u2029' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        return quoted.Append('"').ToString();
    }

    private static IEnumerable<(string Name, string Json)> Properties(string message)
    {
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(message);
        }
        catch (JsonException)
        {
            yield break;
        }
        using (json)
        {
            if (json.RootElement.ValueKind != JsonValueKind.Object) yield break;
            foreach (var property in json.RootElement.EnumerateObject())
                switch (property.Value.ValueKind)
                {
                    case JsonValueKind.Array:
                        break;
                    case JsonValueKind.Object:
                        yield return (property.Name, property.Value.GetRawText());
                        break;
                    case JsonValueKind.Null:
                        yield return (property.Name, "null");
                        break;
                    default:
                        yield return (property.Name, TwiceEncoded(property.Value.ToString()));
                        break;
                }
        }
    }

    private static string Seconds(DateTimeOffset? at) =>
        at is { } time ? Quote(time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture)) : "null";

    private static string Time(DateTimeOffset at) => at == default
        ? "\"0001-01-01T00:00:00\""
        : Quote(at.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture));
}
