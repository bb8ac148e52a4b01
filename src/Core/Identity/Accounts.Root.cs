using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

/// <summary>The root account's key.</summary>
/// <param name="Key">The key.</param>
/// <param name="IsNew">Whether this call made it: so it is to be shown once.</param>
public sealed record RootKey(AccessKey Key, bool IsNew);

public sealed partial class Accounts
{
    private const string RootName = "root", RootEmail = "root@localhost";

    private volatile string? rootId;

    /// <summary>
    /// Sees to it that the root account and its key exist. The choice of ids is one row, written before all else, so that
    /// starts that are cut short or run side by side end with the same root.
    /// </summary>
    /// <param name="accessKey">A fixed id; it takes the place of the key that the root had. Null: keep, or make one.</param>
    /// <param name="secret">The secret to the fixed id; both are given, or none.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="InvalidDataException">The fixed key is malformed, or another account's.</exception>
    public async ValueTask<RootKey> EnsureRoot(string? accessKey, string? secret, CancellationToken ct)
    {
        if (accessKey is null != secret is null)
            throw new InvalidDataException("The root's access key and secret key are given together, or none of them.");
        if (accessKey is not null && (Credentials.WrongAccessKeyId(accessKey) ?? Credentials.WrongSecret(secret!)) is { } wrong)
            throw new InvalidDataException($"The root's fixed key cannot be used. {wrong}");

        // Nearly always all is there already. Who waits for this waits for its first request, which needs the key, too.
        var finding = accessKey is null ? null : FindKey(accessKey, ct).AsTask();
        var row = await ReadOrChooseRoot(accessKey, secret, ct);
        var root = IdentityRows.Read(row, IdentityJson.Default.StoredRoot);
        if (finding is not null && await finding is { User: null } found && found.Secret == secret && found.Account.Id == root.AccountId
            && root.KeyId == accessKey && master.Open(root.Secret, root.KeyId) == secret) return new(found, false);
        var account = await Find(root.AccountId, ct);
        if (account is null)
        {
            var made = await CreateAccount(RootName, RootEmail, root.AccountId, root.CanonicalId, ct);
            // Another process that starts too may have been first.
            account = made.Refusal is null ? made.Value : await Find(root.AccountId, ct) ?? throw Unusable(made.Detail);
        }
        var isNew = await EnsureKey(account, null, accessKey ?? root.KeyId, secret ?? master.Open(root.Secret, root.KeyId), ct);
        if (accessKey is not null && (accessKey != root.KeyId || secret != master.Open(root.Secret, root.KeyId)))
        {
            var replaced = root with { KeyId = accessKey, Secret = master.Seal(secret!, accessKey) };
            if (await table.Apply(IdentityRows.Root, [PutRoot(replaced, Condition.Is(row.Stamp))], ct) != Outcome.Committed)
                throw new InvalidDataException("The root's key is being replaced by another process.");
            if (accessKey != root.KeyId) await DeleteKey(root.KeyId, ct);
        }
        return new((await FindKey(accessKey ?? root.KeyId, ct))!, isNew);
    }

    /// <summary>Whether it is the root account.</summary>
    public async ValueTask<bool> IsRoot(Account account, CancellationToken ct)
    {
        // Which account it is never changes.
        if (rootId is null && await table.Get(new(IdentityRows.Root, IdentityRows.Root), ct) is { } row)
            rootId = IdentityRows.Read(row, IdentityJson.Default.StoredRoot).AccountId;
        return account.Id == rootId;
    }

    private async ValueTask<Row> ReadOrChooseRoot(string? accessKey, string? secret, CancellationToken ct)
    {
        while (true)
        {
            if (await table.Get(new(IdentityRows.Root, IdentityRows.Root), ct) is { } row) return row;
            var keyId = accessKey ?? Credentials.NewAccessKeyId();
            var chosen = new StoredRoot(1, Credentials.NewAccountId(), Credentials.NewCanonicalId(), keyId,
                master.Seal(secret ?? Credentials.NewSecret(), keyId));
            await table.Apply(IdentityRows.Root, [PutRoot(chosen, Condition.Absent)], ct);
        }
    }

    private static Change PutRoot(StoredRoot root, Condition condition) =>
        Change.Put(IdentityRows.Root, condition, IdentityRows.Write(root, IdentityJson.Default.StoredRoot));

    /// <summary>Makes the account's key, or its user's, or gives it that secret. Whether it is enabled is left as it is.</summary>
    /// <returns>Whether it was made.</returns>
    private async ValueTask<bool> EnsureKey(Account account, User? user, string id, string secret, CancellationToken ct)
    {
        if (await ReadStoredKey(id, ct) is not { Key: var stored })
        {
            var made = await CreateKey(account, user, id, secret, ct);
            if (made.Refusal is null) return true;
            // Another process that starts too may have been first.
            if (await ReadStoredKey(id, ct) is not { Key: var other }) throw Unusable(made.Detail);
            stored = other;
        }
        if (stored.AccountId != account.Id || stored.UserId != user?.Id)
            throw Unusable($"The access key {id} belongs to another account or user; choose another id for account {account.Name}.");
        if (master.Open(stored.Secret, id) != secret) await ChangeKey(id, key => key with { Secret = master.Seal(secret, id) }, ct);
        return false;
    }

    private static T Value<T>(Result<T> result) => result.Refusal is null ? result.Value : throw Unusable(result.Detail);

    private static InvalidDataException Unusable(string? detail) => new(detail);
}
