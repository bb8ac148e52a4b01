using System.IO.Pipelines;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// A body whose length nobody announced (chunked transfer): EntityTooLarge as soon as it shows more bytes than it may have, so
/// that it cannot fill a disk first.
/// </summary>
/// <param name="body">The body.</param>
/// <param name="most">How many bytes it may have.</param>
internal sealed class BoundedBody(PipeReader body, long most) : MeasuredBody(body)
{
    protected override Exception? Fault(long size, bool isAll) => size > most ? new S3Exception(S3Errors.EntityTooLarge) : null;
}
