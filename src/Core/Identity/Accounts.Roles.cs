using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

public sealed partial class Accounts
{
    // Those whose sessions are in use, with their accounts; as the keys are cached.
    private readonly ConcurrentDictionary<string, (RoleInUse InUse, long Read)> roles = new(StringComparer.Ordinal);

    /// <summary>Makes a role. Names that differ in case only are the same name, as in IAM.</summary>
    /// <param name="account">Its account.</param>
    /// <param name="role">Its name, path, trust policy, description and longest session; the rest is set here.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>The role, <see cref="Refusal.InvalidRequest"/>, <see cref="Refusal.MalformedPolicy"/>, or <see cref="Refusal.IdentityTaken"/>.</returns>
    public async ValueTask<Result<Role>> CreateRole(Account account, Role role, CancellationToken ct)
    {
        if ((Credentials.WrongUserName(role.Name) ?? Credentials.WrongPath(role.Path)) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        if (Policy.Parse(role.TrustPolicy, PolicyKind.Trust) is { Refusal: not null } malformed) return malformed.As<Role>();
        var stored = new StoredRole(
            1, Credentials.NewRoleId(), role.Name, clock.GetUtcNow(), role.TrustPolicy, (long)role.LongestSession.TotalSeconds,
            role.Path == "/" ? null : role.Path, role.Description);
        var outcome = await table.Apply(IdentityRows.OfAccount(account.Id),
            [Change.Put(RoleRow(role.Name), Condition.Absent, IdentityRows.Write(stored, IdentityJson.Default.StoredRole))], ct);
        return outcome switch
        {
            Outcome.Committed => stored.Value(account.Id),
            Outcome.Refused => Refusal.IdentityTaken.Because($"Role with name {role.Name} already exists."),
            _ => Refusal.Unavailable.Because("The answer of the table was lost; see whether the role is there."),
        };
    }

    /// <summary>The account's roles, ordered by name in lower case.</summary>
    public async IAsyncEnumerable<Role> Roles(Account account, [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyRange.Rows(IdentityRows.OfAccount(account.Id), IdentityRows.RolePrefix);
        await foreach (var row in table.Scan(range, null, null, ct))
            yield return IdentityRows.Read(row, IdentityJson.Default.StoredRole).Value(account.Id);
    }

    /// <summary>The role of that name, or null.</summary>
    public async ValueTask<Role?> FindRole(Account account, string name, CancellationToken ct)
    {
        if (Credentials.WrongUserName(name) is not null) return null;
        var row = await table.Get(new(IdentityRows.OfAccount(account.Id), RoleRow(name)), ct);
        return row is null ? null : IdentityRows.Read(row, IdentityJson.Default.StoredRole).Value(account.Id);
    }

    /// <summary>Removes a role; its sessions end.</summary>
    /// <returns>The removed role, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public async ValueTask<Result<Role>> DeleteRole(Account account, string name, CancellationToken ct)
    {
        if (await FindRole(account, name, ct) is not { } role) return NoSuchRole(name);
        var outcome = await table.Apply(IdentityRows.OfAccount(account.Id), [Change.Delete(RoleRow(name), Condition.Any)], ct);
        Forget(null);
        if (outcome != Outcome.Committed) return Refusal.Unavailable.Because("The answer of the table was lost; see whether the role is gone.");
        return role;
    }

    /// <summary>Changes a role's trust policy, description or longest session, worked out from the role as it is at that moment.</summary>
    /// <returns>The role as it is now, <see cref="Refusal.NoSuchIdentity"/>, or <see cref="Refusal.MalformedPolicy"/>.</returns>
    public async ValueTask<Result<Role>> ChangeRole(Account account, string name, Func<Role, Role> next, CancellationToken ct) =>
        Of(account, await ChangeRow(account, RoleRow(name), IdentityJson.Default.StoredRole, NoSuchRole(name), stored =>
        {
            var role = next(stored.Value(account.Id));
            if (Policy.Parse(role.TrustPolicy, PolicyKind.Trust) is { Refusal: not null } malformed) return malformed.As<StoredRole>();
            return stored with
            {
                TrustPolicy = role.TrustPolicy, Description = role.Description, LongestSessionSeconds = (long)role.LongestSession.TotalSeconds,
            };
        }, ct));

    /// <summary>Gives the role a policy, in place of one of the same name.</summary>
    /// <returns>The role as it is now, <see cref="Refusal.NoSuchIdentity"/>, <see cref="Refusal.InvalidRequest"/>, <see cref="Refusal.MalformedPolicy"/>, or <see cref="Refusal.TooLarge"/>.</returns>
    public async ValueTask<Result<Role>> PutRolePolicy(Account account, string role, InlinePolicy policy, CancellationToken ct) =>
        Of(account, await ChangePolicies(account, RoleRow(role), IdentityJson.Default.StoredRole, NoSuchRole(role), Put(policy, RolePolicyCharacters), ct));

    /// <summary>Takes a policy from the role.</summary>
    /// <returns>The role as it is now, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public async ValueTask<Result<Role>> DeleteRolePolicy(Account account, string role, string policy, CancellationToken ct) =>
        Of(account, await ChangePolicies(account, RoleRow(role), IdentityJson.Default.StoredRole, NoSuchRole(role), Remove(policy), ct));

    // The role of a session, if it is still the same one.
    private async ValueTask<RoleInUse?> SessionRole(string accountId, string name, string id, CancellationToken ct)
    {
        var cacheName = $"{accountId}/{name}";
        if (!roles.TryGetValue(cacheName, out var found) || IsTooOld(found.Read))
        {
            var before = Interlocked.Read(ref changes);
            var began = clock.GetTimestamp();
            if (await Find(accountId, ct) is not { } account || await FindRole(account, name, ct) is not { } role) return null;
            found = (new(role, account, Parsed(role.Policies)), began);
            if (roles.Count >= CachedKeys) roles.Clear();
            roles[cacheName] = found;
            if (Interlocked.Read(ref changes) != before) roles.TryRemove(cacheName, out _);
        }
        return found.InUse.Role.Id == id ? found.InUse : null;
    }

    private static Result<Role> Of(Account account, Result<StoredRole> stored) =>
        stored.Refusal is null ? stored.Value.Value(account.Id) : stored.As<Role>();

    private static Declined NoSuchRole(string name) => Refusal.NoSuchIdentity.Because($"The role with name {name} cannot be found.");

    private static string RoleRow(string name) => IdentityRows.RolePrefix + name.ToLowerInvariant();

    private sealed record RoleInUse(Role Role, Account Account, IReadOnlyList<Policy> Policies);
}
