using System.IO.Pipelines;

namespace ZenkoFunctions.Api;

/// <summary>
/// A request's body that knows how far it was read: what to do with a connection whose request was refused depends on it.
/// </summary>
internal sealed class RequestBody(PipeReader inner) : PipeReader
{
    /// <summary>Whether reading began (from then on the client has been told to continue).</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Whether the last byte has been seen.</summary>
    public bool IsEnded { get; private set; }

    public override bool TryRead(out ReadResult result)
    {
        IsStarted = true;
        var isRead = inner.TryRead(out result);
        if (isRead) IsEnded = result.IsCompleted;
        return isRead;
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        IsStarted = true;
        var result = await inner.ReadAsync(cancellationToken);
        IsEnded = result.IsCompleted;
        return result;
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    // The server completes its reader itself; completed here, what is left of the body could not be drained any more.
    public override void Complete(Exception? exception = null) { }

    /// <summary>Reads on to the end and drops the bytes.</summary>
    public async Task Drain(CancellationToken ct)
    {
        while (!IsEnded)
        {
            var read = await ReadAsync(ct);
            AdvanceTo(read.Buffer.End);
        }
    }
}
