using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Monitoring;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.History;

/// <summary>
/// Keeps what an installation's numbers were. Each minute every process writes what it counted in it, where that is anything, and one of
/// them how things stand; each quarter of an hour one of them adds up the one before. It reads counters that are there anyway: requests
/// cost nothing more. A process that is killed loses a minute.
/// </summary>
/// <param name="table">The table <c>statistics</c>.</param>
/// <param name="requests">What this process counts.</param>
/// <param name="stand">How things stand in the installation; with what is stored, or without, which is dearer to find out.</param>
/// <param name="clock">The time.</param>
/// <param name="log">The server's log.</param>
public sealed class HistoryRecorder(ITable table, RequestCounts requests, Func<bool, CancellationToken, ValueTask<Standing>> stand, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    /// <summary>For how long minutes are kept, and quarters of an hour.</summary>
    public static readonly TimeSpan MinutesKept = TimeSpan.FromHours(25), QuartersKept = TimeSpan.FromDays(32);

    /// <summary>Every how many minutes it is looked what is stored: that reads a row of each bucket.</summary>
    private const long StoredEvery = 5;

    /// <summary>By when every process has written what it counted in a minute.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(90);

    private readonly string writer = Guid.NewGuid().ToString("n");
    private readonly CancellationTokenSource stopping = new();
    private Dictionary<string, RequestNumbers> written = [];
    private long? added;
    private Task loop = Task.CompletedTask;

    /// <summary>The rows that end.</summary>
    public IReadOnlyList<ExpiringRows> Expiring =>
        [HistoryRows.Expiring(table, "history-minutes", HistoryRows.Minute, MinutesKept), HistoryRows.Expiring(table, "history-quarters", HistoryRows.Quarter, QuartersKept)];

    /// <summary>What was written.</summary>
    public HistoryReader Reader { get; } = new(table);

    /// <summary>Begins to write.</summary>
    public void Start() => loop = Task.Run(Loop);

    /// <summary>Writes what was counted and not written yet.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        await loop;
        try
        {
            await Count(Floor(clock.GetUtcNow().ToUnixTimeSeconds(), HistoryRows.Minute), CancellationToken.None);
        }
        catch (IOException e)
        {
            Log.NotWritten(log, e.Message);
        }
        stopping.Dispose();
    }

    /// <summary>Writes of the minute that has just ended.</summary>
    internal async ValueTask Write(CancellationToken ct)
    {
        // A timer may be a little early or late.
        var minute = Floor(clock.GetUtcNow().ToUnixTimeSeconds() - (HistoryRows.Minute / 2), HistoryRows.Minute);
        await Count(minute, ct);
        if (!await Stand(minute, ct)) return;
        if (added is null || minute / HistoryRows.Minute % (HistoryRows.Quarter / HistoryRows.Minute) == 1) await AddUp(ct);
    }

    private static long Floor(long seconds, long length) => seconds - (seconds % length);

    /// <summary>What this process counted since it wrote last.</summary>
    private async ValueTask Count(long minute, CancellationToken ct)
    {
        var now = new Dictionary<string, RequestNumbers>(StringComparer.Ordinal);
        foreach (var counts in requests.All())
        {
            var (done, refused, failed) = (0L, 0L, 0L);
            foreach (var (status, count) in counts.ByStatus())
            {
                if (status < 400) done += count;
                else if (status < 500) refused += count;
                else failed += count;
            }
            var numbers = new RequestNumbers(counts.Protocol, done, refused, failed, counts.Received, counts.Sent);
            now[counts.Protocol] = now.TryGetValue(counts.Protocol, out var sum) ? sum + numbers : numbers;
        }
        var fresh = now.Values.Select(each => written.TryGetValue(each.Protocol, out var before) ? each - before : each).Where(each => !each.IsNothing()).OrderBy(each => each.Protocol, StringComparer.Ordinal).ToList();
        if (fresh.Count == 0) return;
        var row = HistoryRows.RowOf(minute) + ".c." + writer;
        // Only we write it: whether an answer was lost does not matter, and what failed is in the next one.
        await table.Apply(HistoryRows.PartitionOf(HistoryRows.Minute, minute), [Put(row, Condition.Any, new() { Requests = fresh })], ct);
        written = now;
    }

    /// <summary>How things stand; false where another process has written that.</summary>
    private async ValueTask<bool> Stand(long minute, CancellationToken ct)
    {
        var (partition, row) = (HistoryRows.PartitionOf(HistoryRows.Minute, minute), HistoryRows.RowOf(minute) + ".g");
        if (await table.Get(new(partition, row), ct) is not null) return false;
        var standing = await stand(added is null || minute / HistoryRows.Minute % StoredEvery == 0, ct);
        return await table.Apply(partition, [Put(row, Condition.Absent, new() { Stored = standing.Stored, Sites = standing.Sites })], ct) == Outcome.Committed;
    }

    /// <summary>Adds up the quarters of an hour that nobody has yet, of the last day at most.</summary>
    private async ValueTask AddUp(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var to = Floor((now - Late).ToUnixTimeSeconds(), HistoryRows.Quarter);
        var from = Math.Max(added ?? 0, Floor((now - TimeSpan.FromDays(1)).ToUnixTimeSeconds(), HistoryRows.Quarter));
        if (from >= to)
        {
            added ??= to;
            return;
        }
        var there = new HashSet<long>();
        await foreach (var row in table.Scan(HistoryRows.Between(HistoryRows.Quarter, from, to), null, null, ct)) there.Add(HistoryRows.StartOf(row));
        var minutes = new SortedDictionary<long, List<HistoryRow>>();
        await foreach (var row in table.Scan(HistoryRows.Between(HistoryRows.Minute, from, to), null, null, ct))
        {
            var quarter = Floor(HistoryRows.StartOf(row), HistoryRows.Quarter);
            if (there.Contains(quarter)) continue;
            if (!minutes.TryGetValue(quarter, out var rows)) minutes[quarter] = rows = [];
            rows.Add(StoredJson.Read(row.Value, HistoryJson.Default.HistoryRow));
        }
        foreach (var (quarter, rows) in minutes)
            await table.Apply(HistoryRows.PartitionOf(HistoryRows.Quarter, quarter), [Put(HistoryRows.RowOf(quarter), Condition.Absent, HistoryRow.Of(rows))], ct);
        added = to;
    }

    private static Change Put(string row, Condition condition, HistoryRow value) => Change.Put(row, condition, StoredJson.Write(value, HistoryJson.Default.HistoryRow));

    private async Task Loop()
    {
        while (true)
        {
            try
            {
                var now = clock.GetUtcNow();
                var next = DateTimeOffset.FromUnixTimeSeconds(Floor(now.ToUnixTimeSeconds(), HistoryRows.Minute) + HistoryRows.Minute);
                await Task.Delay(next - now, clock, stopping.Token);
                await Write(stopping.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (IOException e)
            {
                Log.NotWritten(log, e.Message);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Log.WriteFailed(log, e); // whatever it is, the next minute is to be written
            }
        }
    }
}
