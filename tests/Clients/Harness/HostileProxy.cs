using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>Something in front of the server that does to the heads of requests what it is told, one request a connection.</summary>
public sealed class HostileProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<string, string> change;
    private readonly int target;
    private readonly Task accepting;

    /// <summary>A proxy before that port. <paramref name="change"/> gets the head of a request and gives the one to pass on, or an answer beginning with HTTP/.</summary>
    public HostileProxy(int target, Func<string, string> change)
    {
        (this.target, this.change) = (target, change);
        listener.Start();
        accepting = Accept();
    }

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        stop.Dispose();
    }

    private async Task Accept()
    {
        var under = new List<Task>();
        try
        {
            while (true) under.Add(Pass(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(under);
        }
    }

    private async Task Pass(TcpClient client)
    {
        using (client)
        {
            try
            {
                var (near, buffer, length) = (client.GetStream(), new byte[64 * 1024], 0);
                int end;
                while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
                {
                    var read = await near.ReadAsync(buffer.AsMemory(length), stop.Token);
                    if (read == 0) return;
                    length += read;
                }
                var head = change(Encoding.Latin1.GetString(buffer, 0, end + 4));
                if (head.StartsWith("HTTP/", StringComparison.Ordinal))
                {
                    await near.WriteAsync(Encoding.Latin1.GetBytes(head), stop.Token);
                    // Closing over unread bytes would take the answer with it.
                    client.Client.Shutdown(SocketShutdown.Send);
                    while (await near.ReadAsync(buffer, stop.Token) > 0)
                    {
                    }
                    return;
                }
                using var behind = new TcpClient();
                await behind.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                var far = behind.GetStream();
                await far.WriteAsync(Encoding.Latin1.GetBytes(head), stop.Token);
                await far.WriteAsync(buffer.AsMemory(end + 4, length - end - 4), stop.Token);
                var up = near.CopyToAsync(far, stop.Token);
                await far.CopyToAsync(near, stop.Token);
                client.Client.Shutdown(SocketShutdown.Both);
                await up;
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One of the two has gone.
            }
        }
    }
}
