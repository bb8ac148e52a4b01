using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.S3;

/// <summary>The one place that decides who may do what. It grows with policies and grants.</summary>
public static class Authorizer
{
    /// <summary>
    /// Whether the sender may do it. An account may list its buckets and make new ones, and may do everything in its own;
    /// its users may do what it may, until they have policies. Anonymous senders may do nothing: no grant exists yet.
    /// </summary>
    /// <param name="sender">Whose signature has been verified.</param>
    /// <param name="question">What it wants to do.</param>
    /// <param name="ct">Ends the look-up of what the answer depends on.</param>
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Style", "IDE0060", Justification = "Grants of objects are rows to be looked up; callers pass it from the first day.")]
    public static ValueTask<bool> Allows(Principal sender, AccessQuestion question, CancellationToken ct) => new(
        sender.Account is { } account
        && (question.Action is "s3:ListAllMyBuckets" or "s3:CreateBucket" || question.Bucket?.OwnerId == account.Id));
}
