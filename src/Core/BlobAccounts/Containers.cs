using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.BlobAccounts;

/// <summary>
/// Which bucket a container is. Buckets have one namespace, containers one in each storage account:
/// a container that is made by Azure's protocol is the bucket of its name where that is free and legal, else one whose name has a
/// hash of both names behind it. It belongs to its storage account alone. Buckets that S3 clients made, and whose names containers may have, are shown by
/// every storage account of their owner.
/// </summary>
/// <param name="table">The table of storage accounts.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="queue">Takes the removal of containers.</param>
/// <param name="cacheAge">How long it is believed which bucket a container is, where that bucket does not tell.</param>
/// <param name="clock">Ages what is believed.</param>
public sealed class Containers(ITable table, Buckets buckets, IQueue queue, TimeSpan cacheAge, TimeProvider clock)
{
    // The bucket that a row or the lack of one led to. Only names of buckets that there were are remembered.
    private readonly RowCache<(string Account, string Name), string> cache = new(cacheAge, clock);

    /// <summary>What is wrong with a name; null for nothing.</summary>
    public static string? WrongName(string name)
    {
        if (name is "$root" or "$web" or "$logs") return null;
        var isName = name.Length is >= 3 and <= 63 && name.All(c => c is '-' || char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c))
            && name[0] != '-' && name[^1] != '-' && !name.Contains("--", StringComparison.Ordinal);
        return isName ? null : "A container's name holds 3 to 63 lower-case letters, digits and single dashes, and begins and ends with none of these.";
    }

    /// <summary>The bucket of a container; null where there is none.</summary>
    public async ValueTask<Bucket?> Find(BlobAccount account, string name, CancellationToken ct)
    {
        if (WrongName(name) is not null) return null;
        var key = (account.Id, name);
        if (cache.Find(key) is { } known && await buckets.Find(known, ct) is { } believed
            && (IsOf(believed, account, name) || (known == name && IsShared(believed, account)))) return believed;
        var look = cache.Begin();
        var row = await table.Get(new(OfAccount(account), name), ct);
        var found = row is null ? null : await Made(account, name, row, ct);
        found ??= await buckets.Find(name, ct) is { } shared && IsShared(shared, account) ? shared : null;
        if (found is not null) cache.Remember(key, found.Name, look);
        return found;
    }

    /// <summary>Makes a container. Refusals are those of <see cref="Buckets"/>; <see cref="Refusal.BucketOwned"/> where there is one of the name.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="owner">Its owner.</param>
    /// <param name="name">The container's name.</param>
    /// <param name="setting">What is said of it at once; the names are filled in.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<Bucket>> Create(BlobAccount account, Account owner, string name, ContainerSetting setting, CancellationToken ct)
    {
        if (WrongName(name) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        if (await Find(account, name, ct) is { } there) return Refusal.BucketOwned.Carrying(there);
        setting = setting with { Account = account.Id, Name = name };
        foreach (var bucket in new[] { name, Hashed(account, name) })
        {
            if (bucket[0] == '$') continue;
            // The row first: one whose bucket never came to be, or is another's, leads nowhere.
            if (await Claim(account, name, bucket, isMade: false, ct) is { } other) return Refusal.BucketOwned.Carrying(other);
            var made = await buckets.Create(bucket, owner, account.Location, BucketSettings.None.With(BucketSettings.Container, setting), null, ct);
            if (made.Refusal is null)
            {
                // Of two who made a bucket for one name (another's bucket was removed between their looks), the row says whose it is.
                if (await Claim(account, name, bucket, isMade: true, CancellationToken.None) is not { } first) return made;
                await buckets.Delete(made.Value, CancellationToken.None);
                return Refusal.BucketOwned.Carrying(first);
            }
            if (made.Carried is { } already && (IsOf(already, account, name) || (bucket == name && IsShared(already, account)))) return Refusal.BucketOwned.Carrying(already);
            if (made.Refusal is not (Refusal.BucketTaken or Refusal.BucketOwned)) return made;
        }
        return Refusal.BucketTaken;
    }

    /// <summary>
    /// Has the row lead to a bucket, unless it leads to one that is there. Its stamp changes in any case where the bucket was made: whoever
    /// looked before, and did not see it, fails.
    /// </summary>
    /// <returns>The container that there is already; null where the row leads to the bucket.</returns>
    private async ValueTask<Bucket?> Claim(BlobAccount account, string name, string bucket, bool isMade, CancellationToken ct)
    {
        var value = StoredJson.Write(new StoredContainer(1, bucket), BlobAccountJson.Default.StoredContainer);
        while (true)
        {
            var row = await table.Get(new(OfAccount(account), name), ct);
            var isOurs = row is not null && row.Value.Span.SequenceEqual(value.Span);
            if (isOurs && !isMade) return await Made(account, name, row!, ct);
            if (row is not null && !isOurs && await Made(account, name, row, ct) is { } other) return other;
            if (await Changed(account.Id, name, Change.Put(name, row is null ? Condition.Absent : Condition.Is(row.Stamp), value), ct)) return null;
        }
    }

    /// <summary>
    /// Removes a container with all that is in it: from now on it is gone to clients, and <see cref="RemoveContainers"/> does the work. Its
    /// name is free when that is done; until then <see cref="Create"/> refuses with <see cref="Refusal.Conflict"/>. Refusals are those of
    /// <see cref="Buckets.Empty"/>.
    /// </summary>
    /// <param name="account">The storage account.</param>
    /// <param name="name">The container's name.</param>
    /// <param name="bucket">The bucket that it is.</param>
    /// <param name="check">Whether it may still be removed as it is now.</param>
    /// <param name="ct">Gives up before it has begun.</param>
    public async ValueTask<Result<Bucket>> Remove(BlobAccount account, string name, Bucket bucket, Func<Bucket, Declined?> check, CancellationToken ct)
    {
        // The message first: one whose mark never came to be does nothing.
        var removal = new ContainerRemoval { Account = account.Id, Container = name, Bucket = bucket.Name, BucketId = bucket.Id, Sent = clock.GetUtcNow() };
        await queue.Send(RemoveContainers.QueueName, StoredJson.Write(removal, BlobAccountJson.Default.ContainerRemoval), TimeSpan.Zero, ct);
        return await buckets.Empty(bucket, check, ct);
    }

    /// <summary>
    /// Removes a bucket that mirrors another place, in the same way: what is shown of that is removed here, and nothing there. Refusals are
    /// those of <see cref="Buckets.Empty"/>.
    /// </summary>
    public async ValueTask<Result<Bucket>> RemoveMirror(Bucket bucket, CancellationToken ct)
    {
        await queue.Send(
            RemoveContainers.QueueName,
            StoredJson.Write(new() { Account = "", Container = "", Bucket = bucket.Name, BucketId = bucket.Id, Sent = clock.GetUtcNow() }, BlobAccountJson.Default.ContainerRemoval),
            TimeSpan.Zero, ct);
        return await buckets.Empty(bucket, now => now.Get(BucketSettings.Mirror) is null ? new Declined(Refusal.BucketNotEmpty, null) : null, ct);
    }

    /// <summary>The bucket is gone: its name leads nowhere from now on, unless to another that has been made since.</summary>
    public ValueTask Forget(BlobAccount account, string name, CancellationToken ct) => Forget(account.Id, name, ct);

    /// <inheritdoc cref="Forget(BlobAccount, string, CancellationToken)"/>
    internal async ValueTask Forget(string accountId, string name, CancellationToken ct)
    {
        while (await table.Get(new(OfAccount(accountId), name), ct) is { } row)
        {
            var stored = StoredJson.Read(row.Value, BlobAccountJson.Default.StoredContainer);
            if (await buckets.Find(stored.Bucket, ct) is { } live && live.Get(BucketSettings.Container) is { } setting && setting.Account == accountId && setting.Name == name) return;
            if (await Changed(accountId, name, Change.Delete(name, Condition.Is(row.Stamp)), ct)) return;
        }
    }

    /// <summary>Whether an account has containers of its own; buckets that S3 clients made are none.</summary>
    public async ValueTask<bool> HasAny(BlobAccount account, CancellationToken ct)
    {
        await foreach (var row in table.Scan(KeyRange.Rows(OfAccount(account), ""), null, null, ct))
            if (await Made(account, row.Key.Row, row, ct) is not null) return true;
        return false;
    }

    /// <summary>A page of an account's containers by name: those that begin with the prefix and come after a name.</summary>
    /// <returns>As many as the limit where there are, and the last one's name where there are more behind it.</returns>
    public async ValueTask<(IReadOnlyList<(string Name, Bucket Bucket)> Page, string? Next)> List(
        BlobAccount account, Account owner, string prefix, string? after, int limit, CancellationToken ct)
    {
        var page = new List<(string Name, Bucket Bucket)>();
        await using var made = OfRows(account, prefix, after, ct).GetAsyncEnumerator(ct);
        await using var shared = Shared(account, owner, prefix, after, limit, ct).GetAsyncEnumerator(ct);
        var (hasMade, hasShared) = (await made.MoveNextAsync(), await shared.MoveNextAsync());
        while (hasMade || hasShared)
        {
            if (page.Count == limit) return (page, page[^1].Name);
            var order = !hasMade ? 1 : !hasShared ? -1 : string.CompareOrdinal(made.Current.Name, shared.Current.Name);
            page.Add(order <= 0 ? made.Current : shared.Current);
            // Of two of a name, the account's own is the container.
            if (order <= 0) hasMade = await made.MoveNextAsync();
            if (order >= 0) hasShared = await shared.MoveNextAsync();
        }
        return (page, null);
    }

    /// <summary>What is left of rows of an account that is gone: they lead nowhere.</summary>
    internal async ValueTask ForgetAll(BlobAccount account, CancellationToken ct)
    {
        await foreach (var row in table.Scan(KeyRange.Rows(OfAccount(account), ""), null, null, ct))
            if (await Made(account, row.Key.Row, row, ct) is null) await Forget(account, row.Key.Row, ct);
    }

    private async IAsyncEnumerable<(string Name, Bucket Bucket)> OfRows(BlobAccount account, string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyRange.Rows(OfAccount(account), prefix);
        if (after is not null && string.CompareOrdinal(after, prefix) >= 0) range = range.After(after);
        await foreach (var row in table.Scan(range, null, null, ct))
            if (await Made(account, row.Key.Row, row, ct) is { } bucket) yield return (row.Key.Row, bucket);
    }

    private async IAsyncEnumerable<(string Name, Bucket Bucket)> Shared(
        BlobAccount account, Account owner, string prefix, string? after, int limit, [EnumeratorCancellation] CancellationToken ct)
    {
        for (string? from = after, next = ""; next is not null; from = next)
        {
            (var some, next) = await buckets.List(owner, prefix, from, limit + 1, ct);
            foreach (var bucket in some)
                if (WrongName(bucket.Name) is null && IsShared(bucket, account)) yield return (bucket.Name, bucket);
        }
    }

    private async ValueTask<Bucket?> Made(BlobAccount account, string name, Row row, CancellationToken ct)
    {
        var stored = StoredJson.Read(row.Value, BlobAccountJson.Default.StoredContainer);
        return await buckets.Find(stored.Bucket, ct) is { } made && IsOf(made, account, name) ? made : null;
    }

    private async ValueTask<bool> Changed(string accountId, string name, Change change, CancellationToken ct)
    {
        try
        {
            return await BlobAccounts.Committed(table.Apply(OfAccount(accountId), [change], ct));
        }
        finally
        {
            cache.Forget((accountId, name));
        }
    }

    private static bool IsOf(Bucket bucket, BlobAccount account, string name) =>
        bucket.OwnerId == account.OwnerId && bucket.Get(BucketSettings.Container) is { } setting && setting.Account == account.Id && setting.Name == name;

    private static bool IsShared(Bucket bucket, BlobAccount account) =>
        bucket.OwnerId == account.OwnerId && bucket.Get(BucketSettings.Container)?.Account is null;

    private static string Hashed(BlobAccount account, string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{account.Id}/{name}")).AsSpan(0, 6));
        var stem = name.TrimStart('$');
        return $"{stem[..Math.Min(stem.Length, 50)]}-{hash}";
    }

    private static string OfAccount(BlobAccount account) => OfAccount(account.Id);

    private static string OfAccount(string accountId) => "c." + accountId;
}
