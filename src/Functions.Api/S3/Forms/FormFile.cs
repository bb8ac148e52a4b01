using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Api.S3.Forms;

/// <summary>
/// The file in a form: EntityTooLarge as soon as it shows more bytes than it may have, EntityTooSmall where it ends with fewer,
/// MalformedPOSTRequest where the form ends before the file does.
/// </summary>
internal sealed class FormFile(Stream part, long least, long most)
    : MeasuredBody(Create(part, new(bufferSize: 128 * 1024, minimumReadSize: 16 * 1024)))
{
    /// <summary>Whether the form's end never came. What the server itself says of a body is told apart.</summary>
    public static bool IsTruncation(Exception e) => e is IOException and not BadHttpRequestException && e.InnerException is null;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.ReadAsync(cancellationToken);
        }
        catch (IOException e) when (IsTruncation(e))
        {
            throw new S3Exception(S3Errors.MalformedPOSTRequest, "The form ended before its file did.");
        }
    }

    protected override Exception? Fault(long size, bool isAll)
    {
        if (size > most)
        {
            return new S3Exception(S3Errors.EntityTooLarge, "Your proposed upload exceeds the maximum allowed size")
            {
                Fields = [new("ProposedSize", $"{size}"), new("MaxSizeAllowed", $"{most}")],
            };
        }
        if (!isAll || size >= least) return null;
        return new S3Exception(S3Errors.EntityTooSmall, "Your proposed upload is smaller than the minimum allowed size")
        {
            Fields = [new("ProposedSize", $"{size}"), new("MinSizeAllowed", $"{least}")],
        };
    }
}
