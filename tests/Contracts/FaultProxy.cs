using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZenkoFunctions.Contracts;

/// <summary>What happens to a request on its way.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">Of bytes, which: from 0, of the body that is damaged, or how many of an answer's come through.</param>
public sealed record Fault(FaultKind Kind, int At = 0)
{
    /// <summary>The service is broken.</summary>
    public static readonly Fault Error = new(FaultKind.Error);

    /// <summary>Nothing ever comes back.</summary>
    public static readonly Fault Hang = new(FaultKind.Hang);

    /// <summary>The service does it, and its answer is lost.</summary>
    public static readonly Fault LoseAnswer = new(FaultKind.CutAnswer);
}

/// <summary>The kinds of faults.</summary>
public enum FaultKind
{
    /// <summary>The answer is 503, without a word.</summary>
    Error,

    /// <summary>Nothing ever comes back.</summary>
    Hang,

    /// <summary>The answer breaks off after so many bytes, its head among them.</summary>
    CutAnswer,

    /// <summary>One byte of the request's body is another.</summary>
    DamageBody,
}

/// <summary>A bad network before a service, one request a connection.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly int target;
    private readonly Task accepting;

    /// <summary>A proxy before that port of this machine.</summary>
    public FaultProxy(int target)
    {
        this.target = target;
        listener.Start();
        accepting = Accept();
    }

    /// <summary>http://127.0.0.1:port</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>What is to happen to a request, told by its first line (<c>PUT /b/k?x HTTP/1.1</c>); null for nothing.</summary>
    public Func<string, Fault?> Faults { get; set; } = _ => null;

    /// <summary>The first lines of the requests so far.</summary>
    public ConcurrentQueue<string> Seen { get; } = [];

    /// <summary>The fault for the first request of that kind alone.</summary>
    public static Func<string, Fault?> Once(Func<string, bool> which, Fault fault)
    {
        var done = 0;
        return line => which(line) && Interlocked.Exchange(ref done, 1) == 0 ? fault : null;
    }

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
                var (near, buffer, length, end) = (client.GetStream(), new byte[64 * 1024], 0, 0);
                while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
                {
                    var read = await near.ReadAsync(buffer.AsMemory(length), stop.Token);
                    if (read == 0) return;
                    length += read;
                }
                var head = Encoding.Latin1.GetString(buffer, 0, end);
                var line = head[..head.IndexOf('\r')];
                Seen.Enqueue(line);
                var fault = Faults(line);
                if (fault?.Kind == FaultKind.Hang) await Task.Delay(Timeout.Infinite, stop.Token);
                using var behind = new TcpClient();
                if (fault?.Kind != FaultKind.Error) await behind.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                if (fault?.Kind == FaultKind.Error)
                {
                    await near.WriteAsync("HTTP/1.1 503 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), stop.Token);
                    client.Client.Shutdown(SocketShutdown.Send); // closing over unread bytes would take the answer with it
                    await near.CopyToAsync(Stream.Null, stop.Token);
                    return;
                }
                var far = behind.GetStream();
                await far.WriteAsync(Encoding.Latin1.GetBytes(head + "\r\nConnection: close\r\n\r\n"), stop.Token);
                var up = Up(near, far, buffer.AsMemory(end + 4, length - end - 4), fault?.Kind == FaultKind.DamageBody ? fault.At : null);
                await Down(far, near, fault?.Kind == FaultKind.CutAnswer ? fault.At : null);
                client.Client.Shutdown(SocketShutdown.Both);
                await up;
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One of the two has gone.
            }
        }
    }

    private async Task Up(NetworkStream from, NetworkStream to, Memory<byte> piece, int? damaged)
    {
        var (at, buffer) = (0, new byte[64 * 1024]);
        while (true)
        {
            if (damaged - at is >= 0 and var place && place < piece.Length) piece.Span[place] ^= 1;
            await to.WriteAsync(piece, stop.Token);
            at += piece.Length;
            var read = await from.ReadAsync(buffer, stop.Token);
            if (read == 0) return;
            piece = buffer.AsMemory(0, read);
        }
    }

    private async Task Down(NetworkStream from, NetworkStream to, int? most)
    {
        var (at, buffer) = (0, new byte[64 * 1024]);
        while (await from.ReadAsync(buffer, stop.Token) is > 0 and var read)
        {
            var passed = Math.Min(read, (most ?? int.MaxValue) - at);
            await to.WriteAsync(buffer.AsMemory(0, passed), stop.Token);
            at += passed;
            if (at == most && most > 0) return;
        }
    }
}
