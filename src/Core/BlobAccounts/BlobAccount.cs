namespace ZenkoFunctions.Core.BlobAccounts;

/// <summary>A storage account of Azure's protocol: a name, two keys, and the containers of an owner.</summary>
public sealed record BlobAccount
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>As its maker typed it, 3 to 24 letters and digits. Looked up, and unique, without regard to case.</summary>
    public required string Name { get; init; }

    /// <summary>The account (<see cref="Identity.Account.Id"/>) that owns it.</summary>
    public required string OwnerId { get; init; }

    /// <summary>The location of containers that are made in it; empty for the default one.</summary>
    public required string Location { get; init; }

    /// <summary>Standard_LRS for instance: kept and told, without effect.</summary>
    public string Sku { get; init; } = "Standard_LRS";

    /// <summary>StorageV2 for instance: kept and told, without effect.</summary>
    public string Kind { get; init; } = "StorageV2";

    /// <summary>Tags of the account itself.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Hot or Cool: the tier of blobs that have none of their own.</summary>
    public string AccessTier { get; init; } = "Hot";

    /// <summary>Whether requests over plain HTTP are refused.</summary>
    public bool HttpsOnly { get; init; }

    /// <summary>Whether containers may be open to those who do not sign.</summary>
    public bool AllowPublicAccess { get; init; } = true;

    /// <summary>Whether its keys sign, SAS included.</summary>
    public bool AllowSharedKey { get; init; } = true;

    /// <summary>Its key in tables.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Id => Name.ToLowerInvariant();
}

/// <summary>One of the two keys of a storage account.</summary>
/// <param name="Name">key1 or key2.</param>
/// <param name="Value">64 random bytes.</param>
/// <param name="Created">When it was made or renewed.</param>
public sealed record BlobAccountKey(string Name, byte[] Value, DateTimeOffset Created);
