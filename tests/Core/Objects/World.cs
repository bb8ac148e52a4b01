using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>A whole store in memory whose clock is moved by hand and which can be cut off before or after any change.</summary>
internal sealed class World
{
    public static readonly Account Owner = new("123456789012", new string('a', 64), "owner", "owner@example.com");
    public static readonly Account Other = new("210987654321", new string('b', 64), "other", "other@example.com");
    public static readonly Writer By = new(Owner.CanonicalId, Owner.Name);

    private readonly LocationCatalog locations;

    public World()
    {
        Table = new CuttableTable(new InMemoryTable(), Cut);
        BucketTable = new CuttableTable(new InMemoryTable(), Cut);
        Queue = new MemoryQueue(Cut, Clock);
        (Place, Cold) = (new(Cut) { Clock = Clock }, new(Cut, "cold") { Clock = Clock });
        Source = new() { Clock = Clock, ReplicaTraits = new(KeepsVersions: true, 5L << 30, 10_000, HasTags: true, WholeKey: true) };
        Flat = new() { Clock = Clock, ReplicaTraits = Source.ReplicaTraits with { KeepsVersions = false } };
        locations = new("here", new Dictionary<string, ILocation> { ["here"] = Place, ["cold"] = Cold, ["site"] = Site, ["source"] = Source, ["flat"] = Flat });
        Start();
    }

    public ManualClock Clock { get; } = new();
    public Cut Cut { get; } = new();
    public CuttableTable Table { get; }
    public CuttableTable BucketTable { get; }
    public ITable UsageTable { get; set; } = new InMemoryTable();
    public UsageOptions UsageOptions { get; set; } = new() { IsAlone = true, WalkRows = 3 };
    public UsageCounters Usage { get; private set; } = null!;
    /// <summary>Of buckets without one of their own, and of their owner.</summary>
    public (long? Bucket, long? Account) OtherQuotas { get; set; }
    public ITable KeyTable { get; } = new InMemoryTable();
    public KeyRing Ring { get; private set; } = null!;
    public MemoryQueue Queue { get; }
    public MemoryLocation Place { get; }

    /// <summary>Another one, where nothing is unless it is sent there.</summary>
    public MemoryLocation Cold { get; }
    public MemorySite Site { get; } = new();

    /// <summary>What a bucket can mirror: with versions, and without.</summary>
    public MemorySite Source { get; }

    /// <inheritdoc cref="Source"/>
    public MemorySite Flat { get; }

    public ObjectOptions Options { get; set; } = new() { InlineBytes = 100 };
    public Buckets Buckets { get; private set; } = null!;
    public ObjectStore Objects { get; private set; } = null!;
    public MultipartUploads Uploads { get; private set; } = null!;
    public Blocks Blocks { get; private set; } = null!;
    public AppendBlobs AppendBlobs { get; private set; } = null!;
    public PageBlobs PageBlobs { get; private set; } = null!;
    public BlobCopies BlobCopies { get; private set; } = null!;
    public JobRunner Jobs { get; private set; } = null!;

    /// <summary>A new process over the same state.</summary>
    public void Start()
    {
        Cut.Disarm();
        Usage = new(UsageTable, Queue, UsageOptions, Clock, NullLogger.Instance);
        Buckets = new(BucketTable, Table, Queue, locations, Usage, Consistency.OneMachine, Clock) { OtherQuotas = (_, _) => new(OtherQuotas) };
        Ring = new(KeyTable, new MasterKey(new byte[MasterKey.Length]), Clock);
        Objects = new(Table, Queue, Buckets, locations, Options, Clock, new DataKeys(Ring, "us-east-1"));
        Uploads = new(Table, Queue, Buckets, Objects, locations, Options, Clock);
        Blocks = new(Table, Queue, Buckets, Objects, Uploads, Options, Clock);
        AppendBlobs = new(Table, Queue, Buckets, Objects, locations, Options, Clock);
        PageBlobs = new(Table, Queue, Buckets, Objects, locations, Options, Clock);
        BlobCopies = new(Table, Queue, Buckets, Objects, locations, Options, Clock);
        Jobs = new(
            [BlobCopies, new CollectGarbage(Table, Queue, Buckets, locations, Options, Clock), new CountUsage(Table, Queue, Buckets, Options, Clock)],
            Queue, NullLogger.Instance);
    }

    public async Task<Bucket> Bucket(string name = "bucket") =>
        (await Buckets.Create(name, Owner, "", default)) is { Refusal: null } made ? made.Value : (await Buckets.Find(name, default))!;

    public async Task<Result<Written>> Put(Bucket bucket, string key, string body, Conditions? conditions = null) =>
        await Objects.Put(bucket, key, By, new(), Content(body), conditions ?? Conditions.None, default);

    public async Task<string?> Get(Bucket bucket, string key, RangeRequest? range = null)
    {
        var opened = await Objects.Open(bucket, key, new() { Range = range }, default);
        if (opened.Refusal is Refusal.NoSuchKey) return null;
        await using var body = opened.Value.Body!;
        return await Text(body);
    }

    public async Task<Result<Part>> PutPart(Bucket bucket, string key, string uploadId, int number, string body) =>
        await Uploads.PutPart(bucket, key, uploadId, number, Content(body), default);

    /// <summary>Lets a time pass, running every job that falls due on the way.</summary>
    public async Task Pass(TimeSpan time)
    {
        var until = Clock.GetUtcNow() + time;
        while (Queue.NextDue is { } due && due <= until)
        {
            Clock.MoveTo(due);
            var (name, message) = Queue.Take();
            try
            {
                await Jobs.Run(name, message, default);
            }
            catch (Cut.CutOffException)
            {
                Queue.Return(name, message);
                throw;
            }
        }
        Clock.MoveTo(until);
    }

    public static Content Content(string body) =>
        new(PipeReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(body))), Encoding.UTF8.GetByteCount(body));

    public static async Task<string> Text(IObjectBody body)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await body.CopyTo(pipe.Writer, default);
        await pipe.Writer.CompleteAsync();
        return await new StreamReader(pipe.Reader.AsStream()).ReadToEndAsync();
    }
}

/// <summary>Ends the "process" at a chosen durable step: just before it, or just after it.</summary>
internal sealed class Cut
{
    private int left = int.MaxValue;
    private bool after;

    public sealed class CutOffException() : Exception("The process was cut off.");

    /// <summary>How many durable steps were taken since the counter was reset.</summary>
    public int Steps { get; private set; }

    public void Disarm() => (left, Steps) = (int.MaxValue, 0);

    /// <summary>Whether the process is dead.</summary>
    public bool IsOff => left <= 0;

    public void Arm(int step, bool afterIt) => (left, after, Steps) = (step, afterIt, 0);

    /// <summary>A process that was cut off does nothing any more.</summary>
    public void Check()
    {
        if (left <= 0) throw new CutOffException();
    }

    public async ValueTask<T> Step<T>(Func<ValueTask<T>> step)
    {
        Check();
        Steps++;
        if (--left == 0 && !after) throw new CutOffException();
        var result = await step();
        if (left == 0) throw new CutOffException();
        return result;
    }
}

internal sealed class CuttableTable(ITable inner, Cut cut) : ITable
{
    /// <summary>What a rival does right before, and right after, a change is made; the name of its first row is given.</summary>
    public Func<string, Task>? Before { get; set; }

    /// <inheritdoc cref="Before"/>
    public Func<string, Task>? After { get; set; }

    /// <summary>Looks at changes in the moment in which they are made.</summary>
    public Action<IReadOnlyList<Change>>? Checked { get; set; }

    /// <summary>What a rival does right before rows are read.</summary>
    public Func<Task>? BeforeScan { get; set; }

    /// <summary>How many rows a scan without a limit reads at a time; between two readings others get their turn. Null for all.</summary>
    public int? PageRows { get; set; }

    public ValueTask<Row?> Get(TableKey key, CancellationToken ct) => inner.Get(key, ct);

    public async IAsyncEnumerable<Row> Scan(
        KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        if (PageRows is not { } size || limit is not null)
        {
            if (BeforeScan is { } before) await before();
            await foreach (var row in inner.Scan(range, rowPrefix, limit, skip, budget, ct)) yield return row;
            yield break;
        }
        while (true)
        {
            if (BeforeScan is { } before) await before();
            List<Row> page = [];
            await foreach (var row in inner.Scan(range, rowPrefix, size, skip, budget, ct)) page.Add(row);
            foreach (var row in page) yield return row;
            if (page.Count < size) yield break;
            var last = page[^1].Key;
            range = range with { From = skip?.Invoke(last) is { } to && to > last ? to : last with { Row = last.Row + "\0" } };
            if (range.From >= range.To) yield break;
        }
    }

    public async ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        if (Before is { } before) await before(changes[0].Row);
        var outcome = await cut.Step(() => inner.Apply(partition, changes, ct));
        if (outcome == Outcome.Committed) Checked?.Invoke(changes);
        if (After is { } after) await after(changes[0].Row);
        return outcome;
    }

    public async Task<List<Row>> All()
    {
        var rows = new List<Row>();
        await foreach (var row in inner.Scan(new(new("", ""), TableKey.End), null, null, default)) rows.Add(row);
        return rows;
    }
}

internal sealed class MemoryQueue(Cut cut, ManualClock clock) : IQueue
{
    private readonly PriorityQueue<(string, ReadOnlyMemory<byte>), DateTimeOffset> messages = new();

    public DateTimeOffset? NextDue => messages.TryPeek(out _, out var due) ? due : null;

    public (string Queue, ReadOnlyMemory<byte> Message) Take() => messages.Dequeue();

    /// <summary>A message whose consumer died is delivered again.</summary>
    public void Return(string queue, ReadOnlyMemory<byte> message) => messages.Enqueue((queue, message), clock.GetUtcNow());

    public async ValueTask Send(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken ct) =>
        await cut.Step(() =>
        {
            lock (messages) messages.Enqueue((queue, message), clock.GetUtcNow() + delay);
            return ValueTask.FromResult(true);
        });
}

internal sealed class MemoryLocation(Cut cut, string name = "here") : ILocation, IInventory
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> dates = new();

    /// <summary>Dates what is written.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>What happens before bytes are removed, or told of.</summary>
    public Func<string, Task>? Deleting { get; set; }

    /// <inheritdoc cref="Deleting"/>
    public Func<Task>? Listing { get; set; }

    public ConcurrentDictionary<string, byte[]> Bodies { get; } = new();

    public LocationTraits Traits { get; } = new(long.MaxValue);

    /// <summary>What happens while bytes are written.</summary>
    public Func<Task>? Writing { get; set; }

    public async ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct)
    {
        cut.Check();
        if (Writing is { } others) await others();
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, ct);
        dates[plan.Name] = Clock.GetUtcNow();
        Assert.True(Bodies.TryAdd(plan.Name, bytes.ToArray()), $"{plan.Name} was used before.");
        return new(name, plan.Name, bytes.Length);
    }

    public ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct) => ValueTask.FromResult<IObjectBody?>(
        Bodies.TryGetValue(at.Name, out var bytes) ? new MemoryBody(bytes.AsMemory((int)range.Offset, (int)range.Length)) : null);

    public async ValueTask Delete(Stored at, CancellationToken ct)
    {
        cut.Check();
        if (Deleting is { } others) await others(at.Name);
        Bodies.TryRemove(at.Name, out _);
    }

    public async IAsyncEnumerable<InventoryEntry> Inventory(string? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            if (Listing is { } others) await others();
            var page = Bodies.Where(body => after is null || string.CompareOrdinal(body.Key, after) > 0).OrderBy(body => body.Key, StringComparer.Ordinal).Take(3).ToList();
            foreach (var (found, bytes) in page) yield return new(new(name, found, bytes.Length), dates[found], found);
            if (page.Count == 0) yield break;
            after = page[^1].Key;
        }
    }
}

internal sealed class ManualClock : TimeProvider
{
    private DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now.UtcTicks;

    public void MoveTo(DateTimeOffset at) => now = at > now ? at : now;
}
