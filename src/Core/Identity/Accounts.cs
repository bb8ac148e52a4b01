using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

/// <summary>
/// Accounts, their users and access keys. Names, e-mails and canonical ids are claimed by index rows before the account's
/// own row is written; a claim whose account never came into being lapses after a minute.
/// </summary>
/// <param name="table">Where they are kept.</param>
/// <param name="master">Seals the secrets.</param>
/// <param name="clock">Dates rows and ages the cache.</param>
/// <param name="keyCacheAge">
/// How long a key or role that was read may be taken as unchanged. Changes made through this object show at once whatever it is; so
/// on one machine it may be infinite (the default, and <see cref="Timeout.InfiniteTimeSpan"/>). Where several processes share the table, it bounds how long a disabled
/// key still signs.
/// </param>
public sealed partial class Accounts(ITable table, MasterKey master, TimeProvider clock, TimeSpan? keyCacheAge = null)
{
    private const int CachedAccounts = 10_000;

    private static readonly TimeSpan ClaimAge = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (Account Account, long Read)> accountsById = new(StringComparer.Ordinal);

    /// <summary>Makes an account. Id and canonical id are random unless given.</summary>
    /// <returns><see cref="Refusal.IdentityTaken"/>, <see cref="Refusal.InvalidRequest"/>, or the account.</returns>
    public async ValueTask<Result<Account>> CreateAccount(
        string name, string email, string? id, string? canonicalId, CancellationToken ct)
    {
        var wrong = Credentials.WrongAccountName(name) ?? Credentials.WrongEmail(email)
            ?? (id is null ? null : Credentials.WrongAccountId(id))
            ?? (canonicalId is null ? null : Credentials.WrongCanonicalId(canonicalId));
        if (wrong is not null) return Refusal.InvalidRequest.Because(wrong);

        var account = new Account(id ?? Credentials.NewAccountId(), canonicalId ?? Credentials.NewCanonicalId(), name, email);
        (string Partition, string Taken)[] names =
        [
            (IdentityRows.OfName(name), $"There is an account named {name} already."),
            (IdentityRows.OfEmail(email), $"There is an account with the e-mail address {email} already."),
            (IdentityRows.OfCanonicalId(account.CanonicalId), $"There is an account with the canonical id {account.CanonicalId} already."),
        ];
        var began = clock.GetUtcNow();
        if (await Find(account.Id, ct) is not null)
            return Refusal.IdentityTaken.Because($"There is an account with the id {account.Id} already.");
        for (var i = 0; i < names.Length; i++)
        {
            if (await Claim(names[i].Partition, account.Id, ct)) continue;
            await Release(names[..i], account.Id, ct);
            return Refusal.IdentityTaken.Because(names[i].Taken);
        }
        // Our claims must not have lapsed before the account stands.
        if (clock.GetUtcNow() - began > ClaimAge / 2)
            return Refusal.Unavailable.Because("The table is too slow to make an account.");
        var stored = new StoredAccount(1, account.Id, account.CanonicalId, name, email, began);
        var outcome = await table.Apply(IdentityRows.OfAccount(account.Id),
            [Change.Put(IdentityRows.AccountRow, Condition.Absent, IdentityRows.Write(stored, IdentityJson.Default.StoredAccount))], ct);
        return outcome switch
        {
            Outcome.Committed => account,
            Outcome.Refused => Refusal.IdentityTaken.Because($"There is an account with the id {account.Id} already."),
            _ => Refusal.Unavailable.Because("The answer of the table was lost; see whether the account is there."),
        };
    }

    /// <summary>All accounts, ordered by id.</summary>
    public async IAsyncEnumerable<Account> List([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var row in table.Scan(IdentityRows.Accounts, IdentityRows.AccountRow, null, ct))
            yield return IdentityRows.Read(row, IdentityJson.Default.StoredAccount).Value;
    }

    /// <summary>The account of that id, or null.</summary>
    public async ValueTask<Account?> Find(string id, CancellationToken ct)
    {
        if (Credentials.WrongAccountId(id) is not null) return null;
        if (accountsById.TryGetValue(id, out var known) && !IsTooOld(known.Read)) return known.Account;
        var before = Interlocked.Read(ref changes);
        var began = clock.GetTimestamp();
        if (await table.Get(new(IdentityRows.OfAccount(id), IdentityRows.AccountRow), ct) is not { } row) return null;
        if (accountsById.Count >= CachedAccounts) accountsById.Clear();
        var account = IdentityRows.Read(row, IdentityJson.Default.StoredAccount).Value;
        accountsById[id] = (account, began);
        // As with keys: what was read may be older than a change that came in between.
        if (Interlocked.Read(ref changes) != before) accountsById.TryRemove(id, out _);
        return account;
    }

    /// <summary>The account of that canonical id, or null.</summary>
    public ValueTask<Account?> FindByCanonicalId(string canonicalId, CancellationToken ct) =>
        Credentials.WrongCanonicalId(canonicalId) is null ? FindIndexed(IdentityRows.OfCanonicalId(canonicalId), ct) : default;

    /// <summary>The account of that e-mail address, upper and lower case alike, or null.</summary>
    public ValueTask<Account?> FindByEmail(string email, CancellationToken ct) => FindIndexed(IdentityRows.OfEmail(email), ct);

    /// <summary>The account of that name, or null.</summary>
    public ValueTask<Account?> FindByName(string name, CancellationToken ct) => FindIndexed(IdentityRows.OfName(name), ct);

    private async ValueTask<Account?> FindIndexed(string partition, CancellationToken ct)
    {
        var row = await table.Get(new(partition, IdentityRows.IndexRow), ct);
        return row is null ? null : await Find(IdentityRows.Read(row, IdentityJson.Default.StoredIndex).AccountId, ct);
    }

    private async ValueTask<bool> Claim(string partition, string accountId, CancellationToken ct)
    {
        while (true)
        {
            var row = await table.Get(new(partition, IdentityRows.IndexRow), ct);
            if (row is not null)
            {
                var holder = IdentityRows.Read(row, IdentityJson.Default.StoredIndex);
                if (holder.AccountId == accountId) return true;
                if (clock.GetUtcNow() - holder.Created < ClaimAge || await Find(holder.AccountId, ct) is not null) return false;
            }
            var claim = IdentityRows.Write(new StoredIndex(1, accountId, clock.GetUtcNow()), IdentityJson.Default.StoredIndex);
            // Refused or unknown: the next turn reads who has it.
            if (await table.Apply(partition, [Change.Put(IdentityRows.IndexRow, Condition.AsRead(row), claim)], ct) == Outcome.Committed)
                return true;
        }
    }

    private async ValueTask Release((string Partition, string)[] claims, string accountId, CancellationToken ct)
    {
        foreach (var (partition, _) in claims)
        {
            var row = await table.Get(new(partition, IdentityRows.IndexRow), ct);
            if (row is null || IdentityRows.Read(row, IdentityJson.Default.StoredIndex).AccountId != accountId) continue;
            await table.Apply(partition, [Change.Delete(IdentityRows.IndexRow, Condition.Is(row.Stamp))], ct);
        }
    }
}
