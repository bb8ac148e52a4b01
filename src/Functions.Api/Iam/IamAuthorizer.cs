using System.Globalization;
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
    public bool May(string action, string arn) => IsAllowed(Question(action, arn), Verdict.Allowed);

    /// <summary>Whether the caller may do something to what has a policy itself, which has to let it: its account's own does not do.</summary>
    /// <param name="action">The action.</param>
    /// <param name="arn">What it is done to.</param>
    /// <param name="owner">Whose that is.</param>
    /// <param name="policy">Its policy.</param>
    public bool May(string action, string arn, Account owner, Policy policy)
    {
        var question = Question(action, arn);
        var verdict = policy.Judge(question);
        // Named by it, somebody of the same account needs no more; others need their own account's word as well.
        return verdict is Verdict.Allowed or Verdict.Delegated
            && IsAllowed(question, verdict == Verdict.Allowed && owner.Id == caller.Account!.Id ? Verdict.None : Verdict.Allowed);
    }

    // Nothing denies it, and what must allow it does.
    private bool IsAllowed(AccessRequest question, Verdict needed)
    {
        if (caller.SessionPolicy is { } session && session.Judge(question) != Verdict.Allowed) return false;
        if (caller.Policies is not { } policies) return true;
        var verdicts = policies.Select(policy => policy.Judge(question)).ToList();
        return !verdicts.Contains(Verdict.Denied) && (needed == Verdict.None || verdicts.Contains(Verdict.Allowed));
    }

    private AccessRequest Question(string action, string arn) => new(
        new()
        {
            AccountId = caller.Account!.Id, CanonicalId = caller.Account.CanonicalId, Arn = caller.Arn, RoleArn = caller.RoleArn,
            UserId = caller.User?.Id, Policies = caller.Policies, SessionPolicy = caller.SessionPolicy,
        },
        action, arn, key => Value(key) is { } value ? [value] : null);

    private string? Value(string key) => key.ToLowerInvariant() switch
    {
        "aws:currenttime" => clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        "aws:epochtime" => clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        "aws:principalaccount" => caller.Account!.Id,
        "aws:principalarn" => caller.RoleArn ?? caller.Arn,
        "aws:securetransport" => request.IsHttps ? "true" : "false",
        "aws:sourceip" => request.Peer?.ToString(),
        "aws:useragent" => request.Headers.UserAgent.ToString(),
        "aws:userid" => caller.User?.Id,
        "aws:username" => caller.User?.Name,
        "sts:externalid" => form["ExternalId"],
        "sts:rolesessionname" => form["RoleSessionName"],
        _ => null,
    };
}
