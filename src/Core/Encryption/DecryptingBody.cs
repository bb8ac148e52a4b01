using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Encryption;

/// <summary>
/// The plaintext of a range, from a body that has the frames it touches. While one frame is decrypted the next ones are
/// read. Nothing of a frame is written before its tag was found right.
/// </summary>
/// <param name="frames">The frames that <see cref="Covering"/> names; owned.</param>
/// <param name="key">The data key; owned.</param>
/// <param name="range">The range of the plaintext; not empty.</param>
/// <param name="size">The size of the whole plaintext.</param>
internal sealed class DecryptingBody(IObjectBody frames, AesGcm key, ByteRange range, long size) : IObjectBody
{
    private static readonly PipeOptions Bounded = new(
        pauseWriterThreshold: 16 * Frames.Sealed, resumeWriterThreshold: 8 * Frames.Sealed, minimumSegmentSize: 4 * Frames.Sealed,
        useSynchronizationContext: false);

    /// <summary>As much is written between two flushes.</summary>
    private const int Piece = 4 * Frames.Sealed;

    /// <inheritdoc/>
    public long Length => range.Length;

    /// <summary>The range of the encrypted form that has to be read for a range of a plaintext of that size.</summary>
    public static ByteRange Covering(ByteRange range, long size)
    {
        var from = range.Offset / Frames.Plain * Frames.Sealed;
        var to = Math.Min((range.End + Frames.Plain - 1) / Frames.Plain * Frames.Sealed, Frames.SealedLength(size));
        return new(from, to - from);
    }

    /// <inheritdoc/>
    public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
    {
        var pipe = new Pipe(Bounded);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var filling = Fill(pipe.Writer, stop.Token);
        var spare = ArrayPool<byte>.Shared.Rent(2 * Frames.Sealed);
        try
        {
            await Decrypt(pipe.Reader, spare, destination, ct);
        }
        finally
        {
            await stop.CancelAsync();
            await pipe.Reader.CompleteAsync();
            await filling;
            CryptographicOperations.ZeroMemory(spare);
            ArrayPool<byte>.Shared.Return(spare);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        key.Dispose();
        return frames.DisposeAsync();
    }

    private async Task Fill(PipeWriter to, CancellationToken ct)
    {
        Exception? failure = null;
        try
        {
            await frames.CopyTo(to, ct);
        }
        catch (Exception e)
        {
            failure = e; // the reader sees it
        }
        await to.CompleteAsync(failure);
    }

    private async ValueTask Decrypt(PipeReader encrypted, byte[] spare, PipeWriter to, CancellationToken ct)
    {
        var written = 0;
        for (var index = range.Offset / Frames.Plain; index * Frames.Plain < range.End; index++)
        {
            var plain = (int)Math.Min(Frames.Plain, size - index * Frames.Plain);
            var read = await encrypted.ReadAtLeastAsync(plain + Frames.Tag, ct);
            if (read.Buffer.Length < plain + Frames.Tag) throw new IOException($"An encrypted body ends within its frame {index}.");
            var frame = read.Buffer.Slice(0, plain + Frames.Tag);
            written += Open(index, plain, frame, spare, to);
            encrypted.AdvanceTo(frame.End);
            if (written < Piece) continue;
            BodyFlush.Check(await to.FlushAsync(ct));
            written = 0;
        }
        if (written > 0) BodyFlush.Check(await to.FlushAsync(ct));
    }

    /// <summary>Writes what the range has of a frame; how many bytes that were.</summary>
    private int Open(long index, int plain, in ReadOnlySequence<byte> frame, byte[] spare, PipeWriter to)
    {
        var sealedFrame = frame.FirstSpan;
        if (!frame.IsSingleSegment)
        {
            frame.CopyTo(spare);
            sealedFrame = spare.AsSpan(0, plain + Frames.Tag);
        }
        var isLast = (index + 1) * Frames.Plain >= size;
        var start = index * Frames.Plain;
        var from = (int)Math.Max(range.Offset - start, 0);
        var wanted = (int)Math.Min(range.End - start, plain) - from;
        if (wanted == plain)
        {
            Frames.Open(key, index, isLast, sealedFrame, to.GetSpan(plain)[..plain]);
        }
        else
        {
            var whole = spare.AsSpan(Frames.Sealed, plain);
            Frames.Open(key, index, isLast, sealedFrame, whole);
            whole.Slice(from, wanted).CopyTo(to.GetSpan(wanted));
        }
        to.Advance(wanted);
        return wanted;
    }
}
