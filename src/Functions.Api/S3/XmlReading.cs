using System.Buffers;
using System.Runtime.InteropServices;
using System.Xml;

namespace ZenkoFunctions.Api.S3;

/// <summary>What reading XML messages has in common.</summary>
internal static class XmlReading
{
    /// <summary>No DTDs, no entities, nothing fetched. The document's size is bounded by who reads the body.</summary>
    public static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>Passes over the blanks between elements. The reader must not do so itself: a key may be nothing but blanks.</summary>
    public static void SkipBlanks(XmlReader reader)
    {
        while (reader.NodeType is XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace) reader.Read();
    }

    /// <summary>To be thrown.</summary>
    public static S3Exception Malformed(string detail) => new(S3Errors.MalformedXML, detail);
}
