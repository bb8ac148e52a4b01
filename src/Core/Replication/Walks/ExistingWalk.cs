using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>Queues what was there before the rules, key by key. A key that is done says so in its rows, so that nothing is queued twice.</summary>
internal sealed class ExistingWalk(WalkParts parts) : IWalker
{
    private readonly KeyCopies copies = parts.Copies;
    private readonly WalkOptions options = parts.Options;

    /// <inheritdoc/>
    public async ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct)
    {
        var request = run.Walk.Request;
        var bucket = await WalkedBucket.Find(parts.Buckets, run.Walk, ct);
        var sites = await Sites(bucket, request, ct);
        var room = await Room(sites, ct);
        if (room <= 0) return Wait(run, sites);

        var taken = new Tally();
        await using var keys = new SourceKeys(parts.Table, bucket).After(run.Walk.Cursor?.Key, ct).GetAsyncEnumerator(ct);
        List<string> batch = [];
        var isLast = false;
        while (!isLast)
        {
            batch.Clear();
            while (batch.Count < options.Width && !(isLast = !await keys.MoveNextAsync())) batch.Add(keys.Current);
            await Parallel.ForEachAsync(
                batch, new ParallelOptions { MaxDegreeOfParallelism = options.Width, CancellationToken = ct },
                async (key, stop) =>
                {
                    var queued = await copies.Queue(
                        bucket, key, sites, request.AskedOnly,
                        (site, bytes, at) =>
                        {
                            parts.Counters.Queued(site, bytes, at);
                            taken.Add(bytes);
                        },
                        stop);
                    if (queued.Refusal is { } refusal) throw WalkedBucket.Gone(refusal, request.Bucket!);
                    taken.Look(queued.Value);
                });
            var counts = taken.Take(out var copied);
            room -= copied;
            run.Walk = run.Walk with
            {
                Cursor = batch.Count > 0 ? new(batch[^1]) : run.Walk.Cursor,
                Counts = Sum(run.Walk.Counts, counts) with { Keys = run.Walk.Counts.Keys + batch.Count },
            };
            if (!await run.Checkpoint(ct)) return WalkEnd.Lost;
            if (isLast) break;
            if (run.IsOver) return WalkEnd.Later;
            if (room <= 0 && (room = await Room(sites, ct)) <= 0) return Wait(run, sites);
        }
        return WalkEnd.Finished;
    }

    private async ValueTask<List<CopySite>> Sites(Bucket bucket, WalkRequest request, CancellationToken ct)
    {
        List<CopySite> sites = [];
        var only = request.Site;
        foreach (var site in Walks.SitesOf(bucket, request.AskedOnly))
        {
            if (only is not null && site != only) continue;
            if (await parts.Locations.Find(site, ct) is IReplicas { ReplicaTraits: var traits }) sites.Add(new(site, traits.KeepsVersions));
        }
        return sites.Count > 0
            ? sites
            : throw new WalkFailedException($"The rules of the bucket '{bucket.Name}' name {(only is null ? "no site" : $"the site '{only}' no more")} that is a location here.");
    }

    /// <summary>How many copies may be queued before the backlog is to be looked at again.</summary>
    private async ValueTask<long> Room(List<CopySite> sites, CancellationToken ct)
    {
        var most = 0L;
        foreach (var site in sites) most = Math.Max(most, (await parts.Counters.Read(site.Name, ct)).Pending.Operations);
        return options.MostPending - most;
    }

    private WalkEnd Wait(WalkRun run, List<CopySite> sites)
    {
        run.Walk = run.Walk with { Waiting = $"more than {options.MostPending} copies are pending for {string.Join(", ", sites.Select(site => site.Name))}" };
        return WalkEnd.Waits;
    }

    private static WalkCounts Sum(WalkCounts a, WalkCounts b) => a with
    {
        Versions = a.Versions + b.Versions,
        Queued = a.Queued + b.Queued,
        QueuedBytes = a.QueuedBytes + b.QueuedBytes,
        Pending = a.Pending + b.Pending,
        Superseded = a.Superseded + b.Superseded,
    };

    /// <summary>What several keys at a time come to.</summary>
    private sealed class Tally
    {
        private readonly Lock gate = new();
        private WalkCounts counts = new();

        public void Add(long bytes)
        {
            lock (gate) counts = counts with { Queued = counts.Queued + 1, QueuedBytes = counts.QueuedBytes + bytes };
        }

        public void Look(KeyQueued key)
        {
            lock (gate) counts = counts with { Versions = counts.Versions + key.Versions, Superseded = counts.Superseded + key.Superseded };
        }

        public WalkCounts Take(out long queued)
        {
            lock (gate)
            {
                var taken = counts;
                (counts, queued) = (new(), taken.Queued);
                return taken;
            }
        }
    }
}
