using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

public sealed partial class Accounts
{
    /// <summary>Whether it administrates the installation: it is the root account, or marked as a system account.</summary>
    public async ValueTask<bool> IsAdministrator(Account account, CancellationToken ct) => account.IsSystem || await IsRoot(account, ct);

    /// <summary>
    /// Lets the account's keys and its users' sign, or no longer; also those of its roles' sessions and of its storage accounts. Other
    /// processes notice when what they remember is too old.
    /// </summary>
    /// <returns>The account as it is now, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public ValueTask<Result<Account>> EnableAccount(string id, bool enabled, CancellationToken ct) =>
        ChangeAccount(id, stored => stored with { Disabled = enabled ? null : true }, ct);

    /// <summary>Makes the account an administrator, or no longer. The root account is one whatever is said.</summary>
    /// <returns>The account as it is now, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public ValueTask<Result<Account>> MarkSystem(string id, bool isSystem, CancellationToken ct) =>
        ChangeAccount(id, stored => stored with { System = isSystem ? true : null }, ct);

    /// <summary>Changes how much the account may ask for, from what it is at that moment; null for as much as it likes.</summary>
    /// <returns>The account as it is now, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public ValueTask<Result<Account>> ChangeLimits(string id, Func<RequestLimits?, RequestLimits?> next, CancellationToken ct) =>
        ChangeAccount(id, stored => stored with { Limits = next(stored.Limits) }, ct);

    /// <summary>Sets the most bytes that all of the account's buckets may hold together; null for any number.</summary>
    /// <returns>The account as it is now, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public ValueTask<Result<Account>> ChangeQuota(string id, long? bytes, CancellationToken ct) =>
        ChangeAccount(id, stored => stored with { Quota = bytes }, ct);

    /// <summary>
    /// Removes the account with its users, roles, keys and certificates. Cut short, what is left of it does not sign, and its names become free
    /// after a minute. Who calls this has seen that it owns nothing.
    /// </summary>
    /// <returns>The removed account, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public async ValueTask<Result<Account>> DeleteAccount(string id, CancellationToken ct)
    {
        if (await Find(id, ct) is not { } account) return NoSuchAccount(id);
        var partition = IdentityRows.OfAccount(id);
        if (await table.Apply(partition, [Change.Delete(IdentityRows.AccountRow, Condition.Any)], ct) != Outcome.Committed)
            return Refusal.Unavailable.Because("The answer of the table was lost; see whether the account is gone.");
        Forget(null);
        await foreach (var row in table.Scan(KeyRange.Partition(partition), null, null, ct))
        {
            var name = row.Key.Row;
            if (name.StartsWith(IdentityRows.OwnedKeyPrefix, StringComparison.Ordinal)) await DeleteKey(name[IdentityRows.OwnedKeyPrefix.Length..], ct);
            if (name.StartsWith(IdentityRows.OwnedCertificatePrefix, StringComparison.Ordinal)) await UnbindCertificate(name[IdentityRows.OwnedCertificatePrefix.Length..], id, ct);
            await table.Apply(partition, [Change.Delete(name, Condition.Any)], ct);
        }
        await Release(
            [(IdentityRows.OfName(account.Name), ""), (IdentityRows.OfEmail(account.Email), ""), (IdentityRows.OfCanonicalId(account.CanonicalId), "")], id, ct);
        return account;
    }

    private async ValueTask<Result<Account>> ChangeAccount(string id, Func<StoredAccount, StoredAccount> change, CancellationToken ct)
    {
        var key = new TableKey(IdentityRows.OfAccount(id), IdentityRows.AccountRow);
        while (Credentials.WrongAccountId(id) is null && await table.Get(key, ct) is { } row)
        {
            var changed = change(IdentityRows.Read(row, IdentityJson.Default.StoredAccount));
            var outcome = await table.Apply(
                key.Partition, [Change.Put(key.Row, Condition.Is(row.Stamp), IdentityRows.Write(changed, IdentityJson.Default.StoredAccount))], ct);
            Forget(null);
            if (outcome == Outcome.Committed) return changed.Value;
        }
        return NoSuchAccount(id);
    }

    private static Declined NoSuchAccount(string id) => Refusal.NoSuchIdentity.Because($"There is no account {id}.");
}
