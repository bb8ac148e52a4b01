using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>The walks of an installation: started, looked at, cancelled. Their job is <see cref="RunWalk"/>.</summary>
/// <param name="table">The table of replication.</param>
/// <param name="queue">Takes their messages.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="locations">The sites.</param>
/// <param name="counters">Know whether they are to be set right.</param>
/// <param name="options">How walks behave.</param>
/// <param name="clock">The time.</param>
public sealed class Walks(
    ITable table, IQueue queue, Buckets buckets, LocationCatalog locations, ReplicationCounters counters, WalkOptions options, TimeProvider clock)
{
    /// <summary>The queue of walks.</summary>
    public const string QueueName = "replication-walks";

    private readonly WalkTable rows = new(table);
    private readonly string process = Guid.NewGuid().ToString("n");

    /// <summary>The name of the walk that a request means.</summary>
    public static string IdOf(WalkRequest request)
    {
        var purpose = request.Purpose switch { WalkPurpose.Existing => request.AskedOnly ? "asked" : "existing", WalkPurpose.Arrived => "arrived", WalkPurpose.Verify => "verify", WalkPurpose.Lifecycle => "lifecycle", WalkPurpose.Ingest => "ingest", WalkPurpose.SearchIndex => "search-index", WalkPurpose.Details => request.Deep ? "tags" : "details", WalkPurpose.Collect => "collect", WalkPurpose.Expire => "expire", WalkPurpose.Empty => "empty", WalkPurpose.Retry => "retry", _ => "recount" };
        // No site is called "all", and none has a dot in its name.
        return $"{purpose}.{request.Site ?? "all"}{(request.Bucket is null ? "" : "." + request.Bucket)}{(request.Range is { } range ? $"~{range.Number}" : "")}";
    }

    /// <summary>
    /// Starts a walk; where it runs already, that one is the answer. <see cref="Refusal.NoSuchBucket"/>,
    /// <see cref="Refusal.NoSuchLocation"/>, and <see cref="Refusal.InvalidRequest"/> where it makes no sense.
    /// </summary>
    public ValueTask<Result<Walk>> Start(WalkRequest request, CancellationToken ct) => Start(request, TimeSpan.Zero, ct);

    /// <summary>
    /// Starts the walk of what was there before, for those of a bucket's rules that ask for it; nothing where none does. One that runs
    /// by earlier rules begins anew.
    /// </summary>
    public async ValueTask StartAsked(Bucket bucket, CancellationToken ct)
    {
        if (SitesOf(bucket, askedOnly: true).Count == 0) return;
        await StartAnew(new() { Purpose = WalkPurpose.Existing, Bucket = bucket.Name, AskedOnly = true }, ct);
    }

    /// <summary>Applies a bucket's new lifecycle rules as soon as every process knows them; nothing where there are none.</summary>
    public async ValueTask StartLifecycle(Bucket bucket, CancellationToken ct)
    {
        if (bucket.Get(BucketSettings.Lifecycle) is { IsActive: true }) await StartAnew(new() { Purpose = WalkPurpose.Lifecycle, Bucket = bucket.Name }, ct);
    }

    /// <summary>Builds those fields of a bucket's search index, as soon as every process makes entries of what it writes, and tidies it up.</summary>
    public ValueTask<Result<Walk>> StartSearchIndex(Bucket bucket, IReadOnlyList<string> fields, CancellationToken ct) =>
        StartAnew(new() { Purpose = WalkPurpose.SearchIndex, Bucket = bucket.Name, Fields = fields }, ct);

    /// <summary>Begins a walk by rules that were just made, when every process knows them; one that goes by earlier ones ends.</summary>
    private async ValueTask<Result<Walk>> StartAnew(WalkRequest request, CancellationToken ct)
    {
        await Cancel(IdOf(request), ct);
        return await Start(request, options.IsAlone ? TimeSpan.Zero : options.SettingsKnown, ct);
    }

    private async ValueTask<Result<Walk>> Start(WalkRequest request, TimeSpan delay, CancellationToken ct)
    {
        var checking = await Check(request, ct);
        if (checking.Refusal is not null) return checking.As<Walk>();
        var bucket = checking.Value;
        var id = IdOf(request);
        while (true)
        {
            var before = await rows.Find(id, ct);
            if (before is { Walk: { State: WalkState.Running } running } && running.BucketId == bucket?.Id)
            {
                if (running.Request.Prefix != request.Prefix)
                    return Refusal.Conflict.Because($"{(running.Request.Prefix is { } other ? $"What begins with '{other}'" : "All of it")} is being removed: cancel that, or wait until it is done.");
                // A message may have been lost with its queue; one more harms nobody.
                await Send(running, delay, ct);
                return running;
            }
            var now = clock.GetUtcNow();
            var walk = new Walk
            {
                Id = id, Run = Guid.NewGuid().ToString("n"), Request = request, BucketId = bucket?.Id, State = WalkState.Running, Since = now, At = now,
                Total = bucket is null ? 0 : Math.Max(0, (await buckets.Usage.Read(bucket.Id, ct)).Total.Versions),
            };
            if (await rows.Write(walk, before, ct) is not { } written) continue;
            await Send(written.Walk, delay, ct);
            return written.Walk;
        }
    }

    /// <summary>The walk of that name; null where there never was one.</summary>
    public async ValueTask<Walk?> Find(string id, CancellationToken ct) =>
        TableLimits.CanBe(new("walk", id)) ? (await rows.Find(id, ct))?.Walk : null;

    /// <summary>The walks by name, the last of each, those behind <paramref name="after"/>; null for all.</summary>
    public IAsyncEnumerable<Walk> All(string? after, CancellationToken ct) => rows.All(after, ct);

    /// <summary>Ends a walk where it stands; what it has queued stays queued. Null where there is none of that name.</summary>
    public async ValueTask<Walk?> Cancel(string id, CancellationToken ct)
    {
        while (true)
        {
            if (await Find(id, ct) is null || await rows.Find(id, ct) is not { } found) return null;
            if (found.Walk.State != WalkState.Running) return found.Walk;
            var cancelled = found.Walk with { State = WalkState.Cancelled, At = clock.GetUtcNow(), Claim = null, Waiting = null };
            if (await rows.Write(cancelled, found, ct) is not { } written) continue;
            for (var part = 0; part < written.Walk.Shards; part++) await Cancel(IdOf(written.Walk.Request with { Range = new(part, null, null) }), ct);
            return written.Walk;
        }
    }

    /// <summary>
    /// Before the first request and the first job: walks that were under way are taken up again, be their messages lost, and what is
    /// pending is counted anew where this was the only process, and was not stopped in order.
    /// </summary>
    public async ValueTask Recover(CancellationToken ct)
    {
        var recount = new WalkRequest { Purpose = WalkPurpose.Recount };
        var isCutOff = await counters.WasCutOff(ct);
        // One that is under way since the last time knows nothing of what was lost now.
        if (isCutOff) await Cancel(IdOf(recount), ct);
        await foreach (var walk in rows.All(null, ct))
            if (walk.State == WalkState.Running) await Send(walk, walk.Id == IdOf(recount) && walk.Cursor is null ? ReplicationCounters.Recent : TimeSpan.Zero, ct);
        // Not before what was lost is old enough for its count to be told from what is being counted.
        if (isCutOff) await Start(recount, ReplicationCounters.Recent, ct);
    }

    /// <summary>
    /// Takes up the walk of a message: nobody else is at it then. Null where there is nothing to do, or, with a time, where
    /// another run is at it.
    /// </summary>
    internal async ValueTask<(WalkRun? Run, TimeSpan? Again)> Claim(WalkMessage message, CancellationToken ct)
    {
        if (await rows.Find(message.Id, ct) is not { } found || found.Walk is not { State: WalkState.Running } walk || walk.Run != message.Run) return (null, null);
        var now = clock.GetUtcNow();
        if (walk.Claim is { } other && other.Until > now && (other.Process == process || !options.IsAlone)) return (null, other.Until - now + options.Checkpoint);
        var claimed = walk with { Claim = new(process, Guid.NewGuid().ToString("n"), now + options.ClaimLife), Steps = walk.Steps + 1, Waiting = null, At = now };
        return await rows.Write(claimed, found, ct) is { } held ? (new(rows, held, options, clock), null) : (null, options.Checkpoint);
    }

    /// <summary>Whether it is too early for what goes by headers, metadata or tags, as versions of the bucket have appeared without.</summary>
    internal async ValueTask<bool> IsEarly(WalkRequest request, CancellationToken ct)
    {
        if (request.Bucket is null || request.Purpose is WalkPurpose.Ingest or WalkPurpose.Details or WalkPurpose.Recount or WalkPurpose.Empty) return false;
        return await Find(IdOf(new() { Purpose = WalkPurpose.Details, Bucket = request.Bucket }), ct) is { State: WalkState.Running or WalkState.Failed }
            || await Find(IdOf(new() { Purpose = WalkPurpose.Ingest, Bucket = request.Bucket }), ct) is { State: WalkState.Running, Counts.Listed: > 0 };
    }

    private ValueTask Send(Walk walk, TimeSpan delay, CancellationToken ct) => queue.Send(
        QueueName, StoredJson.Write(new() { Id = walk.Id, Run = walk.Run }, WalkJson.Default.WalkMessage), delay, ct);

    /// <summary>The bucket of a request that makes sense; null for all.</summary>
    internal async ValueTask<Result<Bucket?>> Check(WalkRequest request, CancellationToken ct)
    {
        if (request.Site is { } site && await locations.Find(site, ct) is var location && location is not IReplicas)
        {
            return location is null
                ? Refusal.NoSuchLocation.Because($"There is no location '{site}'.")
                : Refusal.InvalidRequest.Because($"The location '{site}' keeps no readable copies; it cannot be a site.");
        }
        if (request.Purpose is WalkPurpose.Recount or WalkPurpose.Expire or WalkPurpose.Collect)
            return request.Bucket is null && request.Site is null ? (Bucket?)null : Refusal.InvalidRequest.Because("This is of all buckets and sites.");
        if (request is { Purpose: WalkPurpose.Lifecycle or WalkPurpose.Ingest or WalkPurpose.Details or WalkPurpose.SearchIndex or WalkPurpose.Empty, Site: not null }) return Refusal.InvalidRequest.Because("This is of a bucket, not of a site.");
        if (request is { Purpose: WalkPurpose.Lifecycle or WalkPurpose.Ingest or WalkPurpose.Retry, Bucket: null }) return (Bucket?)null;
        if (request.Bucket is not { } name) return Refusal.InvalidRequest.Because("The bucket is missing.");
        if (await buckets.Find(name, ct) is not { } bucket) return Refusal.NoSuchBucket.Because($"There is no bucket '{name}'.");
        if (request.Purpose is WalkPurpose.Ingest or WalkPurpose.Details && bucket.Get(BucketSettings.Mirror) is null)
            return Refusal.InvalidRequest.Because($"The bucket '{name}' mirrors nothing: that is said when a bucket is made, by the LocationConstraint LOCATION{MirrorSetting.Suffix}.");
        if (request is { Purpose: WalkPurpose.Verify, Site: null }) return Refusal.InvalidRequest.Because("The site is missing.");
        if (request.Purpose == WalkPurpose.Existing && SitesOf(bucket, request.AskedOnly) is var sites && (request.Site is null ? sites.Count == 0 : !sites.Contains(request.Site)))
        {
            return Refusal.InvalidRequest.Because(
                $"No enabled rule of the bucket '{name}' names {(request.Site is null ? "a site" : $"the site '{request.Site}'")}; make one first (PutBucketReplication).");
        }
        return bucket;
    }

    /// <summary>The sites that the enabled rules of a bucket name.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="askedOnly">Whether only rules count that ask for what was there before.</param>
    internal static IReadOnlyList<string> SitesOf(Bucket bucket, bool askedOnly = false) =>
        [.. (bucket.Get(BucketSettings.Replication)?.Rules ?? []).Where(rule => rule.Enabled && (!askedOnly || rule.ExistingObjects == true)).SelectMany(rule => rule.Sites).Distinct(StringComparer.Ordinal)];
}

/// <summary>How walks behave.</summary>
public sealed record WalkOptions
{
    /// <summary>Whether no other process walks: what another has claimed, a dead one has.</summary>
    public required bool IsAlone { get; init; }

    /// <summary>How long a run goes on before it hands over to the next by a message.</summary>
    public TimeSpan StepTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often it says how far it is.</summary>
    public TimeSpan Checkpoint { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long a run that says nothing counts as alive; well above <see cref="Checkpoint"/>.</summary>
    public TimeSpan ClaimLife { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Keys or versions that are looked at side by side.</summary>
    public int Width { get; init; } = 16;

    /// <summary>Questions to a source side by side.</summary>
    public int SourceWidth { get; init; } = 64;

    /// <summary>Parts of a walk over a bucket that has <see cref="LargeBucket"/> versions.</summary>
    public int Shards { get; init; } = 8;

    /// <summary>From so many versions on a walk over a bucket is done in parts, where it can be.</summary>
    public long LargeBucket { get; init; } = 20_000;

    /// <summary>While more copies are pending for a site, none is queued for it.</summary>
    public long MostPending { get; init; } = 5000;

    /// <summary>How long a walk waits until it looks again whether it may queue more.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Intents that are older than that have lost their message.</summary>
    public TimeSpan Overdue { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Intents that are older than that, and done, will never be looked at by their own message.</summary>
    public TimeSpan Forgotten { get; init; } = TimeSpan.FromHours(1);

    /// <summary>After that time every process knows what was set of a bucket.</summary>
    public TimeSpan SettingsKnown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What the days of lifecycle rules are.</summary>
    public LifecycleDay LifecycleDay { get; init; } = LifecycleDay.Whole;

    /// <summary>Bytes of a large copy that are read and compared at a time, between two checkpoints.</summary>
    public long RangeBytes { get; init; } = 128L << 20;
}
