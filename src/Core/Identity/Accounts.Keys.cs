using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

public sealed partial class Accounts
{
    // About 600 bytes each. Beyond that many the cache starts anew; the keys in use come back with one read each.
    private const int CachedKeys = 10_000;

    private readonly ConcurrentDictionary<string, (AccessKey Key, long Read)> cache = new(StringComparer.Ordinal);
    private long changes;

    /// <summary>
    /// The key of that id, enabled or not; null where there is none. That there is none is never cached.
    /// </summary>
    public ValueTask<AccessKey?> FindKey(string id, CancellationToken ct) =>
        cache.TryGetValue(id, out var cached) && !IsTooOld(cached.Read)
            ? new(cached.Key)
            : ReadKey(id, ct);

    /// <summary>Makes a key for the account, or for the user within it. Id and secret are random unless given.</summary>
    public ValueTask<Result<AccessKey>> CreateKey(Account account, User? user, string? id, string? secret, CancellationToken ct) =>
        CreateKey(account, user, id, secret, null, ct);

    /// <summary>Makes a random key for a request; sent again, that gets the key that it made.</summary>
    public ValueTask<Result<AccessKey>> CreateKey(Account account, User? user, RequestToken request, CancellationToken ct) =>
        CreateKey(account, user, IdOf(request), null, request, ct);

    /// <summary>The key that the request made for that owner; null where it made none.</summary>
    public async ValueTask<AccessKey?> FindKeyMadeBy(RequestToken request, Account account, User? user, CancellationToken ct) =>
        await ReadStoredKey(IdOf(request), ct) is { Key: var key } && key.Request == request.Text && key.AccountId == account.Id && key.UserId == user?.Id
            ? Clear(key, account, user)
            : null;

    // As unique as a random one; it is the secret that has to be secret.
    private static string IdOf(RequestToken request) => "AKIA" + request.Text.ToUpperInvariant();

    /// <summary>Makes a key of that id for a request; sent again, that gets the key that it made. Id and secret are random unless given.</summary>
    public async ValueTask<Result<AccessKey>> CreateKey(
        Account account, User? user, string? id, string? secret, RequestToken? request, CancellationToken ct)
    {
        var wrong = (id is null ? null : Credentials.WrongAccessKeyId(id)) ?? (secret is null ? null : Credentials.WrongSecret(secret));
        if (wrong is not null) return Refusal.InvalidRequest.Because(wrong);
        id ??= Credentials.NewAccessKeyId();
        secret ??= Credentials.NewSecret();
        var now = clock.GetUtcNow();
        var stored = new StoredKey(1, id, master.Seal(secret, id), true, account.Id, user?.Name, user?.Id, now, request?.Text);
        // The owner's row first: a key that exists is in its owner's list, so that it can be found and removed.
        var listed = await table.Apply(IdentityRows.OfAccount(account.Id),
            [Change.Put(IdentityRows.OwnedKeyPrefix + id, Condition.Any,
                IdentityRows.Write(new StoredIndex(1, account.Id, now), IdentityJson.Default.StoredIndex))], ct);
        if (listed != Outcome.Committed) return Refusal.Unavailable.Because("The answer of the table was lost; no key was made.");
        var outcome = await table.Apply(IdentityRows.OfKey(id), [PutKey(stored, Condition.Absent)], ct);
        Forget(id);
        if (outcome == Outcome.Refused && request is not null && await FindKeyMadeBy(request, account, user, ct) is { } earlier) return earlier;
        return outcome switch
        {
            Outcome.Committed => Clear(stored, account, user),
            Outcome.Refused => Refusal.IdentityTaken.Because($"There is an access key {id} already."),
            _ => Refusal.Unavailable.Because("The answer of the table was lost; see whether the key is there."),
        };
    }

    /// <summary>The keys of the account, or of the user within it, ordered by id; with their secrets.</summary>
    public async IAsyncEnumerable<AccessKey> Keys(Account account, User? user, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var stored in StoredKeys(account, ct))
            if (stored.UserId == user?.Id) yield return Clear(stored, account, user);
    }

    /// <summary>Lets a key sign, or no longer.</summary>
    /// <returns>The key as it is now, or <see cref="Refusal.NoSuchIdentity"/>.</returns>
    public async ValueTask<Result<AccessKey>> EnableKey(string id, bool enabled, CancellationToken ct)
    {
        if (!await ChangeKey(id, stored => stored with { Enabled = enabled }, ct)) return NoSuchKey(id);
        return await FindKey(id, ct) is { } key ? key : NoSuchKey(id);
    }

    /// <summary>Removes a key; without effect where there is none.</summary>
    /// <returns>Whether there was one.</returns>
    public async ValueTask<bool> DeleteKey(string id, CancellationToken ct)
    {
        while (await ReadStoredKey(id, ct) is { } found)
        {
            var outcome = await table.Apply(IdentityRows.OfKey(id), [Change.Delete(IdentityRows.KeyRow, Condition.Is(found.Row.Stamp))], ct);
            Forget(id);
            if (outcome != Outcome.Committed) continue;
            await table.Apply(IdentityRows.OfAccount(found.Key.AccountId),
                [Change.Delete(IdentityRows.OwnedKeyPrefix + id, Condition.Any)], ct);
            await UnbindCertificates(found.Key, ct);
            return true;
        }
        return false;
    }

    private static Declined NoSuchKey(string id) => Refusal.NoSuchIdentity.Because($"There is no access key {id}.");

    private async ValueTask<bool> ChangeKey(string id, Func<StoredKey, StoredKey> change, CancellationToken ct)
    {
        while (await ReadStoredKey(id, ct) is { } found)
        {
            var outcome = await table.Apply(IdentityRows.OfKey(id), [PutKey(change(found.Key), Condition.Is(found.Row.Stamp))], ct);
            Forget(id);
            if (outcome == Outcome.Committed) return true;
        }
        return false;
    }

    private async ValueTask<AccessKey?> ReadKey(string id, CancellationToken ct)
    {
        var before = Interlocked.Read(ref changes);
        var began = clock.GetTimestamp();
        if (await ReadStoredKey(id, ct) is not { Key: var stored } || await Find(stored.AccountId, ct) is not { } account) return null;
        User? user = null;
        if (stored.UserName is not null)
        {
            user = await FindUser(account, stored.UserName, ct);
            // Another user may have got the name since.
            if (user?.Id != stored.UserId) return null;
        }
        var key = Clear(stored, account, user);
        if (cache.Count >= CachedKeys) cache.Clear();
        cache[id] = (key, began);
        // What was read may be older than a change that came in between: not to be kept then.
        if (Interlocked.Read(ref changes) != before) cache.TryRemove(id, out _);
        return key;
    }

    private AccessKey Clear(StoredKey stored, Account account, User? user) =>
        new(stored.Id, master.Open(stored.Secret, stored.Id), stored.Enabled && !account.IsDisabled, account, user)
        {
            Created = stored.Created, Policies = user is null ? null : Parsed(user.Policies),
        };

    private async IAsyncEnumerable<StoredKey> StoredKeys(Account account, [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyRange.Rows(IdentityRows.OfAccount(account.Id), IdentityRows.OwnedKeyPrefix);
        await foreach (var row in table.Scan(range, null, null, ct))
            if (await ReadStoredKey(row.Key.Row[IdentityRows.OwnedKeyPrefix.Length..], ct) is { } found && found.Key.AccountId == account.Id)
                yield return found.Key;
    }

    private async ValueTask<(StoredKey Key, Row Row)?> ReadStoredKey(string id, CancellationToken ct)
    {
        if (Credentials.WrongAccessKeyId(id) is not null) return null;
        var row = await table.Get(new(IdentityRows.OfKey(id), IdentityRows.KeyRow), ct);
        return row is null ? null : (IdentityRows.Read(row, IdentityJson.Default.StoredKey), row);
    }

    private static Change PutKey(StoredKey key, Condition condition) =>
        Change.Put(IdentityRows.KeyRow, condition, IdentityRows.Write(key, IdentityJson.Default.StoredKey));

    private void Forget(string? id)
    {
        Interlocked.Increment(ref changes);
        if (id is not null)
        {
            cache.TryRemove(id, out _);
            return;
        }
        cache.Clear();
        roles.Clear();
        accountsById.Clear();
    }

    private bool IsTooOld(long read) => keyCacheAge is { } age && age != Timeout.InfiniteTimeSpan && clock.GetElapsedTime(read) >= age;
}
