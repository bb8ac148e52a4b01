using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>A report that is kept.</summary>
/// <param name="Report">What it says.</param>
/// <param name="Document">All of it, signed: JSON in UTF-8.</param>
public sealed record KeptReport(VerifyReport Report, ReadOnlyMemory<byte> Document);

/// <summary>
/// The last ten reports of each bucket and site, in the table <c>replication</c>: partition <c>walk.report.BUCKET</c>, row
/// <c>SITE.ID</c>, the newest first.
/// </summary>
/// <param name="table">The table of replication.</param>
/// <param name="keys">Signs them.</param>
/// <param name="clock">The time.</param>
public sealed class VerifyReports(ITable table, ReportKeys keys, TimeProvider clock)
{
    /// <summary>So many are kept of a bucket and a site.</summary>
    public const int Most = 10;

    private const string Partitions = "walk.report.";

    /// <summary>The report of that id; null where there is none, or none any more.</summary>
    public async ValueTask<KeptReport?> Find(string bucket, string site, string id, CancellationToken ct)
    {
        var key = new TableKey(Partitions + bucket, $"{site}.{id}");
        return TableLimits.CanBe(key) && await table.Get(key, ct) is { } row ? Read(row) : null;
    }

    /// <summary>
    /// Reports by bucket and site, of those the newest first: of one bucket, or of all where that is null; and those only that come behind
    /// one, by its bucket, site and id.
    /// </summary>
    public async IAsyncEnumerable<KeptReport> All(string? bucket, (string Bucket, string Site, string Id)? after, [EnumeratorCancellation] CancellationToken ct)
    {
        if (bucket is not null && !TableLimits.CanBe(new(Partitions + bucket, "x"))) yield break;
        var range = bucket is not null ? KeyRange.Partition(Partitions + bucket) : new(new(Partitions, ""), new(Partitions + '\uffff', ""));
        if (after is var (last, site, id)) range = (range with { From = new(Partitions + (bucket ?? last), "") }).After($"{site}.{id}");
        await foreach (var row in table.Scan(range, null, null, ct)) yield return Read(row);
    }

    /// <summary>Signs and keeps the report of a walk that has come to its end; its id. The same walk again has the same.</summary>
    internal async ValueTask<string> Keep(Walk walk, ReplicaTraits traits, string prefix, CancellationToken ct)
    {
        var (bucket, site) = (walk.Request.Bucket!, walk.Request.Site!);
        var id = Rows.NewestFirst(Rows.Microseconds(walk.Since)) + walk.Run[..8];
        var key = await keys.Current(ct);
        var report = new VerifyReport
        {
            Id = id, Bucket = bucket, BucketId = walk.BucketId!, Site = site, Began = walk.Since, Ended = clock.GetUtcNow(), Key = key.Id,
            Settings = new(walk.Request.Deep, walk.Request.ReportOnly, prefix, traits.KeepsVersions, traits.HasTags) { HasMetadata = true },
            IsComplete = walk.Counts is { Different: 0, Pending: 0 }, Counts = walk.Counts, Reasons = walk.Reasons, Differences = walk.Differences,
        };
        var document = ReportSignature.Sign(StoredJson.Write(report, WalkJson.Default.VerifyReport), key);
        var partition = Partitions + bucket;
        await Applied(partition, Change.Put($"{site}.{id}", Condition.Any, document), ct);
        var kept = 0;
        List<string> old = [];
        await foreach (var row in table.Scan(KeyRange.Rows(partition, site + "."), null, null, ct))
            if (++kept > Most) old.Add(row.Key.Row);
        foreach (var row in old) await Applied(partition, Change.Delete(row, Condition.Any), ct);
        return id;
    }

    private async ValueTask Applied(string partition, Change change, CancellationToken ct)
    {
        if (await table.Apply(partition, [change], ct) == Outcome.Unknown) throw new IOException("Whether a report was stored is not known.");
    }

    private static KeptReport Read(Row row) => new(StoredJson.Read(row.Value, WalkJson.Default.VerifyReport), row.Value);
}
