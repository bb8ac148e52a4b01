using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// A condition on the tags of a blob, as in x-ms-if-tags: <c>"Status" = 'done' AND ("Kind" &lt;&gt; 'a' OR "Kind" &gt;= 'm')</c>. Values
/// are compared by their characters. AND binds closer than OR. It is stored as its text.
/// </summary>
[JsonConverter(typeof(TagsExpressionJson))]
public sealed class TagsExpression
{
    private const int MaxDepth = 16, MaxName = 128, MaxValue = 256;

    private readonly Func<IReadOnlyDictionary<string, string>, bool> holds;

    private TagsExpression(string text, Func<IReadOnlyDictionary<string, string>, bool> holds, IReadOnlySet<string> names) =>
        (Text, this.holds, Names) = (text, holds, names);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The tags that it is about.</summary>
    public IReadOnlySet<string> Names { get; }

    /// <summary>Whether it is true of these tags.</summary>
    public bool Holds(IReadOnlyDictionary<string, string>? tags) => holds(tags ?? new Dictionary<string, string>());

    /// <summary>Reads one; null where it does not follow the grammar.</summary>
    public static TagsExpression? Parse(string text)
    {
        var reader = new Reader(text);
        return reader.Or(0) is { } read && reader.IsAtEnd ? new(text, read, reader.Names) : null;
    }

    private ref struct Reader(string text)
    {
        private readonly string text = text;
        private int at;

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public bool IsAtEnd
        {
            get
            {
                SkipBlanks();
                return at == text.Length;
            }
        }

        public Func<IReadOnlyDictionary<string, string>, bool>? Or(int depth)
        {
            var left = And(depth);
            while (left is not null && Take("OR"))
            {
                var (one, other) = (left, And(depth));
                left = other is null ? null : tags => one(tags) || other(tags);
            }
            return left;
        }

        private Func<IReadOnlyDictionary<string, string>, bool>? And(int depth)
        {
            var left = Term(depth);
            while (left is not null && Take("AND"))
            {
                var (one, other) = (left, Term(depth));
                left = other is null ? null : tags => one(tags) && other(tags);
            }
            return left;
        }

        private Func<IReadOnlyDictionary<string, string>, bool>? Term(int depth)
        {
            if (Take("(")) return depth < MaxDepth && Or(depth + 1) is { } inner && Take(")") ? inner : null;
            if (Name() is not { Length: > 0 and <= MaxName } name || Operator() is not { } compare || Quoted('\'') is not { Length: <= MaxValue } value) return null;
            if (!name.AsSpan(name[0] == '@' ? 1 : 0).ContainsOnlyTagCharacters() || !value.AsSpan().ContainsOnlyTagCharacters()) return null;
            Names.Add(name);
            return tags => tags.TryGetValue(name, out var tag) && compare(string.CompareOrdinal(tag, value));
        }

        private string? Name()
        {
            SkipBlanks();
            if (at < text.Length && text[at] == '"') return Quoted('"');
            var start = at;
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '@')) at++;
            return text[start..at];
        }

        private Func<int, bool>? Operator() =>
            Take("<>") ? order => order != 0
            : Take("<=") ? order => order <= 0
            : Take(">=") ? order => order >= 0
            : Take("=") ? order => order == 0
            : Take("<") ? order => order < 0
            : Take(">") ? order => order > 0
            : null;

        private string? Quoted(char mark)
        {
            SkipBlanks();
            if (at == text.Length || text[at] != mark) return null;
            var end = text.IndexOf(mark, at + 1);
            if (end < 0) return null;
            var inner = text[(at + 1)..end];
            at = end + 1;
            return inner;
        }

        private bool Take(string token)
        {
            SkipBlanks();
            if (string.Compare(text, at, token, 0, token.Length, StringComparison.OrdinalIgnoreCase) != 0) return false;
            at += token.Length;
            return true;
        }

        private void SkipBlanks()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        }
    }
}

/// <summary>A condition is stored as its text.</summary>
internal sealed class TagsExpressionJson : JsonConverter<TagsExpression>
{
    public override TagsExpression Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TagsExpression.Parse(reader.GetString() ?? "") ?? throw new JsonException("The condition on tags cannot be read.");

    public override void Write(Utf8JsonWriter writer, TagsExpression value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}

/// <summary>What tags of blobs are made of: letters, digits, and <c>blank + - . / : = _</c>.</summary>
internal static class TagCharacters
{
    private static readonly System.Buffers.SearchValues<char> Known =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 +-./:=_");

    public static bool ContainsOnlyTagCharacters(this ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Known);
}
