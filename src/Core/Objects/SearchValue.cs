using System.Globalization;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What a <see cref="SearchValue"/> is.</summary>
public enum SearchKind
{
    /// <summary>Nothing: the version has no such field. In an expression: <c>null</c>.</summary>
    None,

    /// <summary>A text; compared as its UTF-8 bytes.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>Something that is there, but is like nothing that can be written in an expression: <c>tags</c> as a whole.</summary>
    Other,

    /// <summary>Several values: a comparison holds where it does for one of them, and <c>!=</c> where it does for all.</summary>
    Several,
}

/// <summary>The value of a field of a version, or one that an expression compares it with. Values of different kinds are never alike, nor is one less than the other.</summary>
public readonly record struct SearchValue
{
    private readonly double number;
    private readonly object? content;

    private SearchValue(SearchKind kind, object? content, double number) => (Kind, this.content, this.number) = (kind, content, number);

    /// <summary>No value.</summary>
    public static SearchValue None => default;

    /// <summary>Something that nothing is like.</summary>
    public static SearchValue Other => new(SearchKind.Other, null, 0);

    /// <summary>What it is.</summary>
    public SearchKind Kind { get; }

    /// <summary>The text of one.</summary>
    public string Text => (string)content!;

    /// <summary>The number of one; 1 and 0 for true and false.</summary>
    public double Number => number;

    /// <summary>Those of several.</summary>
    public IReadOnlyList<SearchValue> Items => (IReadOnlyList<SearchValue>)content!;

    /// <summary>A text; nothing where it is null.</summary>
    public static SearchValue Of(string? text) => text is null ? default : new(SearchKind.Text, text, 0);

    /// <summary>A number.</summary>
    public static SearchValue Of(double number) => new(SearchKind.Number, null, number);

    /// <summary>True or false.</summary>
    public static SearchValue Of(bool flag) => new(SearchKind.Flag, null, flag ? 1 : 0);

    /// <summary>A time, as Zenko writes it: the order of the texts is that of the times.</summary>
    public static SearchValue Of(DateTimeOffset time) => Of(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    /// <summary>Several texts.</summary>
    public static SearchValue Of(IEnumerable<string> texts) => new(SearchKind.Several, texts.Select(Of).ToList(), 0);

    /// <summary>Less than, equal to or greater than zero; null where the two cannot be compared.</summary>
    public int? CompareTo(SearchValue other) =>
        Kind != other.Kind ? null
        : Kind switch
        {
            SearchKind.None => 0,
            SearchKind.Text => Utf8Order.Compare(Text, other.Text),
            SearchKind.Number or SearchKind.Flag => number.CompareTo(other.number),
            _ => null,
        };
}
