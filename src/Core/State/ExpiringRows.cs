namespace ZenkoFunctions.Core.State;

/// <summary>Rows that are worth nothing any more after a time, and whose makers do not come back for them.</summary>
/// <param name="Name">Of the kind; unique.</param>
/// <param name="Table">Where they are.</param>
/// <param name="Range">Which they are, at a time.</param>
/// <param name="EndOf">When a row's life ended, or will; null for a row that is to stay.</param>
/// <param name="Grace">For how long it is kept after that.</param>
public sealed record ExpiringRows(
    string Name, ITable Table, Func<DateTimeOffset, KeyRange> Range, Func<Row, CancellationToken, ValueTask<DateTimeOffset?>> EndOf, TimeSpan Grace)
{
    /// <summary>The rows of all partitions whose names start so.</summary>
    public static KeyRange Partitions(string prefix) => new(new(prefix, ""), new(prefix + '\uffff', ""));
}
