using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Search;

/// <summary>Values as names of partitions: in their order, and where a range looks for them.</summary>
public sealed class SearchRowsTests
{
    private const string Bucket = "aaaaaaaaaaaaaaaa", Field = "bbbbbbbb";

    private static readonly string[] Pieces = ["a", "b", "ab", "\0", "é", "\ue000", "\ud83d\ude00", "aaaaaaa", new('x', 100), new('y', 223), new('z', 230)];

    private static readonly Arbitrary<string> Texts = Gen.Elements(Pieces).ListOf().Select(pieces => string.Concat(pieces.Take(5))).Where(text => text.Length > 0).ToArbitrary();

    private static string PartitionOf(SearchValue value) => SearchRows.Partition(Bucket, Field, value)!;

    private static bool IsIn(KeyRange range, SearchValue value) => new TableKey(PartitionOf(value), "e") is var at && at >= range.From && at < range.To;

    [Fact]
    public void Texts_keep_their_order_but_for_those_that_begin_the_same() => Prop.ForAll(Texts, Texts, (a, b) =>
    {
        var order = Math.Sign(string.CompareOrdinal(PartitionOf(SearchValue.Of(a)), PartitionOf(SearchValue.Of(b))));
        return order == Math.Sign(Utf8Order.Compare(a, b)) || (order == 0 && Encoding.UTF8.GetBytes(a).Take(224).SequenceEqual(Encoding.UTF8.GetBytes(b).Take(224)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Numbers_keep_their_order()
    {
        double[] numbers = [double.MinValue, -1e10, -2, -1.5, -1, -double.Epsilon, 0, double.Epsilon, 0.5, 1, 1.5, 2, 1024, 1025, 1e10, long.MaxValue, double.MaxValue];
        var partitions = numbers.Select(number => PartitionOf(SearchValue.Of(number))).ToList();
        Assert.Equal(partitions.Order(StringComparer.Ordinal), partitions);
        Assert.Equal(partitions.Count, partitions.Distinct().Count());
        Assert.Equal(PartitionOf(SearchValue.Of(0d)), PartitionOf(SearchValue.Of(-0d)));
    }

    [Fact]
    public void A_range_has_everything_between_its_bounds() => Prop.ForAll(Texts, Texts, Texts, (low, high, text) =>
    {
        var value = SearchValue.Of(text);
        var (from, to) = (SearchValue.Of(low), SearchValue.Of(high));
        var isBetween = Utf8Order.Compare(text, low) >= 0 && Utf8Order.Compare(text, high) <= 0;
        return (!isBetween || IsIn(SearchRows.Between(Bucket, Field, SearchKind.Text, from, to), value))
            && (Utf8Order.Compare(text, low) < 0 || IsIn(SearchRows.Between(Bucket, Field, SearchKind.Text, from, null), value))
            && (Utf8Order.Compare(text, high) > 0 || IsIn(SearchRows.Between(Bucket, Field, SearchKind.Text, null, to), value))
            && IsIn(SearchRows.All(Bucket, Field), value) && IsIn(SearchRows.All(Bucket), value)
            && !IsIn(SearchRows.All(Bucket, "bbbbbbbc"), value);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_begins_with_a_text_is_where_it_is_looked_for() => Prop.ForAll(Texts, Texts, (prefix, rest) =>
        IsIn(SearchRows.Beginning(Bucket, Field, prefix), SearchValue.Of(prefix + rest)) && IsIn(SearchRows.Beginning(Bucket, Field, prefix), SearchValue.Of(prefix))
        && (rest.StartsWith(prefix, StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(prefix) > 224 || !IsIn(SearchRows.Beginning(Bucket, Field, prefix), SearchValue.Of(rest))))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Keys_are_where_their_prefix_and_their_predecessors_say()
    {
        var keys = Texts.Filter(text => Encoding.UTF8.GetByteCount(text) <= 500);
        Prop.ForAll(keys, keys, (prefix, rest) =>
        {
            var row = SearchRows.RowOf(prefix + rest);
            var (from, to) = SearchRows.RowsOf(prefix, null);
            var (behind, end) = SearchRows.RowsOf("", prefix);
            return string.CompareOrdinal(row, from) >= 0 && string.CompareOrdinal(row, to) < 0 && string.CompareOrdinal(row, behind) >= 0 && string.CompareOrdinal(row, end) < 0;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_key_and_value_has_a_name_that_engines_take()
    {
        Assert.All(
            from key in new[] { "k", "/\\#?\u0001\u007f", new string('a', 1024), string.Concat(Enumerable.Repeat("😀", 256)) }
            from value in new[] { SearchValue.Of("v"), SearchValue.Of("/\\#?\u0001"), SearchValue.Of(new string('é', 2000)), SearchValue.Of(-1.5) }
            select new TableKey(PartitionOf(value), SearchRows.RowOf(key)),
            name => Assert.True(TableLimits.CanBe(name)));
        Assert.NotEqual(SearchRows.RowOf(new string('a', 1023) + "b"), SearchRows.RowOf(new string('a', 1023) + "c"));
        Assert.Null(SearchRows.Partition(Bucket, Field, SearchValue.Of("")));
        Assert.Null(SearchRows.Partition(Bucket, Field, SearchValue.None));
        Assert.Null(SearchRows.Partition(Bucket, Field, SearchValue.Of(true)));
    }
}
