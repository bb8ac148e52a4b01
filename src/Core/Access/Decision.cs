namespace ZenkoFunctions.Core.Access;

/// <summary>What is decided about a request.</summary>
public enum Access
{
    /// <summary>Nothing allows it.</summary>
    Refused,

    /// <summary>A policy denies it, whatever else allows it.</summary>
    Denied,

    /// <summary>It may be done.</summary>
    Allowed,
}

/// <summary>Who owns what is written into a bucket, and whether access control lists count in it.</summary>
public enum Ownership
{
    /// <summary>The one who writes; lists count. Holds where a bucket has no ownership controls.</summary>
    ObjectWriter,

    /// <summary>The one who writes, unless it grants <c>bucket-owner-full-control</c>: then the bucket's owner. Lists count.</summary>
    BucketOwnerPreferred,

    /// <summary>The bucket's owner. Lists are disabled.</summary>
    BucketOwnerEnforced,
}

/// <summary>The four switches that keep a bucket from being opened to the public.</summary>
/// <param name="BlockPublicAcls">Lists that grant something to a group are refused.</param>
/// <param name="IgnorePublicAcls">Grants to groups do not count.</param>
/// <param name="BlockPublicPolicy">Public policies are refused.</param>
/// <param name="RestrictPublicBuckets">A public policy opens nothing to other accounts.</param>
public sealed record PublicAccessBlock(bool BlockPublicAcls, bool IgnorePublicAcls, bool BlockPublicPolicy, bool RestrictPublicBuckets)
{
    /// <summary>None of them.</summary>
    public static readonly PublicAccessBlock None = new(false, false, false, false);
}

/// <summary>What of a bucket a decision depends on.</summary>
public sealed record BucketFacts
{
    /// <summary>The id of the account that owns it.</summary>
    public required string OwnerId { get; init; }

    /// <summary>The canonical id of that account.</summary>
    public required string OwnerCanonicalId { get; init; }

    /// <summary>Its policy, or null.</summary>
    public Policy? Policy { get; init; }

    /// <summary>Whether the owner gave up the right to change a policy that denies it just that.</summary>
    public bool OwnerMayLockItselfOut { get; init; }

    /// <summary>Its access control list; null for the canned list <c>private</c>.</summary>
    public Acl? Acl { get; init; }

    /// <summary>Its public access block.</summary>
    public PublicAccessBlock Block { get; init; } = PublicAccessBlock.None;

    /// <summary>Who owns what is written into it.</summary>
    public Ownership Ownership { get; init; }
}

/// <summary>What of an object a decision depends on.</summary>
/// <param name="OwnerCanonicalId">Whose it is.</param>
/// <param name="Acl">Its access control list; null for the canned list <c>private</c>.</param>
public sealed record ObjectFacts(string OwnerCanonicalId, Acl? Acl);

/// <summary>
/// Decides about requests, by AWS's rules (IAM's "policy evaluation logic", S3's "how Amazon S3 authorizes a request"). A
/// function of what it is given, and of nothing else. What would take too long to decide is denied.
/// </summary>
public static class Decision
{
    private static readonly HashSet<string> PolicyActions =
        new(StringComparer.Ordinal) { "s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy" };

    // No policy can name it (see Pattern): only wildcards match it, and those match every key.
    private static readonly string AnyKey = new('\uffff', 64);

    /// <summary>Decides.</summary>
    /// <param name="request">Who wants to do what.</param>
    /// <param name="bucket">The bucket; null where the action is on none, or on one that is still to be made.</param>
    /// <param name="target">The object; null where there is none, or where the action is on the bucket.</param>
    /// <param name="isOfOwnWrite">
    /// Whether it is about what the caller says of the very object that it writes: as its owner it needs no permission of the
    /// bucket's owner for that, but can be denied.
    /// </param>
    public static Access Of(AccessRequest request, BucketFacts? bucket, ObjectFacts? target, bool isOfOwnWrite = false)
    {
        var caller = request.Caller;
        var own = Judge(caller.Policies, request);
        var session = caller.SessionPolicy?.Judge(request) ?? Verdict.Allowed;
        var resource = bucket?.Policy?.Judge(request) ?? Verdict.None;
        if (resource == Verdict.Denied && KeepsItsPolicy(request, bucket!)) resource = Verdict.None;
        if (request.IsExhausted || own == Verdict.Denied || session == Verdict.Denied || resource == Verdict.Denied) return Access.Denied;
        if (session != Verdict.Allowed) return Access.Refused;

        var isAllowedByAccount = !caller.IsAnonymous && (caller.Policies is null || own == Verdict.Allowed);
        if (bucket is null) return isAllowedByAccount ? Access.Allowed : Access.Refused;
        var isOthersObject = target is not null && IsOthers(request.Action, bucket, target);
        var owner = isOthersObject ? target!.OwnerCanonicalId : bucket.OwnerCanonicalId;
        var isOwner = caller.CanonicalId == owner;
        // A bucket's policy opens only what is the bucket owner's.
        if (isOthersObject) resource = Verdict.None;
        if (bucket.Block.RestrictPublicBuckets && caller.CanonicalId != bucket.OwnerCanonicalId && bucket.Policy is { IsPublic: true })
            resource = Verdict.None;

        if (isOfOwnWrite)
        {
            if (caller.IsAnonymous) return Access.Allowed;
            isOwner = true;
        }
        if (isOwner) return isAllowedByAccount || resource == Verdict.Allowed ? Access.Allowed : Access.Refused;
        var isOpen = resource is Verdict.Allowed or Verdict.Delegated || IsGranted(request, bucket, target);
        return isOpen && (caller.IsAnonymous || isAllowedByAccount) ? Access.Allowed : Access.Refused;
    }

    /// <summary>
    /// Decides about an action on all objects of a bucket, without looking at them: it must be allowed for any key, and no statement may
    /// deny it for some.
    /// </summary>
    /// <param name="request">Who wants to do what; its resource is the bucket's ARN.</param>
    /// <param name="bucket">The bucket.</param>
    public static Access OfAll(AccessRequest request, BucketFacts bucket)
    {
        var below = request.Resource + "/";
        var any = request with { Resource = below + AnyKey };
        var access = Of(any, bucket, null);
        if (access != Access.Allowed) return access;
        IEnumerable<Policy?> policies = [.. request.Caller.Policies ?? [], request.Caller.SessionPolicy, bucket.Policy];
        var isDenied = policies.Any(policy => policy is not null && policy.Statements.Any(statement => statement.DeniesBelow(below, any)));
        return isDenied || any.IsExhausted ? Access.Denied : Access.Allowed;
    }

    /// <summary>
    /// Whether the object is another's than the bucket owner's, and the action one that then the object's owner decides about.
    /// </summary>
    private static bool IsOthers(string action, BucketFacts bucket, ObjectFacts target) =>
        target.OwnerCanonicalId != bucket.OwnerCanonicalId
        && bucket.Ownership != Ownership.BucketOwnerEnforced
        && S3Actions.IsByObjectOwner(action);

    private static bool IsGranted(AccessRequest request, BucketFacts bucket, ObjectFacts? target)
    {
        if (bucket.Ownership == Ownership.BucketOwnerEnforced) return false;
        if (S3Actions.OnBucket(request.Action) is { } onBucket) return IsGranted(bucket.Acl, onBucket, request.Caller, bucket.Block);
        return target is not null && S3Actions.OnObject(request.Action) is { } onObject
            && IsGranted(target.Acl, onObject, request.Caller, bucket.Block);
    }

    private static bool IsGranted(Acl? acl, Permission permission, Caller caller, PublicAccessBlock block)
    {
        if (acl is null) return false;
        foreach (var grant in acl.Grants)
        {
            if (grant.Permission != permission && grant.Permission != Permission.FullControl) continue;
            var isMeant = grant.Grantee.Group switch
            {
                null => caller.CanonicalId is not null && grant.Grantee.CanonicalId == caller.CanonicalId,
                AclGroups.AllUsers => !block.IgnorePublicAcls,
                AclGroups.AuthenticatedUsers => !block.IgnorePublicAcls && !caller.IsAnonymous,
                _ => false,
            };
            if (isMeant) return true;
        }
        return false;
    }

    /// <summary>The root of the account that owns the bucket can always mend its policy, unless it gave that up.</summary>
    private static bool KeepsItsPolicy(AccessRequest request, BucketFacts bucket) =>
        request.Caller is { Policies: null, SessionPolicy: null } && request.Caller.CanonicalId == bucket.OwnerCanonicalId
        && !bucket.OwnerMayLockItselfOut && PolicyActions.Contains(request.Action);

    private static Verdict Judge(IReadOnlyList<Policy>? policies, AccessRequest request)
    {
        var verdict = Verdict.None;
        for (var i = 0; i < (policies?.Count ?? 0); i++)
        {
            var one = policies![i].Judge(request);
            if (one == Verdict.Denied) return Verdict.Denied;
            if (one == Verdict.Allowed) verdict = Verdict.Allowed;
        }
        return verdict;
    }
}
