using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Core.Tests.State;

/// <summary>How many rows a scan looks at, wanted or not.</summary>
public sealed class ScanBudgetTests : IDisposable
{
    private const string Space = "oabcdefghij234567";
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly StateDirectory directory = new();
    private readonly SqliteStore store;
    private readonly ITable table;

    public ScanBudgetTests() => table = (store = directory.Open()).Table("objects");

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_flat_page_looks_at_the_rows_and_their_neighbours_only()
    {
        await Load(Enumerable.Range(0, 3000).Select(i => ($"key{i:d5}", new[] { "b", "c" })));
        Assert.Equal(1000, await Count(KeyCodec.Prefix(Space, 'c', "key"), "c", 1000));
        Assert.InRange(store.RowsStepped, 1000, 2100);
    }

    [Fact]
    public async Task A_thousand_common_prefixes_cost_a_seek_each()
    {
        await Load(Enumerable.Range(0, 1000).SelectMany(i => Enumerable.Range(0, 20).Select(n => ($"dir{i:d4}/{n:d2}", new[] { "b", "c" }))));
        var range = KeyCodec.Prefix(Space, 'c', "");
        var prefixes = 0;
        while (true)
        {
            Row? first = null;
            await foreach (var row in table.Scan(range, "c", 1, None)) first = row;
            if (first is null) break;
            prefixes++;
            var key = KeyCodec.Key(Space, first.Key.Partition, first.Key.Row);
            range = range with { From = KeyCodec.AfterPrefix(Space, 'c', key[..(key.IndexOf('/', StringComparison.Ordinal) + 1)]) };
        }
        Assert.Equal(1000, prefixes);
        Assert.InRange(store.RowsStepped, 1000, 3000);
    }

    [Theory]
    [InlineData("b", "c")]
    [InlineData("v", "c")]
    public async Task A_thousand_other_rows_of_one_key_cost_a_seek(string other, string wanted)
    {
        string[] many = [.. Enumerable.Range(0, 1000).Select(i => $"{other}{i:d4}")];
        await Load(new[] { "a", "b", "c" }.Select(key => (key, many.Append(wanted).ToArray())));
        Assert.Equal(3, await Count(KeyCodec.Prefix(Space, wanted[0], ""), wanted, null));
        Assert.InRange(store.RowsStepped, 3, 60);
    }

    [Fact]
    public async Task A_hundred_thousand_rows_of_another_kind_are_looked_at_once_each_and_those_of_one_partition_not_at_all()
    {
        var keys = Enumerable.Range(0, 50_000).Select(i => ($"key{i:d6}", new[] { "d" })).Append(("zzz", ["c"]));
        await Load(keys);
        var other = Enumerable.Range(0, 500).Select(i => Enumerable.Range(i * 100, 100).Select(n => Change.Put($"d{n:d6}", Condition.Absent, new byte[10])).ToArray());
        var partition = KeyCodec.Address(Space, "aaa").Partition;
        await Task.WhenAll(other.Select(changes => table.Apply(partition, changes, None).AsTask()));
        Assert.Equal(1, await Count(KeyCodec.Prefix(Space, 'c', ""), "c", 1000));
        Assert.InRange(store.RowsStepped, 50_000, 51_000);
    }

    private async Task<int> Count(KeyRange range, string prefix, int? limit)
    {
        var count = 0;
        await foreach (var row in table.Scan(range, prefix, limit, None))
        {
            Assert.StartsWith(prefix, row.Key.Row, StringComparison.Ordinal);
            count++;
        }
        return count;
    }

    private async Task Load(IEnumerable<(string Key, string[] Rows)> keys)
    {
        foreach (var chunk in keys.Chunk(2000))
            await Task.WhenAll(chunk.SelectMany(key => key.Rows.Chunk(100).Select(rows => table.Apply(
                KeyCodec.Address(Space, key.Key).Partition, [.. rows.Select(row => Change.Put(row, Condition.Absent, new byte[row[0] == 'b' ? 1500 : 300]))], None).AsTask())));
    }
}
