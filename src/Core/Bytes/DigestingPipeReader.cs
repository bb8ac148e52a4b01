using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace ZenkoFunctions.Core.Bytes;

/// <summary>
/// Hands out what another reader reads, and meanwhile takes it into digests on other threads. The bytes must stay where
/// they are until that is done, so <see cref="AdvanceTo(SequencePosition, SequencePosition)"/> only notes how far the
/// consumer came; the next read, <see cref="Completed"/> or Complete waits for the digests and then advances the inner
/// reader. Every byte that was handed out is digested exactly once, consumed or not.
/// </summary>
/// <remarks>After the last byte, await <see cref="Completed"/> before finishing the digests. It does not dispose them.</remarks>
public sealed class DigestingPipeReader : PipeReader
{
    /// <summary>
    /// Smaller pieces are digested at once, on the caller's thread: handing 16 KiB over costs about a third of digesting
    /// them.
    /// </summary>
    private const int WorthHandingOver = 16 * 1024;

    private readonly PipeReader inner;
    private readonly DigestingLanes lanes;
    private ReadOnlySequence<byte> current; // what the consumer holds
    private long digested;                  // bytes at the start of the unconsumed data that the digests have had
    private (SequencePosition Consumed, SequencePosition Examined)? advance;

    /// <summary>Reads from <paramref name="inner"/> into the digests; each is used by one thread at a time.</summary>
    public DigestingPipeReader(PipeReader inner, IReadOnlyList<Digest> digests)
    {
        this.inner = inner;
        lanes = new DigestingLanes(digests);
    }

    /// <summary>How many bytes have been handed out, and digested once <see cref="Completed"/> returns.</summary>
    public long BytesRead { get; private set; }

    /// <summary>
    /// Returns when the digests have had every byte that was handed out. Throws what a digest threw.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask Completed()
    {
        await lanes.Settled();
        Advance();
    }

    /// <summary>
    /// As <see cref="Completed"/>, for a consumer that gives up: the digests may be disposed then, and the inner reader
    /// stands where the consumer came to.
    /// </summary>
    public async ValueTask Released()
    {
        await lanes.SettledQuietly();
        Advance();
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        await Completed();
        var result = await inner.ReadAsync(cancellationToken);
        Digest(result.Buffer);
        return result;
    }

    /// <inheritdoc/>
    /// <remarks>False while the digests are still busy with the previous piece, too.</remarks>
    public override bool TryRead(out ReadResult result)
    {
        result = default;
        if (!lanes.AreSettled) return false;
        lanes.Wait();
        Advance();
        if (!inner.TryRead(out result)) return false;
        Digest(result.Buffer);
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => advance = (consumed, examined);

    /// <inheritdoc/>
    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        lanes.WaitQuietly();
        Advance();
        inner.Complete(exception);
    }

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        await Released();
        await inner.CompleteAsync(exception);
    }

    private void Digest(in ReadOnlySequence<byte> buffer)
    {
        current = buffer;
        var fresh = buffer.Slice(digested);
        digested = buffer.Length;
        BytesRead += fresh.Length;
        if (fresh.IsEmpty) return;
        if (fresh.Length < WorthHandingOver) lanes.Run(fresh);
        else lanes.Start(fresh);
    }

    private void Advance()
    {
        if (advance is not var (consumed, examined)) return;
        advance = null;
        digested -= current.Slice(current.Start, consumed).Length;
        current = default;
        inner.AdvanceTo(consumed, examined);
    }
}
