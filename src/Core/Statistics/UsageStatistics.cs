using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Statistics;

/// <summary>
/// Operations and traffic, counted by slice of time, bucket, sender and operation: in memory, written every
/// <see cref="LiveSetting.UsageFlush"/>. A process that is killed loses what it counted since it wrote last, and nothing else.
/// </summary>
/// <param name="table">The table <c>statistics</c>.</param>
/// <param name="settings">Whether and how is counted.</param>
/// <param name="usage">What buckets hold.</param>
/// <param name="clock">The time.</param>
/// <param name="log">The server's log.</param>
public sealed class UsageStatistics(ITable table, LiveSettings settings, UsageCounters usage, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    /// <summary>The tag of a bucket whose value its requests are counted under, beside the bucket and the sender.</summary>
    public const string BucketTag = "usage-tag";

    /// <summary>So many keys are counted in memory between two writes; before there are more, it is written early.</summary>
    internal const int Most = 20_000;

    /// <summary>How often it is looked whether to write.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // A lock, for the time of a look-up and three additions, rather than additions without one: so what was counted can be taken away as a
    // whole, and nothing is ever added to what was taken.
    private readonly Lock gate = new();
    private readonly SemaphoreSlim writing = new(1);
    private readonly CancellationTokenSource stopping = new();
    private readonly StatisticsWriter writer = new(table, usage);
    private Dictionary<StatisticsKey, OperationTally> fresh = [];
    private long crowded;
    private volatile bool isOn;
    private volatile int period = 1800;
    private long flushed;
    private Task loop = Task.CompletedTask;

    /// <summary>Whether requests are counted.</summary>
    public bool IsOn => isOn;

    /// <summary>What was counted, in ostor's terms.</summary>
    public UsageObjects Objects { get; } = new(table, settings, clock);

    /// <summary>What was written, by bucket, account or user: <see cref="Flush"/> first, to have what was just counted here.</summary>
    public UsageMetrics Metrics { get; } = new(table, usage, clock);

    /// <summary>The rows that end.</summary>
    public IReadOnlyList<ExpiringRows> Expiring => StatisticsExpiry.Of(table);

    /// <summary>Begins to count, if it is to, and to write.</summary>
    public async ValueTask Start(CancellationToken ct)
    {
        await Refresh(ct);
        flushed = clock.GetTimestamp();
        loop = Task.Run(Loop, CancellationToken.None);
    }

    /// <summary>Looks at the settings.</summary>
    public async ValueTask Refresh(CancellationToken ct)
    {
        period = (int)await settings.Number(LiveSetting.UsagePeriod, ct);
        isOn = await settings.IsOn(LiveSetting.UsageCollect, ct);
    }

    /// <summary>Counts a request. Whoever sent it is billed; who did not sign is the guest of the bucket's owner.</summary>
    /// <param name="bucket">The bucket; null where there is none.</param>
    /// <param name="sender">Who sent it; null where that is not known.</param>
    /// <param name="operation">What was asked for.</param>
    /// <param name="isDone">Whether it was done; else its bytes alone are counted.</param>
    /// <param name="uploaded">Bytes of its body.</param>
    /// <param name="downloaded">Bytes of the body of the answer.</param>
    public void Add(Bucket? bucket, Principal? sender, CountedOperation operation, bool isDone, long uploaded, long downloaded)
    {
        if (!isOn) return;
        var key = new StatisticsKey(
            new(
                Slice.At(clock.GetUtcNow().ToUnixTimeSeconds(), period), bucket?.Counted ?? new("", ""), bucket?.Created.ToUnixTimeSeconds() ?? 0,
                sender?.Account?.Id ?? bucket?.OwnerId ?? "", sender?.User?.Id ?? "",
                bucket?.Get(BucketSettings.Tagging)?.Tags.GetValueOrDefault(BucketTag) ?? ""),
            operation);
        var tally = new OperationTally(operation.Kind, isDone ? 1 : 0, uploaded, downloaded);
        lock (gate)
        {
            if (fresh.Count >= 2 * Most && !fresh.ContainsKey(key))
            {
                key = key with { Of = key.Of.Nobodys() };
                crowded++;
            }
            ref var counted = ref CollectionsMarshal.GetValueRefOrAddDefault(fresh, key, out _);
            counted += tally;
        }
    }

    /// <summary>Writes what was counted.</summary>
    public async ValueTask Flush(CancellationToken ct)
    {
        await writing.WaitAsync(ct);
        try
        {
            flushed = clock.GetTimestamp();
            // What could not be written is not added to without end.
            if (writer.Unwritten < Most)
            {
                Dictionary<StatisticsKey, OperationTally> taken = [];
                var left = 0L;
                lock (gate)
                    if (fresh.Count > 0) (taken, fresh, left, crowded) = (fresh, taken, crowded, 0);
                if (left > 0) Log.Crowded(log, left);
                writer.Take(taken);
            }
            await writer.Write(clock.GetUtcNow().ToUnixTimeSeconds(), ct);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Writes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        await loop;
        try
        {
            await Flush(CancellationToken.None);
        }
        catch (IOException e)
        {
            Log.NotFlushed(log, e.Message);
        }
        stopping.Dispose();
        writing.Dispose();
    }

    private async ValueTask<bool> IsDue(CancellationToken ct)
    {
        lock (gate)
            if (fresh.Count >= Most) return true;
        return clock.GetElapsedTime(flushed).TotalSeconds >= await settings.Number(LiveSetting.UsageFlush, ct);
    }

    private async Task Loop()
    {
        while (true)
        {
            try
            {
                await Task.Delay(Tick, clock, stopping.Token);
                await Refresh(stopping.Token);
                if (await IsDue(stopping.Token)) await Flush(stopping.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (IOException e)
            {
                Log.NotFlushed(log, e.Message);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Log.FlushFailed(log, e); // whatever it is, the next numbers are to be written
            }
        }
    }
}

/// <summary>What is counted by: whose it is, and which operation.</summary>
internal readonly record struct StatisticsKey(SliceKey Of, CountedOperation Operation);

/// <summary>What a row is of.</summary>
/// <param name="Slice">When.</param>
/// <param name="Bucket">The bucket; one without a name for none.</param>
/// <param name="Epoch">When the bucket was made, in seconds since 1970.</param>
/// <param name="Account"><inheritdoc cref="SliceRow.Account"/></param>
/// <param name="User"><inheritdoc cref="SliceRow.User"/></param>
/// <param name="Tag"><inheritdoc cref="SliceRow.Tag"/></param>
internal readonly record struct SliceKey(Slice Slice, CountedBucket Bucket, long Epoch, string Account, string User, string Tag)
{
    /// <summary>The same time, and nothing else.</summary>
    public SliceKey Nobodys() => new(Slice, new("", ""), 0, "", "", "");
}
