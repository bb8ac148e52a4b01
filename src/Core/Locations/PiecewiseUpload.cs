using System.Buffers;
using System.IO.Pipelines;

namespace ZenkoFunctions.Core.Locations;

/// <summary>
/// A body on its way into a service that takes it in pieces. While one piece is sent the next one is filled, so at most two are in
/// memory. The last piece is not sent where it is the only one: what fits one piece needs no pieces.
/// </summary>
/// <param name="announced">The body's length where it is known.</param>
/// <param name="most">The longest body.</param>
/// <param name="size">Bytes of the piece of that index.</param>
/// <param name="send">Sends the piece of that index; the one before it has been sent by then.</param>
internal sealed class PiecewiseUpload(long? announced, long most, Func<int, int> size, Func<int, ArraySegment<byte>, CancellationToken, Task> send) : IDisposable
{
    private byte[] filling = [];
    private byte[] sending = [];
    private int filled;
    private int pieces;
    private Task sent = Task.CompletedTask;

    /// <summary>Whether the body did not fit one piece.</summary>
    public bool IsMany => pieces > 0;

    /// <summary>The whole body where it did fit one piece.</summary>
    public ArraySegment<byte> Only => new(filling, 0, filled);

    /// <summary>Reads the whole body and sends what does not fit one piece; how many bytes there were.</summary>
    public async ValueTask<long> Take(PipeReader body, CancellationToken ct)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            var length = await Fill(body, failed.Token);
            await sent;
            return length;
        }
        catch
        {
            // A buffer must not be given back while it is being sent.
            await failed.CancelAsync();
            await sent.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var buffer in (byte[][])[filling, sending])
            if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        filling = sending = [];
    }

    private async ValueTask<long> Fill(PipeReader body, CancellationToken ct)
    {
        var seen = 0L;
        while (true)
        {
            var result = await body.ReadAsync(ct);
            if (result.IsCanceled)
            {
                body.AdvanceTo(result.Buffer.Start);
                throw new OperationCanceledException("Reading the body was cancelled.");
            }
            var before = seen;
            seen += result.Buffer.Length;
            try
            {
                if (seen <= (announced ?? most))
                    foreach (var piece in result.Buffer)
                    {
                        await Add(piece, before, ct);
                        before += piece.Length;
                    }
            }
            finally
            {
                body.AdvanceTo(result.Buffer.End); // also when it fails: whoever drains the body reads on from here
            }
            if (seen > announced || (result.IsCompleted && seen < announced)) throw new BodyLengthException(announced.Value, seen);
            if (seen > most) throw new IOException($"The body has more than {most} bytes.");
            if (!result.IsCompleted) continue;
            if (pieces > 0 && filled > 0) await Send(ct);
            return seen;
        }
    }

    private async ValueTask Add(ReadOnlyMemory<byte> bytes, long before, CancellationToken ct)
    {
        while (!bytes.IsEmpty)
        {
            // A piece is only sent when a byte follows it.
            if (filled == size(pieces)) await Send(ct);
            if (filling.Length == 0) filling = ArrayPool<byte>.Shared.Rent((int)Math.Min(size(pieces), announced - before ?? size(pieces)));
            var copied = Math.Min(bytes.Length, size(pieces) - filled);
            bytes[..copied].CopyTo(filling.AsMemory(filled));
            filled += copied;
            before += copied;
            bytes = bytes[copied..];
        }
    }

    private async ValueTask Send(CancellationToken ct)
    {
        await sent;
        (sending, filling) = (filling, sending);
        var (index, content) = (pieces++, new ArraySegment<byte>(sending, 0, filled));
        filled = 0;
        if (filling.Length > 0 && filling.Length < size(pieces))
        {
            ArrayPool<byte>.Shared.Return(filling);
            filling = [];
        }
        sent = send(index, content, ct);
    }
}
