using System.Xml;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Names with values in a document: metadata, tags.</summary>
/// <param name="Items">In their order.</param>
internal sealed record Pairs(IReadOnlyList<KeyValuePair<string, string>> Items)
{
    /// <summary>For the shapes; not to be sent.</summary>
    public Pairs() : this([]) { }

    /// <summary>Metadata: an element each. Names that XML does not know as such are told by name alone.</summary>
    public static readonly XmlShape<Pairs> Metadata = new XmlShape<Pairs>("Metadata", xmlns: null)
        .Fields(pairs => [.. pairs.Items.Select(pair => IsName(pair.Key) ? pair : new("x-ms-invalid-name", pair.Key))]);

    private static readonly XmlShape<Pair> Tag = new XmlShape<Pair>("Tag", xmlns: null).Text("Key", tag => tag.Name).Text("Value", tag => tag.Value);

    /// <summary>Tags: TagSet with its Tags.</summary>
    public static readonly XmlShape<Pairs> Tags = new XmlShape<Pairs>("Tags", xmlns: null)
        .Wrapped("TagSet", "Tag", Tag, pairs => [.. pairs.Items.Select(pair => new Pair(pair.Key, pair.Value))]);

    private static bool IsName(string name) => name.Length > 0 && XmlConvert.IsStartNCNameChar(name[0]) && name.All(XmlConvert.IsNCNameChar);

    private readonly record struct Pair(string Name, string Value);
}
