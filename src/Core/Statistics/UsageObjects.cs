using System.Security.Cryptography;
using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Statistics;

/// <summary>What was counted in a period, of one bucket and one account.</summary>
/// <param name="Bucket">The bucket's name; empty for requests that concern none.</param>
/// <param name="Epoch">When the bucket was made, in seconds since 1970.</param>
/// <param name="Account">The id of the account that is billed; empty for nobody.</param>
/// <param name="Tag">The value of the bucket's tag <see cref="UsageStatistics.BucketTag"/>; empty without one.</param>
/// <param name="Operations">Those that were done, by kind.</param>
/// <param name="Uploaded">Bytes of the bodies of requests.</param>
/// <param name="Downloaded">Bytes of the bodies of answers.</param>
public sealed record UsageItem(
    string Bucket, long Epoch, string Account, string Tag, IReadOnlyDictionary<OperationKind, long> Operations, long Uploaded, long Downloaded);

/// <summary>
/// The statistics objects: one a period in which anything was counted, there from when it is complete until it is deleted. What it was made
/// of stays for <see cref="UsageMetrics"/>.
/// </summary>
/// <param name="table">The table <c>statistics</c>.</param>
/// <param name="settings">How often is written.</param>
/// <param name="clock">The time.</param>
public sealed class UsageObjects(ITable table, LiveSettings settings, TimeProvider clock)
{
    private const int Attempts = 10;

    private long serviceId;

    /// <summary>The installation's number, the same for ever: 16 decimal digits, below 2^53.</summary>
    public async ValueTask<long> ServiceId(CancellationToken ct)
    {
        for (var attempt = 0; serviceId == 0; attempt++)
        {
            if (await table.Get(new(StatisticsRows.Service, StatisticsRows.Id), ct) is { } row)
            {
                serviceId = StoredJson.Read(row.Value, StatisticsJson.Default.ServiceRow).Id;
                break;
            }
            if (attempt == Attempts) throw new IOException("The installation's number could not be written.");
            var made = new ServiceRow(8_000_000_000_000_000 + (long)(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) % 1_000_000_000_000_000));
            await table.Apply(StatisticsRows.Service, [Change.Put(StatisticsRows.Id, Condition.Absent, StoredJson.Write(made, StatisticsJson.Default.ServiceRow))], ct);
        }
        return serviceId;
    }

    /// <summary>The objects that are there.</summary>
    /// <param name="most">No more than these.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>The oldest first, and whether there are more.</returns>
    public async ValueTask<(IReadOnlyList<Period> Periods, bool IsTruncated)> List(int most, CancellationToken ct)
    {
        var complete = await Complete(ct);
        List<Period> found = [];
        await foreach (var row in table.Scan(KeyRange.Partition(StatisticsRows.Objects), null, null, ct))
        {
            var period = Period.Parse(row.Key.Row);
            if (period.End > complete || StoredJson.Read(row.Value, StatisticsJson.Default.ObjectRow).Deleted is not null) continue;
            if (found.Count == most) return (found, true);
            found.Add(period);
        }
        return (found, false);
    }

    /// <summary>What is in an object, in order; null where there is none of that period.</summary>
    public async ValueTask<IReadOnlyList<UsageItem>?> Read(Period period, CancellationToken ct)
    {
        if (await Find(period, ct) is not { Object.Deleted: null }) return null;
        var sums = new SortedDictionary<(string Bucket, long Epoch, string Account, string Tag), Dictionary<OperationKind, OperationTally>>(Order);
        await foreach (var row in table.Scan(KeyRange.Partition(StatisticsRows.PartitionOf(period)), null, null, ct))
        {
            var slice = StoredJson.Read(row.Value, StatisticsJson.Default.SliceRow);
            var key = (slice.Bucket, slice.Epoch, slice.Account, slice.Tag);
            if (!sums.TryGetValue(key, out var sum)) sums[key] = sum = [];
            foreach (var tally in slice.Operations.Values) sum[tally.Kind] = sum.GetValueOrDefault(tally.Kind) + tally;
        }
        return
        [
            .. sums.Select(each => new UsageItem(
                each.Key.Bucket, each.Key.Epoch, each.Key.Account, each.Key.Tag, each.Value.ToDictionary(kind => kind.Key, kind => kind.Value.Count),
                each.Value.Values.Sum(kind => kind.Uploaded), each.Value.Values.Sum(kind => kind.Downloaded))),
        ];
    }

    /// <summary>Deletes an object; false where there is none of that period.</summary>
    /// <param name="period">Its period.</param>
    /// <param name="request">The request, where it may be sent again: it is answered the same.</param>
    /// <param name="ct">Ends it.</param>
    public async ValueTask<bool> Delete(Period period, RequestToken? request, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await Find(period, ct) is not var (row, there)) return false;
            if (there.Deleted is not null) return request is not null && there.Request == request.Text;
            var deleted = there with { Deleted = clock.GetUtcNow(), Request = request?.Text };
            var change = Change.Put(row.Key.Row, Condition.Is(row.Stamp), StoredJson.Write(deleted, StatisticsJson.Default.ObjectRow));
            var outcome = await table.Apply(StatisticsRows.Objects, [change], ct);
            if (outcome == Outcome.Committed) return true;
            if (outcome == Outcome.Unknown) break;
        }
        throw new IOException("Whether the statistics object was deleted is not known. Delete it again.");
    }

    // What was counted at a period's end is written within a flush interval, and that writing may take another.
    private async ValueTask<DateTimeOffset> Complete(CancellationToken ct) => clock.GetUtcNow().AddSeconds(-2 * await settings.Number(LiveSetting.UsageFlush, ct));

    private async ValueTask<(Row Row, ObjectRow Object)?> Find(Period period, CancellationToken ct) =>
        period.End <= await Complete(ct) && await table.Get(new(StatisticsRows.Objects, period.Row), ct) is { } row
            ? (row, StoredJson.Read(row.Value, StatisticsJson.Default.ObjectRow))
            : null;

    private static readonly Comparer<(string Bucket, long Epoch, string Account, string Tag)> Order = Comparer<(string Bucket, long Epoch, string Account, string Tag)>.Create(
        (a, b) => string.CompareOrdinal(a.Bucket, b.Bucket) is not 0 and var bucket ? bucket
            : a.Epoch.CompareTo(b.Epoch) is not 0 and var epoch ? epoch
            : string.CompareOrdinal(a.Account, b.Account) is not 0 and var account ? account
            : string.CompareOrdinal(a.Tag, b.Tag));
}
