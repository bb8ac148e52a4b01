using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ZenkoFunctions.HostDouble.Tests;

/// <summary>What the handler got, as the echo handler tells it.</summary>
public sealed record Seen(string Method, string Target, Dictionary<string, string[]> Headers, string Body, long Length, int Process)
{
    /// <summary>The one value of a header; null if it was not there.</summary>
    public string? this[string header] => Headers.TryGetValue(header.ToLowerInvariant(), out var values) ? Assert.Single(values) : null;
}

/// <summary>An answer, read byte by byte.</summary>
public sealed record Answer(int Status, IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    /// <summary>The one value of a header; null if it was not there.</summary>
    public string? this[string name] =>
        Headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).SingleOrDefault();

    /// <summary>The body as the echo handler's tale.</summary>
    public Seen Seen => Status == 200
        ? JsonSerializer.Deserialize<Seen>(Body, JsonSerializerOptions.Web)!
        : throw new InvalidOperationException($"{Status}: {Body}");
}

/// <summary>Requests that no HTTP library would send, on a socket.</summary>
public static class Wire
{
    /// <summary>Sends a request line and headers (lines end in \n here), and reads until the other side closes.</summary>
    public static Task<Answer> Send(FunctionsHost host, string request, string body = "") =>
        Send(host, Encoding.UTF8.GetBytes(
            request.ReplaceLineEndings("\r\n").TrimEnd() + $"\r\nConnection: close\r\n\r\n{body}"));

    /// <summary>The same in bytes.</summary>
    public static async Task<Answer> Send(FunctionsHost host, byte[] request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, host.Address.Port, limit.Token);
        var stream = socket.GetStream();
        await stream.WriteAsync(request, limit.Token);
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, limit.Token);
        return Parse(Encoding.Latin1.GetString(all.ToArray()), request);
    }

    /// <summary>GET of a raw target.</summary>
    public static Task<Answer> Get(FunctionsHost host, string target, string headers = "") =>
        Send(host, $"GET {target} HTTP/1.1\nHost: Bucket.Example.com:8443\n{headers}");

    private static Answer Parse(string text, byte[] request)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) throw new InvalidOperationException($"No answer to: {Encoding.Latin1.GetString(request)}");
        var lines = text[..end].Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).Select(pair => (pair[0], pair.Length > 1 ? pair[1] : "")).ToList();
        var body = text[(end + 4)..];
        if (headers.Any(h => h.Item1 == "Transfer-Encoding")) body = Unchunk(body);
        return new(
            int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), headers,
            Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(body)));
    }

    private static string Unchunk(string body)
    {
        var whole = new StringBuilder();
        for (var at = 0; ;)
        {
            var line = body.IndexOf("\r\n", at, StringComparison.Ordinal);
            var size = line < 0 ? 0 : Convert.ToInt32(body[at..line], 16);
            if (size == 0) return whole.ToString();
            whole.Append(body, line + 2, size);
            at = line + 2 + size + 2;
        }
    }
}
