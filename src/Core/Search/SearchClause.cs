using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Search;

/// <summary>A part of an expression: true of a version, or not.</summary>
internal abstract record SearchClause
{
    /// <summary>Whether it is true of a version. Throws <see cref="System.Text.RegularExpressions.RegexMatchTimeoutException"/>.</summary>
    public abstract bool Holds(SearchSubject subject);
}

/// <summary>Both.</summary>
internal sealed record AndClause(SearchClause One, SearchClause Other) : SearchClause
{
    public override bool Holds(SearchSubject subject) => One.Holds(subject) && Other.Holds(subject);
}

/// <summary>One or the other.</summary>
internal sealed record OrClause(SearchClause One, SearchClause Other) : SearchClause
{
    public override bool Holds(SearchSubject subject) => One.Holds(subject) || Other.Holds(subject);
}

/// <summary>What a comparison asks for.</summary>
internal enum SearchRelation
{
    Equal,
    NotEqual,
    Less,
    Greater,
    AtMost,
    AtLeast,
}

/// <summary>
/// A field is compared with a value. <c>null</c> is equal to what is not there; what is not there differs from everything else, and is
/// neither less nor more than anything.
/// </summary>
internal sealed record CompareClause(SearchField Field, SearchRelation Relation, SearchValue Value) : SearchClause
{
    public override bool Holds(SearchSubject subject) => Holds(Field.Of(subject));

    private bool Holds(SearchValue found)
    {
        if (found.Kind == SearchKind.Several)
            return Relation == SearchRelation.NotEqual ? found.Items.All(Holds) : found.Items.Any(Holds);
        var order = found.CompareTo(Value);
        return Relation switch
        {
            SearchRelation.Equal => order == 0,
            SearchRelation.NotEqual => order != 0,
            SearchRelation.Less => order < 0,
            SearchRelation.Greater => order > 0,
            SearchRelation.AtMost => order <= 0,
            _ => order >= 0,
        };
    }
}

/// <summary>A field's text has a place that a pattern matches.</summary>
internal sealed record LikeClause(SearchField Field, LikePattern Pattern) : SearchClause
{
    public override bool Holds(SearchSubject subject) => Holds(Field.Of(subject));

    private bool Holds(SearchValue found) => found.Kind switch
    {
        SearchKind.Text => Pattern.Matches(found.Text),
        SearchKind.Several => found.Items.Any(Holds),
        _ => false,
    };
}
