using System.Buffers;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// The shape of an XML message: its elements are declared once, and the same table writes and reads it. To be given its
/// elements; this is the contract that <see cref="Reply"/> relies on.
/// </summary>
/// <typeparam name="T">The message.</typeparam>
public sealed class XmlShape<T> where T : class, new()
{
    /// <summary>Writes the document as UTF-8.</summary>
    public void Write(IBufferWriter<byte> writer, T message) => throw new NotImplementedException();

    /// <summary>Reads a document; throws <see cref="S3Exception"/> MalformedXML. DTDs are refused.</summary>
    public T Read(ReadOnlyMemory<byte> document) => throw new NotImplementedException();
}
