using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Usage;
using Clock = ZenkoFunctions.Contracts.ManualClock;

namespace ZenkoFunctions.Core.Tests.Instances;

/// <summary>What instances share.</summary>
internal sealed class SharedState
{
    public InMemoryTable Buckets { get; } = new();
    public InMemoryTable Objects { get; } = new();
    public InMemoryTable Identity { get; } = new();
    public InMemoryTable Usage { get; } = new();
    public MemoryLocation Place { get; } = new(new Cut());
    public ConcurrentQueue<(string Queue, ReadOnlyMemory<byte> Message)> Sent { get; } = new();

    /// <summary>Rows of buckets that are not there (any more), but for those that jobs remove.</summary>
    public async Task<IReadOnlyList<Row>> Strays()
    {
        HashSet<string> ids = [];
        foreach (var row in Buckets.Rows)
            if (row.Key.Row == "b") ids.Add(StoredJson.Read(row.Value, StateJson.Default.Bucket).Id);
        await Task.Yield();
        return [.. Objects.Rows.Where(row => row.Key.Row[0] != Rows.Intent && !ids.Contains(row.Key.Partition[1..17]))];
    }
}

/// <summary>One process of several over one state, with a clock of its own.</summary>
internal sealed class Instance
{
    public static readonly Consistency Bounds = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));

    public Instance(SharedState state, Consistency? bounds = null)
    {
        Consistency = bounds ?? Bounds;
        Rows = new(state.Objects);
        var queue = new RecordingQueue(state);
        var locations = new LocationCatalog("here", new Dictionary<string, ILocation> { ["here"] = state.Place });
        var options = new ObjectOptions();
        Usage = new(state.Usage, queue, new() { IsAlone = !Consistency.IsShared }, Clock, NullLogger.Instance);
        Buckets = new(state.Buckets, Rows, queue, locations, Usage, Consistency, Clock) { OtherQuotas = (_, _) => new((null, AccountQuota)) };
        Objects = new(Rows, queue, Buckets, locations, options, Clock);
        Uploads = new(Rows, queue, Buckets, Objects, locations, options, Clock);
        Accounts = new(state.Identity, new MasterKey(new byte[MasterKey.Length]), Clock, Consistency.CacheAge);
    }

    public Consistency Consistency { get; }
    public long? AccountQuota { get; set; }
    public Clock Clock { get; } = new();
    public StallingTable Rows { get; }
    public UsageCounters Usage { get; }
    public Buckets Buckets { get; }
    public ObjectStore Objects { get; }
    public MultipartUploads Uploads { get; }
    public Accounts Accounts { get; }

    public async Task<Bucket> Bucket(string name = "bucket") => (await Buckets.Find(name, default))!;

    public async Task<Result<Written>> Put(Bucket bucket, string key, string body, string? request = null, Conditions? conditions = null) =>
        await Objects.Put(bucket, key, By(request), new(), World.Content(body), conditions ?? Conditions.None, default);

    public async Task<Result<Removal>> Delete(Bucket bucket, string key, string? request = null) =>
        await Objects.Delete(bucket, key, new() { By = By(request) }, default);

    public async Task<IReadOnlyList<VersionEntry>> Versions(Bucket bucket) => (await Objects.ListVersions(bucket, new(), default)).Entries;

    public async Task Version(Bucket bucket, VersioningState state = VersioningState.Enabled) => Assert.Null(
        (await Buckets.Change<VersioningSetting>(bucket, BucketSettings.Versioning, _ => new VersioningSetting(state), default)).Refusal);

    public static Writer By(string? request) => World.By with { Request = request is null ? null : RequestToken.Of(request) };

    /// <summary>Moves the clock until the task has ended.</summary>
    public async Task<T> Ended<T>(Task<T> task, TimeSpan step)
    {
        for (var i = 0; i < 100_000 && !task.IsCompleted; i++)
        {
            Clock.Advance(step);
            await Task.Yield();
        }
        return await task;
    }

    private sealed class RecordingQueue(SharedState state) : IQueue
    {
        public ValueTask Send(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken ct)
        {
            state.Sent.Enqueue((queue, message));
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>An instance's way to a table, on which a request can be held up.</summary>
internal sealed class StallingTable(ITable inner) : ITable
{
    /// <summary>Runs before a commit reaches the table.</summary>
    public Func<CancellationToken, Task>? OnTheWay { get; set; }

    /// <summary>Runs before a row is read.</summary>
    public Func<Task>? BeforeGet { get; set; }

    public async ValueTask<Row?> Get(TableKey key, CancellationToken ct)
    {
        if (BeforeGet is { } before) await before();
        return await inner.Get(key, ct);
    }

    public IAsyncEnumerable<Row> Scan(
        KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget, CancellationToken ct) =>
        inner.Scan(range, rowPrefix, limit, skip, budget, ct);

    public async ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        if (OnTheWay is { } stall) await stall(ct);
        return await inner.Apply(partition, changes, ct);
    }
}
