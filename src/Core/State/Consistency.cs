namespace ZenkoFunctions.Core.State;

/// <summary>
/// What processes that share tables owe each other. A change that tightens something is obeyed by every instance once its row
/// can be in no cache any more, no commit that was validated by the older row can be sent any more, and none that was sent can
/// arrive any more: after <see cref="Obeyed"/>.
/// </summary>
/// <param name="CacheAge">How long a row that many requests share (buckets, keys, accounts, roles) is believed.</param>
/// <param name="CommitWithin">How long after the last look at its bucket a commit may begin; later it looks again.</param>
/// <param name="StoreTimeout">
/// How long after it began a commit may take effect, whatever happens to answers on the way: the engine sees to that.
/// </param>
public sealed record Consistency(TimeSpan CacheAge, TimeSpan CommitWithin, TimeSpan StoreTimeout)
{
    /// <summary>One process owns the state: what it has cached holds until it changes it itself, and nobody has to wait.</summary>
    public static readonly Consistency OneMachine = new(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Several instances, with the bounds that suit a storage account.</summary>
    public static Consistency Shared(TimeSpan cacheAge) => new(cacheAge, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));

    /// <summary>Whether there may be other instances.</summary>
    public bool IsShared => CacheAge != Timeout.InfiniteTimeSpan;

    /// <summary>When a change is obeyed everywhere, counted from the answer to the request that made it.</summary>
    public TimeSpan Obeyed => IsShared ? CacheAge + CommitWithin + StoreTimeout : TimeSpan.Zero;
}
