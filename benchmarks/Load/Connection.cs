using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>An answer that a workload did not expect, or a broken connection.</summary>
internal sealed class LoadException(string message) : Exception(message);

/// <summary>
/// One keep-alive connection, used by one thread. Blocking calls on a socket of its own cost two system calls a request;
/// an HTTP client library would cost as much as the server that it measures.
/// </summary>
internal sealed class Connection : IDisposable
{
    private const int Slice = 1024 * 1024, Together = 64 * 1024;
    private readonly Socket socket;
    private readonly ISigner signer;
    private readonly byte[] output = new byte[Together + 4096];
    private readonly byte[] input = new byte[256 * 1024];
    private int start, end;
    private long remaining;
    private bool chunked, last, first;

    public Connection(Target target)
    {
        signer = target.Protocol == Protocol.Blob ? new SharedKeySigner(target) : new SigV4Signer(target);
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 120_000, SendTimeout = 120_000 };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, target.Port));
    }

    /// <summary>The status of the last answer.</summary>
    public int Status { get; private set; }

    /// <summary>The length that the last answer announced; -1 where it announced none.</summary>
    public long Length { get; private set; }

    /// <summary>What the last answer told of the object's copies; empty where it told nothing.</summary>
    public string ReplicationStatus { get; private set; } = "";

    /// <summary>The entity tag of the last answer, with its quotes.</summary>
    public string ETag => Encoding.ASCII.GetString(etag.AsSpan(0, etagLength));

    private readonly byte[] etag = new byte[128];
    private int etagLength;

    /// <summary>Sends a request without a body and reads the head of its answer.</summary>
    public void Send(ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query = default)
    {
        var length = signer.Write(output, method, path, query, method is [(byte)'P', ..] ? 0 : null);
        SendAll(output.AsSpan(0, length));
        ReadHead(method is [(byte)'H', ..]);
    }

    /// <summary>Sends a request whose body is <paramref name="body"/>.</summary>
    public void Send(ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, Body body)
    {
        var length = signer.Write(output, method, path, query, body.Length);
        if (body.Length <= Together)
        {
            body.Slice(0, (int)body.Length).CopyTo(output.AsSpan(length));
            SendAll(output.AsSpan(0, length + (int)body.Length));
        }
        else
        {
            SendAll(output.AsSpan(0, length));
            for (long sent = 0; sent < body.Length;)
            {
                var slice = body.Slice(sent, Slice);
                SendAll(slice);
                sent += slice.Length;
            }
        }
        ReadHead(false);
    }

    /// <summary>Sends a request with a small body.</summary>
    public void Send(ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, ReadOnlySpan<byte> body)
    {
        var length = signer.Write(output, method, path, query, body.Length);
        SendAll(output.AsSpan(0, length));
        SendAll(body);
        ReadHead(false);
    }

    /// <summary>The next bytes of the answer's body; empty at its end. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        if (remaining == 0 && chunked && !last) ReadChunkHead();
        if (remaining == 0) return default;
        if (start == end) Fill();
        var count = (int)Math.Min(end - start, remaining);
        var span = input.AsSpan(start, count);
        start += count;
        remaining -= count;
        return span;
    }

    /// <summary>Reads the body to its end and returns its length.</summary>
    public long Drain()
    {
        long length = 0;
        while (Next() is { Length: > 0 } span) length += span.Length;
        return length;
    }

    /// <summary>Reads the body, which must be <paramref name="body"/> byte for byte.</summary>
    public void Verify(Body body)
    {
        long at = 0;
        while (Next() is { Length: > 0 } span)
        {
            while (span.Length > 0)
            {
                var expected = body.Slice(at, span.Length);
                if (expected.IsEmpty || !span[..expected.Length].SequenceEqual(expected)) throw new LoadException($"wrong bytes after {at}");
                at += expected.Length;
                span = span[expected.Length..];
            }
        }
        if (at != body.Length) throw new LoadException($"{at} bytes came instead of {body.Length}");
    }

    /// <summary>Reads the body as text.</summary>
    public string Text()
    {
        using var bytes = new MemoryStream();
        while (Next() is { Length: > 0 } span) bytes.Write(span);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Throws, with what the server said, unless the status is <paramref name="status"/>.</summary>
    public void Expect(int status)
    {
        if (Status == status) return;
        var text = Text();
        throw new LoadException($"status {Status} instead of {status}: {text[..Math.Min(text.Length, 300)]}");
    }

    public void Dispose() => socket.Dispose();

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[socket.Send(bytes)..];
    }

    private void Fill()
    {
        if (start == end) start = end = 0;
        else if (end == input.Length)
        {
            input.AsSpan(start, end - start).CopyTo(input);
            (start, end) = (0, end - start);
        }
        if (end == input.Length) throw new LoadException("a line of the answer is too long");
        var read = socket.Receive(input.AsSpan(end));
        if (read == 0) throw new LoadException("the server closed the connection");
        end += read;
    }

    private ReadOnlySpan<byte> ReadLine()
    {
        while (true)
        {
            var length = input.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = input.AsSpan(start, length).TrimEnd((byte)'\r');
                start += length + 1;
                return line;
            }
            Fill();
        }
    }

    private void ReadHead(bool head)
    {
        do
        {
            var line = ReadLine();
            if (line.Length < 12 || !line.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(line[9..12], out int status, out _))
                throw new LoadException("no HTTP answer");
            Status = status;
            (Length, chunked, last, first, etagLength, ReplicationStatus) = (-1, false, false, true, 0, "");
            while ((line = ReadLine()).Length > 0)
            {
                // The first letter sorts out nearly all; the rest is compared without case, as HTTP wants.
                switch (line[0] | 0x20)
                {
                    case 'c' when Value(line, "content-length"u8) is { Length: > 0 } value && Utf8Parser.TryParse(value, out long length, out _):
                        Length = length;
                        break;
                    case 't' when Value(line, "transfer-encoding"u8).Length > 0:
                        chunked = true;
                        break;
                    case 'x' when Value(line, "x-amz-replication-status"u8) is { Length: > 0 } value:
                        ReplicationStatus = Encoding.ASCII.GetString(value);
                        break;
                    case 'e' when Value(line, "etag"u8) is { Length: > 0 } value:
                        etagLength = Math.Min(value.Length, etag.Length);
                        value[..etagLength].CopyTo(etag);
                        break;
                }
            }
        }
        while (Status == 100);
        if (head || Status is 204 or 304) (chunked, remaining) = (false, 0);
        else remaining = chunked ? 0 : Math.Max(Length, 0);
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && line[name.Length] == ':' && Ascii.EqualsIgnoreCase(line[..name.Length], name)
            ? line[(name.Length + 1)..].Trim((byte)' ')
            : default;

    private void ReadChunkHead()
    {
        if (!first) ReadLine();
        first = false;
        if (!Utf8Parser.TryParse(ReadLine(), out long size, out _, 'x')) throw new LoadException("no chunk");
        remaining = size;
        if (size > 0) return;
        last = true;
        while (ReadLine().Length > 0)
        {
        }
    }
}
