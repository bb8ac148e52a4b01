using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Reads the bodies that are documents rather than blobs.</summary>
public static class BlobBodies
{
    /// <summary>The whole body; RequestBodyTooLarge beyond the spec's bound.</summary>
    public static ValueTask<ReadOnlyMemory<byte>> ReadAll(this BlobCall call, CancellationToken ct) =>
        S3Body.ReadAll(call.Request.Body, call.Request.ContentLength, call.Spec.DocumentBytes, call.Spec.Name, ct);

    /// <summary>Reads a message; null where the body is empty. InvalidXmlDocument where it is none.</summary>
    public static async ValueTask<T?> ReadOptionalXml<T>(this BlobCall call, XmlShape<T> shape, CancellationToken ct) where T : class, new()
    {
        var document = await call.ReadAll(ct);
        return document.IsEmpty ? null : shape.Read(document);
    }
}
