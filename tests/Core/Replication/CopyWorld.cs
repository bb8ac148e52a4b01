using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Configured;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Usage;
using ManualClock = ZenkoFunctions.Contracts.ManualClock;

namespace ZenkoFunctions.Core.Tests.Replication;

/// <summary>A store in memory whose bucket sends its versions to sites that can fail, and workers that are run by hand.</summary>
internal sealed class CopyWorld
{
    private readonly LocationCatalog locations;
    private readonly Consistency consistency;
    private readonly ReplicationOptions options;

    public CopyWorld(ReplicationOptions? options = null, Consistency? consistency = null)
    {
        this.consistency = consistency ?? Consistency.OneMachine;
        this.options = options ?? new() { Retry = new(1_000_000, TimeSpan.FromDays(10_000), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)) };
        Queue = new(Clock);
        (Site, Flat) = (new("site") { Clock = Clock }, new("flat", keepsVersions: false) { Clock = Clock });
        locations = new LocationCatalog("there", new Dictionary<string, ILocation> { ["there"] = Place })
            .With(new Added(new Dictionary<string, ILocation> { ["here"] = Place, ["site"] = Site, ["flat"] = Flat }, Configs));
        foreach (var site in new[] { Site, Flat }) site.HangUp = () => Clock.Advance(this.options.Patience);
        Start();
    }

    public ManualClock Clock { get; } = new();

    /// <summary>What locations were told, by name.</summary>
    public Dictionary<string, LocationConfig> Configs { get; } = new(StringComparer.Ordinal);

    /// <summary>What the workers log of copies.</summary>
    public List<string> Told { get; } = [];

    public RequestsUnderWay Requests { get; } = new();
    public InMemoryTable Table { get; } = new();
    public InMemoryTable BucketTable { get; } = new();
    public InMemoryTable WorkTable { get; } = new();
    public HandQueue Queue { get; }
    public MemoryLocation Place { get; } = new(new Cut());
    public FakeSite Site { get; }
    public FakeSite Flat { get; }
    public Buckets Buckets { get; private set; } = null!;
    public ObjectStore Objects { get; private set; } = null!;
    public MultipartUploads Uploads { get; private set; } = null!;
    public SiteStates States { get; private set; } = null!;
    public FailedList Failed { get; private set; } = null!;
    public ReplicationCounters Counters { get; private set; } = null!;
    public JobRunner Jobs { get; private set; } = null!;

    /// <summary>A new process over the same state.</summary>
    public void Start()
    {
        var usage = new UsageCounters(new InMemoryTable(), Queue, new() { IsAlone = true }, Clock, NullLogger.Instance);
        Buckets = new(BucketTable, Table, Queue, locations, usage, consistency, Clock);
        var keys = new DataKeys(new KeyRing(new InMemoryTable(), new MasterKey(new byte[MasterKey.Length]), Clock), "us-east-1");
        States = new(WorkTable, Queue, consistency, Clock);
        Failed = new(WorkTable, Clock);
        Counters = new(WorkTable, SiteServices.Crr, true, Clock, NullLogger.Instance);
        var objects = new ObjectOptions { InlineBytes = 10, CopyQueued = Counters.Queued };
        Objects = new(Table, Queue, Buckets, locations, objects, Clock, keys);
        Uploads = new(Table, Queue, Buckets, Objects, locations, objects, Clock);
        var parked = new Parked(WorkTable, Queue, States);
        Jobs = new(
            [
                new CollectGarbage(Table, Queue, Buckets, locations, objects, Clock),
                new SendParked(States, parked, Clock),
                new ReplicateObject(
                    Table, WorkTable, Queue, new VersionReader(Table, locations, keys, TimeSpan.Zero, new CopyReader(locations, Clock)),
                    new(locations, Buckets, States, parked, Failed, Counters, consistency, objects, Requests), options, Clock, new Listener(Told)),
            ],
            Queue, NullLogger.Instance);
    }

    /// <summary>A bucket whose versions go to the sites.</summary>
    public async Task<Bucket> Bucket(params string[] sites)
    {
        var bucket = (await Buckets.Create("bucket", World.Owner, "here", default)).Value;
        await Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default);
        var rule = new ReplicationRule { Id = "rule", Enabled = true, DeleteMarkers = true, Sites = sites };
        await Buckets.Change(bucket, BucketSettings.Replication, _ => new ReplicationSetting("role", [rule]), default);
        return (await Buckets.Find("bucket", default))!;
    }

    public async Task<ObjectVersion> Put(Bucket bucket, string key, string body, Description? description = null) =>
        (await Objects.Put(bucket, key, World.By, description ?? new(), World.Content(body), Conditions.None, default)).Value.Version;

    public async Task Tag(Bucket bucket, string key, string? versionId, string value) => await Objects.Amend(
        bucket, key, versionId, new Cause(EventNames.TaggingPut, World.Owner.CanonicalId, null, "request"),
        version => version with { Tags = new Dictionary<string, string> { ["tag"] = value } }, default);

    /// <summary>The versions of a key, delete markers too, the oldest first.</summary>
    public async Task<List<ObjectVersion>> Versions(Bucket bucket, string key)
    {
        var page = await Objects.ListVersions(bucket, new() { Prefix = key, Limit = 100_000 }, default);
        return [.. page.Entries.Where(each => each.Name == key).Select(each => each.Version!).Reverse()];
    }

    public async Task<SiteState> State(Bucket bucket, string key, string versionId, string site = "site") =>
        (await Versions(bucket, key)).Single(each => each.PublicId == versionId).Replication!.Of(site)!;

    /// <summary>Runs what falls due within a time, at most so many messages at once; those of a process that is killed come again.</summary>
    public async Task Pass(TimeSpan time, int atOnce = 1, JobRunner? other = null)
    {
        var until = Clock.Now + time;
        while (Queue.NextDue is { } due && due <= until)
        {
            if (due - Clock.Now is var wait && wait > TimeSpan.Zero) Clock.Advance(wait);
            var runs = new List<Task>();
            while (runs.Count < atOnce && Queue.NextDue <= Clock.Now && Queue.Take() is var (name, message))
                runs.Add(Run(runs.Count % 2 == 1 && other is not null ? other : Jobs, name, message));
            await Task.WhenAll(runs);
        }
        if (until - Clock.Now is var rest && rest > TimeSpan.Zero) Clock.Advance(rest);
    }

    /// <summary>Delivers one message.</summary>
    public async Task Run(JobRunner jobs, string name, ReadOnlyMemory<byte> message)
    {
        try
        {
            await Task.Run(() => jobs.Run(name, message, default).AsTask());
        }
        catch (KilledException)
        {
            Queue.Return(name, message);
        }
    }
}

/// <summary>Locations that were added.</summary>
internal sealed class Added(Dictionary<string, ILocation> places, Dictionary<string, LocationConfig> configs) : IAddedLocations
{
    public ValueTask<ILocation?> Find(string name, CancellationToken ct) => new(places.GetValueOrDefault(name));

    public ValueTask<LocationConfig?> Config(string name, CancellationToken ct) => new(configs.GetValueOrDefault(name));

    public ValueTask<IReadOnlyCollection<string>> Names(CancellationToken ct) => new(places.Keys);
}

/// <summary>A queue whose messages are taken by hand.</summary>
internal sealed class HandQueue(ManualClock clock) : IQueue
{
    private readonly PriorityQueue<(string, ReadOnlyMemory<byte>), DateTimeOffset> messages = new();

    /// <summary>Whether every message comes twice.</summary>
    public bool Doubles { get; set; }

    public DateTimeOffset? NextDue
    {
        get
        {
            lock (messages) return messages.TryPeek(out _, out var due) ? due : null;
        }
    }

    public int Count(string queue)
    {
        lock (messages) return messages.UnorderedItems.Count(each => each.Element.Item1 == queue);
    }

    /// <summary>What waits in a queue, as text, with the time at which it comes.</summary>
    public IReadOnlyList<string> Left(string queue)
    {
        lock (messages)
        {
            return [.. messages.UnorderedItems.Where(each => each.Element.Item1 == queue)
                .Select(each => $"{each.Priority:o} {Encoding.UTF8.GetString(each.Element.Item2.Span)}")];
        }
    }

    public (string Queue, ReadOnlyMemory<byte> Message) Take()
    {
        lock (messages) return messages.Dequeue();
    }

    public void Return(string queue, ReadOnlyMemory<byte> message)
    {
        lock (messages) messages.Enqueue((queue, message), clock.Now);
    }

    public ValueTask Send(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken ct)
    {
        QueueLimits.Check(queue, message, delay);
        lock (messages)
        {
            messages.Enqueue((queue, message), clock.Now + delay);
            if (Doubles && queue == FollowUps.ReplicationQueue && delay < TimeSpan.FromSeconds(1)) messages.Enqueue((queue, message), clock.Now + delay);
        }
        return ValueTask.CompletedTask;
    }
}
