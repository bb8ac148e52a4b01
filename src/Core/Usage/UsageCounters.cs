using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Usage;

/// <summary>
/// What each bucket holds, counted with every commit: in memory, flushed every <see cref="UsageOptions.FlushInterval"/>. A
/// commit costs no table transaction more; the first change of a bucket costs one, which says that its counter is open, so that
/// it is known after a crash which buckets must be walked.
/// </summary>
/// <param name="table">The table of counters.</param>
/// <param name="queue">Takes the messages that ask for a walk.</param>
/// <param name="options">How counters work.</param>
/// <param name="clock">The time.</param>
/// <param name="log">The server's log.</param>
public sealed partial class UsageCounters(ITable table, IQueue queue, UsageOptions options, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    /// <summary>The queue of walks.</summary>
    internal const string QueueName = "usage";

    private static readonly ParallelOptions Some = new() { MaxDegreeOfParallelism = 8 };

    private readonly UsageTable rows = new(table, options, clock, Guid.NewGuid().ToString("n"));
    private readonly ConcurrentDictionary<string, BucketUsage> counters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<BucketUsage>>> opening = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private Task loop = Task.CompletedTask;

    /// <summary>How counters work.</summary>
    internal UsageOptions Options => options;

    /// <summary>Begins to flush.</summary>
    public void Start() => loop = Task.Run(Loop);

    /// <summary>Has every bucket walked whose counter a dead process left open.</summary>
    public async ValueTask Recover(CancellationToken ct)
    {
        await foreach (var bucket in rows.Left(ct)) await Open(bucket).WaitAsync(ct);
    }

    /// <summary>What a bucket holds, as far as this process knows.</summary>
    public async ValueTask<Tally> Read(string bucketId, CancellationToken ct) =>
        counters.TryGetValue(bucketId, out var counter) ? counter.Total : await rows.Total(bucketId, ct);

    /// <summary>The same of every bucket in which anything was ever counted: one scan of the counters.</summary>
    public async IAsyncEnumerable<(CountedBucket Bucket, Tally Held)> All([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var (bucket, stored) in rows.All(ct))
            yield return (bucket, counters.TryGetValue(bucket.Id, out var counter) ? counter.Total : stored);
    }

    /// <summary>The rows of buckets that are gone: of an instance that wrote its counter after they were removed.</summary>
    /// <param name="isThere">Whether there is such a bucket.</param>
    public ExpiringRows Expiring(Func<CountedBucket, CancellationToken, ValueTask<bool>> isThere) => rows.Expiring(isThere);

    /// <summary>
    /// What a bucket has held in the current hour up to now, as far as this process knows: what was changed within a flush interval is
    /// taken to be so since, or not yet to be so.
    /// </summary>
    /// <param name="bucketId">The bucket's id.</param>
    /// <param name="made">When it was made: before that it held nothing.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<HourRow> ReadHour(string bucketId, DateTimeOffset made, CancellationToken ct)
    {
        var held = (await Read(bucketId, ct)).Total.Held;
        var hour = await rows.Hour(bucketId, ct) ?? new() { Until = made, Held = held, Peak = held };
        hour = hour.At(clock.GetUtcNow());
        return hour with { Held = held, Peak = Math.Max(hour.Peak, held) };
    }

    /// <summary>Writes what has changed, and closes what has not changed for long.</summary>
    public async Task Flush(CancellationToken ct)
    {
        Accounts.Sweep();
        await Parallel.ForEachAsync(counters.Values, Some, async (counter, _) =>
        {
            try
            {
                var isIdle = !counter.IsChanged && clock.GetUtcNow() - counter.Changed > options.Idle;
                if (isIdle && await Close(counter, withWalk: false, ct)) return;
                if (isIdle || counter.IsChanged || !options.IsAlone) await Write(counter, ct);
            }
            catch (IOException e)
            {
                Log.NotFlushed(log, counter.Bucket.Name, e.Message);
            }
        });
    }

    /// <summary>Closes all counters: nothing is left to be found out at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        await loop;
        await Parallel.ForEachAsync(counters.Values, Some, async (counter, _) =>
        {
            try
            {
                if (!await Close(counter, withWalk: true, CancellationToken.None)) await Write(counter, CancellationToken.None);
            }
            catch (IOException e)
            {
                Log.NotFlushed(log, counter.Bucket.Name, e.Message);
            }
        });
        stopping.Dispose();
    }

    /// <summary>Asks for a walk of the bucket.</summary>
    internal ValueTask Ask(CountedBucket bucket, CancellationToken ct) => queue.Send(
        QueueName, StoredJson.Write(new() { Bucket = bucket.Name, BucketId = bucket.Id }, UsageJson.Default.WalkMessage), TimeSpan.Zero, ct);

    /// <summary>
    /// A change of a bucket's rows begins. Every change that makes, removes or moves versions or parts does, be it that it comes
    /// to nothing: a version that moves from one row to another would mislead a walk that reads both.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="partition">Where the rows are: a letter, the bucket's id, the key.</param>
    /// <param name="ct">Ends the wait.</param>
    internal ValueTask<UsageTicket> Begin(CountedBucket bucket, string partition, CancellationToken ct) =>
        counters.TryGetValue(bucket.Id, out var counter) && counter.Begin(partition, out var turn) is null
            ? new(new UsageTicket(counter, turn, partition))
            : BeginLater(bucket, partition, ct);

    /// <summary>Applies changes and counts what they come to, if they are committed.</summary>
    /// <param name="to">The table that has the rows.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="partition">Where they are.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="change">What they come to.</param>
    /// <param name="ct">Gives up; whether they are committed is then for a walk to find out.</param>
    internal async ValueTask<Outcome> Apply(
        ITable to, CountedBucket bucket, string partition, IReadOnlyList<Change> changes, UsageChange change, CancellationToken ct)
    {
        var ticket = await Begin(bucket, partition, ct);
        var outcome = Outcome.Unknown;
        try
        {
            return outcome = await to.Apply(partition, changes, ct);
        }
        catch (IOException)
        {
            outcome = Outcome.Refused; // nothing was changed
            throw;
        }
        finally
        {
            ticket.End(outcome, change, null);
        }
    }

    /// <summary>The walk that a job is to go on with; null where there is nothing for it to do.</summary>
    internal async ValueTask<UsageWalk?> BeginWalk(CountedBucket bucket, CancellationToken ct) =>
        await rows.BeginWalk(counters.TryGetValue(bucket.Id, out var open) ? open : await Open(bucket).WaitAsync(ct), ct);

    /// <inheritdoc cref="UsageTable.Save"/>
    internal ValueTask<bool> Save(UsageWalk walk, CancellationToken ct) => rows.Save(walk, ct);

    /// <inheritdoc cref="UsageTable.Finish"/>
    internal async ValueTask<bool> Finish(UsageWalk walk, CancellationToken ct)
    {
        if (!options.IsAlone) await Write(walk.Counter, ct);
        await walk.Counter.Rows.WaitAsync(ct);
        try
        {
            return await rows.Finish(walk, ct);
        }
        finally
        {
            walk.Counter.Rows.Release();
        }
    }

    /// <summary>The bucket is gone.</summary>
    internal async ValueTask Forget(string bucketId, CancellationToken ct)
    {
        if (counters.TryGetValue(bucketId, out var counter))
        {
            await counter.Rows.WaitAsync(ct);
            counters.TryRemove(bucketId, out _);
            counter.Rows.Release();
        }
        await rows.Forget(bucketId, ct);
        Accounts.Forget(bucketId);
    }

    private async ValueTask<UsageTicket> BeginLater(CountedBucket bucket, string partition, CancellationToken ct)
    {
        while (true)
        {
            var counter = counters.TryGetValue(bucket.Id, out var open) ? open : await Open(bucket);
            if (counter.Begin(partition, out var turn) is not { } wait) return new(counter, turn, partition);
            await wait.WaitAsync(ct);
        }
    }

    // Whoever needs it first opens it, for all who come meanwhile.
    private Task<BucketUsage> Open(CountedBucket bucket) => opening.GetOrAdd(bucket.Id, _ => new(() => OpenNow(bucket))).Value;

    private async Task<BucketUsage> OpenNow(CountedBucket bucket)
    {
        try
        {
            // Opened by another between the look and the call.
            if (counters.TryGetValue(bucket.Id, out var open)) return open;
            var opened = counters[bucket.Id] = await rows.Open(bucket, Ask, CancellationToken.None);
            if (Accounts.Open(bucket.Account) is { } account) opened.TellTo(account);
            return opened;
        }
        finally
        {
            opening.TryRemove(bucket.Id, out _);
        }
    }

    private async ValueTask Write(BucketUsage counter, CancellationToken ct)
    {
        await counter.Rows.WaitAsync(ct);
        try
        {
            if (!counters.ContainsKey(counter.Bucket.Id)) return;
            await AskIfDoubtful(counter, ct);
            await rows.Flush(counter, ct);
        }
        finally
        {
            counter.Rows.Release();
        }
    }

    private async ValueTask<bool> Close(BucketUsage counter, bool withWalk, CancellationToken ct)
    {
        await counter.Rows.WaitAsync(ct);
        var isOver = false;
        try
        {
            if (!counter.Retire(withWalk)) return false;
            try
            {
                await AskIfDoubtful(counter, ct);
                await rows.Close(counter, ct);
                isOver = counters.TryRemove(counter.Bucket.Id, out _);
                return true;
            }
            catch
            {
                counter.Doubt(); // it may have been added to the base
                throw;
            }
            finally
            {
                counter.Closed(isOver);
            }
        }
        finally
        {
            counter.Rows.Release();
        }
    }

    private async ValueTask AskIfDoubtful(BucketUsage counter, CancellationToken ct)
    {
        if (!counter.TakeDoubt()) return;
        try
        {
            await Ask(counter.Bucket, ct);
        }
        catch
        {
            counter.Doubt();
            throw;
        }
    }

    private async Task Loop()
    {
        while (true)
        {
            try
            {
                await Task.Delay(options.FlushInterval, clock, stopping.Token);
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
