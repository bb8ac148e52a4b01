using System.Globalization;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Statistics;

/// <summary>
/// Writes what one instance has counted. A row says all that was counted under its name, which nobody else uses: it may be written any
/// number of times. Once a row is forgotten, what comes later for the same slice gets another name. One caller at a time.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="usage">What buckets hold.</param>
internal sealed class StatisticsWriter(ITable table, UsageCounters usage)
{
    /// <summary>Fewer bytes of values than a commit may have, as one more row is added before that is looked at.</summary>
    private const int BatchBytes = TableLimits.ApplyBytes - TableLimits.ValueBytes;

    private readonly string instance = Guid.NewGuid().ToString("n");
    private readonly Dictionary<SliceKey, OpenRow> rows = [];
    private readonly Dictionary<(string BucketId, long End), (string Owner, long Epoch)> touched = [];
    private readonly HashSet<Period> known = [];
    private long names;

    private sealed class OpenRow(string name)
    {
        public string Name => name;

        public Dictionary<string, OperationTally> Operations { get; } = new(StringComparer.Ordinal);

        public bool IsDirty { get; set; }
    }

    /// <summary>How many rows are still to be written.</summary>
    public int Unwritten { get; private set; }

    /// <summary>Takes what was counted since the last time.</summary>
    public void Take(IReadOnlyDictionary<StatisticsKey, OperationTally> counted)
    {
        foreach (var ((of, operation), tally) in counted)
        {
            if (!rows.TryGetValue(of, out var row)) rows[of] = row = new(StatisticsRows.RowOf(of.Slice, string.Create(CultureInfo.InvariantCulture, $"{instance}.{names++}")));
            row.Operations[operation.Name] = row.Operations.GetValueOrDefault(operation.Name) + tally;
            if (!row.IsDirty) Unwritten++;
            row.IsDirty = true;
            if (operation.MayChange && of.Bucket is { Id.Length: > 0, Account: { } owner }) touched[(of.Bucket.Id, of.Slice.End)] = (owner, of.Epoch);
        }
    }

    /// <summary>Writes what was taken. Throws <see cref="IOException"/> where that is not done; what is left is written the next time.</summary>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="ct">Ends it.</param>
    public async ValueTask Write(long now, CancellationToken ct)
    {
        foreach (var period in rows.Where(row => row.Value.IsDirty).GroupBy(row => row.Key.Slice.Period).ToList())
        {
            await Announce(period.Key, ct);
            List<(OpenRow Row, Change Change)> batch = [];
            var bytes = 0;
            foreach (var (of, row) in period)
            {
                var change = Change.Put(row.Name, Condition.Any, StoredJson.Write(Value(of, row), StatisticsJson.Default.SliceRow));
                batch.Add((row, change));
                bytes += change.Value!.Value.Length;
                if (batch.Count < TableLimits.Changes && bytes < BatchBytes) continue;
                await Apply(period.Key, batch, ct);
                (batch, bytes) = ([], 0);
            }
            if (batch.Count > 0) await Apply(period.Key, batch, ct);
        }
        foreach (var ((bucket, end), (owner, epoch)) in touched.ToList())
        {
            await NoteHeld(bucket, owner, epoch, end, ct);
            touched.Remove((bucket, end));
        }
        Forget(now);
    }

    private static SliceRow Value(SliceKey of, OpenRow row) => new()
    {
        Bucket = of.Bucket.Name, BucketId = of.Bucket.Id, Epoch = of.Epoch, Account = of.Account, User = of.User, Tag = of.Tag, Operations = row.Operations,
    };

    /// <summary>Before a row is there, its object is: else nobody would ever delete it.</summary>
    private async ValueTask Announce(Period period, CancellationToken ct)
    {
        if (known.Contains(period)) return;
        var there = Change.Put(period.Row, Condition.Absent, StoredJson.Write(new(), StatisticsJson.Default.ObjectRow));
        Settle(await table.Apply(StatisticsRows.Objects, [there], ct));
        known.Add(period);
    }

    private async ValueTask Apply(Period period, List<(OpenRow Row, Change Change)> batch, CancellationToken ct)
    {
        Settle(await table.Apply(StatisticsRows.PartitionOf(period), [.. batch.Select(each => each.Change)], ct));
        foreach (var (row, _) in batch) row.IsDirty = false;
        Unwritten -= batch.Count;
    }

    private async ValueTask NoteHeld(string bucketId, string owner, long epoch, long end, CancellationToken ct)
    {
        var held = Held.Of((await usage.Read(bucketId, ct)).Total);
        var row = new HeldRow { Owner = owner, Epoch = epoch, Bytes = held.Bytes, Objects = held.Objects };
        var put = Change.Put(StatisticsRows.HeldAt(end), Condition.Any, StoredJson.Write(row, StatisticsJson.Default.HeldRow));
        Settle(await table.Apply(StatisticsRows.PartitionOf(bucketId), [put], ct));
    }

    /// <summary>What is over, and where there is too much of it, what is not: it may come again, under another name.</summary>
    private void Forget(long now)
    {
        var isCrowded = rows.Count > UsageStatistics.Most;
        foreach (var (of, row) in rows)
            if (!row.IsDirty && (isCrowded || of.Slice.End <= now)) rows.Remove(of);
        known.RemoveWhere(period => period.Start + period.Seconds <= now);
    }

    private static void Settle(Outcome outcome)
    {
        if (outcome == Outcome.Unknown) throw new IOException("Nobody knows whether statistics were written.");
    }
}
