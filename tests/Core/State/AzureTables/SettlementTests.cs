using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;

namespace ZenkoFunctions.Core.Tests.State;

public sealed class SettlementTests
{
    private const string Ours = "ours", Read = "read", ETag = "W/\"datetime'1'\"", Other = "W/\"datetime'2'\"";

    private static readonly Condition AsRead = Condition.Is(EntityJson.Stamp(ETag, Read));

    /// <summary>A condition, the row that is found (tag, nonce, the nonce before it) or nothing, and what that tells of a put and of a deletion.</summary>
    public static TheoryData<string, string?, string, string, string, string> Cases => new()
    {
        { "Is", ETag, Read, "", "CertainlyOpen", "CertainlyOpen" },
        { "Is", Other, Ours, Read, "Committed", "Committed" },
        { "Is", Other, "rival", Ours, "Committed", "Committed" },
        { "Is", Other, "rival", Read, "Refused", "Refused" },
        { "Is", Other, "rival", "another", "Ambiguous", "Ambiguous" },
        { "Is", Other, "rival", EntityJson.Whatever, "Ambiguous", "Ambiguous" },
        { "Is", null, "", "", "Ambiguous", "Gone" },
        { "Absent", null, "", "", "Open", "" },
        { "Absent", Other, Ours, "", "Committed", "" },
        { "Absent", Other, "rival", Ours, "Committed", "" },
        { "Absent", Other, "rival", "", "Refused", "" },
        { "Absent", Other, "rival", "another", "Ambiguous", "" },
        { "Any", null, "", "", "Open", "Gone" },
        { "Any", Other, Ours, EntityJson.Whatever, "Committed", "Committed" },
        { "Any", Other, "rival", Read, "Open", "Open" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_row_tells_whether_an_apply_took_place(string condition, string? tag, string nonce, string before, string put, string deletion)
    {
        var how = condition switch { "Is" => AsRead, "Absent" => Condition.Absent, _ => Condition.Any };
        var row = tag is null ? null : new Entity(new(new("p", "r"), default, EntityJson.Stamp(tag, nonce)), tag, nonce, before);
        Assert.Equal(put, $"{Settlement.Judge(Change.Put("r", how, default), row, Ours)}");
        if (deletion.Length > 0) Assert.Equal(deletion, $"{Settlement.Judge(Change.Delete("r", how), row, Ours)}");
    }

    [Fact]
    public void The_surest_word_counts_and_rows_that_are_gone_count_where_nothing_was_to_be_written()
    {
        Change[] deletes = [Change.Delete("a", Condition.Any)], both = [.. deletes, Change.Put("b", Condition.Absent, default)];
        Assert.Equal(Finding.Gone, Settlement.Sum(deletes, [Finding.Gone]));
        Assert.Equal(Finding.Open, Settlement.Sum(deletes, [Finding.Gone, Finding.Open]));
        Assert.Equal(Finding.Open, Settlement.Sum(both, [Finding.Gone, Finding.Open]));
        Assert.Equal(Finding.Ambiguous, Settlement.Sum(both, [Finding.Ambiguous, Finding.Open]));
        Assert.Equal(Finding.Refused, Settlement.Sum(both, [Finding.Refused, Finding.Ambiguous]));
        Assert.Equal(Finding.Committed, Settlement.Sum(both, [Finding.Gone, Finding.Committed, Finding.Open]));
    }
}
