using System.Text;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>A proxy for HTTPS that leads every connection to one port of this machine, whomever it asks for: names without a resolver.</summary>
/// <param name="port">Where they are led to.</param>
public sealed class ConnectProxy(int port) : LoopbackRelay(port)
{
    /// <summary>http://127.0.0.1:port, as HTTPS_PROXY takes it.</summary>
    public string Address => $"http://{Authority}";

    /// <inheritdoc/>
    protected override async ValueTask<Stream?> Greet(Stream front, CancellationToken ct)
    {
        // What follows the head of CONNECT is sent after its answer, which is not sent before the head is whole.
        var (head, buffer) = (new StringBuilder(), new byte[4096]);
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await front.ReadAsync(buffer, ct) is not (> 0 and var count)) return null;
            head.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        await front.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), ct);
        return front;
    }
}
