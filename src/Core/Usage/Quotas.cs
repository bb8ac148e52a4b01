namespace ZenkoFunctions.Core.Usage;

/// <summary>The most bytes that may be held; <see cref="None"/> for any number.</summary>
/// <param name="Bucket">By the bucket.</param>
/// <param name="Account">By all buckets of its owner together.</param>
internal readonly record struct Quotas(long Bucket, long Account)
{
    /// <summary>No bound.</summary>
    public const long None = long.MaxValue;

    /// <summary>Whether it is bounded what the owner's buckets hold together.</summary>
    public bool BoundsAccount => Account != None;

    /// <summary>Whether nothing is bounded.</summary>
    public bool IsNone => this == new Quotas(None, None);
}
