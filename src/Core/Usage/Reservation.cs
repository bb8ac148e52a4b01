namespace ZenkoFunctions.Core.Usage;

/// <summary>
/// Bytes of a bucket's quota, and of its owner's, that are set aside for a write under way. The commit takes them over; disposed before that,
/// they are free again.
/// </summary>
internal sealed class Reservation : IDisposable
{
    private readonly BucketUsage counter;

    internal Reservation(BucketUsage counter) => this.counter = counter;

    /// <summary>How many. Guarded by the counter.</summary>
    internal long Bytes { get; set; }

    /// <summary>Whether the account's quota had room for them. Guarded by the counter.</summary>
    internal bool IsBoundByAccount { get; set; }

    /// <summary>Whether it is over. Guarded by the counter.</summary>
    internal bool IsReleased { get; set; }

    /// <summary>
    /// Sets so many bytes aside instead; false, and all as it was, where these are more than before and more than there is
    /// room for.
    /// </summary>
    public bool Resize(long bytes, Quotas quotas) => counter.Resize(this, Math.Max(0, bytes), quotas);

    /// <inheritdoc cref="BucketUsage.TellTo"/>
    internal void TellTo(AccountUsage account) => counter.TellTo(account);

    /// <inheritdoc/>
    public void Dispose() => counter.Release(this);
}
