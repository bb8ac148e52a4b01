using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>
/// What becomes of copies, counted by site: in memory, flushed every five seconds. In the table <c>replication</c> the partition
/// <c>c.SERVICE.SITE</c> has rows <c>w.SLOT.WRITER</c> of what an instance counted in five minutes, which that instance alone
/// writes; <c>m.SLOT</c> of what all counted in it, into which those are merged when the slot is over, for a day; and <c>base</c>,
/// which since then has what was ever counted and what is pending. The partition <c>c</c> has a row <c>clean.SERVICE</c> while a
/// server that is alone is stopped in order.
/// </summary>
/// <remarks>What a process that dies has not flushed is missing, until a walk over what is owed says what is pending (<see cref="Correct"/>).</remarks>
/// <param name="table">The table.</param>
/// <param name="service">Of <see cref="SiteServices"/>.</param>
/// <param name="isAlone">Whether no other instance counts.</param>
/// <param name="clock">The time.</param>
/// <param name="log">The server's log.</param>
public sealed class ReplicationCounters(ITable table, string service, bool isAlone, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    /// <summary>How often what was counted is written.</summary>
    public static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(5);

    /// <summary>What was queued within so much time before a recount begins is not put right by it: it may still be on its way into the rows.</summary>
    public static readonly TimeSpan Recent = TimeSpan.FromMinutes(3);

    /// <summary>A slot.</summary>
    internal static readonly TimeSpan Slot = TimeSpan.FromMinutes(5);

    private const string Base = "base", OfWriters = "w.", Merged = "m.", Totals = "c";
    private const int Attempts = 100;

    /// <summary>How long after its end a slot may still be written to, by whoever is slow.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Window = TimeSpan.FromDays(1), RateWindow = TimeSpan.FromMinutes(15), LagWindow = TimeSpan.FromHours(1);

    private readonly string writer = Guid.NewGuid().ToString("n");
    private readonly ConcurrentDictionary<string, Counter> counters = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim writing = new(1);
    private Task loop = Task.CompletedTask;

    // What one instance counts of a site. Fresh is not written yet, Sent is on its way, Written is in the slot's row.
    private sealed class Counter
    {
        public readonly Lock Gate = new();
        public CopyTally Fresh = new();
        public CopyTally? Sent;
        public CopyTally Written = new();
        public long Slot;
    }

    /// <summary>Begins to flush.</summary>
    public void Start() => loop = Task.Run(Loop);

    /// <summary>
    /// Whether what is pending has to be counted anew, because the server was not stopped in order. To be asked once, before it
    /// serves. Of several instances one may always have been cut off: they count anew from time to time.
    /// </summary>
    public async ValueTask<bool> WasCutOff(CancellationToken ct)
    {
        if (!isAlone) return false;
        if (await table.Get(new(Totals, CleanRow), ct) is not null)
        {
            await table.Apply(Totals, [Change.Delete(CleanRow, Condition.Any)], ct);
            return false;
        }
        var start = PartitionOf("");
        await foreach (var _ in table.Scan(new(new(start, ""), new(start + "\uffff", "")), null, 1, ct)) return true;
        return false;
    }

    /// <summary>A copy is owed from now on.</summary>
    public void Queued(string site, long bytes) => Queued(site, bytes, clock.GetUtcNow());

    /// <summary>A copy is owed since then.</summary>
    public void Queued(string site, long bytes, DateTimeOffset at)
    {
        var counter = Of(site);
        lock (counter.Gate) counter.Fresh.AddQueued(Minutes.Of(at), new(1, bytes));
    }

    /// <summary>A copy that was owed since then is there, or is not wanted any more. Once for each intent that was closed.</summary>
    public void Completed(string site, long bytes, DateTimeOffset queued)
    {
        var counter = Of(site);
        var age = clock.GetUtcNow() - queued;
        lock (counter.Gate) counter.Fresh.AddCompleted(Minutes.Of(queued), new(1, bytes), age);
    }

    /// <summary>Something was asked for, and is done.</summary>
    public void Done(string site, long bytes)
    {
        var now = clock.GetUtcNow();
        Queued(site, bytes, now);
        Completed(site, bytes, now);
    }

    /// <summary>A copy that was owed since then was given up. Once for each intent that was closed.</summary>
    public void Failed(string site, long bytes, DateTimeOffset queued)
    {
        var counter = Of(site);
        lock (counter.Gate) counter.Fresh.AddFailed(Minutes.Of(queued), new(1, bytes));
    }

    /// <summary>What all instances have counted, as far as they have written it, and all that this one has.</summary>
    public async ValueTask<SiteCounts> Read(string site, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var rows = await Rows(site, ct);
        var all = rows.All(now);
        var day = rows.Since(now - Window);
        var (rate, lag) = (new CopyTally(), rows.Since(now - LagWindow));
        var (operations, bytes) = (0.0, 0.0);
        foreach (var (slot, tally) in rows.Slots)
        {
            // The slot in which the window begins counts by how much of it is inside.
            var part = Math.Clamp((End(slot) - (now - RateWindow)) / Slot, 0, 1);
            (operations, bytes) = (operations + part * tally.Completed.Operations, bytes + part * tally.Completed.Bytes);
        }
        if (counters.TryGetValue(site, out var counter))
        {
            var unwritten = Unwritten(counter);
            all.Add(unwritten, now);
            day.AddEvents(unwritten);
            lag.AddEvents(unwritten);
            (operations, bytes) = (operations + unwritten.Completed.Operations, bytes + unwritten.Completed.Bytes);
        }
        var pending = all.Pending().ToList();
        return new()
        {
            Pending = pending.Aggregate(default(Volume), (total, each) => total + each.Value),
            OldestPending = pending.Count == 0 ? null : Minutes.Start(pending[0].Key),
            Completed = day.Completed,
            Failed = day.Failed,
            OperationsPerSecond = operations / RateWindow.TotalSeconds,
            BytesPerSecond = bytes / RateWindow.TotalSeconds,
            QueuedEver = all.Asked,
            CompletedEver = all.Completed,
            FailedEver = all.Failed,
            LagP50 = Latencies.Quantile(lag.Latency, 0.5),
            LagP99 = Latencies.Quantile(lag.Latency, 0.99),
            LatencyEver = Latencies.Cumulative(all.Latency),
            SecondsEver = all.Seconds,
        };
    }

    /// <summary>What is pending now: to be taken before a walk over what is owed, and handed to <see cref="Correct"/> after it.</summary>
    public async ValueTask<PendingSnapshot> Snapshot(string site, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var all = (await Rows(site, ct)).All(now);
        if (counters.TryGetValue(site, out var counter)) all.Add(Unwritten(counter), now);
        all.Prune();
        return new() { At = now, Queued = all.Queued, Finished = all.Finished };
    }

    /// <summary>
    /// Makes right what is pending of that which was queued before a walk. What was finished while the walk was under way may have
    /// been seen by it or not, so what it found is exact for those minutes of which nothing was; of the others it is a bound.
    /// Nothing is put right that is as young as <see cref="Recent"/>.
    /// </summary>
    /// <param name="site">The location.</param>
    /// <param name="before">What was pending when the walk began.</param>
    /// <param name="found">What the walk found to be owed, by <see cref="MinuteOf"/> the time at which it was queued; the whole of it.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask Correct(string site, PendingSnapshot before, IReadOnlyDictionary<long, Volume> found, CancellationToken ct)
    {
        // The base is corrected by what all counters together are wrong, and ours are among them.
        await Flush(site, ct);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var now = clock.GetUtcNow();
            var rows = await Rows(site, ct);
            var all = rows.All(now);
            if (counters.TryGetValue(site, out var counter)) all.Add(Unwritten(counter), now);
            // What was queued just before is still being written by other instances.
            var newest = Minutes.Of(before.At) - 1;
            var (then, seen) = (new CopyTally { Queued = before.Queued, Finished = before.Finished }.Coarse(now), new SortedDictionary<long, Volume>());
            foreach (var (minute, volume) in found.Where(each => each.Key < newest))
                seen[Minutes.Coarse(minute, now)] = seen.GetValueOrDefault(Minutes.Coarse(minute, now)) + volume;
            var (start, isChanged) = (rows.BaseTally.Coarse(now), false);
            foreach (var minute in seen.Keys.Union(all.Queued.Keys).Union(all.Finished.Keys).Where(minute => minute < newest).ToList())
            {
                var pending = all.Queued.GetValueOrDefault(minute) - all.Finished.GetValueOrDefault(minute);
                var most = seen.GetValueOrDefault(minute);
                var least = (most - (all.Finished.GetValueOrDefault(minute) - then.Finished.GetValueOrDefault(minute)).AtLeastZero()).AtLeastZero();
                var right = new Volume(
                    Math.Clamp(pending.Operations, least.Operations, most.Operations), Math.Clamp(pending.Bytes, least.Bytes, most.Bytes));
                if (right == pending) continue;
                isChanged = true;
                start.Queued[minute] = start.Queued.GetValueOrDefault(minute) + right - pending;
            }
            if (!isChanged) return;
            if (await table.Apply(PartitionOf(site), [rows.PutBase(start)], ct) != Outcome.Refused) return;
        }
    }

    /// <summary>What has been pending for so long is not any more: for what is not owed by rows, but was under way in a process or message.</summary>
    public async ValueTask Forget(string site, TimeSpan age, CancellationToken ct)
    {
        var before = await Snapshot(site, ct);
        var oldest = Minutes.Of(before.At - age);
        var pending = new CopyTally { Queued = before.Queued, Finished = before.Finished }.Pending().ToList();
        if (pending.Exists(each => each.Key < oldest)) await Correct(site, before, pending.Where(each => each.Key >= oldest).ToDictionary(), ct);
    }

    /// <summary>The minute by which a walk adds up what it finds.</summary>
    public static long MinuteOf(DateTimeOffset queued) => Minutes.Of(queued);

    /// <summary>Writes what has been counted.</summary>
    public async Task Flush(CancellationToken ct)
    {
        foreach (var site in counters.Keys)
        {
            try
            {
                await Flush(site, ct);
            }
            catch (IOException e)
            {
                Log.NotFlushed(log, site, e.Message);
            }
        }
    }

    /// <summary>Writes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        await loop;
        await Flush(CancellationToken.None);
        try
        {
            if (isAlone && counters.Values.All(counter => Unwritten(counter).IsEmpty))
                await table.Apply(Totals, [Change.Put(CleanRow, Condition.Any, ReadOnlyMemory<byte>.Empty)], CancellationToken.None);
        }
        catch (IOException e)
        {
            Log.NotFlushed(log, CleanRow, e.Message);
        }
        stopping.Dispose();
        writing.Dispose();
    }

    private string CleanRow => "clean." + service;

    private string PartitionOf(string site) => $"{Totals}.{service}.{site}";

    private static long SlotOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / (long)Slot.TotalSeconds;

    private static DateTimeOffset End(long slot) => DateTimeOffset.FromUnixTimeSeconds((slot + 1) * (long)Slot.TotalSeconds);

    private static CopyTally Unwritten(Counter counter)
    {
        var tally = new CopyTally();
        lock (counter.Gate)
        {
            tally.Add(counter.Fresh, DateTimeOffset.UnixEpoch);
            if (counter.Sent is not null) tally.Add(counter.Sent, DateTimeOffset.UnixEpoch);
        }
        return tally;
    }

    private Counter Of(string site) => counters.GetOrAdd(site, static _ => new());

    private async ValueTask Flush(string site, CancellationToken ct)
    {
        if (!counters.TryGetValue(site, out var counter)) return;
        await writing.WaitAsync(ct);
        try
        {
            var now = clock.GetUtcNow();
            var slot = SlotOf(now);
            if (slot != counter.Slot)
            {
                if (counter.Slot != 0) await Merge(site, ct);
                (counter.Slot, counter.Written) = (slot, new());
            }
            CopyTally row;
            lock (counter.Gate)
            {
                if (counter.Fresh.IsEmpty) return;
                (counter.Sent, counter.Fresh) = (counter.Fresh, new());
                row = counter.Written.Coarse(now);
                row.Add(counter.Sent, now);
            }
            var isWritten = false;
            try
            {
                // Only we write it, and it says everything: it may be written twice.
                Change[] put = [Change.Put($"{OfWriters}{slot}.{writer}", Condition.Any, StoredJson.Write(row, ReplicationJson.Default.CopyTally))];
                isWritten = await table.Apply(PartitionOf(site), put, ct) == Outcome.Committed;
            }
            finally
            {
                lock (counter.Gate)
                {
                    if (isWritten) counter.Written = row;
                    else counter.Fresh.Add(counter.Sent, DateTimeOffset.UnixEpoch);
                    counter.Sent = null;
                }
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Merges the rows of slots that are over into one each, and what they say into the base; forgets what is older than a day.</summary>
    internal async ValueTask Merge(string site, CancellationToken ct)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            var rows = await Rows(site, ct);
            var over = rows.Writers.Where(each => End(each.Slot) + Late < now).Take(TableLimits.Changes / 3).ToList();
            var old = rows.Merged.Where(each => End(each.Slot) < now - Window - Slot).Take(TableLimits.Changes / 3).ToList();
            if (over.Count + old.Count == 0) return;
            var sum = rows.BaseTally.Coarse(now);
            List<Change> changes = [];
            foreach (var group in over.GroupBy(each => each.Slot))
            {
                var before = rows.Merged.FirstOrDefault(each => each.Slot == group.Key);
                var merged = new CopyTally();
                if (before.Row is not null) merged.AddEvents(before.Tally);
                foreach (var (row, _, tally) in group)
                {
                    sum.Add(tally, now);
                    merged.AddEvents(tally);
                    changes.Add(Change.Delete(row.Key.Row, Condition.Is(row.Stamp)));
                }
                old.RemoveAll(each => each.Slot == group.Key);
                changes.Add(Change.Put(
                    Merged + group.Key.ToString(CultureInfo.InvariantCulture), Condition.AsRead(before.Row), StoredJson.Write(merged, ReplicationJson.Default.CopyTally)));
            }
            changes.AddRange(old.Select(each => Change.Delete(each.Row.Key.Row, Condition.Is(each.Row.Stamp))));
            changes.Add(rows.PutBase(sum));
            // Refused: another instance merges, too.
            if (await table.Apply(PartitionOf(site), changes, ct) != Outcome.Committed) return;
        }
    }

    private async ValueTask<SiteRows> Rows(string site, CancellationToken ct)
    {
        var rows = new SiteRows();
        await foreach (var row in table.Scan(KeyRange.Partition(PartitionOf(site)), null, null, ct))
        {
            var tally = StoredJson.Read(row.Value, ReplicationJson.Default.CopyTally);
            var name = row.Key.Row;
            if (name == Base) (rows.Base, rows.BaseTally) = (row, tally);
            else if (name.StartsWith(Merged, StringComparison.Ordinal)) rows.Merged.Add((row, Number(name.AsSpan(Merged.Length)), tally));
            else rows.Writers.Add((row, Number(name.AsSpan(OfWriters.Length, name.LastIndexOf('.') - OfWriters.Length)), tally));
        }
        return rows;

        static long Number(ReadOnlySpan<char> text) => long.Parse(text, CultureInfo.InvariantCulture);
    }

    private sealed class SiteRows
    {
        public Row? Base;
        public CopyTally BaseTally = new();
        public readonly List<(Row Row, long Slot, CopyTally Tally)> Merged = [];
        public readonly List<(Row Row, long Slot, CopyTally Tally)> Writers = [];

        /// <summary>What happened when.</summary>
        public IEnumerable<(long Slot, CopyTally Tally)> Slots => Merged.Concat(Writers).Select(each => (each.Slot, each.Tally));

        public CopyTally All(DateTimeOffset now)
        {
            var all = BaseTally.Coarse(now);
            foreach (var (_, _, tally) in Writers) all.Add(tally, now);
            return all;
        }

        public CopyTally Since(DateTimeOffset from)
        {
            var sum = new CopyTally();
            foreach (var (slot, tally) in Slots)
                if (End(slot) > from) sum.AddEvents(tally);
            return sum;
        }

        public Change PutBase(CopyTally tally)
        {
            tally.Prune();
            return Change.Put(ReplicationCounters.Base, Condition.AsRead(Base), StoredJson.Write(tally, ReplicationJson.Default.CopyTally));
        }
    }

    private async Task Loop()
    {
        while (true)
        {
            try
            {
                await Task.Delay(FlushInterval, clock, stopping.Token);
                await Flush(stopping.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Log.FlushFailed(log, e); // whatever it is, the next counters are to be written
            }
        }
    }
}
