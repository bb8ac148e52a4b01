using System.Collections.Concurrent;

namespace ZenkoFunctions.Core.Usage;

/// <summary>
/// What accounts hold that have a quota, as long as they are asked about. Where several instances count, the buckets' rows are read
/// again every <see cref="UsageOptions.FlushInterval"/>: what others wrote is known after two of these.
/// </summary>
/// <param name="options">How counters work.</param>
/// <param name="clock">The time.</param>
/// <param name="counter">The open counter of a bucket; null where it is not open.</param>
/// <param name="rows">What the rows of a bucket say.</param>
internal sealed class AccountUsages(
    UsageOptions options, TimeProvider clock, Func<string, BucketUsage?> counter, Func<string, CancellationToken, ValueTask<Tally>> rows)
{
    private static readonly ParallelOptions Some = new() { MaxDegreeOfParallelism = 8 };

    private readonly ConcurrentDictionary<string, AccountUsage> accounts = new(StringComparer.Ordinal);

    /// <summary>The account, where it is asked about; else null.</summary>
    public AccountUsage? Open(string? id) => id is not null && accounts.TryGetValue(id, out var account) ? account : null;

    /// <summary>The account, once its buckets have been read.</summary>
    /// <param name="id">The account's.</param>
    /// <param name="buckets">The ids of its buckets.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<AccountUsage> Find(string id, Func<CancellationToken, IAsyncEnumerable<string>> buckets, CancellationToken ct)
    {
        var account = accounts.GetOrAdd(id, _ => new());
        Task reading;
        lock (account)
        {
            account.Asked = clock.GetTimestamp();
            if (account.Reading.IsCompleted && (account.Read is not { } read || (!options.IsAlone && clock.GetElapsedTime(read) >= options.FlushInterval)))
                account.Reading = Task.Run(() => Read(account, buckets), CancellationToken.None);
            reading = account.Reading;
        }
        if (!reading.IsCompletedSuccessfully) await reading.WaitAsync(ct);
        return account;
    }

    /// <summary>A bucket is gone.</summary>
    public void Forget(string bucket)
    {
        foreach (var account in accounts.Values) account.Forget(bucket);
    }

    /// <summary>Forgets those that nobody has asked about for long.</summary>
    public void Sweep()
    {
        foreach (var (id, account) in accounts)
            lock (account)
            {
                if (account.Reading.IsCompleted && clock.GetElapsedTime(account.Asked) > options.Idle) accounts.TryRemove(id, out _);
            }
    }

    private async Task Read(AccountUsage account, Func<CancellationToken, IAsyncEnumerable<string>> buckets)
    {
        var (at, began) = (clock.GetTimestamp(), account.BeginRead());
        var all = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        try
        {
            await Parallel.ForEachAsync(buckets(CancellationToken.None), Some, async (bucket, ct) =>
            {
                all[bucket] = true;
                var look = account.Look();
                if (counter(bucket) is { } open) open.TellTo(account);
                else account.Found(bucket, (await rows(bucket, ct)).Total.Held, look);
            });
        }
        catch
        {
            account.EndRead(began, null);
            throw;
        }
        account.EndRead(began, all.Keys.ToHashSet(StringComparer.Ordinal));
        lock (account) account.Read = at;
    }
}
