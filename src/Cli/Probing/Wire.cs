using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Cli.Probing;

/// <summary>One request on a connection of its own: writes it as it is, and reads the answer to its end.</summary>
internal sealed class Wire(Stream stream) : IDisposable
{
    private const int Slice = 64 * 1024, MostKept = 1024 * 1024, MostHead = 256 * 1024;

    private readonly byte[] buffer = new byte[Slice];
    private readonly long started = Stopwatch.GetTimestamp();
    private int start, end;

    /// <summary>Sends a call and reads its answer.</summary>
    public async Task<Answer> Exchange(Call call, string host, IEnumerable<(string Name, string Value)> signature, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(Head(call, host, signature, body.Length)), ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var sending = call.Expects ? Task.CompletedTask : Send(body, call.IsChunked, stop.Token);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(call.Patience);
            return await Read(call, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(0, [], [], 0, "", TimeSpan.Zero, Stopwatch.GetElapsedTime(started));
        }
        finally
        {
            // An answer that came early makes the rest needless.
            await stop.CancelAsync();
            await sending;
        }
    }

    public void Dispose() => stream.Dispose();

    private static string Head(Call call, string host, IEnumerable<(string Name, string Value)> signature, int length)
    {
        var head = new StringBuilder($"{call.Verb} {call.Path}{(call.Query.Length > 0 ? "?" : "")}{call.Query} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        foreach (var (name, value) in call.Headers.Concat(signature)) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (call.IsChunked) head.Append("Transfer-Encoding: chunked\r\n");
        else if (length > 0 || call.Announced is not null || call.Verb is "PUT" or "POST") head.Append(CultureInfo.InvariantCulture, $"Content-Length: {call.Announced ?? length}\r\n");
        if (call.Expects) head.Append("Expect: 100-continue\r\n");
        return head.Append("\r\n").ToString();
    }

    private async Task Send(ReadOnlyMemory<byte> body, bool chunked, CancellationToken ct)
    {
        try
        {
            for (var at = 0; at < body.Length; at += Slice)
            {
                var slice = body.Slice(at, Math.Min(Slice, body.Length - at));
                if (chunked) await stream.WriteAsync(Encoding.ASCII.GetBytes($"{slice.Length:x}\r\n"), ct);
                await stream.WriteAsync(slice, ct);
                if (chunked) await stream.WriteAsync("\r\n"u8.ToArray(), ct);
            }
            if (chunked) await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), ct);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The other side has read enough; what it answers, or that it does not, tells more.
        }
    }

    private async Task<Answer> Read(Call call, CancellationToken ct)
    {
        while (true)
        {
            var line = await Line(ct);
            if (!line.StartsWith("HTTP/1.", StringComparison.Ordinal) || line.Length < 12 || !int.TryParse(line.AsSpan(9, 3), CultureInfo.InvariantCulture, out var status))
                throw new IOException("What came back is no answer of HTTP.");
            var headers = new List<(string Name, string Value)>();
            while (await Line(ct) is { Length: > 0 } header)
            {
                var colon = header.IndexOf(':');
                if (colon > 0) headers.Add((header[..colon], header[(colon + 1)..].Trim()));
            }
            if (status is >= 100 and < 200 && !(status == 100 && call.Expects)) continue;
            var first = Stopwatch.GetElapsedTime(started);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var kept = new MemoryStream();
            var length = call.Verb == "HEAD" || status is 100 or 204 or 304 ? 0 : await Body(headers, hash, kept, ct);
            return new(status, headers, kept.ToArray(), length, Signer.Hex(hash.GetHashAndReset()), first, Stopwatch.GetElapsedTime(started));
        }
    }

    private async Task<long> Body(List<(string Name, string Value)> headers, IncrementalHash hash, MemoryStream kept, CancellationToken ct)
    {
        string? Header(string name) => headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        if (Header("transfer-encoding") is not null)
        {
            long all = 0;
            while (true)
            {
                if (!long.TryParse((await Line(ct)).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var size)) throw new IOException("The answer's chunks are broken.");
                if (size == 0) break;
                all += await Take(size, hash, kept, ct);
                await Line(ct);
            }
            while (await Line(ct) is { Length: > 0 })
            {
            }
            return all;
        }
        if (Header("content-length") is not { } length) return await Take(long.MaxValue, hash, kept, ct);
        var told = long.Parse(length, CultureInfo.InvariantCulture);
        var came = await Take(told, hash, kept, ct);
        return came == told ? came : throw new IOException($"The answer ended after {came} of {told} bytes.");
    }

    private async Task<long> Take(long length, IncrementalHash hash, MemoryStream kept, CancellationToken ct)
    {
        long taken = 0;
        while (taken < length && (start < end || await Fill(ct)))
        {
            var count = (int)Math.Min(end - start, length - taken);
            hash.AppendData(buffer, start, count);
            kept.Write(buffer, start, (int)Math.Min(count, MostKept - kept.Length));
            (start, taken) = (start + count, taken + count);
        }
        return taken;
    }

    private async Task<string> Line(CancellationToken ct)
    {
        var line = new MemoryStream();
        while (true)
        {
            if (start == end && !await Fill(ct)) throw new IOException("The connection was closed before the answer's end.");
            var feed = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            var count = feed < 0 ? end - start : feed;
            if (line.Length + count > MostHead) throw new IOException("A line of the answer is too long.");
            line.Write(buffer, start, count);
            start += count + (feed < 0 ? 0 : 1);
            if (feed >= 0) return Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length).TrimEnd('\r');
        }
    }

    private async Task<bool> Fill(CancellationToken ct)
    {
        (start, end) = (0, await stream.ReadAsync(buffer, ct));
        return end > 0;
    }
}
