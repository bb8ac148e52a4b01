using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.BlobAccounts;

/// <summary>
/// The storage accounts, in the table <c>blobaccounts</c>.
/// <code>
/// a.NAME      account          the account; NAME is lower case
///             key1, key2       its keys, sealed
///             service          its Blob service's properties
/// o.OWNER     NAME             that the owner has it
/// c.NAME      CONTAINER        the bucket that the container is (see <see cref="Containers"/>)
/// </code>
/// </summary>
/// <param name="table">Where they are kept.</param>
/// <param name="master">Seals the keys.</param>
/// <param name="containers">What keeps an account from being deleted.</param>
/// <param name="cacheAge">How long an account, its keys and its service's properties are believed; changes made through this object show at once.</param>
/// <param name="clock">Dates rows.</param>
public sealed class BlobAccounts(ITable table, MasterKey master, Containers containers, TimeSpan cacheAge, TimeProvider clock)
{
    private readonly RowCache<string, Opened> cache = new(cacheAge, clock);

    private const string AccountRow = "account", ServiceRow = "service", Purpose = "blobaccount.";

    /// <summary>The names of an account's keys.</summary>
    public static IReadOnlyList<string> KeyNames { get; } = ["key1", "key2"];

    /// <summary>What is wrong with a name; null for nothing.</summary>
    public static string? WrongName(string name) =>
        name.Length is >= 3 and <= 24 && name.All(char.IsAsciiLetterOrDigit) ? null : "A storage account's name holds 3 to 24 letters and digits.";

    /// <summary>Makes one with two fresh keys.</summary>
    /// <returns><see cref="Refusal.InvalidRequest"/>, <see cref="Refusal.IdentityTaken"/> where the name is another's or the owner's already (carried then), or the account.</returns>
    public async ValueTask<Result<BlobAccount>> Create(BlobAccount account, CancellationToken ct)
    {
        if (WrongName(account.Name) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        account = account with { Created = clock.GetUtcNow() };
        // Listed first: what is listed and not there is passed over.
        await Committed(table.Apply(OfOwner(account.OwnerId), [Change.Put(account.Id, Condition.Any, new byte[] { (byte)'1' })], ct));
        Change[] changes =
        [
            Change.Put(AccountRow, Condition.Absent, StoredJson.Write(account, BlobAccountJson.Default.BlobAccount)),
            .. KeyNames.Select(name => Change.Put(name, Condition.Any, Seal(account.Id, name, RandomNumberGenerator.GetBytes(64)))),
        ];
        if (await Changed(account.Id, changes, ct)) return account;
        return await Find(account.Name, ct) is { } found && found.OwnerId == account.OwnerId
            ? Refusal.IdentityTaken.Carrying(found)
            : Refusal.IdentityTaken.Because("The storage account's name is taken.");
    }

    /// <summary>The account of that name, in whatever case; null where there is none.</summary>
    public async ValueTask<BlobAccount?> Find(string name, CancellationToken ct) => WrongName(name) is null ? (await Open(name.ToLowerInvariant(), ct))?.Account : null;

    /// <summary>An owner's accounts, by name.</summary>
    public async IAsyncEnumerable<BlobAccount> List(string ownerId, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var row in table.Scan(KeyRange.Rows(OfOwner(ownerId), ""), null, null, ct))
            if (await Find(row.Key.Row, ct) is { } account && account.OwnerId == ownerId) yield return account;
    }

    /// <summary>Changes one; its name, owner and date stay. <see cref="Refusal.NoSuchIdentity"/> where there is none.</summary>
    public async ValueTask<Result<BlobAccount>> Update(string name, Func<BlobAccount, BlobAccount> change, CancellationToken ct)
    {
        while (true)
        {
            if (WrongName(name) is not null || await table.Get(new(OfAccount(name.ToLowerInvariant()), AccountRow), ct) is not { } row) return Refusal.NoSuchIdentity;
            var was = StoredJson.Read(row.Value, BlobAccountJson.Default.BlobAccount);
            var next = change(was) with { Name = was.Name, OwnerId = was.OwnerId, Created = was.Created };
            if (await Changed(was.Id, [Change.Put(AccountRow, Condition.Is(row.Stamp), StoredJson.Write(next, BlobAccountJson.Default.BlobAccount))], ct)) return next;
        }
    }

    /// <summary>
    /// Removes one and its keys; <see cref="Refusal.Conflict"/> where it has containers of its own. (Azure deletes them with it: here
    /// nobody loses blobs by one call.) A container that is made at the same moment stays as a bucket of its owner.
    /// </summary>
    public async ValueTask<Result<BlobAccount>> Delete(BlobAccount account, CancellationToken ct)
    {
        if (await containers.HasAny(account, ct)) return Refusal.Conflict.Because("The storage account has containers still; delete them first.");
        List<Change> changes = [];
        await foreach (var row in table.Scan(KeyRange.Rows(OfAccount(account.Id), ""), null, null, ct)) changes.Add(Change.Delete(row.Key.Row, Condition.Any));
        // The name is free from here on. What a crash leaves of the rest leads nowhere.
        if (changes.Count > 0) await Changed(account.Id, changes, ct);
        await containers.ForgetAll(account, ct);
        await Committed(table.Apply(OfOwner(account.OwnerId), [Change.Delete(account.Id, Condition.Any)], ct));
        return account;
    }

    /// <summary>The properties of its Blob service; empty ones where nobody ever set any.</summary>
    public async ValueTask<BlobService> Service(BlobAccount account, CancellationToken ct) => (await Open(account.Id, ct))?.Service ?? new();

    /// <summary>How deletions are kept, as it was a moment ago: nothing is read for it where the account is at hand.</summary>
    public async ValueTask<BlobRetention?> DeleteRetention(BlobAccount account, CancellationToken ct) => (await Open(account.Id, ct))?.Service.DeleteRetention;

    /// <summary>Changes the properties of its Blob service.</summary>
    public async ValueTask ChangeService(BlobAccount account, Func<BlobService, BlobService> change, CancellationToken ct)
    {
        while (true)
        {
            var row = await table.Get(new(OfAccount(account.Id), ServiceRow), ct);
            var next = StoredJson.Write(change(row is null ? new() : StoredJson.Read(row.Value, BlobAccountJson.Default.BlobService)), BlobAccountJson.Default.BlobService);
            if (await Changed(account.Id, [Change.Put(ServiceRow, row is null ? Condition.Absent : Condition.Is(row.Stamp), next)], ct)) return;
        }
    }

    /// <summary>Both keys, key1 first; none where the account is gone.</summary>
    public async ValueTask<IReadOnlyList<BlobAccountKey>> Keys(BlobAccount account, CancellationToken ct) => (await Open(account.Id, ct))?.Keys ?? [];

    /// <summary>Puts a fresh key in place of one; <see cref="Refusal.NoSuchIdentity"/> where there is no such account or key.</summary>
    public async ValueTask<Result<BlobAccount>> RenewKey(BlobAccount account, string name, CancellationToken ct)
    {
        while (true)
        {
            // What is not there stays so: a deleted account gets no keys.
            if (!KeyNames.Contains(name, StringComparer.Ordinal) || await table.Get(new(OfAccount(account.Id), name), ct) is not { } row) return Refusal.NoSuchIdentity;
            if (await Changed(account.Id, [Change.Put(name, Condition.Is(row.Stamp), Seal(account.Id, name, RandomNumberGenerator.GetBytes(64)))], ct)) return account;
        }
    }

    /// <summary>32 bytes that belong to the account and a text; those of an account of the same name that is made later are others.</summary>
    public byte[] Derive(BlobAccount account, string text) => master.Derive($"{Purpose}{account.Id}\n{account.Created.UtcTicks}\n{text}");

    private async ValueTask<bool> Changed(string id, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        try
        {
            return await Committed(table.Apply(OfAccount(id), changes, ct));
        }
        finally
        {
            // Even where the answer was lost it may have happened.
            cache.Forget(id);
        }
    }

    /// <summary>An account and its keys, in one look at the table where they are not at hand.</summary>
    private async ValueTask<Opened?> Open(string id, CancellationToken ct)
    {
        if (cache.Find(id) is { } cached) return cached;
        var look = cache.Begin();
        BlobAccount? account = null;
        BlobService? service = null;
        var keys = new List<BlobAccountKey>(KeyNames.Count);
        await foreach (var row in table.Scan(KeyRange.Rows(OfAccount(id), ""), null, null, ct))
        {
            if (row.Key.Row == AccountRow) account = StoredJson.Read(row.Value, BlobAccountJson.Default.BlobAccount);
            else if (row.Key.Row == ServiceRow) service = StoredJson.Read(row.Value, BlobAccountJson.Default.BlobService);
            else if (KeyNames.Contains(row.Key.Row, StringComparer.Ordinal)) keys.Add(Unseal(id, row));
        }
        if (account is null) return null;
        var opened = new Opened(account, keys, service ?? new());
        cache.Remember(id, opened, look);
        return opened;
    }

    private BlobAccountKey Unseal(string id, Row row)
    {
        var stored = StoredJson.Read(row.Value, BlobAccountJson.Default.StoredBlobKey);
        var value = Convert.FromBase64String(master.Open(Convert.FromBase64String(stored.Sealed), Purpose + id + "." + row.Key.Row));
        return new(row.Key.Row, value, stored.Created);
    }

    private ReadOnlyMemory<byte> Seal(string id, string name, byte[] key) => StoredJson.Write(
        new StoredBlobKey(1, Convert.ToBase64String(master.Seal(Convert.ToBase64String(key), Purpose + id + "." + name)), clock.GetUtcNow()), BlobAccountJson.Default.StoredBlobKey);

    private static string OfAccount(string id) => "a." + id;

    private static string OfOwner(string ownerId) => "o." + ownerId;

    internal static async ValueTask<bool> Committed(ValueTask<Outcome> applying) => await applying switch
    {
        Outcome.Committed => true,
        Outcome.Refused => false,
        _ => throw new IOException("The answer of the table was lost."),
    };

    private sealed record Opened(BlobAccount Account, IReadOnlyList<BlobAccountKey> Keys, BlobService Service);
}

/// <summary>A key as it is kept.</summary>
internal sealed record StoredBlobKey(int Format, string Sealed, DateTimeOffset Created);

/// <summary>That a container is a bucket.</summary>
internal sealed record StoredContainer(int Format, string Bucket);

/// <summary>How rows of this room are stored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(BlobAccount))]
[JsonSerializable(typeof(StoredBlobKey))]
[JsonSerializable(typeof(StoredContainer))]
[JsonSerializable(typeof(ContainerRemoval))]
[JsonSerializable(typeof(BlobService))]
internal sealed partial class BlobAccountJson : JsonSerializerContext;
