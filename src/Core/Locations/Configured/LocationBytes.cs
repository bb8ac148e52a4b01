using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>
/// Roughly how many bytes each added location keeps: counted in memory, added every few seconds to the row <c>bytes</c> of the
/// partition <c>u.ID</c>, by the location's id. That row is made before the first byte goes there, so where there is none, there
/// are no bytes.
/// </summary>
/// <remarks>A process that is killed loses what it counted since the last flush. Replicas are not counted: they take each other's place.</remarks>
/// <param name="table">The table <c>locations</c>.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Told where they cannot be written.</param>
public sealed class LocationBytes(ITable table, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    private const string BytesRow = "bytes";

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Counter> counters = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private Task loop = Task.CompletedTask;

    /// <summary>Begins to flush.</summary>
    public void Start() => loop = Task.Run(Loop);

    /// <summary>What the location keeps, as far as this process knows; null where it never kept anything.</summary>
    public async ValueTask<long?> Read(string id, CancellationToken ct)
    {
        var pending = counters.TryGetValue(id, out var counter) ? Interlocked.Read(ref counter.Pending) : 0;
        return await table.Get(new(PartitionOf(id), BytesRow), ct) is { } row ? Math.Max(0, Value(row) + pending) : null;
    }

    /// <summary>Writes what was counted since the last time, and reads what others have written.</summary>
    public async Task Flush(CancellationToken ct)
    {
        foreach (var (id, counter) in counters)
        {
            var pending = Interlocked.Exchange(ref counter.Pending, 0);
            try
            {
                Interlocked.Exchange(ref counter.Stored, await Add(id, pending, ct));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                Interlocked.Add(ref counter.Pending, pending);
                if (e is IOException) Log.NotFlushed(log, id, e.Message);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        await loop;
        await Flush(CancellationToken.None);
        stopping.Dispose();
    }

    /// <summary>To be called before bytes go there.</summary>
    internal ValueTask Mark(string id, CancellationToken ct) => counters.ContainsKey(id) ? default : MarkLater(id, ct);

    /// <summary>Counts bytes that came, or (less than nothing) went.</summary>
    internal void Count(string id, long bytes)
    {
        if (counters.TryGetValue(id, out var counter)) Interlocked.Add(ref counter.Pending, bytes);
        else _ = Interlocked.Add(ref counters.GetOrAdd(id, static _ => new()).Pending, bytes);
    }

    /// <summary>What is there, as far as this process knows without asking.</summary>
    internal long Known(string id) => counters.TryGetValue(id, out var counter)
        ? Math.Max(0, Interlocked.Read(ref counter.Stored) + Interlocked.Read(ref counter.Pending))
        : 0;

    /// <summary>Forgets a location that has gone.</summary>
    internal async ValueTask Forget(string id, CancellationToken ct)
    {
        counters.TryRemove(id, out _);
        await table.Apply(PartitionOf(id), [Change.Delete(BytesRow, Condition.Any)], ct);
    }

    private async ValueTask MarkLater(string id, CancellationToken ct)
    {
        var stored = await Add(id, 0, ct);
        counters.TryAdd(id, new() { Stored = stored });
    }

    private async ValueTask<long> Add(string id, long bytes, CancellationToken ct)
    {
        var partition = PartitionOf(id);
        while (true)
        {
            var row = await table.Get(new(partition, BytesRow), ct);
            var sum = (row is null ? 0 : Value(row)) + bytes;
            if (row is not null && bytes == 0) return sum;
            var change = Change.Put(BytesRow, Condition.AsRead(row), StoredJson.Write(new StoredBytes { Bytes = sum }, LocationRowJson.Default.StoredBytes));
            // Where the answer is lost, it may be counted twice: they are rough anyhow.
            if (await table.Apply(partition, [change], ct) == Outcome.Committed) return sum;
        }
    }

    private async Task Loop()
    {
        using var timer = new PeriodicTimer(FlushInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token)) await Flush(stopping.Token);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static long Value(Row row) => StoredJson.Read(row.Value, LocationRowJson.Default.StoredBytes).Bytes;

    private static string PartitionOf(string id) => "u." + id;

    private sealed class Counter
    {
        public long Stored;
        public long Pending;
    }
}
