using System.Globalization;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;

namespace ZenkoFunctions.Core.Tests.State;

public sealed class ScanStepTests
{
    private const string Whole = "\uffff";
    private static readonly string Longest = new('\u8dff', TableLimits.NameUnits);

    [Theory]
    [InlineData("p", "", "p", Whole, "", "PartitionKey eq 'p'", false)]
    [InlineData("p", "a", "p", "b", "", "PartitionKey eq 'p' and RowKey ge 'a' and RowKey lt 'b'", false)]
    [InlineData("p", "a", "p", "a" + Whole, "", "PartitionKey eq 'p' and RowKey ge 'a' and RowKey lt 'b'", false)]
    [InlineData("p", "", "p", Whole, "c", "PartitionKey eq 'p' and RowKey ge 'c' and RowKey lt 'd'", false)]
    [InlineData("p", "c5", "p", Whole, "c", "PartitionKey eq 'p' and RowKey ge 'c5' and RowKey lt 'd'", false)]
    [InlineData("p", "", "q", "", "", "PartitionKey ge 'p' and PartitionKey lt 'q'", false)]
    [InlineData("p", "", "q", "r", "c", "PartitionKey ge 'p' and PartitionKey le 'q' and RowKey ge 'c' and RowKey lt 'd'", false)]
    [InlineData("p", "r", "q", "", "", "PartitionKey eq 'p' and RowKey ge 'r'", true)]
    [InlineData("p", Whole, "q", "", "", "PartitionKey gt 'p' and PartitionKey lt 'q'", false)]
    [InlineData("p", "d", "q", "", "c", "PartitionKey gt 'p' and PartitionKey lt 'q' and RowKey ge 'c' and RowKey lt 'd'", false)]
    [InlineData("", "", Whole, "", "c", "RowKey ge 'c' and RowKey lt 'd'", false)]
    [InlineData("", "", Whole, "", "", "", false)]
    [InlineData("a.", "", "a." + Whole, "", "", "PartitionKey ge 'a.' and PartitionKey lt 'a0'", false)]
    [InlineData("it's", "", "it's", Whole, "", "PartitionKey eq 'it''s'", false)]
    [InlineData("a", "2\0", "d", "", "2", "PartitionKey eq 'a' and RowKey ge '2' and RowKey lt '3'", true)]
    public void A_range_is_one_conjunction_of_bounds(
        string fromPartition, string fromRow, string toPartition, string toRow, string prefix, string filter, bool rest)
    {
        var step = ScanStep.First(new(new(fromPartition, fromRow), new(toPartition, toRow)), prefix);
        Assert.Equal(filter, Uri.UnescapeDataString(step!.Filter));
        Assert.Equal(rest, step.Rest is not null);
    }

    [Theory]
    [InlineData("b", "", "a", "")]
    [InlineData("a", "b", "a", "b")]
    [InlineData("a", Whole, "a", Whole + "x")]
    public void What_is_empty_needs_no_query(string fromPartition, string fromRow, string toPartition, string toRow) =>
        Assert.Null(ScanStep.First(new(new(fromPartition, fromRow), new(toPartition, toRow)), ""));

    [Fact]
    public void The_longest_names_leave_room_for_the_longest_continuations_in_a_request_line()
    {
        var other = new string('\u8dfe', TableLimits.NameUnits);
        KeyRange[] ranges =
        [
            new(new(other, ""), new(Longest, "")), new(new(other, other), new(Longest, Longest)), new(new(other, other), new(other, Longest)),
            KeyRange.Rows(other, other[..511]), new(new(new('\'', 512), new('\'', 512)), new(new('\'', 512), new('~', 512))),
        ];
        foreach (var range in ranges)
            foreach (var prefix in new[] { "", "c", other })
                for (var step = ScanStep.First(range, prefix); step is not null; step = step.Rest is { } rest ? ScanStep.First(rest, prefix) : null)
                    Assert.InRange(step.Filter.Length, 1, ScanStep.FilterUnits + 250);
        // The request line of a point read.
        Assert.InRange(TableUri.Entity(new(Longest, Longest)).Length, 9_000, 11_000);
        foreach (var text in new[] { "a'b", "\u00e4", "\u4e00", "~!@$&*()=+,;:\"<>|[]{}^`", " %" })
            Assert.Equal(TableUri.Literal(text).Length, TableUri.Length(text) + 2);
    }

    [Fact]
    public void A_filter_lets_every_row_of_its_range_through_however_its_bounds_were_cut()
    {
        var random = new Random(1);
        var cut = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var names = Enumerable.Range(0, 7).Select(_ => Name(random)).ToArray();
            TableKey a = new(names[0], random.Next(3) == 0 ? "" : names[1]), b = new(random.Next(3) == 0 ? names[0] : names[2], names[3]);
            var range = a < b ? new KeyRange(a, b) : new(b, a);
            var row = new TableKey(random.Next(2) == 0 ? names[0] : names[4], random.Next(2) == 0 ? names[1] : names[5]);
            var prefix = random.Next(2) == 0 ? "" : row.Row[..random.Next(1, row.Row.Length)];
            if (row < range.From || row >= range.To) continue;
            var passes = false;
            for (var step = ScanStep.First(range, prefix); step is not null; step = step.Rest is { } rest ? ScanStep.First(rest, prefix) : null)
            {
                passes |= Passes(Uri.UnescapeDataString(step.Filter), row);
                if (step.Filter.Length > 3_000) cut++;
            }
            Assert.True(passes, $"{range} {prefix} {row}");
        }
        Assert.True(cut > 50);
    }

    private static string Name(Random random)
    {
        var length = random.Next(4) == 0 ? random.Next(1, TableLimits.NameUnits) : random.Next(1, 4);
        return string.Create(length, random, (name, random) =>
        {
            for (var i = 0; i < name.Length; i++) name[i] = i < name.Length - 2 ? '\u8dff' : "ab.'\u4e00\ufffe"[random.Next(6)];
        });
    }

    private static bool Passes(string filter, TableKey row) => filter.Length == 0 || filter.Split(" and ").All(term =>
    {
        var parts = term.Split(' ', 3);
        var order = string.CompareOrdinal(parts[0] == "PartitionKey" ? row.Partition : row.Row, parts[2][1..^1].Replace("''", "'", false, CultureInfo.InvariantCulture));
        return parts[1] switch { "eq" => order == 0, "ge" => order >= 0, "gt" => order > 0, "lt" => order < 0, _ => order <= 0 };
    });
}
