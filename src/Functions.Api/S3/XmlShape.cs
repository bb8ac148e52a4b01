using System.Buffers;
using System.Text;
using System.Xml;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// The shape of an XML message: its elements are declared once, in the order in which they are written, and the same
/// table writes and reads it.
/// </summary>
/// <remarks>
/// Reading follows AWS's schema validation: the root's name must match, an element that is not declared, one that comes
/// twice though it may not, a missing required one and a value of the wrong type are all MalformedXML, because an element
/// passed over could have been a condition of a delete. The order of elements, their namespace and all attributes do not
/// matter: clients send documents with and without a namespace.
/// </remarks>
/// <typeparam name="T">The message. A struct can only be written.</typeparam>
public sealed class XmlShape<T> where T : new()
{
    /// <summary>The namespace of S3's messages.</summary>
    public const string S3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    private const string Declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

    private readonly List<XmlElement<T>> elements = [];
    private readonly List<(byte[] Open, Func<T, string> Get)> attributes = [];
    private readonly string name;
    private readonly byte[] head;
    private readonly byte[] tail;
    private Func<T, string?>? content;
    private Action<T, string>? setContent;

    /// <param name="name">The root's name.</param>
    /// <param name="xmlns">The root's namespace when it is written; null for none.</param>
    public XmlShape(string name, string? xmlns = S3Namespace)
    {
        this.name = name;
        var attribute = xmlns is null ? "" : $" xmlns=\"{xmlns}\"";
        head = Encoding.UTF8.GetBytes($"{Declaration}<{name}{attribute}");
        tail = Encoding.UTF8.GetBytes($"</{name}>");
    }

    /// <summary>An attribute of the root. It is written, not read.</summary>
    public XmlShape<T> Attribute(string attribute, Func<T, string> get)
    {
        attributes.Add((Encoding.UTF8.GetBytes($" {attribute}=\""), get));
        return this;
    }

    /// <summary>The text of the root itself, for messages without elements.</summary>
    public XmlShape<T> Content(Func<T, string?> get, Action<T, string>? set = null)
    {
        (content, setContent) = (get, set);
        return this;
    }

    /// <summary>Text; null is not written.</summary>
    public XmlShape<T> Text(string element, Func<T, string?> get, Action<T, string>? set = null, bool required = false) =>
        Add(new TextElement<T>(element, get, set, required));

    /// <summary>Text that is percent-encoded where the message asks for it (<c>encoding-type=url</c>); null is not written.</summary>
    public XmlShape<T> Name(string element, Func<T, string?> get, Func<T, bool> encode) =>
        Add(new NameElement<T>(element, get, encode));

    /// <summary>
    /// Text that is percent-encoded, and says so by the attribute <c>Encoded="true"</c>, where it holds what XML cannot; null is not
    /// written. It is written, not read.
    /// </summary>
    public XmlShape<T> Encodable(string element, Func<T, string?> get) => Add(new EncodableElement<T>(element, get));

    /// <summary>A part of the message itself within an element of its own, always written. It is not read.</summary>
    public XmlShape<T> Part<TPart>(string element, XmlShape<TPart> shape, Func<T, TPart> get) where TPart : new() =>
        Add(new PartElement<T, TPart>(element, shape, get));

    /// <summary>Text in quotation marks, as ETags are; null is not written. It is written, not read.</summary>
    public XmlShape<T> Quoted(string element, Func<T, string?> get) => Add(new QuotedElement<T>(element, get));

    /// <summary>A whole number; null is not written.</summary>
    public XmlShape<T> Integer(string element, Func<T, long?> get, Action<T, long>? set = null, bool required = false) =>
        Add(new IntegerElement<T>(element, get, set, required));

    /// <summary><c>true</c> or <c>false</c>; null is not written.</summary>
    public XmlShape<T> Flag(string element, Func<T, bool?> get, Action<T, bool>? set = null, bool required = false) =>
        Add(new FlagElement<T>(element, get, set, required));

    /// <summary>An instant, <c>yyyy-MM-ddTHH:mm:ss.fffZ</c>; null is not written.</summary>
    public XmlShape<T> Date(
        string element, Func<T, DateTimeOffset?> get, Action<T, DateTimeOffset>? set = null, bool required = false) =>
        Add(new DateElement<T>(element, get, set, required));

    /// <summary>A nested message; null is not written.</summary>
    public XmlShape<T> Nested<TInner>(
        string element, XmlShape<TInner> shape, Func<T, TInner?> get, Action<T, TInner>? set = null, bool required = false)
        where TInner : class, new() => Add(new NestedElement<T, TInner>(element, shape, get, set, required));

    /// <summary>A nested message whose element carries its type in <c>xsi:type</c>, as grantees do; null is not written.</summary>
    public XmlShape<T> Typed<TInner>(
        string element, XmlShape<TInner> shape, Func<T, TInner?> get, Action<T, TInner> set, Func<T, string?> getType,
        Action<T, string> setType, bool required = false)
        where TInner : class, new() => Add(new TypedElement<T, TInner>(element, shape, get, set, getType, setType, required));

    /// <summary>Any number of messages, one element each, with nothing around them. None at all may be required to be wrong.</summary>
    public XmlShape<T> Many<TItem>(
        string element, XmlShape<TItem> shape, Func<T, IReadOnlyList<TItem>?> get, Action<T, TItem>? add = null,
        bool required = false)
        where TItem : new() => Add(new ListElement<T, TItem>(element, shape, get, add, required));

    /// <summary>
    /// Any number of messages, each as one of two elements, in their own order and with nothing around them. They are written,
    /// not read.
    /// </summary>
    public XmlShape<T> Either<TItem>(
        string element, XmlShape<TItem> shape, string other, XmlShape<TItem> otherShape, Func<TItem, bool> isOther,
        Func<T, IReadOnlyList<TItem>> get) where TItem : new() =>
        Add(new EitherElement<T, TItem>(element, shape, other, otherShape, isOther, get));

    /// <summary>Any number of messages within one element, which is written when the list is empty but not when it is null.</summary>
    public XmlShape<T> Wrapped<TItem>(
        string element, string item, XmlShape<TItem> shape, Func<T, IReadOnlyList<TItem>?> get, Action<T, TItem>? add = null,
        bool required = false)
        where TItem : new() => Add(new WrappedElement<T, TItem>(element, item, shape, get, add, required));

    /// <summary>Any number of texts, one element each.</summary>
    public XmlShape<T> Texts(string element, Func<T, IReadOnlyList<string>?> get, Action<T, string>? add = null) =>
        Add(new TextsElement<T>(element, get, add));

    /// <summary>Texts whose elements' names only the message knows: ASCII letters. They are written, not read.</summary>
    public XmlShape<T> Fields(Func<T, IReadOnlyList<KeyValuePair<string, string>>> get) => Add(new FieldsElement<T>(get));

    /// <summary>An element of a capability that is not there yet: a message that has it is refused with NotImplemented.</summary>
    public XmlShape<T> Unserved(string element) => Add(new UnservedElement<T>(element));

    /// <summary>Writes the document as UTF-8.</summary>
    public void Write(IBufferWriter<byte> writer, T message)
    {
        var output = new XmlOutput(writer);
        output.Raw(head);
        foreach (var (open, get) in attributes)
        {
            output.Raw(open);
            output.Text(get(message));
            output.Raw("\""u8);
        }
        output.Raw(">"u8);
        WriteContent(ref output, message);
        output.Raw(tail);
        output.Flush();
    }

    /// <summary>Reads a document; throws <see cref="S3Exception"/> MalformedXML. DTDs are refused.</summary>
    public T Read(ReadOnlyMemory<byte> document)
    {
        using var stream = new ReadOnlyMemoryStream(document);
        try
        {
            using var reader = XmlReader.Create(stream, XmlReading.Settings);
            if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != name)
                throw XmlReading.Malformed($"The document's root must be {name}.");
            var message = ReadContent(reader);
            while (!reader.EOF) reader.Read();
            return message;
        }
        catch (XmlException e)
        {
            throw XmlReading.Malformed($"The XML is not well-formed at line {e.LineNumber}, position {e.LinePosition}.");
        }
    }

    internal void WriteContent(ref XmlOutput output, T message)
    {
        if (content is not null && content(message) is { } text) output.Text(text);
        foreach (var element in elements) element.Write(ref output, message);
    }

    /// <summary>Reads from a start tag to behind its end tag.</summary>
    internal T ReadContent(XmlReader reader)
    {
        var message = new T();
        if (setContent is not null)
        {
            setContent(message, reader.ReadElementContentAsString());
            return message;
        }
        var seen = 0UL;
        var isEmpty = reader.IsEmptyElement;
        var within = reader.LocalName;
        reader.ReadStartElement();
        while (!isEmpty)
        {
            XmlReading.SkipBlanks(reader);
            if (reader.NodeType == XmlNodeType.EndElement) break;
            if (reader.NodeType != XmlNodeType.Element) throw XmlReading.Malformed($"There may be no text in {within}.");
            var index = elements.FindIndex(e => e.IsReadable && e.Name == reader.LocalName);
            if (index < 0) throw XmlReading.Malformed($"There is no element {reader.LocalName} in {within}.");
            if ((seen & (1UL << index)) != 0 && !elements[index].Repeats)
                throw XmlReading.Malformed($"There may be only one {reader.LocalName} in {within}.");
            seen |= 1UL << index;
            elements[index].Read(reader, message);
        }
        if (!isEmpty) reader.ReadEndElement();
        for (var i = 0; i < elements.Count; i++)
            if (elements[i].IsRequired && (seen & (1UL << i)) == 0)
                throw XmlReading.Malformed($"{within} needs the element {elements[i].Name}.");
        return message;
    }

    private XmlShape<T> Add(XmlElement<T> element)
    {
        if (elements.Count == 64) throw new InvalidOperationException($"{name}: what was seen is kept in 64 bits.");
        elements.Add(element);
        return this;
    }
}
