using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

public sealed partial class Accounts
{
    /// <summary>Makes a user within the account. Names that differ in case only are the same name, as in IAM.</summary>
    public async ValueTask<Result<User>> CreateUser(Account account, string name, CancellationToken ct)
    {
        if (Credentials.WrongUserName(name) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        var stored = new StoredUser(1, Credentials.NewUserId(), name, clock.GetUtcNow());
        var outcome = await table.Apply(IdentityRows.OfAccount(account.Id),
            [Change.Put(UserRow(name), Condition.Absent, IdentityRows.Write(stored, IdentityJson.Default.StoredUser))], ct);
        return outcome switch
        {
            Outcome.Committed => new User(stored.Id, account.Id, name),
            Outcome.Refused => Refusal.IdentityTaken.Because($"The account has a user named {name} already."),
            _ => Refusal.Unavailable.Because("The answer of the table was lost; see whether the user is there."),
        };
    }

    /// <summary>The account's users, ordered by name.</summary>
    public async IAsyncEnumerable<User> Users(Account account, [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyRange.Rows(IdentityRows.OfAccount(account.Id), IdentityRows.UserPrefix);
        await foreach (var row in table.Scan(range, null, null, ct))
        {
            var stored = IdentityRows.Read(row, IdentityJson.Default.StoredUser);
            yield return new(stored.Id, account.Id, stored.Name);
        }
    }

    /// <summary>The user of that name, or null.</summary>
    public async ValueTask<User?> FindUser(Account account, string name, CancellationToken ct)
    {
        if (Credentials.WrongUserName(name) is not null) return null;
        var row = await table.Get(new(IdentityRows.OfAccount(account.Id), UserRow(name)), ct);
        if (row is null) return null;
        var stored = IdentityRows.Read(row, IdentityJson.Default.StoredUser);
        return new(stored.Id, account.Id, stored.Name);
    }

    /// <summary>Removes the user and the user's keys. Keys of a user that is gone do not sign, even where removing them is cut short.</summary>
    /// <returns>The removed user, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public async ValueTask<Result<User>> DeleteUser(Account account, string name, CancellationToken ct)
    {
        if (await FindUser(account, name, ct) is not { } user)
            return Refusal.NoSuchIdentity.Because($"The account has no user named {name}.");
        if (await table.Apply(IdentityRows.OfAccount(account.Id), [Change.Delete(UserRow(name), Condition.Any)], ct) != Outcome.Committed)
            return Refusal.Unavailable.Because("The answer of the table was lost; see whether the user is gone.");
        Forget(null);
        await foreach (var key in StoredKeys(account, ct))
            if (key.UserId == user.Id) await DeleteKey(key.Id, ct);
        return user;
    }

    private static string UserRow(string name) => IdentityRows.UserPrefix + name.ToLowerInvariant();
}
