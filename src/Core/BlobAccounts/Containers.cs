using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;
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
public sealed class Containers(ITable table, Buckets buckets)
{
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
        if (await table.Get(new(OfAccount(account), name), ct) is { } row)
        {
            var stored = StoredJson.Read(row.Value, BlobAccountJson.Default.StoredContainer);
            if (await buckets.Find(stored.Bucket, ct) is { } made && IsOf(made, account, name)) return made;
        }
        return await buckets.Find(name, ct) is { } shared && IsShared(shared, account) ? shared : null;
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
            var row = StoredJson.Write(new StoredContainer(1, bucket), BlobAccountJson.Default.StoredContainer);
            await BlobAccounts.Committed(table.Apply(OfAccount(account), [Change.Put(name, Condition.Any, row)], ct));
            var made = await buckets.Create(bucket, owner, account.Location, BucketSettings.None.With(BucketSettings.Container, setting), null, ct);
            if (made.Refusal is null) return made;
            if (made.Carried is { } other && IsOf(other, account, name)) return Refusal.BucketOwned.Carrying(other);
            if (made.Refusal is not (Refusal.BucketTaken or Refusal.BucketOwned)) return made;
        }
        return Refusal.BucketTaken;
    }

    /// <summary>The bucket is gone: its name leads nowhere from now on.</summary>
    public async ValueTask Forget(BlobAccount account, string name, CancellationToken ct) =>
        await BlobAccounts.Committed(table.Apply(OfAccount(account), [Change.Delete(name, Condition.Any)], ct));

    /// <summary>A page of an account's containers by name: those that begin with the prefix and come after a name.</summary>
    public async ValueTask<(IReadOnlyList<(string Name, Bucket Bucket)> Page, string? Next)> List(
        BlobAccount account, Account owner, string prefix, string? after, int limit, CancellationToken ct)
    {
        var found = new SortedDictionary<string, Bucket>(StringComparer.Ordinal);
        var range = KeyRange.Rows(OfAccount(account), prefix);
        if (after is not null && string.CompareOrdinal(after, prefix) >= 0) range = range with { From = new(range.From.Partition, after + "!") };
        await foreach (var row in table.Scan(range, null, limit + 1, ct))
            if (await Find(account, row.Key.Row, ct) is { } bucket) found[row.Key.Row] = bucket;
        var shared = await buckets.List(owner, prefix, after, limit + 1, ct);
        foreach (var bucket in shared.Buckets)
            if (WrongName(bucket.Name) is null && IsShared(bucket, account)) found.TryAdd(bucket.Name, bucket);
        var page = found.Take(limit).Select(each => (each.Key, each.Value)).ToList();
        // Of the two lists either may go on behind the page though this one shows nothing of it.
        var isMore = found.Count > limit || shared.Next is not null;
        return (page, isMore && page.Count > 0 ? page[^1].Key : null);
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

    private static string OfAccount(BlobAccount account) => "c." + account.Id;
}
