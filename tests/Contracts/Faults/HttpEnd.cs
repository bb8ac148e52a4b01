using System.Net.Sockets;
using System.Text;

namespace ZenkoFunctions.Contracts.Faults;

/// <summary>What happens to a body at a place in it.</summary>
internal enum BodyFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The byte there is changed.</summary>
    Flip,

    /// <summary>It goes over up to there; the rest is read and forgotten.</summary>
    Shorten,

    /// <summary>It goes over up to there; then the copy fails.</summary>
    Cut,
}

/// <summary>One end of a connection: a head, then bytes until the end.</summary>
internal sealed class HttpEnd(TcpClient client)
{
    private readonly NetworkStream stream = client.GetStream();
    private readonly byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;

    /// <summary>Closes it such that the other side sees an error.</summary>
    public void Reset()
    {
        client.LingerState = new(true, 0);
        client.Close();
    }

    /// <summary>No more is written.</summary>
    public void Finish() => client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Up to and with the empty line; null where the connection ends before.</summary>
    public async Task<string?> ReadHead(CancellationToken ct)
    {
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8);
            if (length >= 0)
            {
                var head = Encoding.Latin1.GetString(buffer, start, length + 4);
                start += length + 4;
                return head;
            }
            if (start > 0) buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length) throw new IOException("The head is too long.");
            var read = await stream.ReadAsync(buffer.AsMemory(end), ct);
            if (read == 0) return null;
            end += read;
        }
    }

    /// <summary>Writes a head.</summary>
    public ValueTask Write(string text, CancellationToken ct) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), ct);

    /// <summary>Copies what comes until the end, with a fault at a place.</summary>
    public async Task CopyTo(HttpEnd other, BodyFault fault, long at, CancellationToken ct)
    {
        for (var place = 0L; await Next(ct) is { Length: > 0 } bytes; place += bytes.Length)
        {
            var inside = at >= place && at < place + bytes.Length;
            if (fault == BodyFault.Flip && inside) bytes.Span[(int)(at - place)] ^= 0x20;
            var pass = fault is BodyFault.Shorten or BodyFault.Cut ? (int)Math.Clamp(at - place, 0, bytes.Length) : bytes.Length;
            if (pass > 0) await other.stream.WriteAsync(bytes[..pass], ct);
            if (fault == BodyFault.Cut && place + bytes.Length >= at) throw new IOException("Cut, as told.");
        }
    }

    /// <summary>Reads so many bytes, and forgets them.</summary>
    public async Task Skip(long count, CancellationToken ct)
    {
        while (count > 0 && await Next(ct) is { Length: > 0 } bytes) count -= bytes.Length;
    }

    /// <summary>Reads until the other side ends it.</summary>
    public Task Drain(CancellationToken ct) => Skip(long.MaxValue, ct);

    private async ValueTask<Memory<byte>> Next(CancellationToken ct)
    {
        if (start == end) (start, end) = (0, await stream.ReadAsync(buffer, ct));
        var bytes = buffer.AsMemory(start, end - start);
        start = end;
        return bytes;
    }
}
