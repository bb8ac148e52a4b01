using System.Buffers;
using System.IO.Pipelines;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>
/// A body in aws-chunked framing, read as its payload. The payload's bytes are passed on where they lie. Its last bytes are
/// held back until the final chunk, the trailers and their signatures have been verified and the body has ended, so that nobody
/// takes it for complete before.
/// </summary>
internal sealed class ChunkedBody : PipeReader
{
    private readonly PipeReader inner;
    private readonly ChunkParser parser;

    // Runs of payload in the held buffer, as offsets from its start; the first may have been consumed in part.
    private readonly List<(long Start, long Length)> runs = [];

    private ReadOnlySequence<byte> raw;
    private ReadOnlySequence<byte> shown;
    private bool holding;
    private bool unseen;
    private S3Exception? failure;

    /// <param name="inner">The body as it came.</param>
    /// <param name="length">Bytes of the payload.</param>
    /// <param name="signatures">Verifies the chunks; null where they are unsigned.</param>
    /// <param name="trailers">Names of the trailers that may and must come, in lower case.</param>
    /// <param name="signedTrailer">Whether a signature follows the trailers.</param>
    public ChunkedBody(PipeReader inner, long length, ChunkSignatures? signatures, string[] trailers, bool signedTrailer) =>
        (this.inner, parser) = (inner, new(length, signatures, trailers, signedTrailer));

    /// <summary>A trailer's value; null where there is none, or the body has not been read to its end.</summary>
    public string? Trailer(string name) => parser.Ended ? parser.Trailers.GetValueOrDefault(name) : null;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (Pending() is { } pending) return pending;
            var result = await inner.ReadAsync(cancellationToken);
            if (Take(result) is { } shown) return shown;
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        while (true)
        {
            if (Pending() is { } pending)
            {
                result = pending;
                return true;
            }
            if (!inner.TryRead(out result)) return false;
            if (Take(result) is not { } shown) continue;
            result = shown;
            return true;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        unseen = shown.Slice(examined).Length > 0;
        Drop(shown.Slice(0, consumed).Length);
        shown = default;
        // Bytes that nobody has looked at are shown again from the held buffer.
        if (!unseen) LetGo();
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        parser.Dispose();
        inner.Complete(exception);
    }

    private ReadResult? Pending()
    {
        if (failure is not null) throw failure;
        if (!unseen) return null;
        unseen = false;
        shown = Runs();
        return new ReadResult(shown, isCanceled: false, isCompleted: parser.Ended);
    }

    private ReadResult? Take(ReadResult result)
    {
        raw = result.Buffer;
        holding = true;
        var before = Total();
        try
        {
            parser.Parse(raw, result.IsCompleted, runs);
        }
        catch (S3Exception wrong)
        {
            failure = wrong;
            LetGo();
            throw;
        }
        // With its last byte in hand the payload looks complete to who counts; so the run that brings it waits for the end.
        var held = parser.PayloadParsed && !parser.Ended;
        if (result.IsCanceled || parser.Ended || (!held && Total() > before))
        {
            shown = held ? default : Runs();
            return new ReadResult(shown, result.IsCanceled, parser.Ended);
        }
        LetGo();
        return null;
    }

    private long Total()
    {
        var total = 0L;
        foreach (var run in runs) total += run.Length;
        return total;
    }

    private void Drop(long count)
    {
        while (count > 0)
        {
            var (start, length) = runs[0];
            if (count < length)
            {
                runs[0] = (start + count, length - count);
                return;
            }
            runs.RemoveAt(0);
            count -= length;
        }
    }

    /// <summary>Gives back what was consumed, and says that everything has been looked at.</summary>
    private void LetGo()
    {
        if (!holding) return;
        holding = false;
        var kept = runs.Count > 0 ? runs[0].Start : parser.Parsed;
        var (position, end) = (raw.GetPosition(kept), raw.End);
        raw = default;
        for (var i = 0; i < runs.Count; i++) runs[i] = (runs[i].Start - kept, runs[i].Length);
        parser.Rebase(kept);
        inner.AdvanceTo(position, end);
    }

    private ReadOnlySequence<byte> Runs()
    {
        if (runs.Count == 0) return default;
        if (runs.Count == 1) return raw.Slice(runs[0].Start, runs[0].Length);
        Piece? first = null, last = null;
        foreach (var (start, length) in runs)
            foreach (var memory in raw.Slice(start, length))
            {
                if (memory.Length == 0) continue;
                last = new Piece(memory, last);
                first ??= last;
            }
        return new(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null) return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
