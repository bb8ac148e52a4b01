using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.BlobAccounts;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>What Azure's Resource Manager does with storage accounts.</summary>
internal static class StorageAccountOperations
{
    public static async ValueTask<Reply> List(ArmCall call, CancellationToken ct)
    {
        List<StorageAccountDocument> found = [];
        await foreach (var account in call.Installation.BlobAccounts.List(call.Account.Id, ct)) found.Add(Document(call, account));
        return Reply.Json(ArmJson.Default.ArmListStorageAccountDocument, new(found));
    }

    public static async ValueTask<Reply> Get(ArmCall call, CancellationToken ct) => await Find(call, ct) is { } account ? Told(call, account) : Missing(call);

    /// <summary>Makes the account, or changes the one that is there.</summary>
    public static async ValueTask<Reply> Create(ArmCall call, CancellationToken ct)
    {
        var asked = call.Read(ArmJson.Default.StorageAccountRequest);
        if (BlobAccounts.WrongName(call.Path["name"]) is { } wrong) return Reply.Refused(ArmErrors.AccountNameInvalid, wrong);
        if (Unsupported(asked) is { } unsupported) return Reply.Refused(ArmErrors.FeatureNotSupported, unsupported);
        if (await Find(call, ct) is not null) return await Change(call, asked, ct);
        var location = asked.Location is null or "" || Same(asked.Location, call.Installation.Region) ? "" : asked.Location;
        if (location.Length > 0 && !await call.Installation.Buckets.Locations.Has(location, ct))
        {
            return Reply.Refused(
                ArmErrors.LocationNotAvailableForResourceType, $"There is no location '{location}'. There are: {string.Join(", ", await ArmOperations.Locations(call, ct))}");
        }
        var account = Changed(new() { Name = call.Path["name"], OwnerId = call.Account.Id, Location = location, Created = call.Installation.Clock.GetUtcNow() }, asked);
        var made = await call.Installation.BlobAccounts.Create(account, ct);
        return made.Refusal switch
        {
            null => Told(call, made.Value),
            Refusal.IdentityTaken when made.Carried is not null => await Change(call, asked, ct), // another request of the owner was first
            Refusal.IdentityTaken => Reply.Refused(ArmErrors.StorageAccountAlreadyTaken, $"The storage account {account.Name} is another account's."),
            _ => Reply.Refused(ArmErrors.AccountNameInvalid, made.Detail),
        };
    }

    public static async ValueTask<Reply> Update(ArmCall call, CancellationToken ct)
    {
        var asked = call.Read(ArmJson.Default.StorageAccountRequest);
        if (Unsupported(asked) is { } unsupported) return Reply.Refused(ArmErrors.FeatureNotSupported, unsupported);
        return await Find(call, ct) is null ? Missing(call) : await Change(call, asked, ct);
    }

    public static async ValueTask<Reply> Delete(ArmCall call, CancellationToken ct)
    {
        if (await Find(call, ct) is not { } account) return Reply.Empty(204);
        var deleted = await call.Installation.BlobAccounts.Delete(account, ct);
        return deleted.Refusal is null
            ? Reply.Empty()
            : Reply.Refused(ArmErrors.StorageAccountNotEmpty, $"The storage account {account.Name} has containers still. Delete them first; the objects in them go with nothing else.");
    }

    public static async ValueTask<Reply> Keys(ArmCall call, CancellationToken ct) => await Find(call, ct) is { } account ? await TellKeys(call, account, ct) : Missing(call);

    public static async ValueTask<Reply> RenewKey(ArmCall call, CancellationToken ct)
    {
        var asked = call.Read(ArmJson.Default.KeyQuestion);
        if (BlobAccounts.KeyNames.FirstOrDefault(name => Same(name, asked.KeyName)) is not { } key) return Reply.Refused(ArmErrors.InvalidKeyName);
        if (await Find(call, ct) is not { } account) return Missing(call);
        await call.Installation.BlobAccounts.RenewKey(account, key, ct);
        return await TellKeys(call, account, ct);
    }

    public static async ValueTask<Reply> CheckName(ArmCall call, CancellationToken ct)
    {
        var name = call.Read(ArmJson.Default.NameQuestion).Name ?? throw new S3Exception(ArmErrors.InvalidRequestContent, "Send {\"name\":…,\"type\":\"Microsoft.Storage/storageAccounts\"}.");
        var answer = BlobAccounts.WrongName(name) is { } wrong ? new NameAnswer(false, "AccountNameInvalid", wrong)
            : await call.Installation.BlobAccounts.Find(name, ct) is not null ? new NameAnswer(false, "AlreadyExists", $"The storage account named {name} is already taken.")
            : new NameAnswer(true);
        return Reply.Json(ArmJson.Default.NameAnswer, answer);
    }

    public static async ValueTask<Reply> Usages(ArmCall call, CancellationToken ct)
    {
        var count = 0;
        await foreach (var _ in call.Installation.BlobAccounts.List(call.Account.Id, ct)) count++;
        return Reply.Json(ArmJson.Default.ArmListUsageDocument, new([new("Count", count, int.MaxValue, new("StorageAccounts", "Storage Accounts"))]));
    }

    private static async ValueTask<BlobAccount?> Find(ArmCall call, CancellationToken ct) =>
        await call.Installation.BlobAccounts.Find(call.Path["name"], ct) is { } account && account.OwnerId == call.Account.Id ? account : null;

    private static Reply Missing(ArmCall call) => Reply.Refused(
        ArmErrors.ResourceNotFound, $"The Resource 'Microsoft.Storage/storageAccounts/{call.Path["name"]}' under resource group '{ArmOperations.Group}' was not found.");

    private static async ValueTask<Reply> Change(ArmCall call, StorageAccountRequest asked, CancellationToken ct)
    {
        var changed = await call.Installation.BlobAccounts.Update(call.Path["name"], account => Changed(account, asked), ct);
        return changed.Refusal is null ? Told(call, changed.Value) : Missing(call);
    }

    private static BlobAccount Changed(BlobAccount account, StorageAccountRequest asked) => account with
    {
        Sku = asked.Sku?.Name ?? account.Sku,
        Kind = asked.Kind ?? account.Kind,
        Tags = asked.Tags ?? account.Tags,
        AccessTier = asked.Properties?.AccessTier ?? account.AccessTier,
        HttpsOnly = asked.Properties?.SupportsHttpsTrafficOnly ?? account.HttpsOnly,
        AllowPublicAccess = asked.Properties?.AllowBlobPublicAccess ?? account.AllowPublicAccess,
        AllowSharedKey = asked.Properties?.AllowSharedKeyAccess ?? account.AllowSharedKey,
    };

    // Taken silently, these would promise what is not done.
    private static string? Unsupported(StorageAccountRequest asked) => asked.Properties switch
    {
        { IsHnsEnabled: true } => "There is no hierarchical namespace here; leave --enable-hierarchical-namespace out.",
        { NetworkAcls.DefaultAction: { } action } when Same(action, "Deny") => "There are no network rules here; say in policies (aws:SourceIp) who may come from where.",
        { Encryption.KeySource: { } source } when !Same(source, "Microsoft.Storage") => "There is no key vault here; leave --encryption-key-source out.",
        { Encryption.RequireInfrastructureEncryption: true } => "There is no second layer of encryption here; leave --require-infrastructure-encryption out.",
        { IsSftpEnabled: true } or { IsNfsV3Enabled: true } or { IsLocalUserEnabled: true } => "There are no SFTP, NFS and local users here; leave --enable-sftp, --enable-nfs-v3 and --enable-local-user out.",
        { MinimumTlsVersion: { } tls } when tls is not ("TLS1_0" or "TLS1_1" or "TLS1_2") => "This server speaks TLS 1.2 and 1.3, and cannot be held to another least version; leave --min-tls-version out.",
        { PublicNetworkAccess: { } access } when !Same(access, "Enabled") => "There are no private networks here; say in policies (aws:SourceIp) who may come from where.",
        { CustomDomain.Name.Length: > 0 } => "Domains belong to the server here (serve --domain), not to an account; leave --custom-domain out.",
        { KeyPolicy.KeyExpirationPeriodInDays: > 0 } => "Keys do not expire here; leave --key-exp-days out, and renew them: az storage account keys renew",
        { SasPolicy.SasExpirationPeriod: not (null or "" or "0.00:00:00") } => "The lifetime of signatures is not bounded here; leave --sas-exp out.",
        { ImmutableStorageWithVersioning.Enabled: true } => "An account as a whole is not immutable here; make buckets with object lock.",
        { AccessTier: { } tier } when tier is not ("Hot" or "Cool") => "The access tier of an account is Hot or Cool.",
        _ => null,
    };

    private static async ValueTask<Reply> TellKeys(ArmCall call, BlobAccount account, CancellationToken ct) => Reply.Json(
        ArmJson.Default.KeysDocument,
        new([.. (await call.Installation.BlobAccounts.Keys(account, ct)).Select(key => new KeyDocument(key.Name, Convert.ToBase64String(key.Value), "FULL", key.Created))]));

    private static Reply Told(ArmCall call, BlobAccount account) => Reply.Json(ArmJson.Default.StorageAccountDocument, Document(call, account));

    private static StorageAccountDocument Document(ArmCall call, BlobAccount account)
    {
        var location = account.Location.Length > 0 ? account.Location : call.Installation.Region;
        return new(
            $"{call.SubscriptionPath}/resourceGroups/{ArmOperations.Group}/providers/Microsoft.Storage/storageAccounts/{account.Name}", account.Name, location,
            account.Kind, new() { Name = account.Sku, Tier = account.Sku.StartsWith("Premium", StringComparison.Ordinal) ? "Premium" : "Standard" }, account.Tags,
            new(
                "Succeeded", account.Created, location, "available", account.HttpsOnly, account.AllowPublicAccess, account.AllowSharedKey, account.AccessTier,
                new(new(new())), new(BlobEndpoint(call, account))));
    }

    // Host style below a domain; path style where the client knows the server by an address, or by a name below which none resolve.
    private static string BlobEndpoint(ArmCall call, BlobAccount account)
    {
        var colon = call.Host.LastIndexOf(':');
        var (name, port) = colon >= 0 && !call.Host.EndsWith(']') ? (call.Host[..colon], call.Host[colon..]) : (call.Host, "");
        var scheme = call.Request.IsHttps ? "https" : "http";
        var domain = call.Domains.Where(domain => Same(name, domain) || name.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase)).MinBy(domain => domain.Length);
        return domain is null || Same(domain, "localhost")
            ? $"{scheme}://{call.Host}/{account.Name}/"
            : $"{scheme}://{account.Name.ToLowerInvariant()}.blob.{domain}{port}/";
    }

    private static bool Same(string a, string? b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
