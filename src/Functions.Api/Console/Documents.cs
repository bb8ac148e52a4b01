using System.Text;
using System.Xml.Linq;

namespace ZenkoFunctions.Api.Console;

/// <summary>Documents of S3, as pages write them.</summary>
internal static class Documents
{
    /// <summary>Their namespace.</summary>
    public static readonly XNamespace S3 = Api.S3.XmlShape<object>.S3Namespace;

    /// <summary>An element of one; null contents are left out.</summary>
    public static XElement Element(string name, params object?[] contents) => new(S3 + name, contents);

    /// <summary>An element for each of several values.</summary>
    public static IEnumerable<XElement> Each(string name, IEnumerable<string> values) => values.Select(value => Element(name, value));

    /// <summary>An element with a text; null where there is none.</summary>
    public static XElement? Optional(string name, string? text) => text is null ? null : Element(name, text);

    /// <summary>The bytes of one.</summary>
    public static byte[] Bytes(this XElement root) => Encoding.UTF8.GetBytes(root.ToString(SaveOptions.DisableFormatting));
}
