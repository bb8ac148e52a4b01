namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// A condition on the tags of a blob, as in x-ms-if-tags: <c>"Status" = 'done' AND ("Kind" &lt;&gt; 'a' OR "Kind" &gt;= 'm')</c>. Values
/// are compared by their characters. AND binds closer than OR.
/// </summary>
public sealed class TagsExpression
{
    private const int MaxDepth = 16;

    private readonly Func<IReadOnlyDictionary<string, string>, bool> holds;

    private TagsExpression(Func<IReadOnlyDictionary<string, string>, bool> holds) => this.holds = holds;

    /// <summary>Whether it is true of these tags.</summary>
    public bool Holds(IReadOnlyDictionary<string, string>? tags) => holds(tags ?? new Dictionary<string, string>());

    /// <summary>Reads one; null where it does not follow the grammar.</summary>
    public static TagsExpression? Parse(string text)
    {
        var reader = new Reader(text);
        return reader.Or(0) is { } read && reader.IsAtEnd ? new(read) : null;
    }

    private ref struct Reader(string text)
    {
        private readonly string text = text;
        private int at;

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
            if (Name() is not { Length: > 0 } name || Operator() is not { } compare || Quoted('\'') is not { } value) return null;
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
