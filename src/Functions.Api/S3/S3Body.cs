using System.Buffers;
using System.IO.Pipelines;

namespace ZenkoFunctions.Api.S3;

/// <summary>Reads the bodies that are messages rather than objects.</summary>
public static class S3Body
{
    /// <summary>
    /// The whole payload. Throws EntityTooLarge beyond <paramref name="limit"/> bytes, and whatever is wrong with its
    /// signature or framing.
    /// </summary>
    public static ValueTask<ReadOnlyMemory<byte>> ReadAll(this S3Call call, int limit, CancellationToken ct) =>
        ReadAll(call.Sender.Body, call.Sender.Length, limit, call.Spec.Name, ct);

    /// <summary>All of a body, EntityTooLarge beyond <paramref name="limit"/> bytes.</summary>
    /// <param name="source">The body.</param>
    /// <param name="length">Its length where it was announced.</param>
    /// <param name="limit">How many bytes it may have.</param>
    /// <param name="what">Whose body it is, for the message.</param>
    /// <param name="ct">Stops it.</param>
    internal static async ValueTask<ReadOnlyMemory<byte>> ReadAll(PipeReader source, long? length, int limit, string what, CancellationToken ct)
    {
        var tooLarge = new S3Exception(S3Errors.EntityTooLarge, $"The body of {what} may have at most {limit} bytes.");
        if (length > limit) throw tooLarge;
        var body = new ArrayBufferWriter<byte>(Math.Max((int)(length ?? 0), 256));
        while (true)
        {
            var read = await source.ReadAsync(ct);
            var isTooLarge = body.WrittenCount + read.Buffer.Length > limit;
            if (!isTooLarge)
                foreach (var segment in read.Buffer)
                    body.Write(segment.Span);
            source.AdvanceTo(read.Buffer.End);
            if (isTooLarge) throw tooLarge;
            if (read.IsCompleted) return body.WrittenMemory;
        }
    }

    /// <summary>Reads a message; null where the body is empty.</summary>
    public static async ValueTask<T?> ReadOptionalXml<T>(this S3Call call, XmlShape<T> shape, int limit, CancellationToken ct)
        where T : class, new()
    {
        var document = await call.ReadAll(limit, ct);
        return document.IsEmpty ? null : shape.Read(document);
    }
}
