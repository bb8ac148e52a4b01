namespace ZenkoFunctions.Core.Usage;

public sealed partial class UsageCounters
{
    private AccountUsages? accounts;

    private AccountUsages Accounts => LazyInitializer.EnsureInitialized(ref accounts, () => new(options, clock, counters.GetValueOrDefault, rows.Total));

    /// <summary>Sets bytes aside for a write; null where the quotas have no room for them.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="quotas">The most that may be held.</param>
    /// <param name="siblings">The ids of all buckets of its owner; asked for where there is a quota of these.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async ValueTask<Reservation?> Reserve(
        CountedBucket bucket, long bytes, Quotas quotas, Func<CancellationToken, IAsyncEnumerable<string>> siblings, CancellationToken ct)
    {
        var account = quotas.BoundsAccount ? await Accounts.Find(bucket.Account!, siblings, ct) : null;
        while (true)
        {
            var counter = counters.TryGetValue(bucket.Id, out var open) ? open : await Open(bucket);
            if (account is not null) counter.TellTo(account);
            var reservation = counter.Reserve(bytes, quotas, out var wait);
            if (wait is null) return reservation;
            await wait.WaitAsync(ct);
        }
    }

    /// <summary>Sets so many bytes aside instead; false, and all as it was, where these are more than before and more than there is room for.</summary>
    /// <inheritdoc cref="Reserve"/>
    internal async ValueTask<bool> Resize(
        CountedBucket bucket, Reservation reservation, long bytes, Quotas quotas, Func<CancellationToken, IAsyncEnumerable<string>> siblings, CancellationToken ct)
    {
        // It may be younger than what was set aside.
        if (quotas.BoundsAccount) reservation.TellTo(await Accounts.Find(bucket.Account!, siblings, ct));
        return reservation.Resize(bytes, quotas);
    }

    /// <summary>Whether more is held than may be.</summary>
    /// <inheritdoc cref="Reserve"/>
    internal async ValueTask<bool> IsOver(CountedBucket bucket, Quotas quotas, Func<CancellationToken, IAsyncEnumerable<string>> siblings, CancellationToken ct) =>
        (await Read(bucket.Id, ct)).Total.Held > quotas.Bucket
        || (quotas.BoundsAccount && (await Accounts.Find(bucket.Account!, siblings, ct)).Sum > quotas.Account);
}
