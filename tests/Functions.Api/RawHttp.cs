using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ZenkoFunctions.Api.Tests.Signatures;

namespace ZenkoFunctions.Api.Tests;

/// <summary>Sends bytes as they are, on a connection of their own: no client's opinion of what a request may look like.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The request as it goes over the wire. Headers are UTF-8.</summary>
    public static byte[] Bytes(SignedRequest request)
    {
        var text = new StringBuilder($"{request.Verb} {request.Path}{(request.Query.Length > 0 ? "?" : "")}{request.Query} HTTP/1.1\r\n");
        foreach (var (name, values) in request.Headers)
            foreach (var value in values) text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (!request.Headers.ContainsKey("Content-Length") && !request.Headers.ContainsKey("Transfer-Encoding"))
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {request.Body.Length}\r\n");
        text.Append("Connection: close\r\n\r\n");
        return [.. Encoding.UTF8.GetBytes(text.ToString()), .. request.Body];
    }

    /// <summary>All that is answered until the server closes the connection; fails where it does not within some seconds.</summary>
    public static async Task<string> Exchange(Uri server, byte[] request)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, server.Port, patience.Token);
        var answer = new MemoryStream();
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync(request, patience.Token);
            await stream.CopyToAsync(answer, patience.Token);
        }
        catch (IOException)
        {
            // Reset behind its answer, or instead of one: what came is what counts.
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"No end within {Patience}: {Encoding.UTF8.GetString(request.AsSpan(0, Math.Min(request.Length, 3000)))}");
        }
        return Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
    }

    /// <summary>The final status in an answer; 0 where there is none.</summary>
    public static int Status(string answer)
    {
        const string Continue = "HTTP/1.1 100 Continue\r\n\r\n";
        if (answer.StartsWith(Continue, StringComparison.Ordinal)) answer = answer[Continue.Length..];
        return answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0;
    }
}
