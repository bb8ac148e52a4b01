using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Expiry;
using ZenkoFunctions.Core.History;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Collection;
using ZenkoFunctions.Core.Ingestion;
using ZenkoFunctions.Core.Lifecycle;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.Locations.Configured;
using ZenkoFunctions.Core.Monitoring;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Search;
using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Core.Statistics;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Composition;

/// <summary>
/// The domain, put together over its engines: the same for the server on one machine and for each of the function apps.
/// Makes no call to the engines by itself.
/// </summary>
public sealed class Installation
{
    private const string IdentityTable = "identity", KeyTable = "keys", ObjectTable = "objects", BucketTable = "buckets", ReplicationTable = "replication", UsageTable = "usage", LocationTable = "locations", BlobAccountTable = "blobaccounts", StatisticsTable = "statistics";

    /// <summary>The tables that it keeps its state in.</summary>
    public static IReadOnlyList<string> Tables { get; } = [BlobAccountTable, BucketTable, IdentityTable, KeyTable, LocationTable, ObjectTable, ReplicationTable, StatisticsTable, UsageTable];

    /// <summary>The queues of the <see cref="Jobs"/>, known before anything is put together.</summary>
    public static IReadOnlyList<string> JobQueues { get; } =
        [BlobCopies.QueueName, CollectGarbage.QueueName, DropSearchEntries.QueueName, FollowUps.EventQueue, FollowUps.ReplicationQueue, MoveVersion.QueueName, RemoveContainers.QueueName, SendParked.QueueName, SweepRemovedBuckets.QueueName, UsageCounters.QueueName, Walks.QueueName];

    /// <summary>Puts the domain together.</summary>
    /// <param name="engines">What it stands on.</param>
    /// <param name="master">Seals secrets at rest.</param>
    /// <param name="settings">How it is to behave.</param>
    /// <param name="targets">Where events are delivered to, by name.</param>
    /// <param name="clock">The time.</param>
    /// <param name="loggers">Where jobs log.</param>
    public Installation(
        Engines engines, MasterKey master, InstallationSettings settings, IReadOnlyDictionary<string, IEventTarget> targets,
        TimeProvider clock, ILoggerFactory loggers)
    {
        Region = settings.Region;
        CopiesFromAnywhere = settings.CopiesFromAnywhere;
        Locations = new(
            engines.Table(LocationTable), master, [.. engines.Locations.BuiltIn.Select(each => Places.Told(each.Key, each.Value))], Region,
            (config, secret) => Places.Open(config, secret, clock), engines.Consistency, clock, loggers.CreateLogger<ConfiguredLocations>());
        Settings = new(engines.Table(LocationTable), settings.Started, engines.Consistency, clock);
        Throttle = new(engines.Table(LocationTable), engines.Consistency.IsShared, clock, loggers.CreateLogger<RequestThrottle>());
        var locations = engines.Locations.With(Locations);
        Clock = clock;
        StorageHealth = new(locations, clock);
        var identity = engines.Table(IdentityTable);
        Accounts = new(identity, master, clock, engines.Consistency.CacheAge);
        Tokens = new(new(identity, master, clock), Accounts, clock);
        SignInGrants = new(identity, clock);
        Keys = new(engines.Table(KeyTable), master, clock, engines.Consistency.CacheAge);
        Events = new(targets, engines.Queue, clock);
        var rows = engines.Table(ObjectTable);
        var options = settings.Objects with { EventTargets = Events.Names };
        var buckets = engines.Table(BucketTable);
        Usage = new(
            engines.Table(UsageTable), engines.Queue, new() { IsAlone = !engines.Consistency.IsShared }, clock, loggers.CreateLogger<UsageCounters>());
        Statistics = new(engines.Table(StatisticsTable), Settings, Usage, clock, loggers.CreateLogger<UsageStatistics>());
        var copies = engines.Table(ReplicationTable);
        SiteStates = new(copies, engines.Queue, engines.Consistency, clock);
        Parked = new(copies, engines.Queue, SiteStates);
        FailedCopies = new(copies, clock);
        Copies = new(copies, SiteServices.Crr, !engines.Consistency.IsShared, clock, loggers.CreateLogger<ReplicationCounters>());
        Ingested = new(copies, SiteServices.Ingestion, !engines.Consistency.IsShared, clock, loggers.CreateLogger<ReplicationCounters>());
        Aged = new(copies, SiteServices.Lifecycle, !engines.Consistency.IsShared, clock, loggers.CreateLogger<ReplicationCounters>());
        ReplicationHealth = new(copies, engines.Queue, clock);
        Workflows = new(copies);
        options = options with { CopyQueued = Copies.Queued };
        Buckets = new(buckets, rows, engines.Queue, locations, Usage, engines.Consistency, clock) { OtherQuotas = OtherQuotas };
        Totals = new(Buckets, clock);
        History = new(engines.Table(StatisticsTable), Answered, new InstallationStanding(locations, Usage, Copies, clock).Read, clock, loggers.CreateLogger<HistoryRecorder>());
        var blobAccounts = engines.Table(BlobAccountTable);
        Containers = new(blobAccounts, Buckets, engines.Queue, engines.Consistency.CacheAge, clock);
        BlobAccounts = new(blobAccounts, master, Containers, engines.Consistency.CacheAge, clock);
        var dataKeys = new DataKeys(Keys, Region);
        Objects = new(rows, engines.Queue, Buckets, locations, options, clock, dataKeys);
        Search = new(rows, Buckets, Objects, clock);
        SavedSearches = new(identity);
        LocationUse = new(Buckets, rows, clock);
        SourceEvents = new(Objects, SiteStates, Ingested, clock);
        ObjectCopies = new(
            copies, new KeyCopies(rows, new FollowUps(rows, engines.Queue, clock), Buckets, clock), Objects, locations, FailedCopies, Copies, clock);
        Uploads = new(rows, engines.Queue, Buckets, Objects, locations, options, clock);
        Blocks = new(rows, engines.Queue, Buckets, Objects, Uploads, options, clock);
        AppendBlobs = new(rows, engines.Queue, Buckets, Objects, locations, options, clock);
        PageBlobs = new(rows, engines.Queue, Buckets, Objects, locations, options, clock);
        BlobCopies = new(rows, engines.Queue, Buckets, Objects, locations, options, clock);
        var walking = new WalkOptions { IsAlone = !engines.Consistency.IsShared, LifecycleDay = settings.LifecycleDay };
        Walks = new(copies, engines.Queue, Buckets, locations, Copies, walking, clock);
        SearchIndexes = new(Buckets, Walks, engines.Queue, clock);
        WalkTimers = new(copies, engines.Queue, Walks, clock);
        ReportKeys = new(copies, master);
        Reports = new(copies, ReportKeys, clock);
        var lifecycle = new LifecycleParts(rows, Buckets, Objects, Uploads, SiteStates, Aged, walking, engines.Queue, clock);
        var ingestion = new IngestParts(rows, Buckets, Objects, SiteStates, Ingested, walking, clock);
        var walked = new WalkParts(rows, copies, engines.Queue, Buckets, Objects, locations, Copies, Reports, walking, clock);
        Jobs = new(
            [
                BlobCopies,
                new CollectGarbage(rows, engines.Queue, Buckets, locations, options, clock),
                new CountUsage(rows, engines.Queue, Buckets, options, clock),
                new DropSearchEntries(rows, Buckets, engines.Consistency, clock),
                new DeliverEvents(rows, engines.Queue, Events, Region, clock, loggers.CreateLogger<DeliverEvents>()),
                new MoveVersion(lifecycle, Objects.Moves, loggers.CreateLogger<MoveVersion>()),
                new RemoveContainers(Containers, Buckets, Objects, clock, loggers.CreateLogger<RemoveContainers>()),
                new ReplicateObject(
                    rows, copies, engines.Queue, new VersionReader(rows, locations, dataKeys, TimeSpan.Zero, new CopyReader(locations, clock)),
                    new(locations, Buckets, SiteStates, Parked, FailedCopies, Copies, engines.Consistency, options, Requests), settings.Replication, clock,
                    loggers.CreateLogger<ReplicateObject>()),
                new RunWalk(
                    Walks, WalkTimers, walked,
                    loggers.CreateLogger<RunWalk>(), (WalkPurpose.Retry, new RetryWalk(walked, ObjectCopies, FailedCopies)), (WalkPurpose.Lifecycle, new LifecycleWalk(Walks, lifecycle)),
                    (WalkPurpose.Ingest, new IngestWalk(Walks, ingestion)), (WalkPurpose.Details, new DetailsWalk(Walks, ingestion)),
                    (WalkPurpose.Collect, new CollectWalk(new(rows, copies, Buckets, locations, options, walking, clock, loggers.CreateLogger<CollectWalk>()))),
                    (WalkPurpose.Empty, new EmptyWalk(rows, Buckets, Objects, Uploads, walking, clock)),
                    (WalkPurpose.SearchIndex, new IndexWalk(rows, Buckets, Walks, walking, clock)),
                    (WalkPurpose.Expire, new ExpireWalk(
                        [
                            SignInGrants.Expiring, Throttle.Expiring, .. Statistics.Expiring, .. History.Expiring, .. new ExpiringWork(copies, Buckets, SiteStates).All,
                            Usage.Expiring(async (bucket, ct) => (await Buckets.Find(bucket.Name, ct))?.Id == bucket.Id),
                        ],
                        new(rows, engines.Queue, Buckets, locations, clock), Buckets, clock))),
                new SendParked(SiteStates, Parked, clock),
                new SweepRemovedBuckets(buckets, rows, clock, loggers.CreateLogger<SweepRemovedBuckets>()),
            ],
            engines.Queue, loggers.CreateLogger<JobRunner>(), clock);
    }

    private async ValueTask<(long? Bucket, long? Account)> OtherQuotas(string accountId, CancellationToken ct)
    {
        var (bucket, user) = (await Settings.Number(LiveSetting.BucketQuota, ct), await Settings.Number(LiveSetting.UserQuota, ct));
        return (bucket > 0 ? bucket : null, (await Accounts.Find(accountId, ct))?.Quota ?? (user > 0 ? user : null));
    }

    /// <summary>
    /// From now on what is counted in memory is written from time to time. Who runs the installation calls this once, and <see cref="Stop"/>
    /// at the end.
    /// </summary>
    public void Start()
    {
        Usage.Start();
        Copies.Start();
        Ingested.Start();
        Aged.Start();
        Locations.Bytes.Start();
        History.Start();
    }

    /// <summary>Writes what was counted and not written yet. To be called when neither requests nor jobs can come any more.</summary>
    public async ValueTask Stop()
    {
        await Throttle.DisposeAsync();
        await Statistics.DisposeAsync();
        await History.DisposeAsync();
        await Copies.DisposeAsync();
        await Ingested.DisposeAsync();
        await Aged.DisposeAsync();
        await Usage.DisposeAsync();
        await Locations.DisposeAsync();
    }

    /// <summary>The region that clients sign for.</summary>
    public string Region { get; }

    /// <summary>Whether sources of copies that are on another server are fetched from addresses that are not public, too.</summary>
    public bool CopiesFromAnywhere { get; }

    /// <summary>What is set while the server runs.</summary>
    public LiveSettings Settings { get; }

    /// <summary>Keeps requests within their limits. Who serves requests disposes of it when none can come any more.</summary>
    public RequestThrottle Throttle { get; }

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; }

    /// <summary>What jobs make way for. Who serves requests counts them here.</summary>
    public RequestsUnderWay Requests { get; } = new();

    /// <summary>The requests that were answered. Who serves requests counts them here.</summary>
    public RequestCounts Answered { get; } = new();

    /// <summary>Accounts, users and their keys.</summary>
    public Accounts Accounts { get; }

    /// <summary>The tokens of those who signed in.</summary>
    public Tokens Tokens { get; }

    /// <summary>What is given out on the way to a token.</summary>
    public SignInGrants SignInGrants { get; }

    /// <summary>The storage accounts of Azure's protocol.</summary>
    public BlobAccounts.BlobAccounts BlobAccounts { get; }

    /// <summary>Their containers.</summary>
    public BlobAccounts.Containers Containers { get; }

    /// <inheritdoc cref="BlobAccounts.Containers.RemoveMirror"/>
    public ValueTask<Result<Bucket>> RemoveMirror(Bucket bucket, CancellationToken ct) => Containers.RemoveMirror(bucket, ct);

    /// <summary>The keys of encryption at rest.</summary>
    public KeyRing Keys { get; }

    /// <summary>The locations that were added. Who runs the installation starts their counters, and disposes of it when neither requests nor jobs can come any more.</summary>
    public ConfiguredLocations Locations { get; }

    /// <summary>What needs a location.</summary>
    public LocationUse LocationUse { get; }

    /// <summary>What the buckets hold. Who runs the installation starts it, and disposes of it when no request can come any more.</summary>
    public UsageCounters Usage { get; }

    /// <summary>Operations and traffic. Who serves requests starts it, and disposes of it when none can come any more.</summary>
    public UsageStatistics Statistics { get; }

    /// <summary>What its numbers were. Who runs the installation starts it, and disposes of it when no request can come any more.</summary>
    public HistoryRecorder History { get; }

    /// <summary>What all of them hold together.</summary>
    public StoredTotals Totals { get; }

    /// <summary>What becomes of copies. Who runs the installation starts it, and disposes of it when neither requests nor jobs can come any more.</summary>
    public ReplicationCounters Copies { get; }

    /// <summary>What becomes of objects that come from sites.</summary>
    public ReplicationCounters Ingested { get; }

    /// <summary>What becomes of what lifecycle rules say, by location.</summary>
    public ReplicationCounters Aged { get; }

    /// <summary>What the sources of mirrors tell of changes.</summary>
    public SourceEvents SourceEvents { get; }

    /// <summary>What is known of the copies of single versions.</summary>
    public ObjectCopies ObjectCopies { get; }

    /// <summary>Whether what copies stand on can be reached.</summary>
    public ReplicationHealth ReplicationHealth { get; }

    /// <summary>Whether locations answer.</summary>
    public StorageHealth StorageHealth { get; }

    /// <summary>The buckets whose rules were applied as a whole.</summary>
    public AppliedWorkflows Workflows { get; }

    /// <summary>The copies that were given up.</summary>
    public FailedList FailedCopies { get; }

    /// <summary>Which sites' work is paused.</summary>
    public SiteStates SiteStates { get; }

    /// <summary>The messages of those.</summary>
    public Parked Parked { get; }

    /// <summary>Walks over what is to be copied, and what is. Who runs the installation has them recover before it starts.</summary>
    public Walks Walks { get; }

    /// <summary>What starts them from time to time.</summary>
    public WalkTimers WalkTimers { get; }

    /// <summary>What verifications found.</summary>
    public VerifyReports Reports { get; }

    /// <summary>What signs that.</summary>
    public ReportKeys ReportKeys { get; }

    /// <summary>The buckets.</summary>
    public Buckets Buckets { get; }

    /// <summary>The objects.</summary>
    public ObjectStore Objects { get; }

    /// <summary>Lists the objects of which an expression is true.</summary>
    public ObjectSearch Search { get; }

    /// <summary>The searches that people keep.</summary>
    public SavedSearches SavedSearches { get; }

    /// <summary>Which fields are indexed.</summary>
    public SearchIndexes SearchIndexes { get; }

    /// <summary>Objects that come in parts.</summary>
    public MultipartUploads Uploads { get; }

    /// <summary>Blobs that come in blocks.</summary>
    public Blocks Blocks { get; }

    /// <summary>Blobs that grow at their end.</summary>
    public AppendBlobs AppendBlobs { get; }

    /// <summary>Blobs whose pages are written anywhere.</summary>
    public PageBlobs PageBlobs { get; }

    /// <summary>Copies of blobs that are too large for a request.</summary>
    public BlobCopies BlobCopies { get; }

    /// <summary>The targets of notifications.</summary>
    public EventTargets Events { get; }

    /// <summary>Runs what follows commits.</summary>
    public JobRunner Jobs { get; }
}

/// <summary>How an installation is to behave.</summary>
public sealed record InstallationSettings
{
    /// <summary>The region that clients sign for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <inheritdoc cref="Installation.CopiesFromAnywhere"/>
    public bool CopiesFromAnywhere { get; init; }

    /// <summary>Live settings that it is started with, checked, by name.</summary>
    public IReadOnlyDictionary<string, string> Started { get; init; } = new Dictionary<string, string>();

    /// <summary>Settings of the objects' room; its event targets are those of the installation.</summary>
    public ObjectOptions Objects { get; init; } = new();

    /// <summary>How copies are made.</summary>
    public ReplicationOptions Replication { get; init; } = new();

    /// <summary>How often what is mirrored is compared with its source.</summary>
    public TimeSpan IngestEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What the days of lifecycle rules are.</summary>
    public LifecycleDay LifecycleDay { get; init; } = LifecycleDay.Whole;
}
