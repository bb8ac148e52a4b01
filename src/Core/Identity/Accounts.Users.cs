using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

public sealed partial class Accounts
{
    /// <summary>Makes a user of the path <c>/</c>.</summary>
    public ValueTask<Result<User>> CreateUser(Account account, string name, CancellationToken ct) => CreateUser(account, name, "/", ct);

    /// <summary>Makes a user within the account. Names that differ in case only are the same name, as in IAM.</summary>
    public ValueTask<Result<User>> CreateUser(Account account, string name, string path, CancellationToken ct) =>
        CreateUser(account, name, path, null, ct);

    /// <inheritdoc cref="CreateUser(Account, string, string, CancellationToken)"/>
    /// <param name="account">Its account.</param>
    /// <param name="name">Its name.</param>
    /// <param name="path">Its path.</param>
    /// <param name="request">The request; sent again, it gets the user that it made. Null where none is sent again.</param>
    /// <param name="ct">Stops it.</param>
    public async ValueTask<Result<User>> CreateUser(Account account, string name, string path, RequestToken? request, CancellationToken ct)
    {
        if ((Credentials.WrongUserName(name) ?? Credentials.WrongPath(path)) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        var stored = new StoredUser(1, Credentials.NewUserId(), name, clock.GetUtcNow(), path == "/" ? null : path, Request: request?.Text);
        var outcome = await table.Apply(IdentityRows.OfAccount(account.Id),
            [Change.Put(UserRow(name), Condition.Absent, IdentityRows.Write(stored, IdentityJson.Default.StoredUser))], ct);
        if (outcome == Outcome.Refused && request is not null
            && await table.Get(new(IdentityRows.OfAccount(account.Id), UserRow(name)), ct) is { } row
            && IdentityRows.Read(row, IdentityJson.Default.StoredUser) is { } earlier && earlier.Request == request.Text) return earlier.Value(account.Id);
        return outcome switch
        {
            Outcome.Committed => stored.Value(account.Id),
            Outcome.Refused => Refusal.IdentityTaken.Because($"The account has a user named {name} already."),
            _ => Refusal.Unavailable.Because("The answer of the table was lost; see whether the user is there."),
        };
    }

    /// <summary>The account's users, ordered by name in lower case.</summary>
    public async IAsyncEnumerable<User> Users(Account account, [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyRange.Rows(IdentityRows.OfAccount(account.Id), IdentityRows.UserPrefix);
        await foreach (var row in table.Scan(range, null, null, ct))
            yield return IdentityRows.Read(row, IdentityJson.Default.StoredUser).Value(account.Id);
    }

    /// <summary>The user of that name, or null.</summary>
    public async ValueTask<User?> FindUser(Account account, string name, CancellationToken ct)
    {
        if (Credentials.WrongUserName(name) is not null) return null;
        var row = await table.Get(new(IdentityRows.OfAccount(account.Id), UserRow(name)), ct);
        return row is null ? null : IdentityRows.Read(row, IdentityJson.Default.StoredUser).Value(account.Id);
    }

    /// <summary>A user as a sender, with the policies of now; null where there is none of that id and name.</summary>
    public async ValueTask<Principal?> FindPrincipal(Account account, string userId, string name, CancellationToken ct) =>
        await FindUser(account, name, ct) is { } user && user.Id == userId ? new(account, user, user.Id) { Policies = Parsed(user.Policies) } : null;

    /// <summary>Gives the user another path, and so another ARN.</summary>
    /// <returns>The user as it is now, <see cref="Refusal.NoSuchIdentity"/>, or <see cref="Refusal.InvalidRequest"/>.</returns>
    public async ValueTask<Result<User>> MoveUser(Account account, string name, string path, CancellationToken ct)
    {
        if (Credentials.WrongPath(path) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        return Of(account, await ChangeRow(
            account, UserRow(name), IdentityJson.Default.StoredUser, NoSuchUser(name), stored => stored with { Path = path == "/" ? null : path }, ct));
    }

    /// <summary>Gives the user a policy, in place of one of the same name.</summary>
    /// <returns>The user as it is now, <see cref="Refusal.NoSuchIdentity"/>, <see cref="Refusal.InvalidRequest"/>, <see cref="Refusal.MalformedPolicy"/>, or <see cref="Refusal.TooLarge"/>.</returns>
    public async ValueTask<Result<User>> PutUserPolicy(Account account, string user, InlinePolicy policy, CancellationToken ct) =>
        Of(account, await ChangePolicies(account, UserRow(user), IdentityJson.Default.StoredUser, NoSuchUser(user), Put(policy, UserPolicyCharacters), ct));

    /// <summary>Takes a policy from the user.</summary>
    /// <returns>The user as it is now, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public async ValueTask<Result<User>> DeleteUserPolicy(Account account, string user, string policy, CancellationToken ct) =>
        Of(account, await ChangePolicies(account, UserRow(user), IdentityJson.Default.StoredUser, NoSuchUser(user), Remove(policy), ct));

    /// <summary>Removes the user and the user's keys. Keys of a user that is gone do not sign, even where removing them is cut short.</summary>
    /// <returns>The removed user, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public async ValueTask<Result<User>> DeleteUser(Account account, string name, CancellationToken ct)
    {
        if (await FindUser(account, name, ct) is not { } user)
            return NoSuchUser(name);
        if (await table.Apply(IdentityRows.OfAccount(account.Id), [Change.Delete(UserRow(name), Condition.Any)], ct) != Outcome.Committed)
            return Refusal.Unavailable.Because("The answer of the table was lost; see whether the user is gone.");
        Forget(null);
        await foreach (var key in StoredKeys(account, ct))
            if (key.UserId == user.Id) await DeleteKey(key.Id, ct);
        return user;
    }

    private static Result<User> Of(Account account, Result<StoredUser> stored) =>
        stored.Refusal is null ? stored.Value.Value(account.Id) : stored.As<User>();

    private static Declined NoSuchUser(string name) => Refusal.NoSuchIdentity.Because($"The user with name {name} cannot be found.");

    private static string UserRow(string name) => IdentityRows.UserPrefix + name.ToLowerInvariant();
}
