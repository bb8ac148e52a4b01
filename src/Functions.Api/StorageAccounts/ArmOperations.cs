using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>The operations of Azure's Resource Manager. Any version of them is taken: what clients read of the answers is in all of them.</summary>
public static class ArmOperations
{
    /// <summary>The only resource group.</summary>
    public const string Group = "default";

    private const string
        Subscription = "/subscriptions/{subscription}", InGroup = Subscription + "/resourceGroups/{group}",
        Storage = "/providers/Microsoft.Storage", Account = InGroup + Storage + "/storageAccounts/{name}";

    private static readonly string[] Versioned = ["api-version"];

    /// <summary>Every operation, one line each.</summary>
    public static readonly IReadOnlyList<ArmOperation> All =
    [
        new("ListTenants", "GET", "/tenants", Tenants) { Parameters = Versioned },
        new("ListSubscriptions", "GET", "/subscriptions", ListSubscriptions) { Parameters = Versioned },
        new("GetSubscription", "GET", Subscription, GetSubscription) { Parameters = Versioned },
        new("ListAzureLocations", "GET", Subscription + "/locations", ListLocations) { Parameters = Versioned },
        new("ListResourceGroups", "GET", Subscription + "/resourceGroups", ListGroups) { Parameters = Versioned },
        new("GetResourceGroup", "GET", InGroup, GetGroup) { Parameters = Versioned },
        new("HeadResourceGroup", "HEAD", InGroup, (_, _) => new(Reply.Empty(204))) { Parameters = Versioned },
        new("PutResourceGroup", "PUT", InGroup, GetGroup) { Parameters = Versioned },
        new("ListProviders", "GET", Subscription + "/providers", ListProviders) { Parameters = Versioned },
        new("GetProvider", "GET", Subscription + Storage, GetProvider) { Parameters = Versioned },
        new("RegisterProvider", "POST", Subscription + Storage + "/register", GetProvider) { Parameters = Versioned },
        new("CheckStorageAccountName", "POST", Subscription + Storage + "/checkNameAvailability", StorageAccountOperations.CheckName) { Parameters = Versioned },
        new("ListStorageUsages", "GET", Subscription + Storage + "/locations/{location}/usages", StorageAccountOperations.Usages) { Parameters = Versioned },
        new("ListStorageAccounts", "GET", Subscription + Storage + "/storageAccounts", StorageAccountOperations.List) { Parameters = Versioned, Action = "ListStorageAccounts" },
        new("ListStorageAccountsOfGroup", "GET", InGroup + Storage + "/storageAccounts", StorageAccountOperations.List) { Parameters = Versioned, Action = "ListStorageAccounts" },
        new("CreateStorageAccount", "PUT", Account, StorageAccountOperations.Create) { Parameters = Versioned, Action = "CreateStorageAccount" },
        new("UpdateStorageAccount", "PATCH", Account, StorageAccountOperations.Update) { Parameters = Versioned, Action = "UpdateStorageAccount" },
        new("GetStorageAccount", "GET", Account, StorageAccountOperations.Get) { Parameters = Versioned, Action = "GetStorageAccount" },
        new("DeleteStorageAccount", "DELETE", Account, StorageAccountOperations.Delete) { Parameters = Versioned, Action = "DeleteStorageAccount" },
        new("ListStorageAccountKeys", "POST", Account + "/listKeys", StorageAccountOperations.Keys) { Parameters = Versioned, Action = "ListStorageAccountKeys" },
        new("RenewStorageAccountKey", "POST", Account + "/regenerateKey", StorageAccountOperations.RenewKey) { Parameters = Versioned, Action = "RenewStorageAccountKey" },
    ];

    private static async ValueTask<Reply> Tenants(ArmCall call, CancellationToken ct)
    {
        var tenant = await call.Installation.Tokens.Keys.Tenant(ct);
        return Reply.Json(ArmJson.Default.ArmListTenantDocument, new([new($"/tenants/{tenant}", $"{tenant}", "ZenkoFunctions")]));
    }

    private static async ValueTask<Reply> ListSubscriptions(ArmCall call, CancellationToken ct) =>
        Reply.Json(ArmJson.Default.ArmListSubscriptionDocument, new([await Document(call, $"{Tokens.SubscriptionOf(call.Account)}", ct)]));

    private static async ValueTask<Reply> GetSubscription(ArmCall call, CancellationToken ct) =>
        Reply.Json(ArmJson.Default.SubscriptionDocument, await Document(call, call.Path["subscription"], ct));

    private static async ValueTask<SubscriptionDocument> Document(ArmCall call, string subscription, CancellationToken ct) => new(
        "/subscriptions/" + subscription, subscription, $"{await call.Installation.Tokens.Keys.Tenant(ct)}", call.Account.Name,
        new("Internal", "Internal", "Off"));

    private static async ValueTask<Reply> ListLocations(ArmCall call, CancellationToken ct) => Reply.Json(
        ArmJson.Default.ArmListLocationDocument,
        new([.. (await Locations(call, ct)).Select(name => new LocationDocument($"{call.SubscriptionPath}/locations/{name}", name, name, name))]));

    private static ValueTask<Reply> ListGroups(ArmCall call, CancellationToken ct) => new(Reply.Json(ArmJson.Default.ArmListGroupDocument, new([GroupOf(call)])));

    private static ValueTask<Reply> GetGroup(ArmCall call, CancellationToken ct) => new(Reply.Json(ArmJson.Default.GroupDocument, GroupOf(call)));

    private static GroupDocument GroupOf(ArmCall call) => new(
        $"{call.SubscriptionPath}/resourceGroups/{Group}", Group, "Microsoft.Resources/resourceGroups", call.Installation.Region, new("Succeeded"));

    private static async ValueTask<Reply> ListProviders(ArmCall call, CancellationToken ct) =>
        Reply.Json(ArmJson.Default.ArmListProviderDocument, new([await Provider(call, ct)]));

    private static async ValueTask<Reply> GetProvider(ArmCall call, CancellationToken ct) => Reply.Json(ArmJson.Default.ProviderDocument, await Provider(call, ct));

    private static async ValueTask<ProviderDocument> Provider(ArmCall call, CancellationToken ct) => new(
        call.SubscriptionPath + Storage, "Microsoft.Storage", "Registered",
        [new("storageAccounts", [.. await Locations(call, ct)], ["2022-09-01", "2021-09-01", "2019-06-01", "2017-10-01", "2016-01-01"])]);

    /// <summary>Where storage accounts can be: the region, which stands for the default location, and the locations.</summary>
    internal static async ValueTask<IReadOnlyList<string>> Locations(ArmCall call, CancellationToken ct) =>
        [call.Installation.Region, .. (await call.Installation.Buckets.Locations.Names(ct)).Where(name => name != call.Installation.Region).Order(StringComparer.Ordinal)];
}
