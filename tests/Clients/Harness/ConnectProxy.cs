using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>A proxy for HTTPS that leads every connection to one port of this machine, whomever it asks for: names without a resolver.</summary>
public sealed class ConnectProxy : IAsyncDisposable
{
    private readonly int port;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task loop;

    /// <param name="port">Where they are led to.</param>
    public ConnectProxy(int port)
    {
        this.port = port;
        listener.Start();
        loop = Accept();
    }

    /// <summary>http://127.0.0.1:port, as HTTPS_PROXY takes it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await loop;
        stopping.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(Serve(await listener.AcceptTcpClientAsync(stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var front = client;
        using var back = new TcpClient();
        try
        {
            // What follows the head of CONNECT is sent after its answer.
            var (stream, head) = (front.GetStream(), new StringBuilder());
            var buffer = new byte[4096];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                if (await stream.ReadAsync(buffer, stopping.Token) is not (> 0 and var count)) return;
                head.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
            await back.ConnectAsync(IPAddress.Loopback, port, stopping.Token);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), stopping.Token);
            await Task.WhenAny(stream.CopyToAsync(back.GetStream(), stopping.Token), back.GetStream().CopyToAsync(stream, stopping.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // A side has closed its connection, which closes the other's.
        }
    }
}
