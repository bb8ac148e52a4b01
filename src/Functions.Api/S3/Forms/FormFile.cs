using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.Api.S3.Forms;

/// <summary>
/// The file in a form: EntityTooLarge as soon as it shows more bytes than it may have, EntityTooSmall where it ends with fewer,
/// MalformedPOSTRequest where the form ends before the file does.
/// </summary>
internal sealed class FormFile(Stream part, long least, long most) : PipeReader
{
    private readonly PipeReader inner = Create(part, new(bufferSize: 128 * 1024, minimumReadSize: 16 * 1024));
    private ReadOnlySequence<byte> shown;
    private long consumed;

    /// <summary>Whether the form's end never came. What the server itself says of a body is told apart.</summary>
    public static bool IsTruncation(Exception e) => e is IOException and not BadHttpRequestException && e.InnerException is null;

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result)) return false;
        Check(result);
        return true;
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ReadResult result;
        try
        {
            result = await inner.ReadAsync(cancellationToken);
        }
        catch (IOException e) when (IsTruncation(e))
        {
            throw new S3Exception(S3Errors.MalformedPOSTRequest, "The form ended before its file did.");
        }
        Check(result);
        return result;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        this.consumed += shown.Slice(0, consumed).Length;
        shown = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private void Check(in ReadResult result)
    {
        shown = result.Buffer;
        var size = consumed + shown.Length;
        if (size <= most && (size >= least || !result.IsCompleted)) return;
        AdvanceTo(shown.End);
        throw size > most
            ? new S3Exception(S3Errors.EntityTooLarge, "Your proposed upload exceeds the maximum allowed size")
            {
                Fields = [new("ProposedSize", $"{size}"), new("MaxSizeAllowed", $"{most}")],
            }
            : new S3Exception(S3Errors.EntityTooSmall, "Your proposed upload is smaller than the minimum allowed size")
            {
                Fields = [new("ProposedSize", $"{size}"), new("MinSizeAllowed", $"{least}")],
            };
    }
}
