using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>The buckets whose rules come from a configuration that was applied as a whole.</summary>
internal sealed record WorkflowsRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The ids of the buckets, by name.</summary>
    public required SortedDictionary<string, string> Buckets { get; init; }
}

/// <summary>
/// Which buckets have rules from a configuration that was applied as a whole, so that the next one can take them back: the row
/// <c>buckets</c> of the partition <c>workflows</c> in the table <c>replication</c>.
/// </summary>
/// <param name="table">The table.</param>
public sealed class AppliedWorkflows(ITable table)
{
    private static readonly TableKey Key = new("workflows", "buckets");

    /// <summary>The ids of the buckets, by name.</summary>
    public async ValueTask<IReadOnlyDictionary<string, string>> Read(CancellationToken ct) =>
        await table.Get(Key, ct) is { } row ? StoredJson.Read(row.Value, ReplicationJson.Default.WorkflowsRow).Buckets : new();

    /// <summary>It is these from now on.</summary>
    public async ValueTask Write(IEnumerable<KeyValuePair<string, string>> buckets, CancellationToken ct)
    {
        var row = new WorkflowsRow { Buckets = new(buckets.DistinctBy(each => each.Key).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal) };
        if (await table.Apply(Key.Partition, [Change.Put(Key.Row, Condition.Any, StoredJson.Write(row, ReplicationJson.Default.WorkflowsRow))], ct) != Outcome.Committed)
            throw new IOException("Which buckets have these rules could not be written down.");
    }
}
