using System.Globalization;
using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Contracts;

/// <summary>A table for tests of what lies above it: ordered, conditional and atomic as the contract says, but not durable.</summary>
public sealed class InMemoryTable : ITable
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<TableKey, Row> rows = [];
    private long stamps;

    /// <summary>Runs before each Apply; it may throw, or change the table as a rival would.</summary>
    public Func<string, ValueTask>? BeforeApply { get; set; }

    /// <summary>How many rows a scan looks at, before that costs another read of its budget.</summary>
    public int RowsARead { get; set; } = 1000;

    /// <summary>Every row, in order.</summary>
    public IReadOnlyList<Row> Rows
    {
        get
        {
            lock (gate) return [.. rows.Values];
        }
    }

    /// <inheritdoc/>
    public ValueTask<Row?> Get(TableKey key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        lock (gate) return new(rows.GetValueOrDefault(key));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Row> Scan(
        KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget,
        [EnumeratorCancellation] CancellationToken ct)
    {
        var found = new List<Row>();
        var looked = 0;
        TableKey? endedAt = null;
        lock (gate)
        {
            var from = range.From;
            foreach (var row in rows.Values)
            {
                if (found.Count == limit) break;
                if (row.Key < from || row.Key >= range.To) continue;
                if (endedAt is { } end)
                {
                    budget!.End(end);
                    break;
                }
                if (++looked % RowsARead == 0)
                {
                    budget?.Spend();
                    if (budget is { IsSpent: true }) endedAt = row.Key;
                }
                if (rowPrefix is not null && !row.Key.Row.StartsWith(rowPrefix, StringComparison.Ordinal)) continue;
                found.Add(row);
                if (skip?.Invoke(row.Key) is { } target && target > row.Key) from = target;
            }
        }
        foreach (var row in found)
        {
            await Task.Yield();
            ct.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        CheckName(partition);
        Assert.InRange(changes.Count, 1, TableLimits.Changes);
        Assert.Equal(changes.Count, changes.Select(c => c.Row).Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(changes.Sum(c => c.Value?.Length ?? 0), 0, TableLimits.ApplyBytes);
        foreach (var change in changes)
        {
            CheckName(change.Row);
            Assert.InRange(change.Value?.Length ?? 0, 0, TableLimits.ValueBytes);
        }
        if (BeforeApply is { } before) await before(partition);
        lock (gate)
        {
            foreach (var change in changes)
                if (!Holds(change.Condition, rows.GetValueOrDefault(new(partition, change.Row)))) return Outcome.Refused;
            foreach (var change in changes)
            {
                var key = new TableKey(partition, change.Row);
                if (change.Value is { } value)
                    rows[key] = new(key, value.ToArray(), new((++stamps).ToString(CultureInfo.InvariantCulture)));
                else rows.Remove(key);
            }
            return Outcome.Committed;
        }
    }

    private static bool Holds(Condition condition, Row? row) => condition.Kind switch
    {
        ConditionKind.Any => true,
        ConditionKind.Absent => row is null,
        _ => row?.Stamp == condition.Stamp,
    };

    private static void CheckName(string name)
    {
        Assert.InRange(name.Length, 1, TableLimits.NameUnits);
        Assert.DoesNotContain(name, c => c is '/' or '\\' or '#' or '?' || char.IsControl(c) || char.IsSurrogate(c));
    }
}
