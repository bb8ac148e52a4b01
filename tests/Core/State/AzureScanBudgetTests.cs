using Azure.Core;
using Azure.Core.Pipeline;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;

namespace ZenkoFunctions.Core.Tests.State;

/// <summary>How many storage transactions scans spend. Partitions stand for keys; many rows in one keep the loading short.</summary>
[Collection(nameof(WithAzurite))]
[Trait("Speed", "Slow")]
public sealed class AzureScanBudgetTests(AzuriteFixture azurite)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly KeyRange Everything = new(new("a", ""), TableKey.End);
    private readonly CountingPolicy sent = new();

    [Fact]
    public async Task A_page_of_a_thousand_rows_is_one_transaction_and_each_thousand_more_another()
    {
        var table = await Loaded(("a", "c", 2_500));
        Assert.Equal((1_000, 1), await Count(table, Everything, "c", 1_000));
        Assert.Equal((2_500, 3), await Count(table, Everything, "c", null));
    }

    [Fact]
    public async Task A_thousand_older_versions_of_a_key_cost_nothing()
    {
        var table = await Loaded(("a", "c", 1), ("b", "v", 1_000), ("b", "c", 1), ("c", "c", 1));
        Assert.Equal((3, 1), await Count(table, Everything, "c", 1_000));
    }

    [Fact]
    public async Task Prefixes_of_few_keys_are_read_past_a_thousand_rows_a_transaction()
    {
        // 60 prefixes of 40 keys each.
        var table = await Loaded([.. Enumerable.Range(0, 60).Select(i => ($"a{i:d2}", "c", 40))]);
        Assert.Equal((60, 3), await Count(table, Everything, "c", null, PastPartition));
    }

    [Fact]
    public async Task Prefixes_of_many_keys_cost_a_transaction_each()
    {
        var table = await Loaded(("a", "c", 2_500), ("b", "c", 2_500), ("c", "c", 3));
        var (rows, transactions) = await Count(table, Everything, "c", null, PastPartition);
        Assert.Equal(3, rows);
        Assert.InRange(transactions, 1, 3);
    }

    [Fact]
    public async Task A_point_read_and_a_commit_are_one_transaction_each()
    {
        var table = await Loaded();
        Change[] changes = [Change.Put("c", Condition.Absent, new byte[1]), Change.Put("b", Condition.Any, new byte[1])];
        sent.Count = 0;
        Assert.Equal(Outcome.Committed, await table.Apply("a", changes, None));
        Assert.Equal(1, sent.Count);
        Assert.NotNull(await table.Get(new("a", "c"), None));
        Assert.Equal(2, sent.Count);
    }

    [Fact]
    public async Task A_scan_past_thousands_of_rows_of_another_kind_goes_on_where_its_budget_ended_it()
    {
        // Delete markers, as a listing of objects sees them.
        var table = await Loaded([.. Enumerable.Range(0, 30).Select(i => ($"a{i:d2}", "b", 100)), ("a15", "c", 1), ("z", "c", 2)]);
        var (range, rows, rounds) = (Everything, new List<string>(), 0);
        while (true)
        {
            var budget = new ScanBudget(1, TimeSpan.FromMinutes(1), TimeProvider.System);
            await foreach (var row in table.Scan(range, "c", 1, null, budget, None)) rows.Add(row.Key.Partition + row.Key.Row);
            rounds++;
            if (rows.Count == rounds) range = range with { From = new(rows[^1][..^6], "c99999") };
            if (budget.EndedAt is { } at) range = range with { From = at with { Row = at.Row + "\0" } };
            else if (rows.Count < rounds) break;
        }
        Assert.Equal(["a15c00000", "zc00000"], rows);
        Assert.InRange(sent.Count, 1, 60);
    }

    private static TableKey? PastPartition(TableKey key) => new(key.Partition + "~", "");

    private async Task<(int Rows, int Transactions)> Count(
        ITable table, KeyRange range, string prefix, int? limit, Func<TableKey, TableKey?>? skip = null)
    {
        sent.Count = 0;
        var rows = 0;
        await foreach (var _ in table.Scan(range, prefix, limit, skip, None)) rows++;
        return (rows, sent.Count);
    }

    private async Task<ITable> Loaded(params (string Partition, string Kind, int Rows)[] groups)
    {
        var options = new AzureTableOptions();
        options.AddPolicy(sent, HttpPipelinePosition.PerRetry);
        var table = await NewTable.Open(AzureTables.Open(azurite.Account, options));
        foreach (var (partition, kind, rows) in groups)
            foreach (var chunk in Enumerable.Range(0, rows).Chunk(TableLimits.Changes))
                Assert.Equal(Outcome.Committed, await table.Apply(partition, [.. chunk.Select(i => Change.Put($"{kind}{i:d5}", Condition.Absent, new byte[50]))], None));
        return table;
    }

    /// <summary>Counts what goes over the wire.</summary>
    private sealed class CountingPolicy : HttpPipelineSynchronousPolicy
    {
        public int Count { get; set; }

        public override void OnSendingRequest(HttpMessage message) => Count++;
    }
}
