using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Search;

/// <summary>How an index gives the keys of what an expression is true of; more of them maybe, never less.</summary>
internal abstract record SearchPlan
{
    /// <summary>The fields whose entries are read.</summary>
    public abstract IEnumerable<IndexedField> Fields { get; }

    /// <summary>The plan of a clause; null where the index does not help.</summary>
    public static SearchPlan? Of(SearchClause clause, Bucket bucket, SearchIndex index)
    {
        switch (clause)
        {
            case AndClause:
            {
                List<SearchPlan> plans = [];
                Dictionary<string, EntryRange> ranges = new(StringComparer.Ordinal);
                foreach (var part in Conjuncts(clause))
                {
                    if (RangeOf(part, bucket, index) is { } range)
                        ranges[range.Field.Id] = ranges.TryGetValue(range.Field.Id, out var other) ? range.Within(other) : range;
                    else if (Of(part, bucket, index) is { } plan) plans.Add(plan);
                }
                plans.AddRange(ranges.Values.Where(range => range.IsWhole));
                return plans.Count switch { 0 => null, 1 => plans[0], _ => new LeastOf([.. plans.OrderBy(plan => plan is EntryRange { IsOne: true } ? 0 : 1)]) };
            }
            case OrClause(var one, var other):
                return Of(one, bucket, index) is { } first && Of(other, bucket, index) is { } second ? new AllOf(first, second) : null;
            default:
                return RangeOf(clause, bucket, index) is { IsWhole: true } whole ? whole : null;
        }
    }

    /// <summary>What every key begins with of which an expression is true; empty where nothing is known of that.</summary>
    public static string KeyPrefix(SearchClause clause)
    {
        var longest = "";
        foreach (var part in Conjuncts(clause))
        {
            var prefix = part switch
            {
                CompareClause { Field.Name: "key", Relation: SearchRelation.Equal, Value.Kind: SearchKind.Text } compare => compare.Value.Text,
                LikeClause { Field.Name: "key" } like => like.Pattern.Prefix,
                _ => "",
            };
            if (prefix.Length > longest.Length) longest = prefix;
        }
        return longest;
    }

    private static IEnumerable<SearchClause> Conjuncts(SearchClause clause) =>
        clause is AndClause(var one, var other) ? Conjuncts(one).Concat(Conjuncts(other)) : [clause];

    private static EntryRange? RangeOf(SearchClause clause, Bucket bucket, SearchIndex index)
    {
        switch (clause)
        {
            case LikeClause { Field.Name: var name, Pattern.Prefix: { Length: > 0 } prefix } when index.Ready(name) is { } field:
                return new(field, SearchRows.Beginning(bucket.Id, field.Id, prefix), IsOne: false, IsWhole: true);
            case CompareClause { Relation: not SearchRelation.NotEqual, Value: { Kind: SearchKind.Text or SearchKind.Number } value } compare when index.Ready(compare.Field.Name) is { } field:
                SearchValue? low = compare.Relation is SearchRelation.Less or SearchRelation.AtMost ? null : value;
                SearchValue? high = compare.Relation is SearchRelation.Greater or SearchRelation.AtLeast ? null : value;
                // An empty text has no entry.
                var isEmpty = value.Kind == SearchKind.Text && compare.Relation switch
                {
                    SearchRelation.Greater => false,
                    SearchRelation.Equal or SearchRelation.AtLeast => value.Text.Length == 0,
                    _ => true,
                };
                return new(field, SearchRows.Between(bucket.Id, field.Id, value.Kind, low, high), compare.Relation == SearchRelation.Equal, !isEmpty);
            default:
                return null;
        }
    }
}

/// <summary>The entries between two values of a field.</summary>
/// <param name="Field">The field.</param>
/// <param name="Range">Their rows.</param>
/// <param name="IsOne">Whether all of them are in one partition, and so in the order of their keys.</param>
/// <param name="IsWhole">Whether nothing is looked for that has no entry.</param>
internal sealed record EntryRange(IndexedField Field, KeyRange Range, bool IsOne, bool IsWhole) : SearchPlan
{
    public override IEnumerable<IndexedField> Fields => [Field];

    /// <summary>The entries of both.</summary>
    public EntryRange Within(EntryRange other) => this with
    {
        Range = new(Range.From > other.Range.From ? Range.From : other.Range.From, Range.To < other.Range.To ? Range.To : other.Range.To),
        IsOne = IsOne || other.IsOne,
        IsWhole = IsWhole || other.IsWhole,
    };
}

/// <summary>The keys of both.</summary>
internal sealed record AllOf(SearchPlan One, SearchPlan Other) : SearchPlan
{
    public override IEnumerable<IndexedField> Fields => One.Fields.Concat(Other.Fields);
}

/// <summary>The keys of whichever has least.</summary>
internal sealed record LeastOf(IReadOnlyList<SearchPlan> Plans) : SearchPlan
{
    public override IEnumerable<IndexedField> Fields => Plans.SelectMany(plan => plan.Fields);
}
