using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.BlobAccounts;

namespace ZenkoFunctions.Api.Management;

/// <summary>The operations on the caller's storage accounts. Who may read their keys may all that the caller's account may.</summary>
internal static class StorageAccounts
{
    /// <summary>All of the caller's account.</summary>
    public static async ValueTask<Reply> List(ManagementCall call, CancellationToken ct)
    {
        var accounts = new List<StorageAccountDocument>();
        await foreach (var account in call.Installation.BlobAccounts.List(call.Caller.Account!.Id, ct)) accounts.Add(Document(account));
        return Reply.Json(StorageAccountsJson.Default.StorageAccountList, new(accounts));
    }

    /// <summary>Makes one.</summary>
    public static async ValueTask<Reply> Create(ManagementCall call, CancellationToken ct)
    {
        var wanted = call.Read(StorageAccountsJson.Default.StorageAccountDocument);
        var location = wanted.Location ?? "";
        if (location.Length > 0 && !await call.Installation.Buckets.Locations.Has(location, ct))
            return Reply.Refused(ManagementErrors.NoSuchLocation, $"There is no location '{location}'.");
        var made = await call.Installation.BlobAccounts.Create(
            Changed(new() { Name = wanted.Name ?? "", OwnerId = call.Caller.Account!.Id, Location = location, Created = default }, wanted), ct);
        return made.Refusal switch
        {
            null => Told(made.Value, 201),
            Refusal.IdentityTaken => Reply.Refused(
                ManagementErrors.StorageAccountExists, made.Carried is null ? null : $"The account has a storage account '{made.Carried.Name}' already."),
            _ => Reply.Refused(ManagementErrors.InvalidStorageAccount, made.Detail),
        };
    }

    /// <summary>One.</summary>
    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct) => await Find(call, ct) is { } found ? Told(found) : Unknown(call);

    /// <summary>Changes what a document says of one; what it does not name stays.</summary>
    public static async ValueTask<Reply> Change(ManagementCall call, CancellationToken ct)
    {
        var wanted = call.Read(StorageAccountsJson.Default.StorageAccountDocument);
        if (await Find(call, ct) is not { } found) return Unknown(call);
        if ((wanted.Name ?? found.Name) != found.Name || (wanted.Location ?? found.Location) != found.Location)
            return Reply.Refused(ManagementErrors.InvalidStorageAccount, "The name and the location of a storage account stay.");
        var changed = await call.Installation.BlobAccounts.Update(found.Name, account => Changed(account, wanted), ct);
        return changed.Refusal is null ? Told(changed.Value) : Unknown(call);
    }

    /// <summary>Removes one that has no containers.</summary>
    public static async ValueTask<Reply> Delete(ManagementCall call, CancellationToken ct)
    {
        if (await Find(call, ct) is not { } found) return Unknown(call);
        var deleted = await call.Installation.BlobAccounts.Delete(found, ct);
        return deleted.Refusal is null ? Reply.Empty(204) : Reply.Refused(ManagementErrors.StorageAccountInUse);
    }

    /// <summary>Its keys.</summary>
    public static async ValueTask<Reply> Keys(ManagementCall call, CancellationToken ct) => await Find(call, ct) is { } found ? await Keys(call, found, ct) : Unknown(call);

    /// <summary>Puts a fresh key in place of one.</summary>
    public static async ValueTask<Reply> RenewKey(ManagementCall call, CancellationToken ct)
    {
        if (await Find(call, ct) is not { } found) return Unknown(call);
        var renewed = await call.Installation.BlobAccounts.RenewKey(found, call.Path["key"], ct);
        return renewed.Refusal is null ? await Keys(call, found, ct) : Unknown(call);
    }

    private static async ValueTask<Reply> Keys(ManagementCall call, BlobAccount account, CancellationToken ct)
    {
        var keys = await call.Installation.BlobAccounts.Keys(account, ct);
        return Reply.Json(
            StorageAccountsJson.Default.StorageAccountKeys,
            new(account.Name, [.. keys.Select(key => new StorageAccountKey(key.Name, Convert.ToBase64String(key.Value), key.Created))]));
    }

    // Those of others are not there.
    private static async ValueTask<BlobAccount?> Find(ManagementCall call, CancellationToken ct) =>
        await call.Installation.BlobAccounts.Find(call.Path["name"], ct) is { } found && found.OwnerId == call.Caller.Account!.Id ? found : null;

    private static BlobAccount Changed(BlobAccount account, StorageAccountDocument wanted) => account with
    {
        HttpsOnly = wanted.HttpsOnly ?? account.HttpsOnly,
        AllowPublicAccess = wanted.AllowPublicAccess ?? account.AllowPublicAccess,
        AllowSharedKey = wanted.AllowSharedKey ?? account.AllowSharedKey,
    };

    private static StorageAccountDocument Document(BlobAccount account) => new()
    {
        Name = account.Name,
        Location = account.Location,
        HttpsOnly = account.HttpsOnly,
        AllowPublicAccess = account.AllowPublicAccess,
        AllowSharedKey = account.AllowSharedKey,
        Created = account.Created,
    };

    private static Reply Told(BlobAccount account, int status = 200) => Reply.Json(StorageAccountsJson.Default.StorageAccountDocument, Document(account), status);

    private static Reply Unknown(ManagementCall call) => Reply.Refused(ManagementErrors.NoSuchStorageAccount, $"The account has no storage account '{call.Path["name"]}'.");
}

/// <summary>A storage account as it is told, and asked for; what is not said stays, or is as usual.</summary>
public sealed record StorageAccountDocument
{
    /// <summary>3 to 24 letters and digits.</summary>
    public string? Name { get; init; }

    /// <summary>Where its containers keep their blobs; empty for the default location.</summary>
    public string? Location { get; init; }

    /// <summary>Whether requests over plain HTTP are refused.</summary>
    public bool? HttpsOnly { get; init; }

    /// <summary>Whether containers may be open to those who do not sign.</summary>
    public bool? AllowPublicAccess { get; init; }

    /// <summary>Whether its keys sign, SAS included.</summary>
    public bool? AllowSharedKey { get; init; }

    /// <summary>When it was made: only told.</summary>
    public DateTimeOffset? Created { get; init; }
}

/// <summary>The storage accounts of an account.</summary>
public sealed record StorageAccountList(IReadOnlyList<StorageAccountDocument> StorageAccounts);

/// <summary>The keys of a storage account.</summary>
public sealed record StorageAccountKeys(string StorageAccount, IReadOnlyList<StorageAccountKey> Keys);

/// <summary>One of them.</summary>
/// <param name="Name">key1 or key2.</param>
/// <param name="Value">64 bytes in base64.</param>
/// <param name="Created">When it was made or renewed.</param>
public sealed record StorageAccountKey(string Name, string Value, DateTimeOffset Created);

/// <summary>Documents about storage accounts as JSON; what they have and nobody knows is refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(StorageAccountDocument))]
[JsonSerializable(typeof(StorageAccountList))]
[JsonSerializable(typeof(StorageAccountKeys))]
public sealed partial class StorageAccountsJson : JsonSerializerContext;
