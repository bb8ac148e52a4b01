using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>The one place that decides who may do what. It grows with policies and grants; it stays pure.</summary>
public static class Authorizer
{
    /// <summary>
    /// Whether the sender may do it. An account may list its buckets and make new ones, and may do everything in its own;
    /// its users may do what it may, until they have policies. Anonymous senders may do nothing: no grant exists yet.
    /// </summary>
    /// <param name="sender">Whose signature has been verified.</param>
    /// <param name="action">The IAM action, <c>s3:GetObject</c> for instance.</param>
    /// <param name="bucket">The bucket; null where the action is on none, or on one that does not exist.</param>
    /// <param name="key">The key; null or empty where the action is on the bucket.</param>
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Style", "IDE0060", Justification = "Grants are made on keys; callers pass them from the first day.")]
    public static bool Allows(Principal sender, string action, Bucket? bucket, string? key) =>
        sender.Account is { } account
        && (action is "s3:ListAllMyBuckets" or "s3:CreateBucket" || bucket?.OwnerId == account.Id);
}
