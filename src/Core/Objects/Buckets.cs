using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The buckets of the installation.</summary>
public sealed class Buckets
{
    /// <summary>Makes a bucket; refuses with <see cref="Refusal.BucketOwned"/> or <see cref="Refusal.BucketTaken"/>.</summary>
    public ValueTask<Result<Bucket>> Create(string name, Account owner, string locationConstraint, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>The bucket, from the cache where it can be; null where there is none, or where it is being deleted.</summary>
    public ValueTask<Bucket?> Find(string name, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Removes an empty bucket; refuses with <see cref="Refusal.BucketNotEmpty"/>.</summary>
    public ValueTask<Result<Bucket>> Delete(Bucket bucket, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>The account's buckets by name, those that start with the prefix and come after the given name.</summary>
    public ValueTask<BucketPage> List(Account owner, string prefix, string? after, int limit, CancellationToken ct) =>
        throw new NotImplementedException();
}
