using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// The one place that decides who may do what: gathers the facts that <see cref="Decision"/> depends on. An account's root in
/// a bucket of its own without a policy needs none.
/// </summary>
public sealed class Authorizer(S3Services services)
{
    private const string BucketArn = "arn:aws:s3:::";

    /// <summary>Decides.</summary>
    /// <param name="sender">Whose signature has been verified.</param>
    /// <param name="question">What it wants to do.</param>
    /// <param name="request">The request, for the conditions of policies.</param>
    /// <param name="spec">What the request was routed to.</param>
    /// <param name="ct">Ends the look-up of what the answer depends on.</param>
    public ValueTask<Access> Decide(
        Principal sender, AccessQuestion question, WireRequest request, OperationSpec spec, CancellationToken ct) =>
        IsPlainOwner(sender, question) ? new(Access.Allowed) : Weigh(sender, question, request, spec, ct);

    /// <summary>
    /// Whether a reader may know that there is nothing under the key: who may list it. Else what is missing is answered as what
    /// is forbidden.
    /// </summary>
    public async ValueTask<bool> MayKnowMissing(
        Principal sender, Bucket bucket, string key, WireRequest request, OperationSpec spec, CancellationToken ct) =>
        await Decide(sender, new("s3:ListBucket", bucket) { Prefix = key }, request, spec, ct) == Access.Allowed;

    /// <summary>Whether there is anything under the key.</summary>
    public async ValueTask<bool> IsMissing(Bucket bucket, string key, string? versionId, CancellationToken ct) =>
        await Find(bucket, key, versionId, ct) is null;

    private static bool IsPlainOwner(Principal sender, AccessQuestion question)
    {
        if (sender is not { Account: { } account, Policies: null, SessionPolicy: null }) return false;
        if (question.Bucket is not { } bucket) return true;
        if (bucket.OwnerId != account.Id || bucket.Get(BucketSettings.Policy) is not null) return false;
        return question.IsOfOwnWrite || question.IsAskedAgain
            || (question.Version is { } version ? version.OwnerCanonicalId is null : !S3Actions.IsByObjectOwner(question.Action));
    }

    private async ValueTask<Access> Weigh(
        Principal sender, AccessQuestion question, WireRequest request, OperationSpec spec, CancellationToken ct)
    {
        var bucket = question.Bucket;
        var facts = bucket?.Facts();
        var caller = CallerOf(sender);
        if (question.IsOfAll)
            return Decision.OfAll(new(caller, question.Action, BucketArn + bucket!.Name, new RequestKeys(sender, question, request, spec, null, services).Find), facts!);
        var onObject = bucket is not null && !string.IsNullOrEmpty(question.Key);
        var version = question.Version;
        var isByObjectOwner = onObject && !question.IsOfOwnWrite && S3Actions.IsByObjectOwner(question.Action);
        var usesTags = onObject && UsesObjectTags(caller, facts!);
        if (version is null && onObject && (usesTags || (isByObjectOwner && !question.IsAskedAgain)))
            version = await Find(bucket!, question.Key!, question.VersionId, ct);

        var access = Ask();
        if (access != Access.Refused || version is not null || !isByObjectOwner || !question.IsAskedAgain) return access;
        // Grants of the object may still open it.
        version = await Find(bucket!, question.Key!, question.VersionId, ct);
        return version is null ? access : Ask();

        Access Ask()
        {
            var resource = bucket is null ? BucketArn + (question.BucketName ?? "*") : onObject ? $"{BucketArn}{bucket.Name}/{question.Key}" : BucketArn + bucket.Name;
            var keys = new RequestKeys(sender, question, request, spec, version, services);
            return Decision.Of(
                new(caller, S3Actions.Named(question.Action, question.VersionId is not null), resource, keys.Find), facts,
                version is null ? null : new(bucket!.OwnerOf(version).CanonicalId, version.Acl), question.IsOfOwnWrite);
        }
    }

    private async ValueTask<ObjectVersion?> Find(Bucket bucket, string key, string? versionId, CancellationToken ct)
    {
        var found = await services.Objects.Find(bucket, key, versionId, ct);
        return found.Refusal is null ? found.Value.Version : null;
    }

    private static bool UsesObjectTags(Caller caller, BucketFacts facts) =>
        facts.Policy is { UsesObjectTags: true } || caller.SessionPolicy is { UsesObjectTags: true }
        || (caller.Policies?.Any(policy => policy.UsesObjectTags) ?? false);

    /// <summary>A sender as policies know it.</summary>
    public static Caller CallerOf(Principal sender) => sender.Account is not { } account
        ? Caller.Anonymous
        : new()
        {
            AccountId = account.Id,
            CanonicalId = account.CanonicalId,
            Arn = sender.Arn,
            RoleArn = sender.RoleArn,
            UserId = sender.User?.Id,
            Policies = sender.Policies,
            SessionPolicy = sender.SessionPolicy,
        };
}
