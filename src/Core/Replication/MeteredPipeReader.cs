using System.Buffers;
using System.IO.Pipelines;

namespace ZenkoFunctions.Core.Replication;

/// <summary>Hands bytes out no faster than a limit lets them, and tells the watch of a copy that they move.</summary>
/// <param name="inner">Where they come from.</param>
/// <param name="limit">Null for none.</param>
/// <param name="watch">Whose patience begins anew with every read.</param>
/// <param name="clock">The time.</param>
internal sealed class MeteredPipeReader(PipeReader inner, BandwidthLimit? limit, CopyWatch watch, TimeProvider clock) : PipeReader
{
    /// <summary>The most that is handed out at once under a limit: what follows comes in even steps.</summary>
    private const int Step = 64 * 1024;

    private ReadOnlySequence<byte> current;
    private int step = Step;
    private TimeSpan wait = limit?.Take(0) ?? TimeSpan.Zero; // what others took

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (wait > TimeSpan.Zero)
        {
            watch.Rest();
            await Task.Delay(wait, clock, cancellationToken);
            wait = TimeSpan.Zero;
        }
        watch.Moved();
        var result = Handed(await inner.ReadAsync(cancellationToken));
        watch.Moved();
        return result;
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        result = default;
        if (wait > TimeSpan.Zero || !inner.TryRead(out result)) return false;
        result = Handed(result);
        watch.Moved();
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (limit is not null)
        {
            var taken = current.Slice(current.Start, consumed).Length;
            wait = limit.Take(taken);
            // Who takes nothing wants to see more at once.
            step = taken == 0 && step < int.MaxValue / 2 ? step * 2 : Step;
        }
        inner.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <inheritdoc/>
    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private ReadResult Handed(ReadResult read)
    {
        current = read.Buffer;
        if (limit is null || read.Buffer.Length <= step) return read;
        current = read.Buffer.Slice(0, step);
        return new(current, read.IsCanceled, isCompleted: false);
    }
}
