using ZenkoFunctions.Core.Access;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The setting of a bucket's policy.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="OwnerMayLockItselfOut">
/// Whether whoever put it confirmed that it may deny the owner's root to change it. Else the root always can.
/// </param>
public sealed record PolicySetting(Policy Policy, bool OwnerMayLockItselfOut);

/// <summary>The setting of ownership controls.</summary>
public sealed record OwnershipSetting(Ownership Ownership);

/// <summary>What the settings of a bucket say of access to it.</summary>
public static class BucketAccess
{
    /// <summary>Who owns what is written; the writer where nothing was said, as older clients expect of access control lists.</summary>
    public static Ownership Ownership(this Bucket bucket) => bucket.Get(BucketSettings.Ownership)?.Ownership ?? default;

    /// <summary>The public access block; none where nothing was said.</summary>
    public static PublicAccessBlock PublicAccessBlock(this Bucket bucket) =>
        bucket.Get(BucketSettings.PublicAccessBlock) ?? Access.PublicAccessBlock.None;

    /// <summary>The owner as it can be granted something.</summary>
    public static Party Owner(this Bucket bucket) => new(bucket.OwnerCanonicalId, bucket.OwnerName);

    /// <summary>The owner of a version in the bucket. Where lists are disabled, it is the bucket's, whoever wrote it.</summary>
    public static Party OwnerOf(this Bucket bucket, ObjectVersion version) =>
        version.OwnerCanonicalId is { } id && bucket.Ownership() != Access.Ownership.BucketOwnerEnforced
            ? new(id, version.OwnerName ?? "")
            : bucket.Owner();

    /// <summary>What decisions depend on.</summary>
    public static BucketFacts Facts(this Bucket bucket)
    {
        var policy = bucket.Get(BucketSettings.Policy);
        return new()
        {
            OwnerId = bucket.OwnerId,
            OwnerCanonicalId = bucket.OwnerCanonicalId,
            Policy = policy?.Policy,
            OwnerMayLockItselfOut = policy?.OwnerMayLockItselfOut ?? false,
            Acl = bucket.Get(BucketSettings.Acl),
            Block = bucket.PublicAccessBlock(),
            Ownership = bucket.Ownership(),
        };
    }
}
