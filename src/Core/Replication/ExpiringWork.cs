using System.Globalization;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>The rows of the table <c>replication</c> that end: of walks that are over long since, and of buckets and locations that are gone.</summary>
/// <param name="table">The table.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="states">Which sites are paused.</param>
public sealed class ExpiringWork(ITable table, Buckets buckets, SiteStates states)
{
    private LocationCatalog Locations => buckets.Locations;

    /// <summary>Every kind.</summary>
    public IReadOnlyList<ExpiringRows> All =>
    [
        // Walks that have ended, and the reports of verifications of buckets that are gone.
        new("walks", table, _ => new(new(WalkTable.Partition, ""), new(WalkTable.Partition, WalkTable.Beside)), (row, _) => new(EndOfWalk(row)), TimeSpan.FromDays(90)),
        new("reports", table, _ => ExpiringRows.Partitions("walk.report."), EndOfReport, TimeSpan.FromDays(366)),
        // Copies that were given up, by site and by version.
        new("failed-list", table, _ => ExpiringRows.Partitions("l."), EndOfFailed, TimeSpan.FromDays(30)),
        new("failed-versions", table, _ => ExpiringRows.Partitions("f"), EndOfFailed, TimeSpan.FromDays(30)),
        // What is known of locations: whether they are paused, what was counted, large copies that were begun.
        new("site-states", table, _ => KeyRange.Partition("states"), EndOfState, TimeSpan.FromDays(1)),
        new("site-counts", table, _ => ExpiringRows.Partitions("c."), EndOfCounts, TimeSpan.FromDays(7)),
        new("begun-copies", table, _ => ExpiringRows.Partitions("u."), EndOfBegun, TimeSpan.FromDays(7)),
    ];

    private static DateTimeOffset? EndOfWalk(Row row) => StoredJson.Read(row.Value, WalkJson.Default.Walk) is { State: not WalkState.Running } ended ? ended.At : null;

    private async ValueTask<DateTimeOffset?> EndOfReport(Row row, CancellationToken ct)
    {
        var report = StoredJson.Read(row.Value, WalkJson.Default.VerifyReport);
        return await IsThere(report.Bucket, report.BucketId, ct) ? null : report.Ended;
    }

    private async ValueTask<DateTimeOffset?> EndOfFailed(Row row, CancellationToken ct)
    {
        var failed = StoredJson.Read(row.Value, ReplicationJson.Default.FailedReplication);
        return await Locations.Has(failed.Site, ct) && await IsThere(failed.Bucket, failed.BucketId, ct) ? null : failed.At;
    }

    /// <summary>What was kept back for a location that is gone goes on before, and finds that out.</summary>
    private async ValueTask<DateTimeOffset?> EndOfState(Row row, CancellationToken ct)
    {
        var (service, site) = Split(row.Key.Row);
        if (await Locations.Has(site, ct)) return null;
        var state = StoredJson.Read(row.Value, ReplicationJson.Default.SiteRow);
        if (!state.Paused) return state.At;
        await states.Resume(service, site, ct);
        return null;
    }

    private async ValueTask<DateTimeOffset?> EndOfCounts(Row row, CancellationToken ct)
    {
        var partition = row.Key.Partition;
        if (await Locations.Has(Split(partition[(partition.IndexOf('.', StringComparison.Ordinal) + 1)..]).Site, ct)) return null;
        if (row.Key.Row.Split('.') is [_, var slot, ..]) return DateTimeOffset.FromUnixTimeSeconds(long.Parse(slot, CultureInfo.InvariantCulture) * (long)ReplicationCounters.Slot.TotalSeconds);
        // The sum of all goes when nothing was counted any more for so long.
        await foreach (var other in table.Scan(KeyRange.Partition(partition), null, 2, ct))
            if (other.Key.Row != row.Key.Row) return null;
        return DateTimeOffset.MinValue;
    }

    private async ValueTask<DateTimeOffset?> EndOfBegun(Row row, CancellationToken ct)
    {
        if (await Locations.Has(Split(row.Key.Partition["u.".Length..]).Service, ct)) return null;
        // Those that say which parts it has go first.
        if (row.Key.Row != "b") return await table.Get(new(row.Key.Partition, "b"), ct) is { } begun ? AtOf(begun) : DateTimeOffset.MinValue;
        await foreach (var other in table.Scan(KeyRange.Partition(row.Key.Partition), null, 2, ct))
            if (other.Key.Row != "b") return null;
        return AtOf(row);

        static DateTimeOffset AtOf(Row row) => StoredJson.Read(row.Value, ReplicationJson.Default.BegunCopy).At ?? DateTimeOffset.MinValue;
    }

    private async ValueTask<bool> IsThere(string bucket, string id, CancellationToken ct) => (await buckets.Find(bucket, ct))?.Id == id;

    /// <summary>Two words with a dot between; no location's name has one.</summary>
    private static (string Service, string Site) Split(string name) => name.Split('.', 2) is [var service, var site] ? (service, site) : (name, "");
}
