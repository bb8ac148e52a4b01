using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>Takes connections on a free port of this machine and relays what is said, once the front has been greeted.</summary>
public abstract class LoopbackRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly int port;
    private readonly Task loop;

    /// <param name="port">Where connections lead to.</param>
    protected LoopbackRelay(int port)
    {
        this.port = port;
        listener.Start();
        loop = Accept();
    }

    /// <summary>127.0.0.1:port.</summary>
    protected string Authority => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await loop;
        stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What stands before the relayed bytes; null ends the connection.</summary>
    protected abstract ValueTask<Stream?> Greet(Stream front, CancellationToken ct);

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
            if (await Greet(front.GetStream(), stopping.Token) is not { } stream) return;
            await using var greeted = stream;
            await back.ConnectAsync(IPAddress.Loopback, port, stopping.Token);
            await Task.WhenAny(stream.CopyToAsync(back.GetStream(), stopping.Token), back.GetStream().CopyToAsync(stream, stopping.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or AuthenticationException)
        {
            // A side has closed its connection, which closes the other's; or did not like the certificate.
        }
    }
}
