using System.Text.Json.Serialization.Metadata;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

public sealed partial class Accounts
{
    /// <summary>IAM's quota of a user's inline policies together, not counting blanks.</summary>
    public const int UserPolicyCharacters = 2048;

    /// <summary>IAM's quota of a role's inline policies together, not counting blanks.</summary>
    public const int RolePolicyCharacters = 10_240;

    /// <summary>Changes a list of policies in place, or says why not.</summary>
    private delegate Declined? PolicyChange(Dictionary<string, string> policies);

    private static PolicyChange Put(InlinePolicy policy, int most) => policies =>
    {
        if (Credentials.WrongPolicyName(policy.Name) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        if (Policy.Parse(policy.Document, PolicyKind.Identity) is { Refusal: { } refusal } malformed) return refusal.Because(malformed.Detail ?? "The policy cannot be read.");
        policies[policy.Name] = policy.Document;
        return policies.Values.Sum(Characters) > most
            ? Refusal.TooLarge.Because($"The inline policies together may have at most {most} characters without blanks.")
            : null;
    };

    private static PolicyChange Remove(string name) => policies =>
        policies.Remove(name) ? null : Refusal.NoSuchIdentity.Because($"The policy with name {name} cannot be found.");

    private ValueTask<Result<T>> ChangePolicies<T>(
        Account account, string name, JsonTypeInfo<T> type, Declined missing, PolicyChange change, CancellationToken ct)
        where T : class, IStoredIdentity, IHasPolicies<T> =>
        ChangeRow(account, name, type, missing, stored =>
        {
            var policies = new Dictionary<string, string>(stored.Policies ?? [], StringComparer.Ordinal);
            return change(policies) is { } no ? no : stored.With(policies);
        }, ct);

    /// <summary>Changes a row of the account; the new one is worked out from the row as it is at that moment.</summary>
    private async ValueTask<Result<T>> ChangeRow<T>(
        Account account, string name, JsonTypeInfo<T> type, Declined missing, Func<T, Result<T>> next, CancellationToken ct)
        where T : class, IStoredIdentity
    {
        var partition = IdentityRows.OfAccount(account.Id);
        while (await table.Get(new(partition, name), ct) is { } row)
        {
            var changed = next(IdentityRows.Read(row, type));
            if (changed.Refusal is not null) return changed;
            var put = Change.Put(name, Condition.Is(row.Stamp), IdentityRows.Write(changed.Value, type));
            var outcome = await table.Apply(partition, [put], ct);
            // Which keys and sessions it concerns, the row does not say.
            Forget(null);
            if (outcome == Outcome.Committed) return changed;
        }
        return missing;
    }

    private static IReadOnlyList<Policy> Parsed(IReadOnlyList<InlinePolicy> policies) =>
        policies.Count == 0 ? [] : [.. policies.Select(policy => Parsed(policy.Document))];

    // It was read when it was put. What can no longer be read could have been a denial, so nothing goes on without it.
    private static Policy Parsed(string document)
    {
        var read = Policy.Parse(document, PolicyKind.Identity);
        return read.Refusal is null ? read.Value : throw new InvalidDataException($"A stored policy cannot be read: {read.Detail}");
    }

    private static int Characters(string document) => document.Count(c => !char.IsWhiteSpace(c));
}
