using System.Buffers;
using System.IO.Pipelines;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// A body whose length nobody announced (chunked transfer): EntityTooLarge as soon as it shows more bytes than it may have, so
/// that it cannot fill a disk first.
/// </summary>
/// <param name="body">The body.</param>
/// <param name="most">How many bytes it may have.</param>
internal sealed class BoundedBody(PipeReader body, long most) : PipeReader
{
    private ReadOnlySequence<byte> shown;
    private long consumed;

    public override bool TryRead(out ReadResult result)
    {
        if (!body.TryRead(out result)) return false;
        Check(result);
        return true;
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var result = await body.ReadAsync(cancellationToken);
        Check(result);
        return result;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        this.consumed += shown.Slice(0, consumed).Length;
        shown = default;
        body.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);

    private void Check(in ReadResult result)
    {
        shown = result.Buffer;
        if (consumed + shown.Length <= most) return;
        AdvanceTo(shown.End);
        throw new S3Exception(S3Errors.EntityTooLarge);
    }
}
