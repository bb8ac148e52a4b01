using System.Globalization;
using System.Text;
using System.Xml;

namespace ZenkoFunctions.Api.S3;

/// <summary>An element of a message: a line in the table of an <see cref="XmlShape{T}"/>.</summary>
internal abstract class XmlElement<T>(string name, bool readable, bool required)
{
    protected byte[] Open { get; } = Encoding.UTF8.GetBytes($"<{name}>");

    protected byte[] Close { get; } = Encoding.UTF8.GetBytes($"</{name}>");

    public string Name => name;

    /// <summary>Whether clients may send it.</summary>
    public bool IsReadable => readable;

    public bool IsRequired => required;

    /// <summary>Whether it may come more than once.</summary>
    public virtual bool Repeats => false;

    public abstract void Write(ref XmlOutput output, T message);

    /// <summary>Reads from the start tag to behind the end tag.</summary>
    public abstract void Read(XmlReader reader, T message);
}

internal sealed class TextElement<T>(string name, Func<T, string?> get, Action<T, string>? set, bool required)
    : XmlElement<T>(name, set is not null, required)
{
    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is not { } text) return;
        output.Raw(Open);
        output.Text(text);
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message) => set!(message, reader.ReadElementContentAsString());
}

internal sealed class NameElement<T>(string name, Func<T, string?> get, Func<T, bool> encode)
    : XmlElement<T>(name, readable: false, required: false)
{
    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is not { } text) return;
        output.Raw(Open);
        if (encode(message)) output.PercentEncoded(text);
        else output.Text(text);
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message) => throw new NotSupportedException();
}

internal sealed class EncodableElement<T>(string name, Func<T, string?> get) : XmlElement<T>(name, readable: false, required: false)
{
    private readonly byte[] encodedOpen = Encoding.UTF8.GetBytes($"<{name} Encoded=\"true\">");

    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is not { } text) return;
        var isEncoded = !IsXml(text);
        output.Raw(isEncoded ? encodedOpen : Open);
        output.Text(isEncoded ? Uri.EscapeDataString(text) : text);
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message) => throw new NotSupportedException();

    private static bool IsXml(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i])) continue;
            if (i + 1 == text.Length || !XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i])) return false;
            i++;
        }
        return true;
    }
}

internal sealed class PartElement<T, TPart>(string name, XmlShape<TPart> shape, Func<T, TPart> get)
    : XmlElement<T>(name, readable: false, required: false) where TPart : new()
{
    public override void Write(ref XmlOutput output, T message)
    {
        output.Raw(Open);
        shape.WriteContent(ref output, get(message));
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message) => throw new NotSupportedException();
}

internal sealed class QuotedElement<T>(string name, Func<T, string?> get)
    : XmlElement<T>(name, readable: false, required: false)
{
    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is not { } text) return;
        output.Raw(Open);
        output.Raw("&quot;"u8);
        output.Text(text);
        output.Raw("&quot;"u8);
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message) => throw new NotSupportedException();
}

internal sealed class IntegerElement<T>(string name, Func<T, long?> get, Action<T, long>? set, bool required)
    : XmlElement<T>(name, set is not null, required)
{
    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is not { } number) return;
        output.Raw(Open);
        output.Integer(number);
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message)
    {
        var text = reader.ReadElementContentAsString();
        if (!long.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw XmlReading.Malformed($"{Name} must be a whole number.");
        set!(message, number);
    }
}

internal sealed class FlagElement<T>(string name, Func<T, bool?> get, Action<T, bool>? set, bool required)
    : XmlElement<T>(name, set is not null, required)
{
    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is not { } flag) return;
        output.Raw(Open);
        output.Raw(flag ? "true"u8 : "false"u8);
        output.Raw(Close);
    }

    // Python clients send True and False.
    public override void Read(XmlReader reader, T message) =>
        set!(message, bool.TryParse(reader.ReadElementContentAsString(), out var flag)
            ? flag
            : throw XmlReading.Malformed($"{Name} must be true or false."));
}

internal sealed class DateElement<T>(string name, Func<T, DateTimeOffset?> get, Action<T, DateTimeOffset>? set, bool required)
    : XmlElement<T>(name, set is not null, required)
{
    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is not { } date) return;
        output.Raw(Open);
        output.Date(date);
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message)
    {
        const DateTimeStyles Style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTimeOffset.TryParse(reader.ReadElementContentAsString(), CultureInfo.InvariantCulture, Style, out var date))
            throw XmlReading.Malformed($"{Name} must be a date as in 2026-01-31T12:00:00.000Z.");
        set!(message, date);
    }
}

internal sealed class NestedElement<T, TInner>(
    string name, XmlShape<TInner> shape, Func<T, TInner?> get, Action<T, TInner>? set, bool required)
    : XmlElement<T>(name, set is not null, required) where TInner : class, new()
{
    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is not { } inner) return;
        output.Raw(Open);
        shape.WriteContent(ref output, inner);
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message) => set!(message, shape.ReadContent(reader));
}

internal sealed class TypedElement<T, TInner>(
    string name, XmlShape<TInner> shape, Func<T, TInner?> get, Action<T, TInner> set, Func<T, string?> getType,
    Action<T, string> setType, bool required)
    : XmlElement<T>(name, readable: true, required) where TInner : class, new()
{
    private const string Schema = "http://www.w3.org/2001/XMLSchema-instance";

    private readonly byte[] open = Encoding.UTF8.GetBytes($"<{name} xmlns:xsi=\"{Schema}\" xsi:type=\"");

    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is not { } inner) return;
        output.Raw(open);
        output.Text(getType(message));
        output.Raw("\">"u8);
        shape.WriteContent(ref output, inner);
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message)
    {
        if (reader.GetAttribute("type", Schema) is { } type) setType(message, type);
        set(message, shape.ReadContent(reader));
    }
}

internal sealed class ListElement<T, TItem>(
    string name, XmlShape<TItem> shape, Func<T, IReadOnlyList<TItem>?> get, Action<T, TItem>? add, bool required)
    : XmlElement<T>(name, add is not null, required) where TItem : new()
{
    public override bool Repeats => true;

    public override void Write(ref XmlOutput output, T message)
    {
        var items = get(message);
        for (var i = 0; i < (items?.Count ?? 0); i++)
        {
            output.Raw(Open);
            shape.WriteContent(ref output, items![i]);
            output.Raw(Close);
        }
    }

    public override void Read(XmlReader reader, T message) => add!(message, shape.ReadContent(reader));
}

internal sealed class EitherElement<T, TItem>(
    string name, XmlShape<TItem> shape, string other, XmlShape<TItem> otherShape, Func<TItem, bool> isOther,
    Func<T, IReadOnlyList<TItem>> get) : XmlElement<T>(name, readable: false, required: false) where TItem : new()
{
    private readonly byte[] otherOpen = Encoding.UTF8.GetBytes($"<{other}>");
    private readonly byte[] otherClose = Encoding.UTF8.GetBytes($"</{other}>");

    public override void Write(ref XmlOutput output, T message)
    {
        var items = get(message);
        for (var i = 0; i < items.Count; i++)
        {
            var second = isOther(items[i]);
            output.Raw(second ? otherOpen : Open);
            (second ? otherShape : shape).WriteContent(ref output, items[i]);
            output.Raw(second ? otherClose : Close);
        }
    }

    public override void Read(XmlReader reader, T message) => throw new NotSupportedException();
}

internal sealed class WrappedElement<T, TItem>(
    string name, string item, XmlShape<TItem> shape, Func<T, IReadOnlyList<TItem>?> get, Action<T, TItem>? add, bool required)
    : XmlElement<T>(name, add is not null, required) where TItem : new()
{
    private readonly ListElement<T, TItem> list = new(item, shape, get, add, required: false);

    public override void Write(ref XmlOutput output, T message)
    {
        if (get(message) is null) return;
        output.Raw(Open);
        list.Write(ref output, message);
        output.Raw(Close);
    }

    public override void Read(XmlReader reader, T message)
    {
        var isEmpty = reader.IsEmptyElement;
        reader.ReadStartElement();
        if (isEmpty) return;
        while (true)
        {
            XmlReading.SkipBlanks(reader);
            if (reader.NodeType == XmlNodeType.EndElement) break;
            if (reader.NodeType != XmlNodeType.Element || reader.LocalName != list.Name)
                throw XmlReading.Malformed($"{Name} may hold only {list.Name}.");
            list.Read(reader, message);
        }
        reader.ReadEndElement();
    }
}

internal sealed class TextsElement<T>(string name, Func<T, IReadOnlyList<string>?> get, Action<T, string>? add)
    : XmlElement<T>(name, add is not null, required: false)
{
    public override bool Repeats => true;

    public override void Write(ref XmlOutput output, T message)
    {
        var texts = get(message);
        for (var i = 0; i < (texts?.Count ?? 0); i++)
        {
            output.Raw(Open);
            output.Text(texts![i]);
            output.Raw(Close);
        }
    }

    public override void Read(XmlReader reader, T message) => add!(message, reader.ReadElementContentAsString());
}

internal sealed class UnservedElement<T>(string name) : XmlElement<T>(name, readable: true, required: false)
{
    public override void Write(ref XmlOutput output, T message) { }

    public override void Read(XmlReader reader, T message) => throw new S3Exception(
        S3Errors.NotImplemented, $"The element {Name} asks for something that this server does not implement; leave it out.");
}

internal sealed class FieldsElement<T>(Func<T, IReadOnlyList<KeyValuePair<string, string>>> get)
    : XmlElement<T>("Fields", readable: false, required: false)
{
    public override void Write(ref XmlOutput output, T message)
    {
        foreach (var (name, text) in get(message))
        {
            output.Raw("<"u8);
            output.Text(name);
            output.Raw(">"u8);
            output.Text(text);
            output.Raw("</"u8);
            output.Text(name);
            output.Raw(">"u8);
        }
    }

    public override void Read(XmlReader reader, T message) => throw new NotSupportedException();
}
