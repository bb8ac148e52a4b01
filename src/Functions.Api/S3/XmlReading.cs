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
        IgnoreWhitespace = true,
    };

    /// <summary>To be thrown.</summary>
    public static S3Exception Malformed(string detail) => new(S3Errors.MalformedXML, detail);
}
