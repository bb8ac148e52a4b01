using System.Buffers;

namespace ZenkoFunctions.Api.S3;

/// <summary>Reads the bodies that are messages rather than objects.</summary>
public static class S3Body
{
    /// <summary>
    /// The whole payload. Throws EntityTooLarge beyond <paramref name="limit"/> bytes, and whatever is wrong with its
    /// signature or framing.
    /// </summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAll(this S3Call call, int limit, CancellationToken ct)
    {
        var tooLarge = new S3Exception(S3Errors.EntityTooLarge, $"The body of {call.Spec.Name} may have at most {limit} bytes.");
        if (call.Sender.Length > limit) throw tooLarge;
        var body = new ArrayBufferWriter<byte>(Math.Max((int)(call.Sender.Length ?? 0), 256));
        while (true)
        {
            var read = await call.Sender.Body.ReadAsync(ct);
            var isTooLarge = body.WrittenCount + read.Buffer.Length > limit;
            if (!isTooLarge)
                foreach (var segment in read.Buffer)
                    body.Write(segment.Span);
            call.Sender.Body.AdvanceTo(read.Buffer.End);
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
