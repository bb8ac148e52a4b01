using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Ingest;

/// <summary>Passes connections on to a port of this machine, and counts the requests that go over by their kind. For requests without bodies.</summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly int port;
    private int lists, heads, others;

    public Relay(int port)
    {
        this.port = port;
        listener.Start();
        _ = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>What went over: pages of a listing of versions, HEADs, and everything else.</summary>
    public (int Lists, int Heads, int Others) Counts => (Volatile.Read(ref lists), Volatile.Read(ref heads), Volatile.Read(ref others));

    public void Dispose() => listener.Dispose();

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                _ = Pass(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // That was all.
        }
    }

    private async Task Pass(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, port);
                await Task.WhenAny(Copy(client.GetStream(), server.GetStream(), new()), Copy(server.GetStream(), client.GetStream(), null));
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // One of both has gone.
            }
        }
    }

    private async Task Copy(NetworkStream from, NetworkStream to, StringBuilder? head)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer) is > 0 and var count)
        {
            if (head is not null) Count(head.Append(Encoding.Latin1.GetString(buffer, 0, count)));
            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private void Count(StringBuilder head)
    {
        var text = head.ToString();
        for (int end; (end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal)) >= 0; text = text[(end + 4)..])
        {
            var line = text[..text.IndexOf("\r\n", StringComparison.Ordinal)];
            if (line.StartsWith("HEAD ", StringComparison.Ordinal)) Interlocked.Increment(ref heads);
            else if (line.Contains("versions", StringComparison.Ordinal)) Interlocked.Increment(ref lists);
            else Interlocked.Increment(ref others);
        }
        head.Clear().Append(text);
    }
}
