using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Encryption;

/// <summary>Encrypts a body while something else takes it, in bounded memory.</summary>
internal static class EncryptingPipe
{
    private const int Buffered = 16 * Frames.Sealed;

    private static readonly PipeOptions Bounded = new(
        pauseWriterThreshold: Buffered, resumeWriterThreshold: Buffered / 2, minimumSegmentSize: 4 * Frames.Sealed,
        useSynchronizationContext: false);

    /// <summary>
    /// Runs <paramref name="take"/> on the encrypted form of the bytes. What reading them throws, take sees; where it ends
    /// early, reading does so too.
    /// </summary>
    /// <param name="plain">The bytes; not completed.</param>
    /// <param name="length">How many there must be; null where that is not known.</param>
    /// <param name="key">The data key.</param>
    /// <param name="take">Reads to the end, or gives up.</param>
    /// <param name="ct">Ends it.</param>
    public static async ValueTask<T> Through<T>(
        PipeReader plain, long? length, AesGcm key, Func<PipeReader, ValueTask<T>> take, CancellationToken ct)
    {
        var pipe = new Pipe(Bounded);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var filling = Fill(plain, length, key, pipe.Writer, stop.Token);
        try
        {
            return await take(pipe.Reader);
        }
        finally
        {
            await stop.CancelAsync();
            await pipe.Reader.CompleteAsync();
            await filling;
        }
    }

    private static async Task Fill(PipeReader plain, long? length, AesGcm key, PipeWriter to, CancellationToken ct)
    {
        Exception? failure = null;
        try
        {
            await Encrypt(plain, length, key, to, ct);
        }
        catch (Exception e)
        {
            failure = e; // who takes it sees it
        }
        await to.CompleteAsync(failure);
    }

    private static async ValueTask Encrypt(PipeReader plain, long? length, AesGcm key, PipeWriter to, CancellationToken ct)
    {
        var spare = ArrayPool<byte>.Shared.Rent(Frames.Plain);
        try
        {
            long index = 0, seen = 0;
            while (true)
            {
                // One byte more than a frame tells that the frame is not the last.
                var read = await plain.ReadAtLeastAsync(Frames.Plain + 1, ct);
                var left = read.Buffer;
                if (read.IsCanceled)
                {
                    plain.AdvanceTo(left.Start);
                    throw new OperationCanceledException("Reading the body was cancelled.");
                }
                while (left.Length > Frames.Plain)
                {
                    Seal(key, index++, false, left.Slice(0, Frames.Plain), to, spare);
                    left = left.Slice(Frames.Plain);
                    seen += Frames.Plain;
                }
                if (read.IsCompleted)
                {
                    seen += left.Length;
                    if (!left.IsEmpty) Seal(key, index, true, left, to, spare);
                    plain.AdvanceTo(left.End);
                    if (seen != (length ?? seen)) throw new BodyLengthException(length!.Value, seen);
                    return;
                }
                plain.AdvanceTo(left.Start, left.End);
                if (seen > length) throw new BodyLengthException(length.Value, seen);
                BodyFlush.Check(await to.FlushAsync(ct));
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(spare);
            ArrayPool<byte>.Shared.Return(spare);
        }
    }

    private static void Seal(AesGcm key, long index, bool isLast, in ReadOnlySequence<byte> plain, PipeWriter to, byte[] spare)
    {
        var length = (int)plain.Length;
        var piece = plain.FirstSpan;
        if (!plain.IsSingleSegment)
        {
            plain.CopyTo(spare);
            piece = spare.AsSpan(0, length);
        }
        Frames.Seal(key, index, isLast, piece, to.GetSpan(length + Frames.Tag));
        to.Advance(length + Frames.Tag);
    }
}
