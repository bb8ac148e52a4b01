using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A site that versions are to go to.</summary>
/// <param name="Name">The location.</param>
/// <param name="KeepsVersions">Whether an overwritten copy stays there: else only the newest of a key's versions can be there.</param>
internal readonly record struct CopySite(string Name, bool KeepsVersions);

/// <summary>What queueing a key came to, of all its versions and the sites that were named.</summary>
/// <param name="Versions">Versions that were looked at.</param>
/// <param name="Superseded">Versions that would be overwritten as soon as they came, at sites that keep no versions.</param>
internal readonly record struct KeyQueued(long Versions, long Superseded);

/// <summary>
/// Makes versions of a key that are there already owed to sites: PENDING in their rows, an intent beside them, a message before, as
/// a commit does it. Nothing is queued twice, however often it is asked for.
/// </summary>
/// <remarks>
/// Workers take the versions of a key in the order of their age. What is queued behind a newer copy would cover that up at the site,
/// so the newest is queued again with it; and each commit names the stamp of the key's newest version, so that no writer comes
/// between. Older ones go first, in as many commits as it takes.
/// </remarks>
internal sealed class KeyCopies(ITable table, FollowUps followUps, Buckets buckets, TimeProvider clock)
{
    /// <summary>Changes of one commit, but for those of the newest version.</summary>
    private const int MostChanges = 70;

    private readonly VersionRows rows = new(table);

    /// <summary>Queues those versions of the key that the rules name for a site, and that say nothing of it yet.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="sites">The sites; at most ten.</param>
    /// <param name="askedOnly">Whether only rules count that ask for what was there before.</param>
    /// <param name="queued">Told of each copy that was committed: its site, its bytes, and since when it is owed.</param>
    /// <param name="ct">Ends it between commits.</param>
    public ValueTask<Result<KeyQueued>> Queue(
        Bucket bucket, string key, IReadOnlyList<CopySite> sites, bool askedOnly, Action<string, long, DateTimeOffset> queued, CancellationToken ct) =>
        Queue(bucket, key, sites, null, askedOnly, queued, ct);

    /// <summary>Queues versions of the key again, whatever was said of their copy; those that are pending stay as they are.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="site">The site.</param>
    /// <param name="again">The sequences of the versions.</param>
    /// <param name="queued">Told of each copy that was committed: its site, its bytes, and since when it is owed.</param>
    /// <param name="ct">Ends it between commits.</param>
    public ValueTask<Result<KeyQueued>> QueueAgain(
        Bucket bucket, string key, CopySite site, IReadOnlySet<long> again, Action<string, long, DateTimeOffset> queued, CancellationToken ct) =>
        Queue(bucket, key, [site], again, false, queued, ct);

    private async ValueTask<Result<KeyQueued>> Queue(
        Bucket bucket, string key, IReadOnlyList<CopySite> sites, IReadOnlySet<long>? again, bool askedOnly, Action<string, long, DateTimeOffset> queued,
        CancellationToken ct)
    {
        if (sites.Count is 0 or > 10) throw new ArgumentException($"1 to 10 sites, not {sites.Count}.", nameof(sites));
        while (true)
        {
            var step = await QueueSome(bucket, key, sites, again, askedOnly, queued, ct);
            if (step.Refusal is not null) return step.As<KeyQueued>();
            if (!step.Value.HasMore) return new KeyQueued(step.Value.Versions, step.Value.Superseded);
        }
    }

    /// <summary>One commit; the oldest first.</summary>
    private async ValueTask<Result<Plan>> QueueSome(
        Bucket bucket, string key, IReadOnlyList<CopySite> sites, IReadOnlySet<long>? again, bool askedOnly, Action<string, long, DateTimeOffset> queued,
        CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        Dictionary<(long, string), string> announced = [];
        using var attempts = buckets.Turns.Of(address.Partition);
        while (await attempts.Next(ct))
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<Plan>();
            using var entered = entering.Value;
            if (await Make(entered.Bucket, address, key, sites, again, askedOnly, ct) is not { } plan) return new Plan();
            if (plan.Owed.Count == 0) return plan;

            List<Change> changes = [];
            var now = clock.GetUtcNow();
            List<(string Site, long Bytes)> copies = [];
            foreach (var (found, names) in plan.Owed)
            {
                var version = found.Version;
                var state = version.Replication ?? new();
                foreach (var site in names)
                {
                    // As if it had never been there: what is known of an earlier copy is what made somebody ask for another.
                    state = state.With(new(site, ReplicationStatus.Pending) { At = now, Afresh = again?.Contains(version.Sequence) == true });
                    copies.Add((site, version.Size));
                    changes.Add(await Intent(bucket, address, key, version, state.Generation, site, now, announced, ct));
                }
                changes.Add(Change.Put(found.Row.Key.Row, Condition.Is(found.Row.Stamp), VersionRows.Write(version with { Replication = state })));
            }
            if (plan.Owed.All(each => each.Found.Row.Key != plan.Newest!.Key))
                changes.Add(Change.Put(plan.Newest!.Key.Row, Condition.Is(plan.Newest.Stamp), plan.Newest.Value));

            switch (await entered.Commit(table, address.Partition, changes))
            {
                case Outcome.Committed:
                    foreach (var (site, bytes) in copies) queued(site, bytes, now);
                    return plan;
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
            }
            foreach (var (of, intent) in announced.ToList())
                if (await followUps.IsTaken(address, intent, ct)) announced.Remove(of);
        }
        return Refusal.Unavailable;
    }

    private async ValueTask<Change> Intent(
        Bucket bucket, KeyAddress address, string key, ObjectVersion version, int generation, string site, DateTimeOffset now,
        Dictionary<(long, string), string> announced, CancellationToken ct)
    {
        if (!announced.TryGetValue((version.Sequence, site), out var intent))
        {
            announced[(version.Sequence, site)] = intent = ReplicationIntents.Prefix(site) + Ids.Timed(Rows.Microseconds(now));
            await followUps.AnnounceReplica(site, bucket, key, intent, ReplicationIntents.CommitTime, ct);
        }
        return FollowUps.InsertReplica(address, intent, ReplicationIntent.Of(version, generation, now));
    }

    /// <summary>The oldest versions that are owed, as the rows are now; null where the key has no version.</summary>
    private async ValueTask<Plan?> Make(
        Bucket bucket, KeyAddress address, string key, IReadOnlyList<CopySite> sites, IReadOnlySet<long>? again, bool askedOnly, CancellationToken ct)
    {
        if ((await rows.Newest(address, isVersioned: true, ct)).Current is not { } newest) return null;
        var setting = bucket.Get(BucketSettings.Replication);
        var most = MostChanges / (1 + sites.Count);
        Dictionary<string, VersionRows.Found> fronts = new(StringComparer.Ordinal);
        Queue<(VersionRows.Found Found, List<string> Sites)> oldest = new();
        var plan = new Plan { Newest = newest.Row };
        Look(newest);
        await foreach (var older in rows.Older(address, ct)) Look(older);
        plan.Owed = [.. oldest];
        foreach (var (site, front) in fronts)
        {
            var at = plan.Owed.FindIndex(each => each.Found == front);
            if (front.Version.Replication?.Of(site) is not { Status: not ReplicationStatus.Pending }
                || !plan.Owed.Any(each => each.Sites.Contains(site)) || (at >= 0 && plan.Owed[at].Sites.Contains(site))) continue;
            if (at >= 0) plan.Owed[at].Sites.Add(site);
            else plan.Owed.Add((front, [site]));
        }
        return plan;

        void Look(VersionRows.Found found)
        {
            var version = found.Version;
            plan.Versions++;
            if (ReplicationIntents.StaysHere(version)) return;
            var named = setting?.SitesOf(key, version, askedOnly) ?? [];
            List<string>? owed = null;
            foreach (var site in sites)
            {
                var state = version.Replication?.Of(site.Name);
                if (state is null && !named.Contains(site.Name)) continue;
                var isFront = fronts.TryAdd(site.Name, found);
                var isOwed = again is null ? state is null : again.Contains(version.Sequence) && state?.Status != ReplicationStatus.Pending;
                if (!isOwed) continue;
                if (isFront || site.KeepsVersions) (owed ??= []).Add(site.Name);
                else plan.Superseded++;
            }
            if (owed is null) return;
            oldest.Enqueue((found, owed));
            if (oldest.Count <= most) return;
            oldest.Dequeue();
            plan.HasMore = true;
        }
    }

    private sealed class Plan
    {
        /// <summary>The row of the key's newest version.</summary>
        public Row? Newest { get; init; }

        public List<(VersionRows.Found Found, List<string> Sites)> Owed { get; set; } = [];

        public long Versions { get; set; }

        public long Superseded { get; set; }

        /// <summary>Whether newer ones are owed too.</summary>
        public bool HasMore { get; set; }
    }
}
