using System.Globalization;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>One <see cref="ITable.Apply"/> in the writer's transaction, accepted or refused on its own.</summary>
internal sealed class ApplyWrite(int table, string partition, IReadOnlyList<Change> changes, CancellationToken ct)
    : Write<Outcome>(ct)
{
    // Encoded by the caller's thread: everybody waits for the writer's.
    private readonly (byte[] Key, Change Change)[] rows =
        [.. changes.Select(change => (RowKey.Encode(partition, change.Row), change))];

    /// <inheritdoc/>
    public override void Doubtful(Exception exception)
    {
        if (Result == Outcome.Committed) Conclude(Outcome.Unknown);
        else Failed(exception);
    }

    /// <inheritdoc/>
    protected override Outcome Change(SqliteWriter writer)
    {
        // All conditions before the first change: a refusal then has nothing to take back.
        var found = new (long Stamp, bool Big)?[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            found[i] = writer.Rows.Look(table, rows[i].Key);
            if (!Holds(rows[i].Change.Condition, found[i]?.Stamp)) return Outcome.Refused;
        }
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Change.Value is { } value)
                writer.Rows.Put(table, rows[i].Key, writer.NextStamp(), value.Span, found[i]);
            else if (found[i] is { } old)
                writer.Rows.Delete(table, rows[i].Key, old);
        }
        return Outcome.Committed;
    }

    private static bool Holds(Condition condition, long? stamp) => condition.Kind switch
    {
        ConditionKind.Any => true,
        ConditionKind.Absent => stamp is null,
        _ => stamp is { } there && condition.Stamp.Value == there.ToString(CultureInfo.InvariantCulture),
    };
}
