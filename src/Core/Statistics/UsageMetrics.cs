using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Statistics;

/// <summary>By what is summed.</summary>
public enum MetricsLevel
{
    /// <summary>By bucket: ids of buckets.</summary>
    Buckets,

    /// <summary>By account: ids of accounts. Traffic is of who sent, storage of who owns the bucket.</summary>
    Accounts,

    /// <summary>By user: ids of users. They own no storage.</summary>
    Users,

    /// <summary>Everything: the only id is empty.</summary>
    Service,
}

/// <summary>What was counted of one entity within a time.</summary>
/// <param name="Incoming">Bytes that came.</param>
/// <param name="Outgoing">Bytes that were sent.</param>
/// <param name="Operations">How many were done, by name.</param>
/// <param name="AtStart">What was held when the time began.</param>
/// <param name="AtEnd">What was held when it ended.</param>
public sealed record UsageMetric(long Incoming, long Outgoing, IReadOnlyDictionary<string, long> Operations, Held AtStart, Held AtEnd);

/// <summary>What is held.</summary>
/// <param name="Bytes">Bytes, with those of unfinished uploads.</param>
/// <param name="Objects">Objects, older versions and delete markers.</param>
public readonly record struct Held(long Bytes, long Objects)
{
    /// <summary>Both together.</summary>
    public static Held operator +(Held a, Held b) => new(a.Bytes + b.Bytes, a.Objects + b.Objects);

    internal static Held Of(Amount amount) => new(Math.Max(0, amount.Held), Math.Max(0, amount.Versions));
}

/// <summary>Sums of what was counted, over any time. One walk over its slices, however many entities are asked for.</summary>
/// <param name="table">The table <c>statistics</c>.</param>
/// <param name="usage">What buckets hold now.</param>
/// <param name="clock">The time.</param>
public sealed class UsageMetrics(ITable table, UsageCounters usage, TimeProvider clock)
{
    /// <summary>What was counted of each.</summary>
    /// <param name="level">What they are.</param>
    /// <param name="ids">Which.</param>
    /// <param name="from">The beginning, a quarter of an hour's.</param>
    /// <param name="to">The last moment: its slice is counted as a whole.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>In the order of the ids.</returns>
    public async ValueTask<IReadOnlyList<UsageMetric>> Read(MetricsLevel level, IReadOnlyList<string> ids, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var sums = ids.Distinct(StringComparer.Ordinal).ToDictionary(id => id, _ => new Dictionary<string, OperationTally>(StringComparer.Ordinal), StringComparer.Ordinal);
        await foreach (var row in Slices(from.ToUnixTimeSeconds(), to.ToUnixTimeSeconds(), ct))
        {
            if (!sums.TryGetValue(IdOf(level, row), out var sum)) continue;
            foreach (var (operation, tally) in row.Operations) sum[operation] = sum.GetValueOrDefault(operation) + tally;
        }
        var (atStart, atEnd) = (await HeldAt(level, ids, from, ct), await HeldAt(level, ids, to.AddMilliseconds(1), ct));
        return
        [
            .. ids.Select(id => new UsageMetric(
                sums[id].Values.Sum(tally => tally.Uploaded), sums[id].Values.Sum(tally => tally.Downloaded),
                sums[id].Where(each => each.Value.Count > 0).ToDictionary(each => each.Key, each => each.Value.Count),
                atStart.GetValueOrDefault(id), atEnd.GetValueOrDefault(id))),
        ];
    }

    private static string IdOf(MetricsLevel level, SliceRow row) => level switch
    {
        MetricsLevel.Buckets => row.BucketId,
        MetricsLevel.Accounts => row.Account,
        MetricsLevel.Users => row.User,
        _ => "",
    };

    private async IAsyncEnumerable<SliceRow> Slices(long from, long to, [EnumeratorCancellation] CancellationToken ct)
    {
        // Of periods that began before, but not those slices.
        await foreach (var row in table.Scan(StatisticsRows.PeriodsFrom(from - Period.Longest, to + 1), null, null, Next, ct))
            if (StatisticsRows.SliceOf(row.Key) is var slice && slice >= from && slice <= to) yield return StoredJson.Read(row.Value, StatisticsJson.Default.SliceRow);

        TableKey? Next(TableKey key) => StatisticsRows.SliceOf(key) switch
        {
            var slice when slice < from => new(key.Partition, StatisticsRows.RowOf(from)),
            var slice when slice > to => new(key.Partition + "!", ""),
            _ => null,
        };
    }

    private async ValueTask<Dictionary<string, Held>> HeldAt(MetricsLevel level, IReadOnlyList<string> ids, DateTimeOffset at, CancellationToken ct)
    {
        var held = new Dictionary<string, Held>(StringComparer.Ordinal);
        var isNow = at >= clock.GetUtcNow();
        switch (level)
        {
            case MetricsLevel.Buckets:
                foreach (var id in ids) held[id] = (isNow ? null : await Earlier(id, at, ct)) ?? Held.Of((await usage.Read(id, ct)).Total);
                break;
            case MetricsLevel.Accounts or MetricsLevel.Service:
                var noted = new HashSet<string>(StringComparer.Ordinal);
                if (!isNow)
                {
                    await foreach (var (bucket, owner) in Noted(ct))
                    {
                        noted.Add(bucket);
                        if (IsWanted(owner) && await Earlier(bucket, at, ct) is { } then) Add(owner, then);
                    }
                }
                await foreach (var (bucket, tally) in usage.All(ct))
                    if (!noted.Contains(bucket.Id) && IsWanted(bucket.Account)) Add(bucket.Account, Held.Of(tally.Total));
                break;
        }
        return held;

        bool IsWanted(string? owner) => level == MetricsLevel.Service || (owner is not null && ids.Contains(owner));

        void Add(string? owner, Held amount)
        {
            var id = level == MetricsLevel.Service ? "" : owner!;
            held[id] = held.GetValueOrDefault(id) + amount;
        }
    }

    /// <summary>The buckets of which was noted what they held, and whose they are.</summary>
    private async IAsyncEnumerable<(string Bucket, string Owner)> Noted([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var row in table.Scan(StatisticsRows.AllHeld, null, null, key => new(key.Partition + "!", ""), ct))
            yield return (StatisticsRows.BucketOf(row.Key), StoredJson.Read(row.Value, StatisticsJson.Default.HeldRow).Owner);
    }

    /// <summary>
    /// What was noted last before a moment; where nothing was, what was noted first after it, or nothing of a bucket that was made later.
    /// Null where nothing was ever noted.
    /// </summary>
    private async ValueTask<Held?> Earlier(string bucketId, DateTimeOffset at, CancellationToken ct)
    {
        var partition = StatisticsRows.PartitionOf(bucketId);
        var all = KeyRange.Partition(partition);
        await foreach (var row in table.Scan(all with { From = new(partition, StatisticsRows.HeldAt(at.ToUnixTimeSeconds())) }, null, 1, ct)) return Value(row).Amount;
        (Held Amount, long Epoch)? first = null;
        await foreach (var row in table.Scan(all, null, null, ct)) first = Value(row);
        return first is not var (amount, epoch) ? null : epoch > at.ToUnixTimeSeconds() ? default(Held) : amount;

        static (Held Amount, long Epoch) Value(Row row) =>
            StoredJson.Read(row.Value, StatisticsJson.Default.HeldRow) is var noted ? (new(noted.Bytes, noted.Objects), noted.Epoch) : default;
    }
}
