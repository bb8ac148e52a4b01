using System.Buffers;
using System.IO.Pipelines;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// A request's body that knows how far it was read: what to do with a connection whose request was refused depends on it.
/// </summary>
internal sealed class RequestBody(PipeReader inner) : PipeReader
{
    // Handed out by a read and not advanced over yet: a reader that threw in between leaves it so.
    private ReadOnlySequence<byte>? held;
    private volatile bool isCancelled;

    /// <summary>Whether reading began (from then on the client has been told to continue).</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Whether the last byte has been seen.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>How many bytes of it were taken: as they came, with the framing of chunks that are signed.</summary>
    public long Taken { get; private set; }

    public override bool TryRead(out ReadResult result)
    {
        IsStarted = true;
        while (inner.TryRead(out result))
        {
            if (IsSpurious(result)) continue;
            Hold(result);
            return true;
        }
        return false;
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        IsStarted = true;
        while (true)
        {
            var result = await inner.ReadAsync(cancellationToken);
            if (IsSpurious(result)) continue;
            Hold(result);
            return result;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (held is { } buffer) Taken += buffer.Slice(0, consumed).Length;
        held = null;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        isCancelled = true;
        inner.CancelPendingRead();
    }

    // The server completes its reader itself; completed here, what is left of the body could not be drained any more.
    public override void Complete(Exception? exception = null) { }

    /// <summary>
    /// Whether the end has been reached, even if nobody has looked yet: who unwraps chunks may stop at the last of them.
    /// </summary>
    public bool HasEnded()
    {
        // Also where the end was seen: left in a read, the server could not use the connection again.
        Release();
        if (IsEnded || !IsStarted) return IsEnded;
        if (TryRead(out _)) Release();
        return IsEnded;
    }

    // Kestrel cancels the read under way of every connection when it begins to stop, so that idle ones close; a body that
    // is still coming is to be read on.
    private bool IsSpurious(ReadResult result)
    {
        if (!result.IsCanceled) return false;
        if (isCancelled)
        {
            isCancelled = false;
            return false;
        }
        inner.AdvanceTo(result.Buffer.Start);
        return true;
    }

    /// <summary>Reads on to the end and drops the bytes.</summary>
    public async Task Drain(CancellationToken ct)
    {
        Release();
        while (!IsEnded)
        {
            var read = await ReadAsync(ct);
            AdvanceTo(read.Buffer.End);
        }
    }

    private void Hold(ReadResult result)
    {
        held = result.Buffer;
        IsEnded = result.IsCompleted;
    }

    private void Release()
    {
        if (held is { } buffer) AdvanceTo(buffer.End);
    }
}
