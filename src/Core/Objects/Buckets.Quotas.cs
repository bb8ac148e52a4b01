using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

public sealed partial class Buckets
{
    /// <summary>
    /// Tells of an account's id the most bytes that one of its buckets may hold that has no quota of its own, and all of them together;
    /// null for any number.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<(long? Bucket, long? Account)>>? OtherQuotas { get; init; }

    /// <summary>Has all buckets of an account counted anew: from now on it matters what they hold, and they may be older than the counters.</summary>
    public async ValueTask CountAll(Account owner, CancellationToken ct)
    {
        await foreach (var bucket in OwnedBy(owner.Id, ct)) await Usage.Ask(bucket.Counted, ct);
    }

    /// <summary>What bounds the bucket; null for nothing.</summary>
    internal async ValueTask<Quotas?> QuotasOf(Bucket bucket, CancellationToken ct)
    {
        var (usual, account) = OtherQuotas is null ? default : await OtherQuotas(bucket.OwnerId, ct);
        var quotas = new Quotas(bucket.Get(BucketSettings.Quota)?.Bytes ?? usual ?? Quotas.None, account ?? Quotas.None);
        return quotas.IsNone ? null : quotas;
    }

    /// <inheritdoc cref="UsageCounters.Reserve"/>
    internal ValueTask<Reservation?> Reserve(Bucket bucket, long bytes, Quotas quotas, CancellationToken ct) =>
        Usage.Reserve(bucket.Counted, bytes, quotas, stop => Siblings(bucket, stop), ct);

    /// <inheritdoc cref="UsageCounters.Resize"/>
    internal ValueTask<bool> Resize(Bucket bucket, Reservation? reservation, long bytes, Quotas quotas, CancellationToken ct) =>
        reservation is null ? new(false) : Usage.Resize(bucket.Counted, reservation, bytes, quotas, stop => Siblings(bucket, stop), ct);

    /// <summary>The refusal, where more is held already than may be; else null.</summary>
    internal async ValueTask<Declined?> Overfull(Bucket bucket, CancellationToken ct) =>
        await QuotasOf(bucket, ct) is { } quotas && await Usage.IsOver(bucket.Counted, quotas, stop => Siblings(bucket, stop), ct) ? QuotaRoom.Exceeded(quotas) : null;

    private async IAsyncEnumerable<string> Siblings(Bucket bucket, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var each in OwnedBy(bucket.OwnerId, ct)) yield return each.Id;
    }

    private async IAsyncEnumerable<Bucket> OwnedBy(string accountId, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var row in buckets.Scan(KeyRange.Partition(ListOf(accountId)), null, null, ct))
            if (await Find(row.Key.Row, ct) is { } bucket && bucket.OwnerId == accountId) yield return bucket;
    }
}
