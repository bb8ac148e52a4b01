namespace ZenkoFunctions.Core.State;

/// <summary>
/// One table of state: rows ordered by (partition, row), compared ordinally. No domain rule lives below this line.
/// Every engine passes the same suite (<c>TableContract</c>).
/// </summary>
/// <remarks>
/// Partition and row names hold 1 to 512 UTF-16 units of the basic plane without surrogates, control characters and
/// <c>/ \ # ?</c>: what Azure Table storage accepts. Within that alphabet ordinal order and UTF-8 byte order agree.
/// </remarks>
public interface ITable
{
    /// <summary>The row, or null where there is none, be it that none can be called so.</summary>
    ValueTask<Row?> Get(TableKey key, CancellationToken ct);

    /// <summary>
    /// The rows of <paramref name="range"/> in order; the range may span partitions.
    /// </summary>
    /// <param name="range">From inclusive, to exclusive.</param>
    /// <param name="rowPrefix">Only rows whose row name starts with it; the engine skips the others cheaply.</param>
    /// <param name="limit">At most this many rows are returned (and, where possible, read).</param>
    /// <param name="skip">
    /// Given a row that the scan returned, the key before which nothing more is wanted, or null to go on with the next row
    /// (as does a key that is not behind it).
    /// Pure; called once for each returned row, possibly before the consumer sees it. Whether it pays to seek there or to
    /// read on is the engine's to decide.
    /// </param>
    /// <param name="budget">What it may spend, where not all that it takes; then it ends early, and says where.</param>
    /// <param name="ct">Ends the scan.</param>
    IAsyncEnumerable<Row> Scan(
        KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget, CancellationToken ct);

    /// <summary>
    /// Applies all changes or none, durably, within one partition. 1 to <see cref="TableLimits.Changes"/> of them,
    /// each row once, else <see cref="ArgumentException"/>. Deleting an absent row under <see cref="Condition.Any"/> succeeds.
    /// An <see cref="IOException"/> means that nothing was changed, and so does an <see cref="OperationCanceledException"/>.
    /// </summary>
    /// <param name="partition">Where all of them are.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="ct">
    /// Once it has ended nothing is begun. What was sent by then is waited for; an engine may bound by itself, as
    /// <see cref="Consistency.StoreTimeout"/> says, until when it sends it again.
    /// </param>
    ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct);
}

/// <summary>Shorter forms.</summary>
public static class Tables
{
    /// <inheritdoc cref="ITable.Scan"/>
    public static IAsyncEnumerable<Row> Scan(
        this ITable table, KeyRange range, string? rowPrefix, int? limit, CancellationToken ct) =>
        table.Scan(range, rowPrefix, limit, null, null, ct);

    /// <inheritdoc cref="ITable.Scan"/>
    public static IAsyncEnumerable<Row> Scan(
        this ITable table, KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, CancellationToken ct) =>
        table.Scan(range, rowPrefix, limit, skip, null, ct);
}

/// <summary>What became of an <see cref="ITable.Apply"/>.</summary>
public enum Outcome
{
    /// <summary>All changes are durable.</summary>
    Committed,

    /// <summary>A condition did not hold; nothing was changed.</summary>
    Refused,

    /// <summary>
    /// The answer was lost and could not be settled by reading back. The caller may neither delete bytes that the
    /// changes refer to, nor tell the client that a precondition failed.
    /// </summary>
    Unknown,
}
