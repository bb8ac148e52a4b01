using System.Text.Json.Serialization;

namespace ZenkoFunctions.Api.StorageAccounts;

internal sealed record ArmList<T>(IReadOnlyList<T> Value);

internal sealed record TenantDocument(string Id, string TenantId, string DisplayName, string TenantCategory = "Home");

internal sealed record SubscriptionDocument(
    string Id, string SubscriptionId, string TenantId, string DisplayName, SubscriptionPolicies SubscriptionPolicies, string State = "Enabled",
    string AuthorizationSource = "RoleBased");

internal sealed record SubscriptionPolicies(string LocationPlacementId, string QuotaId, string SpendingLimit);

internal sealed record LocationDocument(string Id, string Name, string DisplayName, string RegionalDisplayName, string Type = "Region");

internal sealed record GroupDocument(string Id, string Name, string Type, string Location, GroupProperties Properties);

internal sealed record GroupProperties(string ProvisioningState);

internal sealed record ProviderDocument(string Id, string Namespace, string RegistrationState, IReadOnlyList<ResourceTypeDocument> ResourceTypes);

internal sealed record ResourceTypeDocument(string ResourceType, IReadOnlyList<string> Locations, IReadOnlyList<string> ApiVersions);

internal sealed record UsageDocument(string Unit, int CurrentValue, int Limit, UsageName Name);

internal sealed record UsageName(string Value, string LocalizedValue);

internal sealed record NameQuestion
{
    public string? Name { get; init; }
}

internal sealed record NameAnswer(bool NameAvailable, string? Reason = null, string? Message = null);

internal sealed record KeyQuestion
{
    public string? KeyName { get; init; }
}

internal sealed record KeysDocument(IReadOnlyList<KeyDocument> Keys);

internal sealed record KeyDocument(string KeyName, string Value, string Permissions, DateTimeOffset CreationTime);

/// <summary>A storage account as clients send it: what is null stays, or is left to the default.</summary>
internal sealed record StorageAccountRequest
{
    public string? Location { get; init; }

    public string? Kind { get; init; }

    public SkuDocument? Sku { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public StorageAccountChanges? Properties { get; init; }
}

internal sealed record StorageAccountChanges
{
    public string? AccessTier { get; init; }

    public bool? SupportsHttpsTrafficOnly { get; init; }

    public bool? AllowBlobPublicAccess { get; init; }

    public bool? AllowSharedKeyAccess { get; init; }

    public bool? IsHnsEnabled { get; init; }

    public bool? IsSftpEnabled { get; init; }

    public bool? IsNfsV3Enabled { get; init; }

    public bool? IsLocalUserEnabled { get; init; }

    public string? MinimumTlsVersion { get; init; }

    public string? PublicNetworkAccess { get; init; }

    public CustomDomainRequest? CustomDomain { get; init; }

    public KeyPolicyRequest? KeyPolicy { get; init; }

    public SasPolicyRequest? SasPolicy { get; init; }

    public ImmutabilityRequest? ImmutableStorageWithVersioning { get; init; }

    public NetworkRules? NetworkAcls { get; init; }

    public EncryptionRequest? Encryption { get; init; }
}

internal sealed record NetworkRules
{
    public string? DefaultAction { get; init; }
}

internal sealed record EncryptionRequest
{
    public string? KeySource { get; init; }

    public bool? RequireInfrastructureEncryption { get; init; }
}

internal sealed record CustomDomainRequest
{
    public string? Name { get; init; }
}

internal sealed record KeyPolicyRequest
{
    public int? KeyExpirationPeriodInDays { get; init; }
}

internal sealed record SasPolicyRequest
{
    public string? SasExpirationPeriod { get; init; }
}

internal sealed record ImmutabilityRequest
{
    public bool? Enabled { get; init; }
}

internal sealed record StorageAccountDocument(
    string Id, string Name, string Location, string Kind, SkuDocument Sku, IReadOnlyDictionary<string, string> Tags, StorageAccountProperties Properties,
    string Type = "Microsoft.Storage/storageAccounts");

internal sealed record SkuDocument
{
    public string? Name { get; init; }

    public string? Tier { get; init; }
}

internal sealed record StorageAccountProperties(
    string ProvisioningState, DateTimeOffset CreationTime, string PrimaryLocation, string StatusOfPrimary, bool SupportsHttpsTrafficOnly,
    bool AllowBlobPublicAccess, bool AllowSharedKeyAccess, string AccessTier, EncryptionDocument Encryption, Endpoints PrimaryEndpoints,
    string MinimumTlsVersion = "TLS1_2");

internal sealed record EncryptionDocument(EncryptedServices Services, string KeySource = "Microsoft.Storage");

internal sealed record EncryptedServices(EncryptedService Blob);

internal sealed record EncryptedService(bool Enabled = true, string KeyType = "Account");

internal sealed record Endpoints(string Blob);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ArmList<TenantDocument>))]
[JsonSerializable(typeof(SubscriptionDocument))]
[JsonSerializable(typeof(GroupDocument))]
[JsonSerializable(typeof(ProviderDocument))]
[JsonSerializable(typeof(StorageAccountDocument))]
[JsonSerializable(typeof(ArmList<SubscriptionDocument>))]
[JsonSerializable(typeof(ArmList<LocationDocument>))]
[JsonSerializable(typeof(ArmList<GroupDocument>))]
[JsonSerializable(typeof(ArmList<ProviderDocument>))]
[JsonSerializable(typeof(ArmList<UsageDocument>))]
[JsonSerializable(typeof(ArmList<StorageAccountDocument>))]
[JsonSerializable(typeof(NameQuestion))]
[JsonSerializable(typeof(NameAnswer))]
[JsonSerializable(typeof(KeyQuestion))]
[JsonSerializable(typeof(KeysDocument))]
[JsonSerializable(typeof(StorageAccountRequest))]
internal sealed partial class ArmJson : JsonSerializerContext;
