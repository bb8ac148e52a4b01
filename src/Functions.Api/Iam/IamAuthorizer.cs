using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Puts the questions of IAM and STS to the one decision.</summary>
/// <param name="caller">Who asks.</param>
/// <param name="request">The request.</param>
/// <param name="form">Its parameters.</param>
/// <param name="clock">For conditions on the time.</param>
internal sealed class IamAuthorizer(Principal caller, WireRequest request, IamForm form, TimeProvider clock)
{
    /// <summary>Whether the caller's policies let it do something to a thing of its own account.</summary>
    public bool May(string action, string arn) => Decision.Of(Question(action, arn), null, null) == Access.Allowed;

    /// <summary>Whether the caller may do something to what has a policy itself, which has to let it: its account's own does not do.</summary>
    /// <param name="action">The action.</param>
    /// <param name="arn">What it is done to.</param>
    /// <param name="owner">Whose that is.</param>
    /// <param name="policy">Its policy.</param>
    public bool May(string action, string arn, Account owner, Policy policy)
    {
        var question = Question(action, arn);
        return policy.Judge(question) is Verdict.Allowed or Verdict.Delegated
            && Decision.Of(question, new() { OwnerId = owner.Id, OwnerCanonicalId = owner.CanonicalId, Policy = policy }, null) == Access.Allowed;
    }

    private AccessRequest Question(string action, string arn) =>
        new(Authorizer.CallerOf(caller), action, arn, key => Value(key) is { } value ? [value] : null);

    private string? Value(string key) => key.ToLowerInvariant() switch
    {
        "sts:externalid" => form["ExternalId"],
        "sts:rolesessionname" => form["RoleSessionName"],
        _ => SenderKeys.Find(key, caller, request, clock.GetUtcNow()),
    };
}
