using ZenkoFunctions.Core.History;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Composition;

/// <summary>How things stand in an installation, by what all of its processes have written.</summary>
/// <param name="locations">The locations.</param>
/// <param name="usage">What buckets hold.</param>
/// <param name="copies">What becomes of copies.</param>
/// <param name="clock">The time.</param>
internal sealed class InstallationStanding(LocationCatalog locations, UsageCounters usage, ReplicationCounters copies, TimeProvider clock)
{
    public async ValueTask<Standing> Read(bool withStored, CancellationToken ct) => new(withStored ? await Stored(ct) : null, await Sites(ct));

    private async ValueTask<IReadOnlyList<StoredNumbers>> Stored(CancellationToken ct)
    {
        var sum = default(Tally);
        await foreach (var (_, held) in usage.All(ct)) sum += held;
        return [.. sum.Shares.Select(share => new StoredNumbers(share.Location, Math.Max(0, share.Amount.Held), Math.Max(0, share.Amount.Versions)))];
    }

    private async ValueTask<IReadOnlyList<SiteNumbers>> Sites(CancellationToken ct)
    {
        List<SiteNumbers> sites = [];
        foreach (var name in (await locations.Names(ct)).Order(StringComparer.Ordinal))
        {
            if (await locations.Find(name, ct) is not IReplicas) continue;
            var counts = await copies.Read(name, ct);
            if (counts.QueuedEver.Operations == 0 && counts.Pending.Operations == 0) continue;
            sites.Add(new(
                name, counts.Pending.Operations, counts.Pending.Bytes, counts.OldestPending is { } at ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds) : 0,
                counts.CompletedEver.Operations, counts.CompletedEver.Bytes, counts.FailedEver.Operations, counts.LagP50, counts.LagP99));
        }
        return sites;
    }
}
