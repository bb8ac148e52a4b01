using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Search;

/// <summary>
/// What is searched for, in Zenko's grammar: <c>x-amz-meta-color = "blue" AND (content-length > 1024 OR key LIKE "/\.jpe?g$/i")</c>.
/// Comparisons bind closest, then LIKE, AND, OR.
/// </summary>
public sealed class SearchExpression
{
    /// <summary>Characters of an expression.</summary>
    public const int MostUnits = 8192;

    /// <summary>Comparisons of an expression.</summary>
    public const int MostClauses = 100;

    /// <summary>What Zenko says of all that it cannot read.</summary>
    internal const string Unreadable = "Invalid sql where clause sent as search query";

    private SearchExpression(SearchClause root) => Root = root;

    /// <summary>The whole of it.</summary>
    internal SearchClause Root { get; }

    /// <summary>Reads one; the refusal says what is wrong.</summary>
    public static Result<SearchExpression> Parse(string text)
    {
        if (text.Length > MostUnits) return Refusal.InvalidRequest.Because($"A search may have at most {MostUnits} characters.");
        // The first of them, wherever it stands.
        const string Status = "replication-status";
        if (text.IndexOf(Status, StringComparison.Ordinal) is >= 0 and var at) text = text.Remove(at, Status.Length).Insert(at, "replicationInfo.status");
        if (SearchTokens.Cut(text) is not { } tokens || Tree(tokens) is not { } tree) return Refusal.InvalidRequest.Because(Unreadable);
        var reading = new Reading();
        var root = reading.Clause(tree);
        if (reading.Refused is { } refused) return refused;
        // Whatever is wrong elsewhere: that a name is unknown tells more.
        if (reading.Unknown is { } unknown) return Refusal.InvalidRequest.Because($"Search param contains unknown attribute: {unknown}");
        return root is null ? Refusal.InvalidRequest.Because(Unreadable) : new SearchExpression(root);
    }

    /// <summary>Whether it is true of a version. Throws <see cref="System.Text.RegularExpressions.RegexMatchTimeoutException"/>.</summary>
    internal bool Holds(SearchSubject subject) => Root.Holds(subject);

    private static int? Precedence(string? symbol) => symbol switch
    {
        "=" or "!=" or "<>" or "<" or ">" or "<=" or ">=" => 3,
        "LIKE" => 2,
        "AND" => 1,
        "OR" => 0,
        _ => null,
    };

    /// <summary>Operators with their two operands, which may be missing; null where parentheses do not match or there is not one tree.</summary>
    private static Node? Tree(List<SearchToken> tokens)
    {
        Stack<string> operators = [];
        Stack<Node> operands = [];
        foreach (var token in tokens)
        {
            switch (token.Symbol)
            {
                case "(":
                    operators.Push("(");
                    break;
                case ")":
                    while (operators.TryPeek(out var top) && top != "(") Apply(operators.Pop(), operands);
                    if (!operators.TryPop(out _)) return null;
                    break;
                case { } symbol when Precedence(symbol) is { } precedence:
                    while (operators.TryPeek(out var before) && Precedence(before) >= precedence) Apply(operators.Pop(), operands);
                    operators.Push(symbol);
                    break;
                default:
                    operands.Push(new(null, token.Value));
                    break;
            }
        }
        while (operators.TryPop(out var left))
        {
            if (left == "(") return null;
            Apply(left, operands);
        }
        return operands.Count == 1 ? operands.Pop() : null;
    }

    private static void Apply(string symbol, Stack<Node> operands)
    {
        operands.TryPop(out var second);
        operands.TryPop(out var first);
        operands.Push(new(symbol, default) { First = first, Second = second });
    }

    /// <summary>A value, or an operator with its operands.</summary>
    private sealed record Node(string? Symbol, SearchValue Value)
    {
        public Node? First { get; init; }

        public Node? Second { get; init; }
    }

    /// <summary>Makes clauses of a tree.</summary>
    private sealed class Reading
    {
        private int clauses;

        /// <summary>The last name that is no field's.</summary>
        public string? Unknown { get; private set; }

        /// <summary>What else is wrong, where there is more to say of it.</summary>
        public Declined? Refused { get; private set; }

        /// <summary>The clause of a node; null where it is none.</summary>
        public SearchClause? Clause(Node? node)
        {
            if (Refused is not null) return null;
            if (++clauses > 2 * MostClauses) Refused = Refusal.InvalidRequest.Because($"A search may have at most {MostClauses} comparisons.");
            switch (node?.Symbol)
            {
                case null:
                    // Zenko takes it for the name of a field without anything about it.
                    if (node?.Value is { Kind: not SearchKind.None } value) Unknown = Told(value);
                    return null;
                case "AND":
                {
                    var (one, other) = (Clause(node.First), Clause(node.Second));
                    return one is null || other is null ? null : new AndClause(one, other);
                }
                case "OR":
                {
                    var (one, other) = (Clause(node.First), Clause(node.Second));
                    return one is null || other is null ? null : new OrClause(one, other);
                }
                default:
                    return Comparison(node.Symbol, node.First, node.Second);
            }
        }

        private SearchClause? Comparison(string symbol, Node? left, Node? right)
        {
            if (left is not { Symbol: null, Value.Kind: SearchKind.Text } || right is not { Symbol: null }) return null;
            var name = left.Value.Text;
            if (SearchField.Find(name) is not { } field)
            {
                Unknown = name;
                return null;
            }
            if (symbol != "LIKE") return new CompareClause(field, RelationOf(symbol), right.Value);
            if (right.Value.Kind != SearchKind.Text)
            {
                Refused = Refusal.InvalidRequest.Because("The pattern of a LIKE must be a text; put it in quotes.");
                return null;
            }
            var pattern = LikePattern.Parse(right.Value.Text);
            if (pattern.Refusal is null) return new LikeClause(field, pattern.Value);
            Refused ??= Refusal.InvalidRequest.Because(pattern.Detail ?? Unreadable);
            return null;
        }

        private static SearchRelation RelationOf(string symbol) => symbol switch
        {
            "=" => SearchRelation.Equal,
            "<" => SearchRelation.Less,
            ">" => SearchRelation.Greater,
            "<=" => SearchRelation.AtMost,
            ">=" => SearchRelation.AtLeast,
            _ => SearchRelation.NotEqual,
        };

        private static string Told(SearchValue value) => value.Kind switch
        {
            SearchKind.Text => value.Text,
            SearchKind.Flag => value.Number == 0 ? "false" : "true",
            _ => value.Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
    }
}
