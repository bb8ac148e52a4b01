using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Collection;
using ZenkoFunctions.Core.Expiry;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Ingestion;
using ZenkoFunctions.Core.Lifecycle;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Search;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Replication.Walks;

/// <summary>A store in memory, a site, and walks whose messages are delivered by hand. Copies are made when a test says so.</summary>
internal sealed class WalkWorld
{
    private readonly LocationCatalog locations;

    public WalkWorld(bool keepsVersions = true, WalkOptions? options = null)
    {
        Site = new(keepsVersions);
        Options = options ?? new() { IsAlone = true };
        locations = new("site", new Dictionary<string, ILocation> { ["site"] = Site, ["here"] = World.Place, ["cold"] = World.Cold });
        (Work, Identity) = (new(new InMemoryTable(), World.Cut), new(new InMemoryTable(), World.Cut));
        Start();
    }

    public World World { get; } = new();
    public LyingSite Site { get; }
    public WalkOptions Options { get; set; }
    public CuttableTable Work { get; }
    public ReplicationCounters Counters { get; private set; } = null!;
    public ReplicationCounters Ingested { get; private set; } = null!;
    public ReplicationCounters Aged { get; private set; } = null!;
    public Core.Replication.Walks.Walks Walks { get; private set; } = null!;
    public WalkTimers Timers { get; private set; } = null!;
    public ReportKeys Keys { get; private set; } = null!;
    public VerifyReports Reports { get; private set; } = null!;
    public SiteStates States { get; private set; } = null!;
    public CuttableTable Identity { get; }
    public SignInGrants Grants { get; private set; } = null!;
    public ObjectSearch Search { get; private set; } = null!;
    public SearchIndexes Indexes { get; private set; } = null!;
    public JobRunner Jobs { get; private set; } = null!;

    /// <summary>The messages of copies that were sent.</summary>
    public List<string> Announced { get; } = [];

    /// <summary>A new process over the same state.</summary>
    public void Start()
    {
        World.Start();
        Counters = new(Work, SiteServices.Crr, true, World.Clock, NullLogger.Instance);
        Walks = new(Work, World.Queue, World.Buckets, locations, Counters, Options, World.Clock);
        Timers = new(Work, World.Queue, Walks, World.Clock);
        Keys = new(Work, new MasterKey(new byte[MasterKey.Length]));
        Reports = new(Work, Keys, World.Clock);
        var parts = new WalkParts(World.Table, Work, World.Queue, World.Buckets, World.Objects, locations, Counters, Reports, Options, World.Clock);
        Search = new(World.Table, World.Buckets, World.Objects, World.Clock);
        Indexes = new(World.Buckets, Walks, World.Queue, World.Clock);
        States = new(Work, World.Queue, Consistency.OneMachine, World.Clock);
        Grants = new(Identity, World.Clock);
        Ingested = new(Work, SiteServices.Ingestion, true, World.Clock, NullLogger.Instance);
        Aged = new(Work, SiteServices.Lifecycle, true, World.Clock, NullLogger.Instance);
        var ingestion = new IngestParts(World.Table, World.Buckets, World.Objects, States, Ingested, Options, World.Clock);
        var lifecycle = new LifecycleParts(World.Table, World.Buckets, World.Objects, World.Uploads, States, Aged, Options, World.Queue, World.Clock);
        Jobs = new(
            [
                new RunWalk(Walks, Timers, parts, NullLogger.Instance, (WalkPurpose.Lifecycle, new LifecycleWalk(Walks, lifecycle)),
                    (WalkPurpose.Ingest, new IngestWalk(Walks, ingestion)), (WalkPurpose.Details, new DetailsWalk(Walks, ingestion)),
                    (WalkPurpose.Collect, new CollectWalk(new(World.Table, Work, World.Buckets, locations, World.Options, Options, World.Clock, NullLogger.Instance))),
                    (WalkPurpose.Empty, new EmptyWalk(World.Table, World.Buckets, World.Objects, World.Uploads, Options, World.Clock)),
                    (WalkPurpose.SearchIndex, new IndexWalk(World.Table, World.Buckets, Walks, Options, World.Clock)),
                    (WalkPurpose.Expire, new ExpireWalk(
                        [
                            Grants.Expiring, .. new ExpiringWork(Work, World.Buckets, States).All,
                            World.Usage.Expiring(async (bucket, ct) => (await World.Buckets.Find(bucket.Name, ct))?.Id == bucket.Id),
                        ],
                        new(World.Table, World.Queue, World.Buckets, World.Buckets.Locations, World.Clock), World.Buckets, World.Clock))),
                new DropSearchEntries(World.Table, World.Buckets, Consistency.OneMachine, World.Clock),
                new MoveVersion(lifecycle, World.Objects.Moves, NullLogger.Instance),
            ],
            World.Queue, NullLogger.Instance);
    }

    /// <summary>A bucket; versions are kept from now on.</summary>
    public async Task<Bucket> Versioned(Bucket bucket) => (await World.Buckets.Change<VersioningSetting>(
        bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;

    /// <summary>Versions go to the site from now on.</summary>
    public async Task<Bucket> Replicated(Bucket bucket, params ReplicationRule[] rules) => (await World.Buckets.Change<ReplicationSetting>(
        bucket, BucketSettings.Replication, _ => new ReplicationSetting("role", rules.Length > 0 ? rules : [Rule()]), default)).Value;

    public static ReplicationRule Rule(string prefix = "", bool markers = true) =>
        new() { Id = "all" + prefix, Enabled = true, Prefix = prefix, DeleteMarkers = markers, Sites = ["site"] };

    /// <summary>A bucket whose versions go to the site.</summary>
    public async Task<Bucket> Bucket() => await Replicated(await Versioned(await World.Bucket()));

    public async Task<ObjectVersion> Put(Bucket bucket, string key, string body, IReadOnlyDictionary<string, string>? tags = null, Description? description = null) =>
        (await World.Objects.Put(bucket, key, World.By, description ?? new() { Tags = tags }, World.Content(body), Conditions.None, default)).Value.Version;

    public async Task Delete(Bucket bucket, string key) => await World.Objects.Delete(bucket, key, new(), default);

    /// <summary>Delivers the messages of walks, moves and of bytes to be removed until there is none that is due within a time.</summary>
    public async Task Pass(TimeSpan time = default)
    {
        var until = World.Clock.GetUtcNow() + time;
        List<(string, ReadOnlyMemory<byte>)> others = [];
        while (World.Queue.NextDue is { } due && due <= until)
        {
            World.Clock.MoveTo(due);
            var (name, message) = World.Queue.Take();
            if (name == FollowUps.ReplicationQueue) Announced.Add(Encoding.UTF8.GetString(message.Span));
            if (name is not (Core.Replication.Walks.Walks.QueueName or MoveVersion.QueueName or CollectGarbage.QueueName or DropSearchEntries.QueueName)) continue;
            try
            {
                await (name == CollectGarbage.QueueName ? World.Jobs : Jobs).Run(name, message, default);
            }
            catch (Cut.CutOffException)
            {
                World.Queue.Return(name, message);
                throw;
            }
        }
        World.Clock.MoveTo(until);
    }

    /// <summary>Starts a walk and has it come to its end.</summary>
    public Task<Walk> Walk(WalkPurpose purpose, bool deep = false, bool reportOnly = false) => Walk(new()
    {
        Purpose = purpose, Bucket = purpose is WalkPurpose.Recount or WalkPurpose.Collect or WalkPurpose.Expire ? null : "bucket", Site = purpose == WalkPurpose.Verify ? "site" : null, Deep = deep, ReportOnly = reportOnly,
    });

    /// <summary>Starts a walk and has it come to its end.</summary>
    public async Task<Walk> Walk(WalkRequest request)
    {
        var started = await Walks.Start(request, default);
        Assert.Null(started.Refusal);
        for (var i = 0; i < 1000 && (await Walks.Find(started.Value.Id, default))!.State == WalkState.Running; i++) await Pass(TimeSpan.FromSeconds(1));
        return (await Walks.Find(started.Value.Id, default))!;
    }

    /// <summary>The intents of copies, by key and sequence.</summary>
    public async Task<List<(string Key, ReplicationIntent Intent, Row Row)>> Owed()
    {
        List<(string, ReplicationIntent, Row)> owed = [];
        foreach (var row in (await World.Table.All()).Where(row => row.Key.Row[0] == Rows.Intent && row.Key.Row.Contains("r.site.", StringComparison.Ordinal)))
            if (FollowUps.ReplicaIn(row) is { } intent) owed.Add((KeyCodec.Key(row.Key.Partition[..17], row.Key.Partition, row.Key.Row), intent, row));
        return [.. owed.OrderBy(each => each.Item1, StringComparer.Ordinal).ThenBy(each => each.Item2.Sequence)];
    }

    /// <summary>Makes the copies that are owed, those of a key in the order of their age.</summary>
    public async Task CopyAll(Bucket bucket)
    {
        var rows = new VersionRows(World.Table);
        foreach (var (key, intent, row) in await Owed())
        {
            var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
            var newest = (await rows.Newest(address, isVersioned: true, default)).Current!;
            var found = newest.Version.Id == intent.VersionId ? newest : (await rows.Older(address, intent.Sequence, default))!;
            var state = new SiteState("site", ReplicationStatus.Completed) { Generation = found.Version.Replication!.Generation };
            if (found.Version.IsDeleteMarker) state = state with { VersionId = await Site.Delete($"{bucket.Name}/{key}", default) };
            else
            {
                var version = found.Version;
                await using var body = (await World.Objects.Open(bucket, key, new() { VersionId = version.PublicId }, default)).Value.Body!;
                var text = Encoding.UTF8.GetBytes(await World.Text(body));
                var plan = new ReplicaPlan
                {
                    Key = $"{bucket.Name}/{key}", Size = version.Size, Md5 = MD5.HashData(text), Tags = version.Tags ?? new Dictionary<string, string>(), Headers = version.Headers,
                    Metadata = new Dictionary<string, string>(version.Metadata) { [ReplicationState.StatusMark] = "REPLICA", [ReplicationState.VersionMark] = version.PublicId },
                };
                var made = await Site.Put(plan, PipeReader.Create(new MemoryStream(text)), default);
                state = state with { VersionId = made.VersionId, ETag = made.ETag };
            }
            Change[] changes =
            [
                Change.Put(found.Row.Key.Row, Condition.Is(found.Row.Stamp), VersionRows.Write(found.Version with { Replication = found.Version.Replication!.With(state) })),
                Change.Delete(row.Key.Row, Condition.Any),
            ];
            Assert.Equal(Outcome.Committed, await World.Table.Apply(row.Key.Partition, changes, default));
            Counters.Completed("site", intent.Size, intent.At);
        }
    }

    /// <summary>Changes what a version says of its copy.</summary>
    public async Task Say(Bucket bucket, string key, SiteState state)
    {
        var found = (await new VersionRows(World.Table).Newest(KeyCodec.Address(Rows.ObjectSpace(bucket), key), isVersioned: true, default)).Current!;
        await World.Table.Apply(
            found.Row.Key.Partition,
            [Change.Put(found.Row.Key.Row, Condition.Any, VersionRows.Write(found.Version with { Replication = (found.Version.Replication ?? new()).With(state) }))], default);
    }

    /// <summary>All versions, by key, the newest first.</summary>
    public async Task<List<(string Key, ObjectVersion Version)>> Versions(Bucket bucket) =>
        [.. (await World.Objects.ListVersions(bucket, new() { Limit = 100_000 }, default)).Entries.Select(entry => (entry.Name, entry.Version!))];
}
