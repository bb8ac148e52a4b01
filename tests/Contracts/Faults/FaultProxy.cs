using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace ZenkoFunctions.Contracts.Faults;

/// <summary>
/// A network that fails as it is told, in front of an HTTP service on 127.0.0.1. Each connection carries one request, and both ends are told so.
/// </summary>
public sealed partial class FaultProxy : IAsyncDisposable
{
    private const string Continue = "HTTP/1.1 100 Continue\r\n\r\n";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private readonly int target;
    private volatile Func<string, Fault?> decide = static _ => null;
    private int faults;

    /// <summary>A proxy before that port, which passes everything on.</summary>
    public FaultProxy(int target)
    {
        this.target = target;
        listener.Start();
        accepting = Accept();
    }

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>The first lines of the requests so far.</summary>
    public ConcurrentQueue<string> Seen { get; } = [];

    /// <summary>Requests so far that something was done to.</summary>
    public int Faults => Volatile.Read(ref faults);

    /// <summary>Told the head of each request (<c>PUT /b/k HTTP/1.1\r\n…</c>), says what is done to it; null passes it on.</summary>
    public void Decide(Func<string, Fault?> by) => decide = by;

    /// <summary>Does the same to every request from now on; null passes them on.</summary>
    public void Always(Fault? fault) => decide = _ => fault;

    /// <summary>Does it to the first of such requests alone.</summary>
    public void Once(Func<string, bool> which, Fault fault)
    {
        var done = 0;
        decide = head => which(head) && Interlocked.Exchange(ref done, 1) == 0 ? fault : null;
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
            while (true)
            {
                under.RemoveAll(task => task.IsCompleted);
                under.Add(Serve(await listener.AcceptTcpClientAsync(stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(under);
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                var near = new HttpEnd(client);
                if (await near.ReadHead(stop.Token) is not { } head) return;
                Seen.Enqueue(head[..head.IndexOf('\r', StringComparison.Ordinal)]);
                var fault = decide(head);
                if (fault is not null) Interlocked.Increment(ref faults);
                switch (fault)
                {
                    case Fault.Reset:
                        near.Reset();
                        break;
                    case Fault.Hang:
                        await near.Drain(stop.Token);
                        break;
                    case Fault.Answer answer:
                        await Answer(near, head, answer);
                        break;
                    default:
                        await Pass(near, head, fault);
                        break;
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One of the two has gone; the other is to see that it was not the orderly end.
                client.LingerState = new(true, 0);
            }
        }
    }

    private async Task Answer(HttpEnd near, string head, Fault.Answer answer)
    {
        if (!answer.IsEarly)
        {
            if (head.Contains("100-continue", StringComparison.OrdinalIgnoreCase)) await near.Write(Continue, stop.Token);
            await near.Skip(Length(head), stop.Token);
        }
        var body = head.StartsWith("HEAD ", StringComparison.Ordinal) ? "" : answer.Body;
        await near.Write(
            $"HTTP/1.1 {answer.Status} As-Told\r\nContent-Length: {Encoding.Latin1.GetByteCount(answer.Body)}\r\n{answer.Headers}Connection: close\r\n\r\n{body}",
            stop.Token);
        // Closing over unread bytes would take the answer with it.
        near.Finish();
        await near.Drain(stop.Token);
    }

    private async Task Pass(HttpEnd near, string head, Fault? fault)
    {
        using var behind = new TcpClient();
        await behind.ConnectAsync(IPAddress.Loopback, target, stop.Token);
        var far = new HttpEnd(behind);
        if (fault is Fault.Rewrite rewritten) head = rewritten.Head;
        if (fault is Fault.ShortenRequest to && Length(head) > to.To)
            head = ContentLength().Replace(head, string.Create(CultureInfo.InvariantCulture, $"Content-Length: {to.To}\r\n"));
        await far.Write(ConnectionHeader().Replace(head, "")[..^2] + "Connection: close\r\n\r\n", stop.Token);
        var (what, at) = fault switch
        {
            Fault.CutRequest cut => (BodyFault.Cut, cut.After),
            Fault.ShortenRequest shorten => (BodyFault.Shorten, shorten.To),
            Fault.CorruptRequest corrupt => (BodyFault.Flip, corrupt.At),
            _ => (BodyFault.None, 0),
        };
        var up = near.CopyTo(far, what, at, stop.Token);
        var down = Return(near, far, fault);
        // A client that ends its side before the answer has gone. A service may answer, and stop reading, before it has all of the request.
        if (await Task.WhenAny(up, down) == up && (up.IsCompletedSuccessfully || what == BodyFault.Cut)) far.Reset();
        if (!await down)
        {
            near.Reset();
            return;
        }
        near.Finish();
        await (up.IsFaulted ? near.Drain(stop.Token) : up);
    }

    /// <summary>False where no whole answer came.</summary>
    private async Task<bool> Return(HttpEnd near, HttpEnd far, Fault? fault)
    {
        string answer;
        do
        {
            if (await far.ReadHead(stop.Token) is not { } read) return false;
            answer = read;
            if (fault is Fault.LoseAnswer && !IsInterim(answer)) return false;
            await near.Write(answer, stop.Token);
        }
        while (IsInterim(answer));
        var (what, at) = fault switch
        {
            Fault.CutAnswer cut => (BodyFault.Cut, cut.After),
            Fault.CorruptAnswer corrupt => (BodyFault.Flip, corrupt.At),
            _ => (BodyFault.None, 0),
        };
        await far.CopyTo(near, what, at, stop.Token);
        return true;
    }

    private static bool IsInterim(string head) => head.StartsWith("HTTP/1.1 1", StringComparison.Ordinal);

    private static long Length(string head) =>
        ContentLength().Match(head) is { Success: true } match ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"(?<=\r\n)Content-Length: *(\d+)\r\n", RegexOptions.IgnoreCase)]
    private static partial Regex ContentLength();

    [GeneratedRegex(@"(?<=\r\n)Connection:[^\r]*\r\n", RegexOptions.IgnoreCase)]
    private static partial Regex ConnectionHeader();
}
