using System.Buffers;
using System.IO.Pipelines;

namespace ZenkoFunctions.Core.Bytes;

/// <summary>A body that is refused as soon as it shows a number of bytes that it may not have.</summary>
/// <param name="body">The body.</param>
public abstract class MeasuredBody(PipeReader body) : PipeReader
{
    private ReadOnlySequence<byte> shown;
    private long consumed;

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!body.TryRead(out result)) return false;
        Check(result);
        return true;
    }

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var result = await body.ReadAsync(cancellationToken);
        Check(result);
        return result;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        this.consumed += shown.Slice(0, consumed).Length;
        shown = default;
        body.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => body.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => body.Complete(exception);

    /// <summary>What is wrong with so many bytes, or null.</summary>
    /// <param name="size">The bytes that were shown so far.</param>
    /// <param name="isAll">Whether there will be no more.</param>
    protected abstract Exception? Fault(long size, bool isAll);

    private void Check(in ReadResult result)
    {
        shown = result.Buffer;
        if (Fault(consumed + shown.Length, result.IsCompleted) is not { } fault) return;
        AdvanceTo(shown.End);
        throw fault;
    }
}
