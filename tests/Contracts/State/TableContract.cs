using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Contracts.State;

/// <summary>
/// What every engine of <see cref="ITable"/> does. An engine that talks over a network also passes
/// <see cref="LostAnswerContract"/>; one without a network has no answers to lose and has no subclass of that.
/// </summary>
public abstract partial class TableContract
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>A table that is empty and that nobody else uses.</summary>
    protected abstract Task<ITable> Open();

    /// <summary>How many random histories are compared with the model; fewer where an engine is slow.</summary>
    protected virtual int Histories => 40;

    [Fact]
    public async Task A_row_that_was_put_is_read_back()
    {
        var table = await Open();
        Assert.Equal(Outcome.Committed, await table.Apply("p", [Change.Put("r", Condition.Absent, Bytes(1, 2, 3))], None));
        var row = await table.Get(new("p", "r"), None);
        Assert.Equal(new TableKey("p", "r"), row!.Key);
        Assert.Equal([1, 2, 3], row.Value.ToArray());
        Assert.Null(await table.Get(new("p", "q"), None));
        Assert.Null(await table.Get(new("q", "r"), None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(64 * 1024)]
    [InlineData(64 * 1024 + 1)]
    [InlineData(TableLimits.ValueBytes)]
    public async Task Values_of_every_legal_size_come_back_from_get_and_scan(int size)
    {
        var table = await Open();
        var value = new byte[size];
        new System.Random(size).NextBytes(value);
        await Commit(table, "p", Change.Put("r", Condition.Absent, value));
        Assert.Equal(value, (await table.Get(new("p", "r"), None))!.Value.ToArray());
        Assert.Equal(value, (await All(table, KeyRange.Partition("p"))).Single().Value.ToArray());
        await Commit(table, "p", Change.Put("r", Condition.Any, Bytes(9)));
        Assert.Equal([9], (await table.Get(new("p", "r"), None))!.Value.ToArray());
        await Commit(table, "p", Change.Put("r", Condition.Any, value));
        Assert.Equal(value, (await table.Get(new("p", "r"), None))!.Value.ToArray());
    }

    [Fact]
    public async Task Names_of_full_length_and_of_any_legal_character_are_kept_apart()
    {
        var table = await Open();
        string[] names = ["a", "A", "a ", "a%2F", "a'b", "\u00e4", "\u4e00", "\u8dff", "\ue000", new string('\u8dff', 512), "~!@$&*()=+,;:\"<>|[]{}^`"];
        foreach (var partition in names)
            await Commit(table, partition, [.. names.Select(row => Change.Put(row, Condition.Absent, Value(partition + row)))]);
        foreach (var partition in names)
            foreach (var row in names)
                Assert.Equal(Value(partition + row), (await table.Get(new(partition, row), None))!.Value.ToArray());
    }

    [Theory]
    [InlineData("a\0/?")]
    [InlineData("a\\b#c")]
    [InlineData("a\u0085")]
    [InlineData("a\ud83d\ude00")]
    [InlineData("")]
    [InlineData(600)]
    public async Task What_no_row_can_be_called_is_not_found_and_may_bound_a_scan(object name)
    {
        var odd = name as string ?? new string('a', (int)name);
        var table = await Open();
        await Commit(table, "p", Change.Put("A", Condition.Any, Bytes(1)), Change.Put("b", Condition.Any, Bytes(2)));

        Assert.Null(await table.Get(new("p", odd), None));
        Assert.Null(await table.Get(new(odd, "b"), None));
        var rest = await All(table, new(new("p", odd), new("p", "c")));
        Assert.Equal(odd.Length == 0 ? ["A", "b"] : ["b"], rest.Select(row => row.Key.Row));
        Assert.Equal(odd.Length == 0 ? [] : ["A"], (await All(table, new(new("p", "A"), new("p", odd)))).Select(row => row.Key.Row));
    }

    [Fact]
    public async Task A_condition_that_does_not_hold_changes_nothing_at_all()
    {
        var table = await Open();
        await Commit(table, "p", Change.Put("a", Condition.Absent, Bytes(1)));
        await Commit(table, "p", Change.Put("b", Condition.Absent, Bytes(1)));
        var before = (await table.Get(new("p", "a"), None))!;
        foreach (var condition in new[] { Condition.Absent, Condition.Is(new("stale")), Condition.Is((await table.Get(new("p", "b"), None))!.Stamp) })
            Assert.Equal(Outcome.Refused, await table.Apply("p",
                [Change.Put("c", Condition.Any, Bytes(2)), Change.Delete("b", Condition.Any), Change.Put("a", condition, Bytes(2))], None));
        Assert.Equal(Outcome.Refused, await table.Apply("p", [Change.Delete("absent", Condition.Is(before.Stamp))], None));
        Assert.Equal(before.Stamp, (await table.Get(new("p", "a"), None))!.Stamp);
        Assert.NotNull(await table.Get(new("p", "b"), None));
        Assert.Null(await table.Get(new("p", "c"), None));
    }

    [Fact]
    public async Task A_stamp_changes_with_every_write_and_does_not_come_back_after_a_deletion()
    {
        var table = await Open();
        var seen = new HashSet<Stamp>();
        for (var i = 0; i < 6; i++)
        {
            await Commit(table, "p", Change.Put("r", Condition.Any, Bytes(7)));
            Assert.True(seen.Add((await table.Get(new("p", "r"), None))!.Stamp));
            if (i % 2 == 1) await Commit(table, "p", Change.Delete("r", Condition.Any));
        }
    }

    [Fact]
    public async Task Get_and_scan_tell_the_same_stamp_and_it_serves_as_a_condition()
    {
        var table = await Open();
        await Commit(table, "p", Change.Put("r", Condition.Absent, Bytes(1)));
        var scanned = (await All(table, KeyRange.Partition("p"))).Single();
        Assert.Equal((await table.Get(scanned.Key, None))!.Stamp, scanned.Stamp);
        await Commit(table, "p", Change.Put("r", Condition.Is(scanned.Stamp), Bytes(2)));
        Assert.Equal(Outcome.Refused, await table.Apply("p", [Change.Put("r", Condition.Is(scanned.Stamp), Bytes(3))], None));
        var row = await table.Get(scanned.Key, None);
        await Commit(table, "p", Change.Delete("r", Condition.AsRead(row)));
        Assert.Null(await table.Get(scanned.Key, None));
    }

    [Fact]
    public async Task Deleting_an_absent_row_without_condition_succeeds()
    {
        var table = await Open();
        await Commit(table, "p", Change.Delete("r", Condition.Any), Change.Put("s", Condition.Absent, Bytes(1)));
        Assert.NotNull(await table.Get(new("p", "s"), None));
    }

    [Fact]
    public async Task Absent_rows_to_be_deleted_keep_nothing_from_being_committed_nor_from_being_refused()
    {
        var table = await Open();
        await Commit(table, "p", Change.Put("a", Condition.Absent, Bytes(1)), Change.Put("c", Condition.Absent, Bytes(1)));
        await Commit(table, "p",
            Change.Delete("x", Condition.Any), Change.Delete("a", Condition.Any), Change.Delete("y", Condition.Any), Change.Put("b", Condition.Absent, Bytes(2)));
        Assert.Equal(["pb", "pc"], Names(await All(table, KeyRange.Partition("p"))));
        Assert.Equal(Outcome.Refused, await table.Apply("p", [Change.Delete("x", Condition.Any), Change.Put("b", Condition.Absent, Bytes(3))], None));
        await Commit(table, "p", Change.Delete("x", Condition.Any), Change.Delete("y", Condition.Any));
        Assert.Equal([2], (await table.Get(new("p", "b"), None))!.Value.ToArray());
    }

    [Fact]
    public async Task A_hundred_changes_are_one_commit_and_more_are_the_callers_error()
    {
        var table = await Open();
        Change[] changes = [.. Enumerable.Range(0, 101).Select(i => Change.Put($"r{i:d3}", Condition.Absent, new byte[24_000]))];
        await Commit(table, "p", changes[..100]);
        Assert.Equal(100, (await All(table, KeyRange.Partition("p"))).Count);
        await Refuses(table, "q", changes);
        await Refuses(table, "q", []);
        await Refuses(table, "q", [changes[0], changes[0]]);
        await Refuses(table, "q", [Change.Delete("r", Condition.Absent)]);
        await Refuses(table, "q", [Change.Put("r", Condition.Any, new byte[TableLimits.ValueBytes + 1])]);
        await Refuses(table, "q", [.. Enumerable.Range(0, 4).Select(i => Change.Put($"r{i}", Condition.Any, new byte[TableLimits.ValueBytes]))]);
        foreach (var name in new[] { "", "a/b", "a\\b", "a#b", "a?b", "a\0b", "a\u0085b", "\ud83d\ude00", new string('a', 513) })
        {
            await Refuses(table, name, [Change.Delete("r", Condition.Any)]);
            await Refuses(table, "q", [Change.Delete(name, Condition.Any)]);
        }
        Assert.Empty(await All(table, KeyRange.Partition("q")));
    }

    [Fact]
    public async Task Of_many_writers_that_saw_the_same_row_one_wins()
    {
        var table = await Open();
        for (var round = 1; ; round++)
        {
            var partition = $"p{round}";
            await Commit(table, partition, Change.Put("r", Condition.Absent, Bytes(0)));
            var seen = (await table.Get(new(partition, "r"), None))!;
            var outcomes = await Task.WhenAll(Enumerable.Range(1, 16).Select(i =>
                Task.Run(async () => await table.Apply(partition, [Change.Put("r", Condition.Is(seen.Stamp), Bytes((byte)i))], None))));
            // An emulator that stalls for seconds on a busy machine leaves its writers in doubt: that says nothing of who wins.
            if (outcomes.Contains(Outcome.Unknown) && round < 3) continue;
            Assert.Single(outcomes, Outcome.Committed);
            Assert.Equal(15, outcomes.Count(outcome => outcome == Outcome.Refused));
            Assert.Equal([(byte)(Array.IndexOf(outcomes, Outcome.Committed) + 1)], (await table.Get(seen.Key, None))!.Value.ToArray());
            return;
        }
    }

    [Fact]
    public async Task A_scan_spans_partitions_in_ordinal_order_and_ends_before_its_bound()
    {
        var table = await Open();
        foreach (var partition in new[] { "b", "a", "a\u4e00", "\ue000", "c" })
            await Commit(table, partition, Change.Put("2", Condition.Any, Bytes(2)), Change.Put("1", Condition.Any, Bytes(1)));
        Assert.Equal(["a1", "a2", "a\u4e001", "a\u4e002", "b1", "b2", "c1", "c2", "\ue0001", "\ue0002"],
            Names(await All(table, new(new("", ""), TableKey.End))));
        Assert.Equal(["a2", "a\u4e001", "a\u4e002", "b1"], Names(await All(table, new(new("a", "2"), new("b", "2")))));
        Assert.Equal(["a\u4e002", "b2", "c2"], Names(await All(table, new(new("a", "2\0"), new("d", "")), "2")));
        Assert.Equal(["a2", "a\u4e002"], Names(await All(table, new(new("a", ""), new("d", "")), "2", 2)));
        Assert.Empty(await All(table, new(new("b", "2"), new("a", "1"))));
        Assert.Empty(await All(table, KeyRange.Partition("a"), null, 0));
    }

    [Fact]
    public async Task Writing_while_a_scan_is_under_way_neither_waits_nor_spoils_it()
    {
        var table = await Open();
        for (var i = 0; i < 12; i++)
            await Commit(table, "p", [.. Enumerable.Range(i * 100, 100).Select(n => Change.Put($"r{n:d4}", Condition.Any, Bytes(1)))]);
        var read = new List<string>();
        await foreach (var row in table.Scan(KeyRange.Partition("p"), null, null, None))
        {
            read.Add(row.Key.Row);
            await Commit(table, "p", Change.Delete(row.Key.Row, Condition.Any));
            if (read.Count == 700) await Commit(table, "p", [.. Enumerable.Range(0, 100).Select(n => Change.Put($"a{n}", Condition.Any, Bytes(1)))]);
        }
        Assert.Equal(Enumerable.Range(0, 1200).Select(n => $"r{n:d4}"), read);
    }

    [Fact]
    public async Task What_is_cancelled_before_it_starts_changes_nothing()
    {
        var table = await Open();
        var cancelled = new CancellationToken(true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await table.Apply("p", [Change.Put("r", Condition.Any, Bytes(1))], cancelled));
        await Commit(table, "p", Change.Put("s", Condition.Any, Bytes(1)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var row in table.Scan(KeyRange.Partition("p"), null, null, cancelled)) Assert.Fail(row.Key.Row);
        });
        Assert.Null(await table.Get(new("p", "r"), None));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_scan_that_has_spent_its_budget_says_where_it_ended_and_from_there_all_the_rest_follows(int reads)
    {
        var table = await Open();
        var wanted = new List<string>();
        for (var p = 0; p < 30; p++)
        {
            var partition = $"p{p:d2}";
            var changes = Enumerable.Range(0, 90).Select(i => Change.Put($"b{i:d3}", Condition.Absent, Bytes(1))).ToList();
            if (p % 7 != 0) changes.AddRange(Enumerable.Range(0, p % 9).Select(i => Change.Put($"c{i:d3}", Condition.Absent, Bytes(2))));
            wanted.AddRange(changes.Where(change => change.Row[0] == 'c').Select(change => partition + change.Row));
            await Commit(table, partition, [.. changes]);
        }
        var range = new KeyRange(new("p00", ""), new("p29", ""));
        wanted.RemoveAll(name => name.StartsWith("p29", StringComparison.Ordinal));
        var found = new List<Row>();
        while (true)
        {
            var budget = new ScanBudget(reads, TimeSpan.FromMinutes(5), TimeProvider.System);
            Assert.Null(budget.EndedAt);
            await foreach (var row in table.Scan(range, "c", null, null, budget, None)) found.Add(row);
            if (budget.EndedAt is not { } at) break;
            Assert.True(budget.IsSpent);
            Assert.True(at >= range.From && at < range.To);
            range = range with { From = at with { Row = at.Row + "\0" } };
        }
        Assert.Equal(wanted, Names(found));
    }

    [Fact]
    public async Task A_scan_without_time_still_reads_once()
    {
        var table = await Open();
        for (var p = 0; p < 3; p++) await Commit(table, $"p{p}", Change.Put("c", Condition.Absent, Bytes(1)));
        var budget = new ScanBudget(0, TimeSpan.Zero, TimeProvider.System);
        var rows = new List<Row>();
        await foreach (var row in table.Scan(KeyRange.Partition("p0") with { To = TableKey.End }, "c", null, null, budget, None)) rows.Add(row);
        Assert.True(rows.Count > 0 || budget.EndedAt is not null);
    }

    private static byte[] Value(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static ReadOnlyMemory<byte> Bytes(params byte[] bytes) => bytes;

    private static IEnumerable<string> Names(IEnumerable<Row> rows) => rows.Select(row => row.Key.Partition + row.Key.Row);

    private static async Task<List<Row>> All(
        ITable table, KeyRange range, string? prefix = null, int? limit = null, Func<TableKey, TableKey?>? skip = null)
    {
        var rows = new List<Row>();
        await foreach (var row in table.Scan(range, prefix, limit, skip, None)) rows.Add(row);
        return rows;
    }

    private static async Task Commit(ITable table, string partition, params Change[] changes) =>
        Assert.Equal(Outcome.Committed, await table.Apply(partition, changes, None));

    private static async Task Refuses(ITable table, string partition, Change[] changes) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await table.Apply(partition, changes, None));
}
