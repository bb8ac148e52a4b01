using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.State;
using Outcome = ZenkoFunctions.Core.State.Outcome;

namespace ZenkoFunctions.Contracts.State;

public abstract partial class TableContract
{
    private static readonly string[] Partitions = ["a", "a\u4e00", "a\u4e001", "b", "\ue000"];
    private static readonly string[] RowNames = ["b", "c", "c1", "c\u4e002", "d", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "w"];
    private static readonly string?[] Prefixes = [null, "c", "v", "v3", "z", "a", ""];

    /// <summary>A random history does to the table what it does to a sorted dictionary.</summary>
    [Fact]
    public void A_table_behaves_as_a_sorted_dictionary_does()
    {
        var change =
            from row in Gen.Choose(0, RowNames.Length - 1)
            from delete in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
            from condition in Gen.Frequency(
                (6, Gen.Constant(Wanted.Any)), (2, Gen.Constant(Wanted.AsItIs)), (1, Gen.Constant(Wanted.Absent)), (1, Gen.Constant(Wanted.Stale)))
            from size in Gen.Frequency((8, Gen.Choose(0, 40)), (1, Gen.Choose(1020, 1030)), (1, Gen.Choose(5000, 9000)))
            select new Step(row, delete, condition, size);
        var apply =
            from partition in Gen.Choose(0, Partitions.Length - 1)
            from changes in change.NonEmptyListOf()
            select (Command)new Applied(partition, [.. changes.DistinctBy(step => step.Row).Take(12)]);
        var scan =
            from a in Gen.Choose(0, Partitions.Length * RowNames.Length)
            from b in Gen.Choose(0, Partitions.Length * RowNames.Length)
            from prefix in Gen.Elements(Prefixes)
            from limit in Gen.OneOf(Gen.Constant<int?>(null), Gen.Choose(0, 20).Select(n => (int?)n))
            from leap in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(1, 2 * RowNames.Length)))
            select (Command)new Scanned(Math.Min(a, b), Math.Max(a, b), prefix, limit, leap);
        var history = Gen.Frequency((2, apply), (1, scan)).NonEmptyListOf();
        Prop.ForAll(history.ToArbitrary(), commands => Replay(commands).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Histories).WithEndSize(60));
    }

    private async Task Replay(IEnumerable<Command> commands)
    {
        var table = await Open();
        var model = new SortedDictionary<TableKey, (byte[] Value, Stamp Stamp)>();
        var stale = new Dictionary<TableKey, HashSet<Stamp>>();
        foreach (var command in commands)
            if (command is Applied applied) await Replay(table, model, stale, applied);
            else await Replay(table, model, (Scanned)command);
        await Replay(table, model, new(0, Partitions.Length * RowNames.Length, null, null, 0));
    }

    private static async Task Replay(
        ITable table, SortedDictionary<TableKey, (byte[] Value, Stamp Stamp)> model, Dictionary<TableKey, HashSet<Stamp>> stale, Applied applied)
    {
        var partition = Partitions[applied.Partition];
        var changes = new List<Change>();
        var holds = true;
        foreach (var step in applied.Steps)
        {
            var key = new TableKey(partition, RowNames[step.Row]);
            var exists = model.TryGetValue(key, out var there);
            var old = stale.GetValueOrDefault(key)?.Last();
            var condition = step.Condition switch
            {
                Wanted.Absent => Condition.Absent,
                Wanted.AsItIs => exists ? Condition.Is(there.Stamp) : Condition.Absent,
                Wanted.Stale => Condition.Is(old ?? new Stamp("never")),
                _ => Condition.Any,
            };
            holds &= step.Condition switch
            {
                Wanted.Absent => !exists,
                Wanted.Stale => false,
                _ => true,
            };
            var value = new byte[step.Size];
            new System.Random(step.Size + changes.Count).NextBytes(value);
            changes.Add(step.Delete && condition.Kind != ConditionKind.Absent ? Change.Delete(key.Row, condition) : Change.Put(key.Row, condition, value));
        }
        Assert.Equal(holds ? Outcome.Committed : Outcome.Refused, await table.Apply(partition, changes, None));
        foreach (var change in changes)
        {
            var key = new TableKey(partition, change.Row);
            var row = await table.Get(key, None);
            if (holds)
            {
                if (model.Remove(key, out var before))
                {
                    if (!stale.TryGetValue(key, out var stamps)) stale[key] = stamps = [];
                    stamps.Add(before.Stamp);
                }
                if (change.Value is { } value)
                {
                    Assert.NotNull(row);
                    Assert.DoesNotContain(row.Stamp, stale.GetValueOrDefault(key) ?? []);
                    model[key] = (value.ToArray(), row.Stamp);
                }
            }
            Assert.Equal(model.ContainsKey(key), row is not null);
            if (row is null) continue;
            Assert.Equal(model[key].Value, row.Value.ToArray());
            Assert.Equal(model[key].Stamp, row.Stamp);
        }
    }

    private static async Task Replay(ITable table, SortedDictionary<TableKey, (byte[] Value, Stamp Stamp)> model, Scanned scanned)
    {
        var range = new KeyRange(Position(scanned.From), Position(scanned.To));
        Func<TableKey, TableKey?>? skip = scanned.Leap == 0 ? null : key => Leap(key, scanned.Leap);
        var expected = new List<KeyValuePair<TableKey, (byte[] Value, Stamp Stamp)>>();
        var from = range.From;
        foreach (var row in model)
        {
            if (expected.Count == scanned.Limit) break;
            if (row.Key < from || row.Key >= range.To || !row.Key.Row.StartsWith(scanned.Prefix ?? "", StringComparison.Ordinal)) continue;
            expected.Add(row);
            if (skip?.Invoke(row.Key) is { } target) from = target;
        }
        var rows = await All(table, range, scanned.Prefix, scanned.Limit, skip);
        Assert.Equal(expected.Select(row => row.Key), rows.Select(row => row.Key));
        Assert.Equal(expected.Select(row => row.Value.Stamp), rows.Select(row => row.Stamp));
        foreach (var (row, wanted) in rows.Zip(expected)) Assert.Equal(wanted.Value.Value, row.Value.ToArray());
    }

    /// <summary>Every other row asks to go on so many names behind it; some of the answers lie at or before the row itself.</summary>
    private static TableKey? Leap(TableKey key, int by)
    {
        var at = Array.IndexOf(Partitions, key.Partition) * RowNames.Length + Array.IndexOf(RowNames, key.Row);
        return at % 2 == 0 ? null : Position(Math.Min(at - 1 + by, Partitions.Length * RowNames.Length));
    }

    private static TableKey Position(int at) => at == Partitions.Length * RowNames.Length
        ? TableKey.End
        : new(Partitions[at / RowNames.Length], RowNames[at % RowNames.Length]);

    private enum Wanted
    {
        Any,
        Absent,
        AsItIs,
        Stale,
    }

    private abstract record Command;

    private sealed record Step(int Row, bool Delete, Wanted Condition, int Size);

    private sealed record Applied(int Partition, IReadOnlyList<Step> Steps) : Command;

    private sealed record Scanned(int From, int To, string? Prefix, int? Limit, int Leap) : Command;
}
