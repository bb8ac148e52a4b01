using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Statistics;

/// <summary>The rows of statistics that end.</summary>
internal static class StatisticsExpiry
{
    /// <summary>For how long what was counted is kept after its object was deleted.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    /// <summary>For how long it is remembered that an object was deleted: so long an instance may take to write what it counted.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromDays(30);

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<ExpiringRows> Of(ITable table) =>
    [
        new("statistics", table, now => StatisticsRows.PeriodsFrom(0, (now - Kept).ToUnixTimeSeconds()), async (row, ct) =>
        {
            var period = StatisticsRows.PeriodOf(row);
            var there = await table.Get(new(StatisticsRows.Objects, period.Row), ct);
            return there is not null && StoredJson.Read(there.Value, StatisticsJson.Default.ObjectRow).Deleted is null ? null : period.End;
        }, Kept),
        new("statistics-objects", table, _ => KeyRange.Partition(StatisticsRows.Objects), (row, _) => new(StoredJson.Read(row.Value, StatisticsJson.Default.ObjectRow).Deleted), Late),
        new("statistics-held", table, _ => StatisticsRows.AllHeld, async (row, ct) =>
        {
            var held = StoredJson.Read(row.Value, StatisticsJson.Default.HeldRow);
            // The newest says what a bucket holds to this day, unless that is nothing.
            await foreach (var newest in table.Scan(KeyRange.Partition(row.Key.Partition), null, 1, ct))
                if (newest.Key == row.Key && held is not { Bytes: 0, Objects: 0 }) return null;
            return DateTimeOffset.FromUnixTimeSeconds(StatisticsRows.EndOf(row.Key));
        }, Kept),
    ];
}
